"""What a kubeconfig names, and why one leads to no cluster; a file written by hand is no error here, and names nothing."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

__all__ = ["context_namespace", "contexts", "has_context", "unusable"]

IN_POD: Final = "KUBERNETES_SERVICE_HOST"


def unusable(kubeconfig: str | None, context: str | None) -> str:
    """Why a kubeconfig leads to no cluster, as far as its names say it."""
    if kubeconfig is not None and not Path(kubeconfig).exists():
        return f"kubeconfig {kubeconfig!r} is not there"
    file = f" {kubeconfig!r}" if kubeconfig is not None else ""
    there = contexts(kubeconfig)
    if context is not None and there and context not in there:
        return f"the kubeconfig{file} has no context {context!r}; it has {', '.join(there)}"
    if context is not None:
        return f"no usable kubeconfig{file} with context {context!r}"
    return f"no usable kubeconfig{file}" + (" with a current context" if kubeconfig is not None else "")


def context_namespace(*, kubeconfig: str | None = None, context: str | None = None) -> str | None:
    """The namespace that a context of the kubeconfig names, the current one if none is named; None where there is none."""
    from kubernetes import config  # noqa: PLC0415 - it takes a second, which files never need

    try:
        contexts, current = config.list_kube_config_contexts(config_file=kubeconfig)  # type: ignore[no-untyped-call]  # as above
    except Exception:  # noqa: BLE001 - a file written by hand fails the client in many ways, and connecting says so
        return None
    named = current if context is None else next((one for one in contexts if one.get("name") == context), None)
    body = named.get("context") if isinstance(named, dict) else None
    namespace = body.get("namespace") if isinstance(body, dict) else None
    return namespace if isinstance(namespace, str) and namespace else None


def contexts(kubeconfig: str | None = None) -> list[str]:
    """The names of all contexts of the kubeconfig, none where there is none."""
    from kubernetes import config  # noqa: PLC0415 - it takes a second, which files never need

    try:
        found, _ = config.list_kube_config_contexts(config_file=kubeconfig)  # type: ignore[no-untyped-call]  # as above
    except Exception:  # noqa: BLE001 - a file written by hand fails the client in many ways, and connecting says so
        return []
    return sorted(str(one["name"]) for one in found)


def has_context() -> bool:
    """Whether there is a cluster to speak to where nobody names one: a current context of a kubeconfig, or that of the pod."""
    from kubernetes import config  # noqa: PLC0415 - it takes a second, which files never need

    try:
        _, current = config.list_kube_config_contexts()  # type: ignore[no-untyped-call]  # as above
    except Exception:  # noqa: BLE001 - a file written by hand fails the client in many ways, and a named one says so
        return IN_POD in os.environ
    return bool(current)
