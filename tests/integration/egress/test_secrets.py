"""A planted credential is at the host it is meant for, and nowhere else: no log, error, `repr` or environment (SEC-1)."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from aimcore.adapters.egress import Deadline, EgressError, Refused, Session
from aimcore.adapters.egress.asking import Request
from aimcore.adapters.egress.origins import parse_url
from tests.integration.egress.asking import allowing, get, named, resolving, told_by
from tests.integration.egress.server import CLOSE, RESET, Authority, Heard, Server, Step, answer

CANARY = "canary-a1b2c3"
CREDENTIAL = f"Basic {CANARY}"


def echoing(heard: Heard) -> list[Step]:
    """Sends back, in the place the target names, all it was sent."""
    told = heard.raw.replace(b"\r\n", b" ")
    said: dict[str, list[Step]] = {
        "status": [told + b"\r\n\r\n", CLOSE],
        "reason": [b"HTTP/1.1 2x " + told + b"\r\n\r\n", CLOSE],
        "version": [b"HTTP/" + told + b"\r\n\r\n", CLOSE],
        "line": [b"HTTP/1.1 200 OK\r\n" + told.replace(b":", b" ") + b"\r\n\r\n", CLOSE],
        "header": [answer(200, x=told.decode()), CLOSE],
        "length": [answer(200, content_length=told.decode()), CLOSE],
        "coding": [answer(200, content_encoding=told.decode()), CLOSE],
        "transfer": [answer(200, content_length="", transfer_encoding=told.decode()), CLOSE],
        "chunk": [b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n" + told + b"\r\n", CLOSE],
        "location": [answer(307, location=told.decode()), CLOSE],
        "user": [answer(307, location=f"http://{CANARY}@{heard.headers['host']}/"), CLOSE],
        "scheme": [answer(307, location=f"ftp://h/?{CANARY}"), CLOSE],
        "body": [answer(200, told), CLOSE],
        "error": [answer(401, told), CLOSE],
        "reset": [RESET],
    }
    return said[heard.target.partition("?")[0].strip("/")]


PLACES = [
    "status",
    "reason",
    "version",
    "line",
    "header",
    "length",
    "coding",
    "transfer",
    "chunk",
    "location",
    "user",
    "scheme",
    "body",
    "error",
    "reset",
]


@pytest.mark.rule("SEC-1")
@pytest.mark.parametrize("place", PLACES)
def test_a_host_that_sends_back_what_it_was_sent_gets_it_into_no_error_log_or_repr(
    place: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    shown: list[object] = []
    with Server(echoing) as server, Session(allowing(server), observe=shown.append) as session:
        try:
            shown.append(get(session, f"{server.url}/{place}?sig={CANARY}", authorization=CREDENTIAL))
        except EgressError as error:
            shown.append(told_by(error))
        assert server.heard[0].headers["authorization"] == CREDENTIAL
    assert len(shown) == 2
    assert CANARY not in repr(shown)
    assert CANARY not in caplog.text


@pytest.mark.rule("SEC-1")
@pytest.mark.parametrize(
    ("headers", "authorization"),
    [
        ({}, f"Basic {CANARY}\r\nx: y"),
        ({}, f"Basic {CANARY}\n"),
        ({}, f"Basic {CANARY}\x00"),
        ({}, f"Basic {CANARY}é"),
        ({"accept": f"{CANARY}\r\nx: y"}, None),
        ({"accept": f"{CANARY}\ry"}, None),
        ({"accept": f"{CANARY}\u2028"}, None),
    ],
)
def test_a_header_that_would_begin_another_is_refused_unsent_and_unquoted(
    headers: dict[str, str], authorization: str | None
) -> None:
    with Server() as server, Session(allowing(server)) as session:
        with pytest.raises(Refused, match="characters that cannot be sent") as refusal:
            get(session, server.url, headers=headers, authorization=authorization)
        assert server.connections == 0
    assert CANARY not in told_by(refusal.value)


@pytest.mark.rule("SEC-1")
@pytest.mark.parametrize(
    "name", ["Authorization", "cookie", "Host", "Accept-Encoding", "x\r\ny", "", "Proxy-Authorization"]
)
def test_headers_that_are_the_sessions_own_are_a_mistake(name: str) -> None:
    with Server() as server, Session(allowing(server)) as session:
        with pytest.raises(ValueError, match="is not for callers to set") as mistake:
            get(session, server.url, headers={name: CANARY})
        assert server.connections == 0
    assert CANARY not in told_by(mistake.value)


@pytest.mark.rule("SEC-1")
def test_a_url_with_a_user_is_refused_unquoted() -> None:
    with Session(allowing()) as session, pytest.raises(Refused) as refusal:
        get(session, f"https://user:{CANARY}@a.test/")
    assert CANARY not in told_by(refusal.value)


@pytest.mark.rule("SEC-1")
def test_what_is_asked_shows_no_credential() -> None:
    request = Request(
        method="GET",
        url=parse_url(f"https://a.test/?{CANARY}"),
        headers={},
        authorization=CREDENTIAL,
        at_most=1,
        deadline=Deadline.after(1),
        told=False,
    )
    assert CANARY not in repr(request)


@pytest.mark.rule("SEC-1", "SEC-3")
def test_proxies_and_netrc_of_the_environment_are_not_used(
    authority: Authority, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    netrc = tmp_path / ".netrc"
    netrc.write_text(f"machine a.test login user password {CANARY}\ndefault login user password {CANARY}\n")
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", str(netrc))
    monkeypatch.setenv("HOME", str(tmp_path))
    certificate = authority.certificate("a.test")
    with (
        Server(lambda _: answer(502)) as proxy,
        Server(lambda _: answer(401)) as plain,
        Server(lambda _: answer(401), certificate=certificate) as secure,
    ):
        for name in ("http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
            monkeypatch.setenv(name, proxy.url)
        with Session(allowing(plain, secure, ca_file=authority.file), resolve=resolving()) as session:
            assert get(session, named("a", plain)).status == 401
            assert get(session, named("a", secure)).status == 401
        assert proxy.connections == 0
        for heard in (*plain.heard, *secure.heard):
            assert sorted(heard.headers) == ["accept-encoding", "host", "user-agent"]


_PIECES = st.sampled_from(
    [
        "HTTP/1.1 ",
        "200 OK",
        "100 Continue",
        "307 Go",
        "\r\n",
        "\r\n\r\n",
        "\n",
        "\r",
        "x",
        ": ",
        "ÿ",
        "\x00",
        "5",
        "0",
        "-1",
        "content-length: ",
        "location: ",
        "http://",
        "transfer-encoding: chunked",
        "connection: close",
    ]
).map(lambda piece: piece.encode("latin-1"))


@settings(max_examples=80, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(_PIECES | st.binary(max_size=5), max_size=30).map(b"".join))
def test_whatever_a_host_says_is_an_answer_or_an_error_of_ours(said: bytes) -> None:
    with Server(lambda _: [said, CLOSE]) as server, Session(allowing(server)) as session:
        try:
            answered = get(session, server.url)
        except EgressError as error:
            assert str(error).startswith((server.host, "URL", "127.0.0.1"))  # noqa: PT017 - it is one of two outcomes
        else:
            assert len(answered.body) <= 1000
