"""Whatever a hub does, a probe ends with a size or with a cause, in bounded time and memory, and no token leaves (A29 to A34)."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from aimcore.adapters.egress import Rules, Session
from aimcore.adapters.huggingface.prober import HubProber
from aimcore.domain.values.quantity import Quantity
from aimcore.domain.weights.probing import ProbeAnswer, ProbeCause, ProbeFailed, Sized
from aimcore.domain.weights.sources import HuggingFaceUri
from tests.integration.egress.server import RESET, Certificate, Heard, Server, Steps, answer, chunked
from tests.integration.registry_faults.hostile import HastySession
from tests.integration.sizes.s3_answers import leaks

Reply = Steps | Callable[[Heard], Steps]

TOKEN = "hf_c4n4ry0fTheT0ken"  # noqa: S105 - planted
PLANTED = {"HF_TOKEN": TOKEN}
LLAMA = HuggingFaceUri(repository="acme/llama", revision="main")
FINE = answer(200, b'{"siblings": [{"rfilename": "a", "size": 7}]}')
SIZED = Sized(size=Quantity.of(7), files=1)


@dataclass(kw_only=True)
class Stage:
    server: Server
    session: HastySession

    def probe(self, **environment: str) -> ProbeAnswer:
        asked = {"HF_ENDPOINT": self.server.url, "HF_TOKEN": TOKEN, **environment}
        return HubProber(self.session).probe(LLAMA, asked)


@contextmanager
def stage(*replies: Reply, certificate: Certificate | None = None) -> Iterator[Stage]:
    """A hub that answers these in turn, the last one for ever."""
    left = list(replies)

    def script(heard: Heard) -> Steps:
        reply = left.pop(0) if len(left) > 1 else left[0]
        return reply(heard) if callable(reply) else reply

    with (
        Server(script, certificate=certificate) as server,
        HastySession(Rules(plain_http=frozenset({server.host}))) as session,
    ):
        yield Stage(server=server, session=session)


def refused(found: ProbeAnswer, cause: ProbeCause) -> str:
    """The message of a failure of this cause, if it is one short line for a terminal that names the source."""
    assert isinstance(found, ProbeFailed), found
    assert found.cause is cause, found
    assert found.message.isascii()
    assert found.message.isprintable()
    assert found.message.startswith("source 'hf://acme/llama@main': ")
    assert len(found.message) < 300
    return found.message


def echo(heard: Heard) -> bytes:
    """The hub sends back what it was shown, wherever it can."""
    shown = heard.headers["authorization"]
    return answer(403, shown.encode(), x_error_code=shown, x_error_message=shown, location=shown)


def renamed(heard: Heard) -> bytes:
    return answer(307, location=f"/api/models/acme/{heard.headers['authorization'].split()[-1]}")


FAULTS = [
    pytest.param(answer(401), ProbeCause.NOT_FOUND, "this token may see", 1, id="401"),
    pytest.param(answer(403), ProbeCause.ACCESS_DENIED, "denies", 1, id="403"),
    pytest.param(echo, ProbeCause.ACCESS_DENIED, "denies", 1, id="A34: an echo"),
    pytest.param(renamed, ProbeCause.MOVED, "elsewhere", 1, id="A34: a name that is the token"),
    pytest.param(answer(404, b"<html>"), ProbeCause.NOT_FOUND, "answers 404", 1, id="404 of another server"),
    pytest.param(answer(302, location="/login"), ProbeCause.MOVED, "elsewhere", 1, id="a page to log in"),
    pytest.param(answer(307), ProbeCause.MOVED, "elsewhere", 1, id="a redirect to nowhere"),
    pytest.param(answer(429, retry_after="0"), ProbeCause.RATE_LIMITED, "left alone", 4, id="429"),
    pytest.param(answer(429, retry_after="600"), ProbeCause.RATE_LIMITED, "left alone", 1, id="429 for long"),
    pytest.param(answer(500, retry_after="0"), ProbeCause.UNREACHABLE, "answers 500", 4, id="500"),
    pytest.param((RESET,), ProbeCause.UNREACHABLE, "broke", 1, id="reset"),
    pytest.param(answer(418), ProbeCause.MALFORMED, "answers 418", 1, id="a status of no meaning"),
    pytest.param(answer(200, b"<html></html>"), ProbeCause.MALFORMED, "no JSON", 1, id="another document"),
    pytest.param(answer(200, FINE[-20:]), ProbeCause.MALFORMED, "no JSON", 1, id="cut short"),
    pytest.param(answer(200, b"[1]"), ProbeCause.MALFORMED, "no JSON object", 1, id="a list"),
    pytest.param(answer(200, b"{}"), ProbeCause.MALFORMED, "no repository", 1, id="another object"),
    pytest.param(answer(200, b'{"siblings": []}'), ProbeCause.NOT_A_SOURCE, "no files", 1, id="no files"),
    pytest.param(answer(200, b"[" * 200_000), ProbeCause.MALFORMED, "no JSON", 1, id="without end"),
    pytest.param(answer(200, b'{"siblings": [%s]}' % (b"9" * 5000)), ProbeCause.MALFORMED, "", 1, id="endless number"),
    *(
        pytest.param(
            answer(200, b'{"siblings": [{"rfilename": "a", "size": %s}]}' % size),
            ProbeCause.MALFORMED,
            "without a size",
            1,
            id=f"size {size.decode()}",
        )
        for size in (b"-1", b"null", b"true", b"1.5", b'"7"', b"1e400", b"10000000000000000000")
    ),
    pytest.param(answer(200, content_length="9" * 9), ProbeCause.TOO_LARGE, "at most", 1, id="too large"),
    pytest.param(chunked(*[b"x" * 65536] * 300), ProbeCause.TOO_LARGE, "more than", 1, id="without an end"),
    pytest.param(answer(200, b"x", content_encoding="gzip"), ProbeCause.MALFORMED, "", 1, id="gzip"),
]


@pytest.mark.rule("SIZE-2", "SEC-1", "SEC-4")
@pytest.mark.parametrize(("reply", "cause", "says", "asks"), FAULTS)
def test_each_fault_is_told_apart(
    reply: Reply, cause: ProbeCause, says: str, asks: int, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    with stage(reply) as here:
        found = here.probe()
        message = refused(found, cause)
        assert says in message
        assert here.server.host in message
        assert len(here.server.heard) == asks
    assert leaks(message, repr(found), caplog.text, planted=PLANTED) == []


@pytest.mark.rule("SIZE-1")
@pytest.mark.parametrize(
    "bad",
    [
        pytest.param(b'{"rfilename": "b"}', id="no size"),
        pytest.param(b'{"rfilename": "b", "size": null}', id="null"),
        pytest.param(b'{"rfilename": "b", "size": "7"}', id="a text"),
        pytest.param(b'{"rfilename": "b", "size": -1}', id="less than nothing"),
        pytest.param(b'{"rfilename": "b", "size": true, "lfs": {"size": false}}', id="booleans"),
        pytest.param(b'"b"', id="no file"),
    ],
)
def test_a_file_without_a_size_costs_that_file_and_is_told(bad: bytes) -> None:
    with stage(answer(200, b'{"siblings": [{"rfilename": "a", "size": 7}, %s]}' % bad)) as here:
        found = here.probe()
    assert found == Sized(size=Quantity.of(7), files=1, uncounted=1)
    assert found.missing == "1 of 2 files has no size in the listing and is not counted"


@pytest.mark.rule("SIZE-1")
def test_a_size_may_be_told_of_what_is_stored() -> None:
    with stage(answer(200, b'{"siblings": [{"rfilename": "a", "size": null, "lfs": {"size": 7}}]}')) as here:
        assert here.probe() == SIZED


def test_what_passes_is_borne() -> None:
    with stage(answer(502, retry_after="0"), answer(429, retry_after="0"), FINE) as here:
        assert here.probe() == SIZED
        assert [heard.headers["authorization"] for heard in here.server.heard] == [f"Bearer {TOKEN}"] * 3


def test_silence_ends_with_the_time_allowed() -> None:
    with stage([10.0]) as here:
        here.session.seconds = 0.3
        assert "within" in refused(here.probe(), ProbeCause.UNREACHABLE)


@pytest.mark.rule("SEC-1")
def test_a_redirect_is_not_followed() -> None:
    with Server() as away, stage(lambda heard: answer(307, location=f"{away.url}{heard.target}")) as here:
        message = refused(here.probe(), ProbeCause.MOVED)
        assert f"sends on to {away.url}, and is not followed; set HF_ENDPOINT to it" in message
        assert away.connections == 0


@pytest.mark.rule("SIZE-2", "SEC-1")
@pytest.mark.parametrize(
    ("location", "says"),
    [
        pytest.param("https://mirror.example{target}", "sends on to https://mirror.example,", id="another host"),
        pytest.param("https://mirror.example/api/models/acme/new", "set HF_ENDPOINT to it", id="and another name"),
        pytest.param("https://{host}{target}", "sends on to https://127.0.0.1:", id="the same host, by TLS"),
        pytest.param("//mirror.example{target}", "sends on to http://mirror.example,", id="no scheme"),
        pytest.param("https://x{token}.example/", "sends on to another host,", id="A34: a host made of the token"),
        pytest.param("{url}/api/models/acme/new", "under the name acme/new; use it", id="the same host, another name"),
        pytest.param("/api/models/acme/llama-2/revision/main", "under the name acme/llama-2", id="a longer name"),
        pytest.param("/api/models/Acme/Llama/revision/main", "under the name Acme/Llama", id="capitals"),
        pytest.param("{target}", "sends elsewhere", id="to itself"),
        pytest.param("https://user@mirror.example/", "sends elsewhere", id="a user in it"),
    ],
)
def test_where_a_hub_sends_on_to_is_judged_by_its_host(location: str, says: str) -> None:
    def script(heard: Heard) -> bytes:
        host = heard.headers["host"]
        token = TOKEN.replace("_", "-")
        filled = location.format(target=heard.target, host=host, url=f"http://{host}", token=token)
        return answer(308, location=filled)

    with stage(script) as here:
        message = refused(here.probe(), ProbeCause.MOVED)
    assert says in message
    assert TOKEN[3:].lower() not in message.lower()


@pytest.mark.rule("SEC-3")
@pytest.mark.parametrize(
    "endpoint",
    [
        "http://169.254.169.254",
        "https://[::ffff:169.254.169.254]",
        "https://2852039166",
        "https://localhost",
        "http://hub.example",
    ],
    ids=lambda endpoint: f"A30: {endpoint}",
)
def test_an_endpoint_of_a_tenant_is_held_to_the_rules(endpoint: str) -> None:
    with stage(FINE) as here:
        refused(here.probe(HF_ENDPOINT=endpoint), ProbeCause.UNTRUSTED)


@pytest.mark.parametrize(
    ("environment", "cause"),
    [
        pytest.param({"HF_ENDPOINT": "c4n4ry-e"}, ProbeCause.MALFORMED, id="no URL"),
        pytest.param({"HF_ENDPOINT": "http://c4n4ry-e@host"}, ProbeCause.MALFORMED, id="a user in it"),
        pytest.param({"HF_ENDPOINT": "http://host/?c4n4ry-e"}, ProbeCause.MALFORMED, id="a query in it"),
        pytest.param({"HF_TOKEN": "c4n4ry-e\r\nx: y"}, ProbeCause.UNAUTHORIZED, id="A34: a line break"),
        pytest.param({"HF_TOKEN": "c4n4ry-e\n"}, ProbeCause.UNAUTHORIZED, id="a line break at the end"),
    ],
)
def test_what_the_environment_says_wrongly_is_named_and_not_shown(
    environment: dict[str, str], cause: ProbeCause
) -> None:
    with stage(FINE) as here:
        message = refused(here.probe(**environment), cause)
        assert next(iter(environment)) in message
        assert leaks(message, planted={**PLANTED, "given": "c4n4ry-e"}) == []
        assert here.server.connections == 0


@pytest.mark.rule("SEC-2")
def test_nothing_around_it_is_used(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A31, A32: neither a token of the user, nor a proxy, nor a netrc, nor an endpoint."""
    (tmp_path / "token").write_text(TOKEN)
    (tmp_path / ".netrc").write_text(f"machine 127.0.0.1 login x password {TOKEN}\n")
    with Server() as proxy, stage(FINE) as here:
        for name, value in (
            *(("HF_TOKEN", TOKEN), ("HUGGING_FACE_HUB_TOKEN", TOKEN), ("HF_ENDPOINT", proxy.url)),
            *(
                ("HTTP_PROXY", proxy.url),
                ("http_proxy", proxy.url),
                ("HOME", str(tmp_path)),
                ("HF_HOME", str(tmp_path)),
            ),
        ):
            monkeypatch.setenv(name, value)
        assert here.probe(HF_TOKEN="") == SIZED
        assert "authorization" not in here.server.heard[0].headers
        assert leaks(bytes(here.server.bytes_heard), planted=PLANTED) == []
        assert proxy.connections == 0


def test_a_host_that_refuses_is_not_reached() -> None:
    with stage(FINE) as here:
        endpoint = here.server.url
    with Session(Rules(plain_http=frozenset({endpoint.removeprefix("http://")}))) as session:
        found = HubProber(session).probe(LLAMA, {"HF_ENDPOINT": endpoint})
    assert "refuses connections" in refused(found, ProbeCause.UNREACHABLE)
