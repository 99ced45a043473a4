"""Which templates fit which nodes, as an outline and as data."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final, TypeVar

from aimcore.domain.hardware.capacity import Room
from aimcore.domain.hardware.nodes import Node, NodeGpu, node_gpus
from aimcore.domain.hardware.requirements import summary
from aimcore.domain.hardware.supply import refusal
from aimcore.domain.hardware.usage import Amounts
from aimcore.domain.kinds.records import Template
from aimcore.domain.kinds.resources import DEFAULT_GPU_RESOURCE
from aimcore.entrypoints.present.outline import Entry, Section
from aimcore.entrypoints.present.references import key_data

__all__ = ["Fitted", "capacity_data", "capacity_outline", "room_data", "room_words", "unreached_words"]

W = TypeVar("W")
FEW: Final = 3
"""So many names are told one by one."""

Fitted = tuple[Template, tuple[Room, ...]]
"""A template, and the room there is for it on each node."""


def capacity_outline(
    fitted: Iterable[Fitted], nodes: Iterable[Node], taken: Mapping[str, Amounts]
) -> tuple[Section, ...]:
    """For people: each template with the nodes it fits, or with what they lack; then what the nodes have."""
    there = tuple(fitted)
    return (
        Section(title="Templates", entries=tuple(_entry(template, rooms) for template, rooms in there)),
        Section(title="Nodes", entries=tuple(_grouped(nodes, taken, _named(there)))),
    )


def capacity_data(fitted: Iterable[Fitted], nodes: Iterable[Node], taken: Mapping[str, Amounts]) -> dict[str, Any]:
    """The same for programs."""
    fitted = tuple(fitted)
    return {
        "templates": [
            {
                **key_data(template.key),
                "hardware": summary(template.spec.hardware),
                "replicas": _replicas(rooms),
                "nodes": [room_data(room) for room in rooms],
            }
            for template, rooms in fitted
        ],
        "nodes": [
            {
                "name": node.name,
                "gpus": [_gpu_data(gpu, taken.get(node.name, {})) for gpu in node_gpus(node, _named(fitted))],
                **_away(node),
            }
            for node in nodes
        ],
    }


def room_data(room: Room) -> dict[str, Any]:
    """The room on one node, and why no pod is placed there, where none is."""
    told = {"unreached": room.unreached} if room.unreached else {}
    return {"name": room.node, "replicas": room.replicas, "lacking": room.lacking or None, **told}


def _named(fitted: Iterable[Fitted]) -> frozenset[str]:
    """The resources under which the templates ask for GPUs, whatever they are called."""
    hardware = (template.spec.hardware for template, _ in fitted)
    return frozenset(one.gpu.resource_name for one in hardware if one and one.gpu and one.gpu.resource_name)


def _replicas(rooms: Iterable[Room]) -> int:
    return sum(room.replicas for room in rooms)


def _entry(template: Template, rooms: tuple[Room, ...]) -> Entry:
    replicas = _replicas(rooms)
    fits = ", ".join(_fits(rooms))
    lacks = tuple(_lacks(rooms)) if not replicas else tuple(unreached_words(rooms))
    place = "/".join(filter(None, (template.key.namespace, template.key.name)))
    notes = tuple(filter(None, (summary(template.spec.hardware), fits, *lacks)))
    return Entry(label=f"{replicas} fit" if replicas else "none fits", text=place, notes=notes)


def room_words(rooms: tuple[Room, ...]) -> Iterator[str]:
    """On which nodes how many fit, where no pod is placed though it fits, and what the others lack."""
    yield from _fits(rooms)
    yield from unreached_words(rooms)
    yield from _lacks(room for room in rooms if not room.replicas)


def _fits(rooms: Iterable[Room]) -> Iterator[str]:
    """How many fit where; many nodes with room for as many are told together."""
    for replicas, names in _by((room.replicas, room.node) for room in rooms if room.replicas):
        if len(names) > FEW:
            yield f"{replicas} on each of {_names(names)}"
        else:
            yield from (f"{replicas} on {name}" for name in names)


def _lacks(rooms: Iterable[Room]) -> Iterator[str]:
    for lacking, names in _by((room.lacking, room.node) for room in rooms):
        yield f"{_names(names)}: {lacking}"


def unreached_words(rooms: Iterable[Room]) -> Iterator[str]:
    """Where it fits and no pod is placed, and why."""
    for reason, names in _by((room.unreached, room.node) for room in rooms if room.unreached):
        yield f"{_names(names)}: {reason}"


def _grouped(nodes: Iterable[Node], taken: Mapping[str, Amounts], named: frozenset[str]) -> Iterator[Entry]:
    """Nodes that have the same are one entry."""
    for notes, names in _by((tuple(_told(node, taken.get(node.name, {}), named)), node.name) for node in nodes):
        yield Entry(text=_names(names), notes=notes)


def _by(pairs: Iterable[tuple[W, str]]) -> list[tuple[W, list[str]]]:
    """The names of each word, in the order in which words come first."""
    found: dict[W, list[str]] = {}
    for word, name in pairs:
        found.setdefault(word, []).append(name)
    return list(found.items())


def _names(names: Sequence[str]) -> str:
    """All of a few names; the first of many, and how many there are."""
    if len(names) <= FEW:
        return ", ".join(names)
    return f"{len(names)} nodes ({', '.join(names[:FEW])} and {len(names) - FEW} more)"


def _away(node: Node) -> dict[str, str]:
    """Why the node takes no pods, where it takes none."""
    return {"away": refusal(node)} if refusal(node) else {}


def _told(node: Node, taken: Amounts, named: frozenset[str]) -> Iterator[str]:
    yield ", ".join(_gpu(gpu, taken) for gpu in node_gpus(node, named) if gpu.count) or "no GPU"
    if away := refusal(node):
        yield f"{away} and takes no pods"


def _used(gpu: NodeGpu, taken: Amounts) -> int:
    amount = taken.get(gpu.resource_name or "")
    return 0 if amount is None else amount.value


def _gpu(gpu: NodeGpu, taken: Amounts) -> str:
    """Under which resource pods get them is told where nobody would guess it."""
    memory = f" with {gpu.vram}" if gpu.vram else ""
    name = "labelled, but not given" if gpu.resource_name is None else f"as {gpu.resource_name}"
    usual = gpu.resource_name == DEFAULT_GPU_RESOURCE
    used = f", {_used(gpu, taken)} taken" if _used(gpu, taken) else ""
    return f"{gpu.count} x {gpu.model or 'GPU'}{memory}{'' if usual else f' {name}'}{used}"


def _gpu_data(gpu: NodeGpu, taken: Amounts) -> dict[str, Any]:
    memory = None if gpu.vram is None else str(gpu.vram)
    used = {"taken": _used(gpu, taken)} if _used(gpu, taken) else {}
    return {"model": gpu.model or None, "count": gpu.count, "vram": memory, "resource": gpu.resource_name, **used}
