"""How many replicas of what a template needs the nodes could hold, were nothing else there, and what the others lack (TMPL-6).

What nodes can give counts, not what pods have taken of it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from aimcore.domain.hardware.affinity import node_affinity, unreached
from aimcore.domain.hardware.fit import Need, lack_of, replicas_on
from aimcore.domain.hardware.nodes import Node
from aimcore.domain.hardware.supply import refusal, supply_of

__all__ = ["Room", "room_on"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Room:
    """`replicas` that fit on the node, and what is `lacking` where none does.

    `unreached` says why no pod is placed there though it fits: the node says its GPUs in words that no affinity can.
    """

    node: str
    replicas: int
    lacking: str = ""
    unreached: str = ""


def room_on(need: Need, nodes: Iterable[Node]) -> tuple[Room, ...]:
    """The room on each node, in the order of their names.

    >>> from aimcore.domain.values.quantity import Quantity
    >>> gpus = Node(name="n", labels={"amd.com/gpu.device-id": "74a1"}, allocatable={"amd.com/gpu": Quantity.of(8)})
    >>> room_on(Need(amounts={"amd.com/gpu": Quantity.of(2)}, gpus=("amd.com/gpu",)), [gpus])
    (Room(node='n', replicas=4, lacking='', unreached=''),)
    """
    return tuple(_room(need, node) for node in sorted(nodes, key=lambda one: one.name))


def _room(need: Need, node: Node) -> Room:
    if away := refusal(node):
        return Room(node=node.name, replicas=0, lacking=away)
    supply = supply_of(node)
    lack = lack_of(need, [supply])
    if lack is not None:
        return Room(node=node.name, replicas=0, lacking=lack.node)
    meant = node_affinity(need.gpu.models or (), need.gpu.resource_name)
    return Room(node=node.name, replicas=replicas_on(need, supply), unreached=unreached(meant, node.labels))
