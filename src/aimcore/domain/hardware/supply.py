"""What one node can give to one pod, whoever else is there: amounts by resource name, which GPUs it gives under each, and to whom."""

from __future__ import annotations

from dataclasses import dataclass

from aimcore.domain.hardware.nodes import Node, NodeGpu, gpus_as
from aimcore.domain.hardware.taints import Taint, keeps_out
from aimcore.domain.values.quantity import Quantity

__all__ = ["PODS", "Supply", "refusal", "supply_of"]

PODS = "pods"
PODS_AT_MOST = 110
"""What Kubernetes lets a node run at most, unless it is told otherwise; so a replica that needs little has an end, too."""

_NONE = Quantity.of(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Supply:
    """`amounts` by resource name, sorted, without the zeros that need no saying, and the `gpus` among them.

    `taints` are those that keep pods out which do not tolerate them, sorted.
    """

    amounts: tuple[tuple[str, Quantity], ...]
    gpus: tuple[NodeGpu, ...]
    taints: tuple[Taint, ...] = ()

    def amount(self, resource: str) -> Quantity | None:
        """How much of it one node can give; None where it does not say, and surely has some (TMPL-6)."""
        return dict(self.amounts).get(resource, _unsaid(resource))

    def covers(self, other: Supply) -> bool:
        """Whether whatever `other` can give, this can give too, to whoever may go there."""
        if not set(self.taints) <= set(other.taints):
            return False
        mine, theirs = dict(self.amounts), dict(other.amounts)
        for resource in mine.keys() | theirs.keys():
            unsaid = _unsaid(resource)
            if not _suffices(mine.get(resource, unsaid), theirs.get(resource, unsaid)):
                return False
        return all(any(_is_as_good(one, than) for one in self.gpus) for than in other.gpus)


def supply_of(node: Node) -> Supply:
    """What the node can give. Every extended resource may be GPUs, so the labels are asked about each."""
    amounts = {name: amount for name, amount in node.allocatable.items() if amount != _unsaid(name)}
    if PODS not in node.allocatable:
        amounts[PODS] = Quantity.of(PODS_AT_MOST)
    extended = sorted(name for name in amounts if "/" in name)
    gpus = [gpu for name in extended for gpu in gpus_as(node, name) if gpu.count]
    taints = sorted({taint for taint in node.taints if keeps_out(taint)}, key=str)
    return Supply(amounts=tuple(sorted(amounts.items())), gpus=tuple(gpus), taints=tuple(taints))


def refusal(node: Node) -> str:
    """Why the node takes no pods; empty where it does."""
    if not node.ready:
        return "is not ready"
    return "is cordoned" if node.unschedulable else ""


def _unsaid(resource: str) -> Quantity | None:
    """What a node gives of it that does not say: every node has cores and memory, and none has what a plugin would report."""
    return _NONE if resource == PODS or "/" in resource or resource.startswith("hugepages-") else None


def _suffices(mine: Quantity | None, theirs: Quantity | None) -> bool:
    """None is as much as anybody asks for."""
    return mine is None or (theirs is not None and mine >= theirs)


def _is_as_good(one: NodeGpu, than: NodeGpu) -> bool:
    return (
        (one.resource_name, one.model) == (than.resource_name, than.model)
        and one.count >= than.count
        and _suffices(one.vram, than.vram)
    )
