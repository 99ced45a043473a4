"""Faults of the process: leases that are lost, leaders that are two, clocks that step, tokens that change, and ends in the middle."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import ExitStack, suppress
from dataclasses import replace
from datetime import timedelta
from itertools import count
from pathlib import Path
from random import Random
from typing import Any, Final

from aimcore.adapters.kubernetes.connection import Connection, connect
from aimcore.adapters.memory.kinds import Address
from aimcore.domain.plan import Write
from aimcore.domain.scope import Key
from aimcore.entrypoints.operator import service
from aimcore.entrypoints.operator.service import Operator
from aimcore.entrypoints.operator.tally import Tally
from aimcore.ports.errors import AccessDenied, Unavailable
from aimcore.testing import Run
from tests.integration.faults.fault import ANSWERS, refusal
from tests.integration.faults.gate import PATIENT, Asked, Gate, Spoil, Spoiler, gate
from tests.integration.faults.leaders import LEASE, candidates
from tests.integration.faults.stage import Stage, stage
from tests.integration.faults.story import WORLD, assert_same_end, edit, manifest, play

__all__ = ["FAULTS"]

Case = Callable[[Run, Path], None]
"""Runs a case; the first is the end without faults, the second a folder of its own."""
FAULTS: Final[dict[str, Case]] = {}


def case(name: str) -> Callable[[Case], Case]:
    """Names the decorated function as a case."""

    def note(run: Case) -> Case:
        FAULTS[name] = run
        return run

    return note


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
            lost = here.appointments[0] - 30
            assert [asked for asked in here.writes() if lost < asked.at < lost + 30] == [], (
                "and nothing was written then"
            )
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
    assert_same_end(run, clean, same_way=False)


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


@case("it ends and begins anew after every second write")
def begins_anew(clean: Run, _: Path) -> None:
    run, edited = WORLD.start(), False
    for seed in range(60):
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


# --- clocks ----------------------------------------------------------------------------------------------------------


def told_by(wall: Callable[[Stage, Callable[[], str]], str]) -> Case:
    def run_case(clean: Run, _: Path) -> None:
        run = WORLD.start()
        with stage(run, seed=6) as here:
            right = here.wall
            here.wall = lambda: wall(here, right)
            play(here)
            before = len(here.writes())
            here.wait(3600)
            assert len(here.writes()) == before
        assert_same_end(run, clean, same_way=False)

    return run_case


FAULTS["the wall clock steps back"] = told_by(lambda here, right: "2025-12-31T00:00:00Z" if here.now > 1 else right())
FAULTS["the wall clock steps forward"] = told_by(
    lambda here, right: "2036-01-01T00:00:00Z" if here.now > 1 else right()
)
FAULTS["the wall clock stands still"] = told_by(lambda *_: "2026-01-01T00:00:00Z")


# --- tokens ----------------------------------------------------------------------------------------------------------


def kubeconfig(opened: Gate, folder: Path, user: Mapping[str, Any]) -> str:
    server = opened.url
    written = {
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [{"name": "c", "cluster": {"server": server}}],
        "users": [{"name": "u", "user": user}],
        "contexts": [{"name": "x", "context": {"cluster": "c", "user": "u"}}],
        "current-context": "x",
    }
    path = folder / "kubeconfig"
    path.write_text(json.dumps(written))
    return str(path)


def only(opened: Gate, token: str) -> None:
    """From now on the server knows this token and no other."""
    opened.script = lambda asked: None if asked.bearer == f"Bearer {token}" else refusal(401)


def heard(connection: Connection) -> bool:
    """Whether a request is answered; the first after a change may not be."""
    for _ in range(2):
        with suppress(AccessDenied):
            connection.send("GET", "/api/v1/nodes")
            return True
    return False


@case("the token in its file is another one")
def token_file(_: Run, folder: Path) -> None:
    token = folder / "token"
    token.write_text("old")
    with gate(WORLD.start().store) as opened:
        only(opened, "old")
        connection = connect(kubeconfig=kubeconfig(opened, folder, {"tokenFile": str(token)}), waits=PATIENT)
        assert heard(connection)
        token.write_text("new")
        only(opened, "new")
        assert heard(connection)
        connection.close()


@case("the token in the kubeconfig is another one")
def token_in_kubeconfig(_: Run, folder: Path) -> None:
    with gate(WORLD.start().store) as opened:
        only(opened, "old")
        connection = connect(kubeconfig=kubeconfig(opened, folder, {"token": "old"}), waits=PATIENT)
        assert heard(connection)
        kubeconfig(opened, folder, {"token": "new"})
        only(opened, "new")
        assert heard(connection)
        connection.close()


@case("the token is gone for a moment")
def token_gone(_: Run, folder: Path) -> None:
    token = folder / "token"
    token.write_text("old")
    with gate(WORLD.start().store) as opened:
        only(opened, "new")
        connection = connect(kubeconfig=kubeconfig(opened, folder, {"tokenFile": str(token)}), waits=PATIENT)
        token.unlink()
        with suppress(Unavailable):
            assert not heard(connection)
        token.write_text("new")
        assert heard(connection)
        connection.close()


# --- the end ---------------------------------------------------------------------------------------------------------


class Handed(Operator):
    """The operator with its threads, and how many writes were handed to them."""

    handed = 0

    def write(self, key: Key, writes: tuple[Write, ...]) -> None:
        self.handed += len(writes)
        super().write(key, writes)


def ended_within_a_write(answer: Spoil, *, grace: float) -> Case:
    """It is told to end while a write is under way: which comes to its end, and no other begins."""

    def run_case(clean: Run, _: Path) -> None:
        run = WORLD.start()
        with stage(run, seed=7) as here:
            begun, go_on = threading.Event(), threading.Event()

            def hold(exchange: Spoiler) -> None:
                begun.set()
                go_on.wait(30)
                answer(exchange)

            here.gate.script = lambda asked: hold if asked.writes else None
            operator = Handed(here.jobs._world, workers=4, tally=Tally())
            here.controller._jobs = operator
            here.controller.inquiries._start = operator.ask
            thread = threading.Thread(target=operator.run, args=(here.controller,))
            before, service.GRACE = service.GRACE, grace  # type: ignore[misc]  # nobody is to wait that long
            try:
                thread.start()
                assert begun.wait(30)
                operator.stop()
                if grace > 1:
                    go_on.set()
                thread.join(30)
                assert not thread.is_alive()
            finally:
                go_on.set()
                service.GRACE = before  # type: ignore[misc]  # as it was
            assert len(here.writes()) <= operator.handed, "nothing was begun after the end"
        with stage(run, seed=8) as again:
            play(again)
        assert_same_end(run, clean, same_way=False)

    return run_case


FAULTS["it is told to end within a write, which is done"] = ended_within_a_write(lambda one: one.well(), grace=25.0)
FAULTS["it is told to end within a write, which fails"] = ended_within_a_write(ANSWERS["500"], grace=25.0)
FAULTS["it is told to end within a write that never ends"] = ended_within_a_write(lambda one: one.hang(), grace=0.2)


@case("nobody reads its log")
def log_closed(_: Run, folder: Path) -> None:
    """It goes on, and ends well."""
    metadata = {"model": {"canonicalName": "acme/chat", "recommendedDeployments": [{"metric": "latency"}]}}
    spec = {"image": "acme/chat:1", "imageMetadata": metadata}
    run = replace(WORLD, manifests=(manifest("AIMModel", "chat", "red", spec=spec),)).start()
    with gate(run.store) as opened:
        aimcore, where = Path(sys.executable).parent / "aimcore", kubeconfig(opened, folder, {})
        command = [str(aimcore), "operator", "--no-elect", "--kubeconfig", where]
        process = subprocess.Popen([*command, "--metrics-port", "0", "--health-port", "0"], stderr=subprocess.PIPE)
        try:
            assert process.stderr is not None
            process.stderr.close()
            ends = time.monotonic() + 60
            while word(opened) != "Ready":
                assert time.monotonic() < ends
                assert process.poll() is None, "it ended, for want of a reader"
                time.sleep(0.05)
        finally:
            process.terminate()
            code = process.wait(60)
        assert code == 0


def word(opened: Gate) -> str:
    with opened.shared.held() as store:
        said: str = store.get(Address("AIMModel", "red", "chat")).get("status", {}).get("status", "")
        return said
