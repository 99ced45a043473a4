"""What the nodes of the cluster can give together, as far as it can make a difference to anybody (TMPL-6).

Only the best supplies are kept: a node that gives nothing another does not give decides nothing. So most news of nodes
leaves the inventory as it was, and nobody is asked again.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from aimcore.domain.hardware.fit import Need, lack_of
from aimcore.domain.hardware.nodes import Node
from aimcore.domain.hardware.supply import Supply, refusal, supply_of

__all__ = ["ANSWERS_AT_MOST", "Inventory", "Offer", "combine", "offer_of", "take_inventory"]


ANSWERS_AT_MOST = 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Inventory:
    """`supplies` of nodes that take pods, and those that only nodes have which take none: `away`.

    `answers` keeps what was said of each need: most templates need one of a few things.
    """

    supplies: tuple[Supply, ...] = ()
    away: tuple[Supply, ...] = ()
    answers: dict[str, str | None] = field(default_factory=dict, compare=False, repr=False)

    def lacks(self, need: Need) -> str | None:
        """Why no node can give what one replica needs, or None where one can.

        Where there is no node at all, only GPUs are missed: such a cluster gets its nodes when they are asked for.
        """
        try:
            return self.answers[need.word]
        except KeyError:
            lacking = self._lacks(need)
        if len(self.answers) >= ANSWERS_AT_MOST:
            self.answers.clear()
        self.answers[need.word] = lacking
        return lacking

    def _lacks(self, need: Need) -> str | None:
        if not self.supplies and not need.gpus:
            return "no node takes pods: all are cordoned or not ready" if self.away else None
        lack = lack_of(need, self.supplies)
        if lack is None:
            return None
        back = lack_of(need, self.away) is None
        return f"{lack.nodes}; a node that has it is cordoned or not ready" if back else lack.nodes


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """What one node can give, and whether it `takes_pods` now."""

    supply: Supply
    takes_pods: bool


def offer_of(node: Node) -> Offer:
    """What the node can give, and whether it gives it."""
    return Offer(supply=supply_of(node), takes_pods=not refusal(node))


def take_inventory(nodes: Iterable[Node]) -> Inventory:
    """What the nodes offer together, in whatever order they come."""
    return combine({node.name: offer_of(node) for node in nodes})


def combine(offers: Mapping[str, Offer]) -> Inventory:
    """What nodes of these names offer together."""
    ordered = [offers[name] for name in sorted(offers)]
    supplies = _best(offer.supply for offer in ordered if offer.takes_pods)
    away = _best(offer.supply for offer in ordered if not offer.takes_pods)
    missed = (supply for supply in away if not any(one.covers(supply) for one in supplies))
    return Inventory(supplies=supplies, away=tuple(missed))


def _best(supplies: Iterable[Supply]) -> tuple[Supply, ...]:
    """Those that no other covers, each once, in an order of their own."""
    best: list[Supply] = []
    for supply in dict.fromkeys(supplies):
        if not any(one.covers(supply) for one in best):
            best = [*(one for one in best if not supply.covers(one)), supply]
    return tuple(sorted(best, key=_place))


def _place(supply: Supply) -> tuple[object, ...]:
    return supply.amounts, [(gpu.model, gpu.count) for gpu in supply.gpus], [str(taint) for taint in supply.taints]
