"""Names that a shell can offer, read within the moment that somebody waits for them."""

from __future__ import annotations

from typing import Final

from aimcore.adapters.kubernetes.connection import Timeouts, connect
from aimcore.adapters.kubernetes.kubeconfigs import context_namespace, contexts
from aimcore.adapters.kubernetes.requests import Requests
from aimcore.adapters.kubernetes.resources import RESOURCES, Source

__all__ = ["contexts", "names"]

AT_MOST: Final = 500
SOON: Final = Timeouts(connect=1.0, read=2.0, whole=3.0)


def names(kind: str, *, namespace: str | None, kubeconfig: str | None, context: str | None) -> list[str]:
    """The names of a kind in a namespace, of the context's where it is empty, or with None in all. Raises a `PortError`."""
    resource = RESOURCES[kind]
    if namespace == "":
        namespace = context_namespace(kubeconfig=kubeconfig, context=context) or "default"
    requests = Requests(connect(kubeconfig=kubeconfig, context=context, timeouts=SOON))
    page = requests.page(Source(resource, namespace if resource.namespaced else None), limit=AT_MOST, token="")
    return sorted({str(one["metadata"]["name"]) for one in page.items})
