"""Redirects are followed by the same rules, three times, and leave the credential behind (attack A6)."""

from __future__ import annotations

import pytest

from aimcore.adapters.egress import Deadline, ProtocolError, Refused, Rules, Session, Unreachable
from tests.integration.egress.asking import allowing, get, named, resolving, told_by
from tests.integration.egress.server import Authority, Heard, Server, answer

CANARY = "Bearer canary-9c41"


def to(location: str, status: int = 307) -> bytes:
    return answer(status, b"elsewhere", location=location)


@pytest.mark.rule("SEC-4")
@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_three_redirects_are_followed_and_a_fourth_is_not(status: int) -> None:
    def script(heard: Heard) -> bytes:
        left = int(heard.target.strip("/"))
        return to(f"/{left - 1}", status) if left else answer(200, b"here")

    with Server(script) as server, Session(allowing(server)) as session:
        arrived = get(session, f"{server.url}/3")
        assert (arrived.body, arrived.url) == (b"here", f"{server.url}/0")
        assert server.connections == 1
        before = len(server.heard)
        with pytest.raises(ProtocolError, match="redirects more than 3 times"):
            get(session, f"{server.url}/4")
        assert len(server.heard) - before == 4


def test_a_redirect_keeps_the_method_and_the_headers_of_the_caller() -> None:
    def script(heard: Heard) -> bytes:
        return to("/x") if heard.target == "/" else answer(200)

    with Server(script) as server, Session(allowing(server)) as session:
        session.request("HEAD", server.url, headers={"Accept": "a/b"}, at_most=10, deadline=Deadline.after(2))
        assert [(heard.method, heard.headers["accept"]) for heard in server.heard] == [("HEAD", "a/b")] * 2


@pytest.mark.rule("SEC-1")
@pytest.mark.parametrize("kind", ["another-host", "another-port", "another-name-of-the-same-server"])
def test_a_credential_stays_with_its_origin_and_is_not_taken_up_again(kind: str) -> None:
    def home(heard: Heard) -> bytes:
        return to(away_url) if heard.target == "/start" else answer(200, b"home again")

    with Server(home) as server, Server(lambda _: to(named("a", server, "/end"))) as away:
        away_url = {
            "another-host": named("b", away, "/away"),
            "another-port": named("a", away, "/away"),
            "another-name-of-the-same-server": named("c", server, "/away"),
        }[kind]
        with Session(allowing(server, away), resolve=resolving()) as session:
            assert get(session, named("a", server, "/start"), authorization=CANARY).body == b"home again"
        assert server.heard[0].headers["authorization"] == CANARY
        assert all("authorization" not in heard.headers for heard in server.heard[1:])
        assert CANARY.encode() not in away.bytes_heard


@pytest.mark.rule("SEC-1")
def test_within_its_origin_a_redirect_takes_the_credential_along() -> None:
    def script(heard: Heard) -> bytes:
        return to(f"http://A.test:{server.port}/x") if heard.target == "/" else answer(200)

    with Server(script) as server, Session(allowing(server), resolve=resolving()) as session:
        get(session, named("a", server), authorization=CANARY)
        assert [heard.headers["authorization"] for heard in server.heard] == [CANARY] * 2


@pytest.mark.rule("SEC-3")
def test_a_redirect_from_tls_to_plain_http_is_refused_unless_a_setting_names_the_host(authority: Authority) -> None:
    certificate = authority.certificate("a.test")
    with (
        Server(lambda _: answer(200, b"plain")) as plain,
        Server(lambda _: to(named("b", plain)), certificate=certificate) as secure,
    ):
        strict = allowing(secure, ca_file=authority.file)
        with Session(strict, resolve=resolving()) as session, pytest.raises(Refused, match="without TLS"):
            get(session, named("a", secure), authorization=CANARY)
        assert plain.connections == 0
        lenient = allowing(secure, plain, ca_file=authority.file)
        with Session(lenient, resolve=resolving()) as session:
            assert get(session, named("a", secure), authorization=CANARY).body == b"plain"
        assert "authorization" not in plain.heard[0].headers


@pytest.mark.rule("SEC-3")
@pytest.mark.parametrize(
    "location",
    [
        "https://127.0.0.1/",
        "https://localhost/",
        "https://[::ffff:10.0.0.1]/",
        "https://169.254.169.254/latest/",
        "https://inside.test/",
        "https://2130706433/",
    ],
)
def test_a_redirect_to_a_near_or_private_address_is_refused(location: str, attempts: list[str]) -> None:
    with Server(lambda _: to(location)) as server:
        resolve = resolving(inside=["10.1.2.3"], a=["127.0.0.1"])
        lookup = {
            "127.0.0.1": ["127.0.0.1"],
            "::ffff:10.0.0.1": ["::ffff:10.0.0.1"],
            "169.254.169.254": ["169.254.169.254"],
        }
        with (
            Session(allowing(server), resolve=lambda host: lookup.get(host) or resolve(host)) as session,
            pytest.raises(Refused),
        ):
            get(session, named("a", server))
    assert attempts == ["127.0.0.1"]


@pytest.mark.rule("SEC-3")
def test_a_redirect_of_a_private_registry_within_itself_is_followed(attempts: list[str]) -> None:
    with Server(lambda _: to(f"http://a.test:{other}/")) as server:
        other = server.port
        with (
            Session(allowing(server), resolve=resolving()) as session,
            pytest.raises(ProtocolError, match="more than 3"),
        ):
            get(session, named("a", server))
    with Session(Rules(), resolve=resolving(a=["10.0.0.1"])) as session, pytest.raises(Unreachable):
        get(session, "https://a.test/", on_behalf_of="https://a.test/")
    assert attempts == ["127.0.0.1", "10.0.0.1"]


@pytest.mark.rule("SEC-3")
@pytest.mark.parametrize("location", ["file:///etc/passwd", "ftp://a.test/", "http://user:pass@a.test/", "//u@a.test/"])
def test_a_redirect_that_is_no_place_for_us_is_refused(location: str) -> None:
    with Server(lambda _: to(location)) as server, Session(allowing(server)) as session:
        with pytest.raises(Refused) as refusal:
            get(session, server.url, authorization=CANARY)
        assert len(server.heard) == 1
        assert "pass@" not in told_by(refusal.value)


@pytest.mark.parametrize("location", ["/\x01", "/ /x", "/\xe9", "http://[", "/\x7f"])
def test_a_redirect_that_is_no_url_is_a_protocol_error(location: str) -> None:
    with (
        Server(lambda _: to(location)) as server,
        Session(allowing(server)) as session,
        pytest.raises(ProtocolError, match="redirects to no URL"),
    ):
        get(session, server.url)


@pytest.mark.parametrize(("status", "location"), [(304, "/x"), (300, "/x"), (200, "/x"), (401, "/x"), (302, "")])
def test_what_is_no_redirect_is_an_answer(status: int, location: str) -> None:
    with Server(lambda _: answer(status, location=location)) as server, Session(allowing(server)) as session:
        assert get(session, server.url).status == status
        assert len(server.heard) == 1


def test_a_redirect_that_is_not_to_be_followed_is_an_answer() -> None:
    with Server(lambda _: to("/x")) as server, Session(allowing(server)) as session:
        assert get(session, server.url, follow=False).status == 307
        assert len(server.heard) == 1
