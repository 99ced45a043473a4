"""Faults of leading: leases that are lost within a write or spoiled by hand, leaders that are two, and leaders that slept."""

from __future__ import annotations

from contextlib import ExitStack
from datetime import timedelta
from itertools import count
from pathlib import Path
from random import Random
from typing import Final

from aimcore.testing import Run
from tests.integration.faults.fault import Case, naming, refusal
from tests.integration.faults.gate import Asked, Spoil, Spoiler
from tests.integration.faults.leaders import LEASE, candidates
from tests.integration.faults.scenario import CHAT, WORLD, assert_same_end, edit, play
from tests.integration.faults.stage import Stage, stage

__all__ = ["FAULTS"]

FAULTS: Final[dict[str, Case]] = {}
case = naming(FAULTS)


# --- leading ---------------------------------------------------------------------------------------------------------


def losing(here: Stage, number: int, *, after: bool) -> None:
    """With the write of this number the lease is lost, before or after it is done; it comes back in half a minute."""
    numbers, lost = count(1), [float("inf")]

    def lose(exchange: Spoiler) -> None:
        lost[0] = here.now
        here.appointments.append(here.now + 30)
        if after:
            exchange.well()
        else:
            refusal(503)(exchange)

    def script(asked: Asked) -> Spoil | None:
        return lose if asked.writes and next(numbers) == number else None

    here.gate.script = script
    here.leads = lambda: not lost[0] <= here.now < lost[0] + 30


def lost_at(number: int, *, after: bool) -> Case:
    def run_case(clean: Run, _: Path) -> None:
        run = WORLD.start()
        with stage(run, seed=4) as here:
            losing(here, number, after=after)
            play(here)
            assert here.appointments, "it was lost"
            assert here.writes()[number].at >= here.appointments[0], "and nothing was written meanwhile"
        assert_same_end(run, clean, same_way=False)

    return run_case


FAULTS["the lease is lost before a write is done"] = lost_at(6, after=False)
FAULTS["the lease is lost when a write was done"] = lost_at(7, after=True)


def together(run: Run, *, seed: int, blind: bool) -> None:
    """Two that lead at once, one step of either after the other; one may be blind for a minute."""
    chance = Random(seed)  # noqa: S311 - a way to take
    with ExitStack() as opened:
        one, other = (opened.enter_context(stage(run, seed=number)) for number in range(2))
        if blind:
            other.gate.script = lambda asked: Spoiler.tells if asked.operation == "watch" and asked.at < 60 else None
        for edited in (False, True):
            if edited:
                edit(one)
            for _ in range(400):
                chance.choice((one, other)).step()
            other.wait(70)
            one.rest()
            other.rest()


@case("two lead at once")
def two_leaders(clean: Run, _: Path) -> None:
    run = WORLD.start()
    together(run, seed=1, blind=False)
    assert_same_end(run, clean, same_way=False, once=False)  # what one makes, one that is behind may take for unwanted


@case("two lead at once, and one sees nothing for a minute")
def two_leaders_one_blind(clean: Run, _: Path) -> None:
    run = WORLD.start()
    together(run, seed=2, blind=True)
    assert_same_end(run, clean, same_way=False, once=False)


def overtaken(seed: int) -> Case:
    """One falls asleep with its plans made; another leads to the end; the first wakes, and does what it planned."""

    def run_case(clean: Run, _: Path) -> None:
        run = WORLD.start()
        with stage(run, seed=seed) as sleeper, stage(run, seed=seed + 1) as other:
            sleeper.rest()
            edit(sleeper)
            sleeper.plan()
            other.rest()
            while sleeper.jobs.waiting:
                sleeper.jobs.draw(sleeper.chance)
            sleeper.rest()
            other.rest()
        assert_same_end(run, clean)

    return run_case


FAULTS["a leader that slept wakes with old plans"] = overtaken(5)


@case("an object is made anew while its status is about to be written")
def made_anew(clean: Run, _: Path) -> None:
    run = WORLD.start()
    with stage(run, seed=9) as here:
        here.rest()
        edit(here)
        here.plan()
        with here.gate.shared.held() as store:
            there = store.get(CHAT)
            store.delete(CHAT)
            store.collect()
            kept = {key: there["metadata"][key] for key in ("name", "namespace", "labels")}
            same = {"apiVersion": there["apiVersion"], "kind": there["kind"], "metadata": kept, "spec": there["spec"]}
            store.create(same, manager="kubectl")
        while here.jobs.waiting:
            here.jobs.draw(here.chance)
        assert "status" not in run.store.get(CHAT), "what was decided of another is not said of this one"
        here.rest()
    assert_same_end(run, clean, same_way=False, once=False)


@case("it ends and begins anew after every second write")
def begins_anew(clean: Run, _: Path) -> None:
    run, edited = WORLD.start(), False
    for seed in range(30):
        with stage(run, seed=seed) as here:
            while len(here.writes()) < 2 and here.step():
                if here._calm > 3:
                    break
            if len(here.writes()) == 0 and not edited:
                edited = True
                edit(here)
    with stage(run) as here:
        here.rest()
    assert edited
    assert_same_end(run, clean, same_way=False)


# --- the lease -------------------------------------------------------------------------------------------------------


@case("renewals fail")
def renewals_fail(_: Run, __: Path) -> None:
    with candidates() as both:
        both.run(20)
        assert both.leader == "a"
        both.spoil("a", refusal(503))
        both.run(40)
        assert both.leader == "b"
        both.heal()
        both.run(40)
        assert (both.leader, both.changes()) == ("b", 1)


@case("the answers to renewals are lost")
def renewals_unanswered(_: Run, __: Path) -> None:
    def done_and_broken(exchange: Spoiler) -> None:
        if exchange.command == "GET":
            exchange.well()
        else:
            exchange.really()
            exchange.reset()

    with candidates() as both:
        both.run(20)
        both.spoil("a", done_and_broken)
        both.run(60)
        assert both.leader == "", "who does not know that it holds the lease does not lead, and nobody else may"
        both.heal()
        both.run(30)
        assert (both.leader, both.changes()) == ("a", 0)


@case("a leader falls asleep and wakes")
def leader_sleeps(_: Run, __: Path) -> None:
    with candidates() as both:
        both.run(20)
        both.all["a"].sleeps = True
        both.run(40)
        both.all["a"].sleeps = False
        both.run(40)
        assert (both.leader, both.changes()) == ("b", 1)


@case("the wall clocks of two are an hour apart")
def clocks_apart(_: Run, __: Path) -> None:
    with candidates() as both:
        both.all["b"].wrong = timedelta(hours=1)
        both.run(120)
        assert (both.leader, both.changes()) == ("a", 0)


@case("the wall clock of the leader steps back and forth")
def leaders_clock_steps(_: Run, __: Path) -> None:
    with candidates() as both:
        for hours in (0, -1, 1, -24, 24):
            both.all["a"].wrong = timedelta(hours=hours)
            both.run(20)
        assert (both.leader, both.changes()) == ("a", 0)


@case("the lease is deleted")
def lease_deleted(_: Run, __: Path) -> None:
    with candidates() as both:
        both.run(20)
        with both.gate.shared.held() as store:
            store.delete(LEASE)
        both.run(40)
        assert both.leader in ("a", "b")


@case("the lease is given to one that is not there")
def lease_given_away(_: Run, __: Path) -> None:
    with candidates() as both:
        both.run(20)
        both.edit(holderIdentity="nobody")
        both.run(40)
        assert both.leader in ("a", "b")


@case("the lease holds nonsense")
def lease_nonsense(_: Run, __: Path) -> None:
    with candidates() as both:
        both.run(20)
        both.edit(leaseDurationSeconds="long", leaseTransitions="many", renewTime=7)
        both.run(60)
        assert both.leader in ("a", "b")
