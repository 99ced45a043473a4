"""Faults of the process: clocks that step, tokens that change, and ends in the middle."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from aimcore.adapters.kubernetes.connection import Connection, connect
from aimcore.adapters.memory.kinds import Address
from aimcore.domain.kinds.scope import Key
from aimcore.domain.view.plan import Write
from aimcore.entrypoints.operator import service
from aimcore.entrypoints.operator.metrics import Counters
from aimcore.entrypoints.operator.service import Operator
from aimcore.ports.errors import AccessDenied, Unavailable
from aimcore.testing import Run
from tests.integration.faults.fault import ANSWERS, Case, naming, refusal
from tests.integration.faults.gate import PATIENT, Gate, Spoil, Spoiler, gate
from tests.integration.faults.scenario import WORLD, assert_same_end, manifest, play
from tests.integration.faults.stage import Stage, stage

__all__ = ["FAULTS"]

FAULTS: Final[dict[str, Case]] = {}
case = naming(FAULTS)


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
        connection = connect(kubeconfig=kubeconfig(opened, folder, {"tokenFile": str(token)}), timeouts=PATIENT)
        assert heard(connection)
        token.write_text("new")
        only(opened, "new")
        assert heard(connection)
        connection.close()


@case("the token in the kubeconfig is another one")
def token_in_kubeconfig(_: Run, folder: Path) -> None:
    with gate(WORLD.start().store) as opened:
        only(opened, "old")
        connection = connect(kubeconfig=kubeconfig(opened, folder, {"token": "old"}), timeouts=PATIENT)
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
        connection = connect(kubeconfig=kubeconfig(opened, folder, {"tokenFile": str(token)}), timeouts=PATIENT)
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
            operator = Handed(here.jobs._world, workers=4, counters=Counters())
            here.driver = operator
            thread = threading.Thread(target=operator.run, args=(here.engine,))
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
