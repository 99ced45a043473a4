"""What the operator tells while it runs: its log, its health, its figures."""

from __future__ import annotations

import io
import json
import logging
import urllib.error
import urllib.request
from collections.abc import Iterator

import pytest

from aimcore.entrypoints.operator.health import STANDSTILL, Health, serve
from aimcore.entrypoints.operator.logs import set_up_logs
from aimcore.entrypoints.operator.metrics import SERIES_AT_MOST, Counters


@pytest.fixture(autouse=True)
def _as_before() -> Iterator[None]:
    logger = logging.getLogger("aimcore")
    before = (logger.handlers[:], logger.level, logger.propagate)
    yield
    logger.handlers[:], logger.level, logger.propagate = before


def _line(form: str, message: str, **extra: str) -> str:
    stream = io.StringIO()
    set_up_logs(form, "info", stream)
    logging.getLogger("aimcore.operator").info(message, extra=extra)
    return stream.getvalue()


def test_a_line_says_what_was_done_to_what_by_which_rule() -> None:
    line = _line("text", "wrote", action="create", object="AIMModel ml-team/chat", rule="AUTO-1")
    assert line.endswith('Z INFO    wrote action=create object="AIMModel ml-team/chat" rule=AUTO-1\n')


def test_a_program_reads_the_same_as_json() -> None:
    line = json.loads(_line("json", "wrote", action="create", object="AIMModel ml-team/chat"))
    assert {name: line[name] for name in ("level", "message", "action", "object")} == {
        "level": "info",
        "message": "wrote",
        "action": "create",
        "object": "AIMModel ml-team/chat",
    }


@pytest.mark.rule("SEC-1")
@pytest.mark.parametrize("form", ["text", "json"])
def test_nobody_else_can_write_a_line_of_the_log(form: str) -> None:
    forged = "no\n2026-01-01T00:00:00.000Z INFO    wrote\x1b[2J"
    told = _line(form, forged, error=forged)
    assert told.count("\n") == 1
    assert told.rstrip("\n").isprintable()


def _asked(port: int, path: str) -> tuple[int, str]:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=5) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read().decode()


def test_a_process_that_stands_still_is_not_healthy_and_one_that_reads_is_not_ready() -> None:
    idle, ready = [0.0], [False]
    server = serve(Health(idle=lambda: idle[0], ready=lambda: ready[0], metrics=lambda: "a 1\n"), "127.0.0.1", 0)
    try:
        port = server.server_address[1]
        assert _asked(port, "/healthz") == (200, "ok\n")
        assert _asked(port, "/readyz") == (503, "reading\n")
        assert _asked(port, "/metrics?x=1") == (200, "a 1\n")
        assert _asked(port, "/secrets")[0] == 404
        idle[0], ready[0] = STANDSTILL + 1, True
        assert _asked(port, "/healthz")[0] == 503
        assert _asked(port, "/readyz") == (200, "ok\n")
    finally:
        server.shutdown()
        server.server_close()


def test_no_name_of_anybodys_makes_a_figure_grow_without_end() -> None:
    counters = Counters()
    for number in range(SERIES_AT_MOST + 50):
        counters.count("writes", "create", f"kind-{number}")
    counters.count("bytes", by=7)
    told = counters.snapshot()
    assert len(told["writes"]) == SERIES_AT_MOST + 1
    assert told["writes"]["other", "other"] == 50
    assert told["bytes"] == {(): 7}
