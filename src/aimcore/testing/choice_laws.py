"""The law of the same choice: a service ends with the template that a plan names, and is never said to run another on the way.

A choice that is made early is the mistake that this law looks for: a service that takes the first template that becomes Ready,
and keeps it, ends where chance has it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from random import Random

from aimcore.domain.kinds.records import Service
from aimcore.domain.kinds.scope import Key
from aimcore.domain.kinds.statuses import ServiceStatus, Verdict
from aimcore.domain.view.plan import SetStatus, Write
from aimcore.testing.confluence import split, take_another_way
from aimcore.testing.endings import with_auto_models
from aimcore.testing.violations import demand
from aimcore.testing.world import Run, World

__all__ = ["check_same_choice", "choices", "early_choices"]

Choice = tuple[str, str]
"""The model and the template."""


def check_same_choice(world: World, *, ways: int = 4, seed: int = 0) -> None:
    """Same choice: whatever comes first, each service ends with the template that a plan of the same objects names; and once
    everything that people write is there, no decision on the way names another one.
    """
    for number in range(ways):
        decided: list[Write] = []
        chance = Random(f"choice {seed} {number}")  # noqa: S311 - a way to take, not a secret
        run = take_another_way(world, chance, decided=decided)
        _demand(world, run, decided, f"way {number} of seed {seed}")
        run = _one_by_one(world, chance)
        _demand(
            world, run, (), f"one document after the other, the cluster at rest in between; way {number} of seed {seed}"
        )
    run, decided = world.start(), []
    _write_one_by_one(run, decided, Random(f"choice {seed}"))  # noqa: S311 - likewise
    _demand(world, run, decided, "one write after the other, drawn by chance")


def _one_by_one(world: World, chance: Random) -> Run:
    """Every document comes when all before it has been dealt with, what images are read with first."""
    early, late = split(world, chance, share=0.0)
    run = world.having(early).start()
    for manifest in late:
        run.settle()
        run.load([manifest])
    run.settle()
    return run


def _write_one_by_one(run: Run, decided: list[Write], chance: Random) -> None:
    for _ in range(200):
        writes = [write for plan in run.new_loop().decide() for write in plan.writes]
        decided += writes
        if not writes:
            break
        run.new_loop().write([chance.choice(writes)])
    run.restart()
    run.settle()


def _demand(world: World, run: Run, decided: Iterable[Write], way: str) -> None:
    planned, ended = choices(with_auto_models(world, run).settle()), choices(run)
    differ = (f"{key}: ended with {ended.get(key)}, planned {one}" for key, one in planned.items() if ended[key] != one)
    demand(f"Same choice: a service ends with the template that a plan names; {way}", differ)
    demand(f"Same choice: no other is named on the way; {way}", early_choices(decided, planned))


def choices(run: Run) -> Mapping[Key, Choice | None]:
    """What each service of a settled run is Starting with; None where it is not."""
    return {thing.key: _choice(thing.status) for thing in run.loop.cache if isinstance(thing, Service)}


def early_choices(decided: Iterable[Write], planned: Mapping[Key, Choice | None]) -> Iterator[str]:
    """The decisions that named another template of the same model than the planned one. (Another model may have stood there
    before the one that is meant.)
    """
    for write in decided:
        if not isinstance(write, SetStatus) or not isinstance(write.status, ServiceStatus):
            continue
        choice, plan = _choice(write.status), planned.get(write.key)
        if choice is not None and choice != plan and (plan is None or plan[0] == choice[0]):
            yield f"{write.key}: was told to run {choice}, planned {plan}"


def _choice(status: ServiceStatus | None) -> Choice | None:
    if status is None or status.status is not Verdict.STARTING:
        return None
    return str(status.resolved_model), str(status.resolved_template)
