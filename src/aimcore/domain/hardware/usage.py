"""What pods have taken of a node, by what they request, as the scheduler counts it; and what is left of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from aimcore.domain.errors import ParseError
from aimcore.domain.hardware.nodes import Node
from aimcore.domain.hardware.supply import PODS
from aimcore.domain.values.quantity import Quantity, parse_quantity

__all__ = ["Amounts", "left_on", "pod_requests", "taken_by"]

Amounts = Mapping[str, Quantity]
_NONE = Quantity.of(0)
_ENDED = ("Succeeded", "Failed")


def pod_requests(spec: Mapping[str, Any]) -> Amounts:
    """What a pod takes: its containers together, or an init container where that takes more, and its overhead.

    Init containers that stay (`restartPolicy: Always`) count with the containers, and with the init containers behind them.
    What a pod asks for as a whole counts in place of that.

    >>> {name: str(amount) for name, amount in pod_requests({"containers": [{"resources": {"requests": {"cpu": "2"}}}]}).items()}
    {'cpu': '2'}
    """
    staying: dict[str, Quantity] = {}
    beginning: dict[str, Quantity] = {}
    for container in _items(spec, "initContainers"):
        amounts = _requested(container)
        if container.get("restartPolicy") == "Always":
            staying = _sum(staying, amounts)
            amounts = {}
        beginning = _most(beginning, _sum(staying, amounts))
    running = staying
    for container in _items(spec, "containers"):
        running = _sum(running, _requested(container))
    whole = {**_most(running, beginning), **_requested(spec)}
    return _sum(whole, _amounts(spec.get("overhead")))


def taken_by(pods: Iterable[Mapping[str, Any]]) -> dict[str, Amounts]:
    """What pods have taken of each node, by its name, one of its `pods` each; those that ended have taken nothing."""
    taken: dict[str, Amounts] = {}
    for pod in pods:
        spec, status = pod.get("spec") or {}, pod.get("status") or {}
        node = spec.get("nodeName")
        if node and status.get("phase") not in _ENDED:
            taken[node] = _sum(taken.get(node, {}), {**pod_requests(spec), PODS: Quantity.of(1)})
    return taken


def left_on(node: Node, taken: Amounts) -> Node:
    """The node with what is left of it; nothing where more was taken than it has."""
    left = {name: _less(amount, taken.get(name, _NONE)) for name, amount in node.allocatable.items()}
    return replace(node, allocatable=left)


def _less(amount: Quantity, taken: Quantity) -> Quantity:
    return Quantity(nanos=max(amount.nanos - taken.nanos, 0), notation=amount.notation)


def _items(spec: Mapping[str, Any], name: str) -> Iterable[Mapping[str, Any]]:
    return spec.get(name) or ()


def _requested(thing: Mapping[str, Any]) -> dict[str, Quantity]:
    return _amounts((thing.get("resources") or {}).get("requests"))


def _amounts(said: Mapping[str, Any] | None) -> dict[str, Quantity]:
    """The amounts that can be read; a server keeps no others."""
    found = {}
    for name, text in (said or {}).items():
        try:
            found[name] = parse_quantity(str(text))
        except ParseError:
            continue
    return found


def _sum(one: Amounts, other: Amounts) -> dict[str, Quantity]:
    return {name: one.get(name, _NONE) + other.get(name, _NONE) for name in (*one, *other)}


def _most(one: Amounts, other: Amounts) -> dict[str, Quantity]:
    return {name: max(one.get(name, _NONE), other.get(name, _NONE)) for name in (*one, *other)}
