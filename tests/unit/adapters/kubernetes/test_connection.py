"""A connection asks for credentials again and again, waits only so long, reads only so much, and raises the port's errors only."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from aimcore.adapters.kubernetes import connection as module
from aimcore.adapters.kubernetes.connection import APPLY, Body, Connection, Timeouts, connect
from aimcore.ports.errors import AccessDenied, BadAnswer, Expired, NotFound, PortError, Unavailable
from tests.unit.adapters.kubernetes.scripted import RESET, SILENT, Answer, Asked, refused, serving, told

CANARY = "canary-4711"


def always(answer: Answer) -> Callable[[Asked], Answer]:
    return lambda _: answer


def refreshing(host: str, refresh: Callable[[Any], None]) -> Any:
    """The client's configuration, with a token that it is asked to refresh."""
    from kubernetes.client import Configuration  # noqa: PLC0415 - it takes a second

    configuration: Any = Configuration(host=host, api_key={"BearerToken": CANARY})
    configuration.refresh_api_key_hook = refresh
    return configuration


def test_a_request_carries_its_body_and_says_what_it_is() -> None:
    with serving(always(Answer(b'{"kind": "Namespace"}'))) as server:
        assert server.connection().send("PATCH", "/x?force=false", Body({"ü": 1}, APPLY)) == {"kind": "Namespace"}
    [asked] = server.asked
    assert (asked.method, asked.path, asked.query) == ("PATCH", "/x", {"force": "false"})
    assert asked.headers["Content-Type"] == "application/apply-patch+yaml"
    assert json.loads(asked.body) == {"ü": 1}


@pytest.mark.parametrize(
    ("server", "why"),
    [
        ("http://127.0.0.1:9", "connection refused"),
        ("http://nowhere.invalid", "no host has that name"),
        ("https://{there}", "its certificate is not trusted, or it speaks no TLS"),
    ],
)
def test_why_there_is_no_answer_is_said_in_words(server: str, why: str) -> None:
    from kubernetes.client import Configuration  # noqa: PLC0415 - it takes a second

    with serving(always(Answer(b"{}"))) as there:
        host = server.format(there=there.url.removeprefix("http://"))
        with pytest.raises(Unavailable, match=f": {why}$"):
            Connection(Configuration(host=host), Timeouts(connect=5)).send("GET", "/")


def test_an_answer_that_takes_too_long_is_told_as_such() -> None:
    def slow(_: Asked) -> Answer:
        time.sleep(1)
        return Answer(b"{}")

    with serving(slow) as server, pytest.raises(Unavailable, match="it took too long"):
        server.connection().send("GET", "/")


def _rotating() -> Callable[[Any], None]:
    tokens = iter(["one", "two", "three"])

    def rotate(configuration: Any) -> None:
        configuration.api_key["BearerToken"] = f"Bearer {next(tokens)}"

    return rotate


def test_a_token_that_was_rotated_is_seen() -> None:
    with serving(always(Answer(b"{}"))) as server:
        connection = Connection(refreshing(server.url, _rotating()), Timeouts(credentials=0))
        connection.send("GET", "/")
        connection.send("POST", "/", Body({}))
        with connection.stream("/") as lines:
            assert list(lines) == []
    assert [asked.headers["authorization"] for asked in server.asked] == ["Bearer one", "Bearer two", "Bearer three"]


def test_credentials_that_were_just_asked_for_are_used_again() -> None:
    with serving(always(Answer(b"{}"))) as server:
        connection = Connection(refreshing(server.url, _rotating()), Timeouts(credentials=3600))
        connection.send("GET", "/")
        connection.send("GET", "/")
    assert [asked.headers["authorization"] for asked in server.asked] == ["Bearer one", "Bearer one"]


@pytest.mark.rule("SEC-1")
def test_credentials_that_cannot_be_had_are_told_without_what_they_are() -> None:
    def fail(_: object) -> None:
        raise RuntimeError(CANARY)

    with pytest.raises(Unavailable) as raised:
        Connection(refreshing("http://127.0.0.1:1", fail)).send("GET", "/")
    assert CANARY not in str(raised.value)


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (Answer(b"<html>"), BadAnswer),
        (Answer(b"[]"), BadAnswer),
        (Answer(b"[" * 100_000), BadAnswer),
        (Answer(b"", code=302), BadAnswer),
        (refused(404), NotFound),
        (Answer(b"{", end=RESET), PortError),
        (Answer(b"{", end=SILENT), Unavailable),
        (Answer(b"{" + b" " * 4096 + b"}"), BadAnswer),
    ],
    ids=["html", "list", "deep", "redirect", "absent", "reset", "silent", "too large"],
)
def test_an_answer_is_an_object_in_time_or_an_error(
    answer: Answer, error: type[PortError], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "ANSWER_AT_MOST", 4000 if answer.body.startswith(b"{ ") else 10**6)
    with serving(always(answer)) as server, pytest.raises(error):
        server.connection().send("GET", "/")
    assert len(server.asked) == 1, "nothing is tried twice, and no redirect is followed"


def test_a_server_that_is_not_there_is_unavailable() -> None:
    from kubernetes.client import Configuration  # noqa: PLC0415 - it takes a second

    with pytest.raises(Unavailable):
        Connection(Configuration(host="http://127.0.0.1:1"), Timeouts(connect=0.5)).send("GET", "/")


def test_a_stream_is_read_line_by_line_until_it_ends() -> None:
    with serving(always(told(b"one", b"", b"two"))) as server, server.connection().stream("/") as lines:
        assert list(lines) == [b"one", b"two"]


def test_a_stream_that_falls_silent_has_ended() -> None:
    with serving(always(told(b"one", end=SILENT))) as server, server.connection().stream("/") as lines:
        assert list(lines) == [b"one"]


def test_a_line_without_an_end_is_not_read_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "LINE_AT_MOST", 1000)
    answer = Answer(b"x" * 2000)
    with serving(always(answer)) as server, server.connection().stream("/") as lines, pytest.raises(BadAnswer):
        list(lines)


def test_a_refused_stream_is_an_error() -> None:
    with serving(always(refused(410, "Expired"))) as server, pytest.raises(Expired):
        server.connection().stream("/")


KUBECONFIG = {
    "apiVersion": "v1",
    "kind": "Config",
    "clusters": [{"name": "here", "cluster": {"server": "http://127.0.0.1:1"}}],
    "users": [{"name": "me", "user": {"token": CANARY}}],
    "contexts": [{"name": "here", "context": {"cluster": "here", "user": "me"}}],
    "current-context": "here",
}


@pytest.mark.rule("SEC-1")
@pytest.mark.parametrize(
    "change",
    [
        {"contexts": []},
        {"clusters": [{"name": "here"}]},
        {"users": [{"name": "me", "token": CANARY}]},
        {"users": CANARY},
    ],
    ids=["no context", "no cluster", "no user", "no list"],
)
def test_a_kubeconfig_that_is_of_no_use_is_told_without_its_tokens(tmp_path: Path, change: dict[str, Any]) -> None:
    path = tmp_path / "kubeconfig"
    path.write_text(json.dumps({**KUBECONFIG, **change}))
    with pytest.raises(NotFound) as raised:
        connect(kubeconfig=str(path), context="here")
    assert CANARY not in str(raised.value)
    assert raised.value.__suppress_context__


def test_a_context_is_taken_by_name(tmp_path: Path) -> None:
    with serving(always(Answer(b"{}"))) as server:
        clusters = [{"name": "there", "cluster": {"server": server.url}}, *KUBECONFIG["clusters"]]
        contexts = [{"name": "there", "context": {"cluster": "there", "user": "me"}}, *KUBECONFIG["contexts"]]
        path = tmp_path / "kubeconfig"
        path.write_text(json.dumps({**KUBECONFIG, "clusters": clusters, "contexts": contexts}))
        connect(kubeconfig=str(path), context="there").send("GET", "/")
    assert server.asked[0].headers["authorization"] == f"Bearer {CANARY}"


def test_whoever_is_not_known_reads_the_credentials_anew() -> None:
    renewed: list[int] = []
    with serving(lambda _: refused(401)) as server:
        connection = Connection(refreshing(server.url, lambda _: None), renew=lambda: renewed.append(1))
        for send in (lambda: connection.send("GET", "/a"), lambda: connection.stream("/a")):
            with pytest.raises(AccessDenied):
                send()
    assert len(renewed) == 2
