"""Objects of Kubernetes' own that decisions look at, read for the little that matters; the rest is not ours to judge."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from aimcore.adapters.wire.problem import Finding, Steps, UnreadableError, found
from aimcore.domain.errors import ParseError
from aimcore.domain.hardware.nodes import Node
from aimcore.domain.hardware.taints import Taint
from aimcore.domain.kinds.core import Namespace, Secret, ServiceAccount
from aimcore.domain.values.quantity import Quantity, parse_quantity

__all__ = ["CORE", "CoreObject", "odd_amounts"]

CoreObject = Namespace | Node | Secret | ServiceAccount


def _at(manifest: Mapping[str, Any], *steps: str) -> Any:
    """What stands at `steps`, None where nothing does."""
    node: Any = manifest
    for depth, step in enumerate(steps):
        if not isinstance(node, dict):
            raise _wrong(node, steps[:depth], "an object")
        node = node.get(step)
        if node is None:
            return None
    return node


def _wrong(value: object, at: Steps, expected: str) -> UnreadableError:
    return UnreadableError(found(value, expected=expected).message, at=at)


def _text(manifest: Mapping[str, Any], *steps: str) -> str:
    value = _at(manifest, *steps)
    if not isinstance(value, str) or not value:
        raise _wrong(value, steps, "text")
    return value


def _entries(manifest: Mapping[str, Any], kind: type, expected: str, *steps: str) -> Any:
    value = _at(manifest, *steps)
    if value is not None and not isinstance(value, kind):
        raise _wrong(value, steps, expected)
    return value or kind()


def _namespace(manifest: Mapping[str, Any]) -> Namespace:
    deleting = _at(manifest, "metadata", "deletionTimestamp") is not None
    terminating = _at(manifest, "status", "phase") == "Terminating"
    return Namespace(name=_text(manifest, "metadata", "name"), deleting=deleting or terminating)


def _secret(manifest: Mapping[str, Any]) -> Secret:
    return Secret(
        namespace=_text(manifest, "metadata", "namespace"),
        name=_text(manifest, "metadata", "name"),
        type=_text(manifest, "type") if _at(manifest, "type") else "Opaque",
    )


def _service_account(manifest: Mapping[str, Any]) -> ServiceAccount:
    secrets = _entries(manifest, list, "a list", "imagePullSecrets")
    return ServiceAccount(
        namespace=_text(manifest, "metadata", "namespace"),
        name=_text(manifest, "metadata", "name"),
        image_pull_secrets=tuple(one["name"] for one in secrets if isinstance(one, dict) and one.get("name")),
    )


def _node(manifest: Mapping[str, Any]) -> Node:
    allocatable = _entries(manifest, dict, "an object", "status", "allocatable")
    labels = _entries(manifest, dict, "an object", "metadata", "labels")
    conditions = _entries(manifest, list, "a list", "status", "conditions")
    return Node(
        name=_text(manifest, "metadata", "name"),
        labels={name: value for name, value in labels.items() if isinstance(value, str)},
        allocatable={
            name: amount for name, value in allocatable.items() if isinstance(amount := _amount(value), Quantity)
        },
        unschedulable=_at(manifest, "spec", "unschedulable") is True,
        ready=all(
            one.get("status") == "True" for one in conditions if isinstance(one, dict) and one.get("type") == "Ready"
        ),
        taints=tuple(map(_taint, _entries(manifest, list, "a list", "spec", "taints"))),
    )


def _taint(taint: Any) -> Taint:
    """One that is not shaped as a taint keeps nothing, and repels nobody."""
    said = taint if isinstance(taint, dict) else {}
    key, value, effect = (said.get(field) for field in ("key", "value", "effect"))
    return Taint(key=str(key or ""), value=str(value or ""), effect=str(effect or ""))


def _amount(value: Any) -> Quantity | ParseError:
    try:
        return parse_quantity(str(value))
    except ParseError as error:
        return error


def odd_amounts(manifest: Mapping[str, Any]) -> Iterator[Finding]:
    """What a node gives that cannot be read costs that alone: nothing of it is given, and a warning says so (TMPL-8)."""
    if manifest.get("kind") != "Node":
        return
    for name, value in _entries(manifest, dict, "an object", "status", "allocatable").items():
        if isinstance(error := _amount(value), ParseError):
            yield Finding(steps=("status", "allocatable", name), message=str(error), rule="TMPL-8", warning=True)


CORE: Mapping[str, Callable[[Mapping[str, Any]], CoreObject]] = {
    "Namespace": _namespace,
    "Node": _node,
    "Secret": _secret,
    "ServiceAccount": _service_account,
}
"""How to read each of them; all are of `v1`."""
