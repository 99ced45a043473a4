"""How many replicas of what a template needs the nodes could hold, were nothing else there, and what the others lack (CUST-6).

What nodes can give counts, not what pods have taken of it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from aimcore.domain.hardware.devices import gpu_model
from aimcore.domain.hardware.nodes import Node, NodeGpu, node_gpus
from aimcore.domain.hardware.requirements import Cpu, Gpu, Hardware, required_gpu
from aimcore.domain.values.quantity import Quantity

__all__ = ["Room", "room_on"]

PODS_AT_MOST = 110
"""What Kubernetes lets a node run at most, unless it is told otherwise; so a replica that needs little has an end, too."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Room:
    """`replicas` that fit on the node, and what is `lacking` where none does."""

    node: str
    replicas: int
    lacking: str = ""


def room_on(hardware: Hardware | None, nodes: Iterable[Node]) -> tuple[Room, ...]:
    """The room on each node, in the order of their names.

    >>> gpus = Node(name="n", labels={"amd.com/gpu.device-id": "74a1"}, allocatable={"amd.com/gpu": Quantity.of(8)})
    >>> room_on(Hardware(gpu=Gpu(requests=2, models=("MI300X",))), [gpus])
    (Room(node='n', replicas=4, lacking=''),)
    """
    return tuple(_room(hardware, node) for node in sorted(nodes, key=lambda one: one.name))


def _room(hardware: Hardware | None, node: Node) -> Room:
    replicas, lacking = PODS_AT_MOST, ""
    gpu = required_gpu(hardware)
    if gpu is not None:
        replicas, lacking = _by_gpu(gpu, node)
    cpu = hardware.cpu if hardware else None
    if replicas and cpu is not None:
        replicas, lacking = min((replicas, ""), _by_cpu(cpu, node))
    return Room(node=node.name, replicas=replicas, lacking=lacking)


def _by_gpu(gpu: Gpu, node: Node) -> tuple[int, str]:
    """Those count that pods can be given. GPUs of one resource are handed out together, whatever their models."""
    there = [one for one in node_gpus(node) if one.count and one.resource_name]
    wanted = {gpu_model(name): name for name in gpu.models or ()}
    asked = " or ".join(wanted.values()) or "GPU"
    fitting = [one for one in there if _is_wanted(one, wanted, gpu.resource_name)]
    if not fitting:
        found = ", ".join(sorted({one.model or "GPUs of unknown model" for one in there})) or "no GPU"
        return 0, f"no {asked}{f' as {gpu.resource_name}' if gpu.resource_name else ''}; has {found}"
    need = gpu.min_vram
    roomy = [one for one in fitting if need is None or one.vram is None or one.vram >= need]
    if not roomy:
        most = max(one.vram for one in fitting if one.vram is not None)
        return 0, f"{asked} has {most} of memory; needs {need}"
    counts: Counter[str] = Counter()
    for one in roomy:
        counts[one.resource_name or ""] += one.count
    # Labels that count nothing leave every model of a node with all that the node can give.
    most_of_one = max(min(count, node.allocatable[resource].value) for resource, count in counts.items())
    each = gpu.requests or 1
    return most_of_one // each, "" if most_of_one >= each else f"{most_of_one} {asked}; needs {each}"


def _is_wanted(one: NodeGpu, models: Mapping[str, str], resource: str | None) -> bool:
    return (not models or one.model in models) and resource in (None, one.resource_name)


def _by_cpu(cpu: Cpu, node: Node) -> tuple[int, str]:
    """A node that does not say how many cores it can give keeps nobody out."""
    given, each = node.allocatable.get("cpu"), cpu.requests
    if given is None or each is None or each == Quantity.of(0):
        return PODS_AT_MOST, ""
    replicas = max((count for count in range(PODS_AT_MOST + 1) if each * count <= given), default=0)
    return replicas, "" if replicas else f"{given} cores; needs {each}"
