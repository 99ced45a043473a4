"""Struck down before or after any of its writes, the operator ends where one ends that nobody disturbs (OWN-4, KIND-9).

A crash before a write loses it, and all that was handed out with it. A crash after a write loses the answer, and what the other
writers had just sent arrives when the next operator is at work already.
"""

from __future__ import annotations

from collections.abc import Iterator
from random import Random

import pytest

from aimcore.testing.endings import same_end
from aimcore.testing.violations import demand
from tests.integration.simulations.scenarios import RUNNING, SCENARIOS, Chapter, chapters
from tests.integration.simulations.timeline import Blow, births, forked

TWICE = 6
"""How many pairs of crashes are drawn for a scenario."""

SOME = 16
"""How many crashes are drawn for a scenario in which services run."""

Case = tuple[Chapter, tuple[Blow, ...]]


def once(scenario: str) -> Iterator[Case]:
    """A crash before and after every write."""
    for chapter in chapters(scenario):
        for write in range(1, len(chapter.undisturbed.written) + 1):
            yield from ((chapter, (Blow(write=write, before=before),)) for before in (True, False))


def twice(scenario: str) -> Iterator[Case]:
    """Some pairs: the second operator is struck down as well."""
    chance = Random(scenario)  # noqa: S311 - drawn again the same
    eventful = [chapter for chapter in chapters(scenario) if len(chapter.undisturbed.written) > 2]
    for _ in range(TWICE):
        chapter = chance.choice(eventful)
        first = chance.randint(1, len(chapter.undisturbed.written) - 2)
        second = chance.randint(1, 2)
        yield chapter, tuple(Blow(write=write, before=chance.random() < 0.5) for write in (first, second))


def cases(scenario: str) -> list[Case]:
    """All of them; where services run, some, as each takes longer."""
    found = [*once(scenario), *twice(scenario)]
    running = {one.name for one in RUNNING}
    return Random(scenario).sample(found, SOME) if scenario in running else found  # noqa: S311 - likewise


@pytest.mark.rule("OWN-4", "KIND-9")
@pytest.mark.parametrize("scenario", SCENARIOS)
def test_the_end_with_crashes_is_the_end_without(scenario: str) -> None:
    for chapter, blows in cases(scenario):
        try:
            disturbed(chapter, blows)
        except AssertionError as error:
            told = f"{scenario}: {chapter.says}; struck down {' and '.join(map(str, blows))}"
            writes = ", ".join(chapter.undisturbed.written)
            raise AssertionError(f"{told} of {writes}: {error}") from error


def disturbed(chapter: Chapter, blows: tuple[Blow, ...]) -> None:
    run, straight = chapter.told(blows).run, forked(chapter.undisturbed.run)
    made = births(straight)
    again = [f"{one} was made {count} times" for one, count in births(run).items() if count != made.get(one)]
    demand("nothing is made twice, or in vain", again)
    run.settle()
    demand("nothing is left to do", map(str, run.settled.changes))
    demand("nothing is lost", same_end(straight, run))
