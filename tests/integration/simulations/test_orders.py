"""Whatever the order in which five things happen, and however busy the operator is meanwhile, it ends in the same place.

There are 120 orders of each of 26 situations. Some of each are tried, drawn the same each time; all of them where
`AIMCORE_EVERY_ORDER=1` is set.
"""

from __future__ import annotations

import os
from functools import cache
from itertools import permutations
from random import Random

import pytest

from aimcore.testing import Run
from aimcore.testing.endings import same_end
from aimcore.testing.violations import demand
from tests.integration.simulations.interleavings import SITUATIONS, live
from tests.integration.simulations.timeline import Timeline, forked

SOME = 12
"""How many orders of a situation are tried."""

Order = tuple[int, ...]
ORDERS: tuple[Order, ...] = tuple(permutations(range(5)))


def orders(situation: str) -> list[Order]:
    """The orders that are tried: some, or all."""
    if os.environ.get("AIMCORE_EVERY_ORDER") == "1":
        return list(ORDERS)
    return Random(situation).sample(ORDERS, SOME)  # noqa: S311 - drawn again the same


@pytest.mark.rule("AUTO-5", "CONF-6")
@pytest.mark.parametrize("situation", SITUATIONS)
def test_the_end_does_not_depend_on_the_order(situation: str) -> None:
    for order in orders(situation):
        acts = [SITUATIONS[situation].acts[place].says for place in order]
        try:
            check(situation, order)
        except AssertionError as error:
            raise AssertionError(f"{situation}: {'; then '.join(acts)}: {error}") from error


def check(situation: str, order: Order) -> None:
    run = hurried(situation, order)
    run.settle()
    demand("nothing is left to do", map(str, run.settled.changes))
    straight = patient(situation)
    demand("the order does not matter", same_end(forked(straight.run), run))


@cache
def patient(situation: str) -> Timeline:
    """One after the other in the order they are written down, each once the operator rests."""
    timeline = Timeline(SITUATIONS[situation].world, run=forked(live(situation)))
    for act in SITUATIONS[situation].acts:
        act.do(timeline)
        timeline.rest()
    return timeline


def hurried(situation: str, order: Order) -> Run:
    """In this order, the operator having got so far, or nowhere, in between."""
    chance = Random(f"{situation} {order}")  # noqa: S311 - drawn again the same
    timeline = Timeline(SITUATIONS[situation].world, run=forked(live(situation)), seed=chance.randrange(1000))
    timeline.take(chance.choice((0, 40)))
    for place in order:
        SITUATIONS[situation].acts[place].do(timeline)
        timeline.take(chance.choice((0, 0, 1, 2, 4, 8, 16)))
    timeline.rest()
    return timeline.run
