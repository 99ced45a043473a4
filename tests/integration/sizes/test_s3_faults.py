"""Whatever a store does, a probe ends with a size or with a cause, in bounded time and memory, and no key leaves (A29 to A34)."""

from __future__ import annotations

import logging
import subprocess
import sys
import tracemalloc
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from aimcore.adapters.egress import Rules, Session
from aimcore.adapters.s3.prober import S3Prober
from aimcore.domain.values.quantity import Quantity
from aimcore.domain.weights.probing import ProbeCause, ProbeFailed, Sized
from aimcore.domain.weights.sources import S3Uri
from tests.integration.egress.server import RESET, Authority, Heard, Server, Steps, answer, chunked
from tests.integration.sizes.s3_answers import LLAMA, PLANTED, error, leaks, listing, refused, stage

Reply = Steps | Callable[[Heard], Steps]

FILE = ("models/llama/a.bin", 7)
FINE = answer(200, listing(FILE))
SIZED = Sized(size=Quantity.of(7), files=1)
ID, TOKEN = PLANTED["AWS_ACCESS_KEY_ID"], PLANTED["AWS_SESSION_TOKEN"]
BOMB = b'<!DOCTYPE b [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;">]>'


def echo(heard: Heard) -> bytes:
    """The store sends back what it was shown, wherever it can."""
    shown = heard.headers["authorization"] + heard.headers["x-amz-security-token"]
    return error(403, "SignatureDoesNotMatch", f"<StringToSign>{shown}</StringToSign><Region>{ID}</Region>")


FAULTS = [
    pytest.param(answer(401), ProbeCause.UNAUTHORIZED, "keys", 1, id="401"),
    pytest.param(error(403, "AccessDenied"), ProbeCause.ACCESS_DENIED, "s3:ListBucket", 2, id="denied"),
    pytest.param(error(403, "AllAccessDisabled"), ProbeCause.ACCESS_DENIED, "denies", 2, id="a 403 of another code"),
    pytest.param(error(403, "InvalidAccessKeyId"), ProbeCause.UNAUTHORIZED, "does not accept", 1, id="unknown key"),
    pytest.param(echo, ProbeCause.UNAUTHORIZED, "does not accept", 1, id="A34: wrong signature, with an echo"),
    pytest.param(error(400, "ExpiredToken"), ProbeCause.UNAUTHORIZED, "over", 1, id="expired token"),
    pytest.param(error(403, "RequestTimeTooSkewed"), ProbeCause.UNAUTHORIZED, "clock", 1, id="clock"),
    pytest.param(error(404, "NoSuchBucket"), ProbeCause.NOT_FOUND, "no such bucket", 1, id="no such bucket"),
    pytest.param(answer(404, b"<html>"), ProbeCause.NOT_FOUND, "answers 404", 1, id="404 of another server"),
    pytest.param(
        error(301, "PermanentRedirect", x_amz_bucket_region="eu-west-1"), ProbeCause.MOVED, "eu-west-1", 1, id="region"
    ),
    pytest.param(
        error(400, "AuthorizationHeaderMalformed", "<Region>ap-south-1</Region>"),
        ProbeCause.MOVED,
        "AWS_REGION",
        1,
        id="signed for another region",
    ),
    *(
        pytest.param(
            error(400, "AuthorizationHeaderMalformed", f"<Region>{region}</Region>"),
            ProbeCause.MOVED,
            f"has the bucket in region {region}; set AWS_REGION to it",
            1,
            id=f"signed for another region, {region}",
        )
        for region in ("NL", "GRA", "fr-par", "RegionOne", "us")
    ),
    pytest.param(
        answer(
            400,
            b"<Error><Code>AuthorizationHeaderMalformed</Code><Message>The authorization header is malformed; "
            b"the region 'us-east-1' is wrong; expecting 'eu-2'</Message></Error>",
        ),
        ProbeCause.MOVED,
        "region eu-2; set AWS_REGION",
        1,
        id="a region in words alone",
    ),
    *(
        pytest.param(
            error(status, code, "<Region>NL</Region>"),
            ProbeCause.MOVED,
            "region NL; set AWS_REGION",
            1,
            id=f"NL, {code}",
        )
        for status, code in ((403, "SignatureDoesNotMatch"), (400, "InvalidRegion"), (400, "IncorrectEndpoint"))
    ),
    pytest.param(
        answer(400, x_amz_bucket_region="NL"),
        ProbeCause.MOVED,
        "region NL; set AWS_REGION",
        1,
        id="NL in a header alone",
    ),
    pytest.param(
        error(400, "InvalidRegionName", "<Message>must be one of: wnam, enam, auto</Message>"),
        ProbeCause.MOVED,
        "does not know the region that was asked for; set AWS_REGION to one of its own",
        1,
        id="a region it does not have",
    ),
    pytest.param(
        error(400, "AuthorizationHeaderMalformed"),
        ProbeCause.UNAUTHORIZED,
        "AWS_SESSION_TOKEN, and AWS_REGION",
        1,
        id="another region, perhaps",
    ),
    pytest.param(
        error(403, "SignatureDoesNotMatch", "<Region>us-east-1</Region>"),
        ProbeCause.UNAUTHORIZED,
        "does not accept",
        1,
        id="the region it was signed for",
    ),
    pytest.param(
        error(400, "AuthorizationHeaderMalformed", "<Region>c4n4ry-0f-the-s3cret</Region>"),
        ProbeCause.UNAUTHORIZED,
        "does not accept",
        1,
        id="A34: a region that is a part of the key",
    ),
    pytest.param(
        error(403, "SecondLevelDomainForbidden"), ProbeCause.MOVED, "to a host name, not an address", 1, id="no paths"
    ),
    pytest.param(
        answer(301, location="https://store.example/weights"),
        ProbeCause.MOVED,
        "sends on to https://store.example, and is not followed; set AWS_ENDPOINT_URL to it",
        1,
        id="another host",
    ),
    pytest.param(
        lambda _: error(307, "TemporaryRedirect", x_amz_bucket_region=ID.lower()),
        ProbeCause.MOVED,
        "elsewhere",
        1,
        id="A34: what is no region",
    ),
    pytest.param(error(503, "SlowDown", retry_after="0"), ProbeCause.RATE_LIMITED, "left alone", 4, id="slow down"),
    pytest.param(answer(429, retry_after="600"), ProbeCause.RATE_LIMITED, "left alone", 1, id="429 for long"),
    pytest.param(answer(500, retry_after="0"), ProbeCause.UNREACHABLE, "answers 500", 4, id="500"),
    pytest.param((RESET,), ProbeCause.UNREACHABLE, "broke", 1, id="reset"),
    pytest.param(answer(418), ProbeCause.MALFORMED, "answers 418", 1, id="a status of no meaning"),
    pytest.param(answer(200, b"<html></html>"), ProbeCause.MALFORMED, "no listing", 1, id="another document"),
    pytest.param(answer(200, listing(FILE)[:-9]), ProbeCause.MALFORMED, "no XML", 1, id="XML cut short"),
    pytest.param(answer(200, BOMB + listing(FILE)), ProbeCause.MALFORMED, "not read", 1, id="entities"),
    pytest.param(
        answer(200, (BOMB + listing(FILE)).decode().encode("utf-16")), ProbeCause.MALFORMED, "not read", 1, id="UTF-16"
    ),
    pytest.param(
        answer(200, b'<?xml version="1.0" encoding="utf-7"?>+ADwAIQ-DOCTYPE b+AD4-'),
        ProbeCause.MALFORMED,
        "no XML",
        1,
        id="UTF-7",
    ),
    pytest.param(answer(200, b"<a>" * 200_000), ProbeCause.MALFORMED, "not read", 1, id="tags without end"),
    pytest.param(answer(200, listing((FILE[0], -1))), ProbeCause.MALFORMED, "size", 1, id="negative size"),
    pytest.param(answer(200, listing((FILE[0], "9" * 5000))), ProbeCause.MALFORMED, "size", 1, id="endless size"),
    pytest.param(answer(200, listing(("other/a", 1))), ProbeCause.MALFORMED, "not asked for", 1, id="foreign keys"),
    pytest.param(answer(200, listing(FILE, following="")), ProbeCause.MALFORMED, "goes on", 1, id="no way on"),
    pytest.param(answer(200, listing(FILE, following="a")), ProbeCause.MALFORMED, "again", 2, id="one page for ever"),
    pytest.param(answer(200, content_length="9" * 9), ProbeCause.TOO_LARGE, "at most", 1, id="page too large"),
    pytest.param(chunked(*[b"x" * 65536] * 80), ProbeCause.TOO_LARGE, "more than", 1, id="page without end"),
    pytest.param(answer(200, FILE[0].encode(), content_encoding="gzip"), ProbeCause.MALFORMED, "", 1, id="gzip"),
]


@pytest.mark.rule("SIZE-2")
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
    assert leaks(message, repr(found), caplog.text) == []


@pytest.mark.parametrize(
    ("replies", "asks"),
    [
        pytest.param([error(503, "SlowDown", retry_after="0"), FINE], 2, id="slow down once"),
        pytest.param([answer(502, retry_after="0"), answer(429, retry_after="0"), FINE], 3, id="two put off"),
        pytest.param(
            [answer(200, listing(following="a")), answer(500, retry_after="0"), FINE], 3, id="within a listing"
        ),
        pytest.param([error(403, "AccessDenied"), answer(200, b"weights")], 2, id="the object, but no listing"),
    ],
)
def test_what_passes_is_borne(replies: list[Reply], asks: int) -> None:
    with stage(*replies) as here:
        assert here.probe() == SIZED
        assert len(here.server.heard) == asks


@pytest.mark.rule("SIZE-1")
@pytest.mark.parametrize("size", ["", "-1", "seven", "9" * 19])
def test_a_key_without_a_size_costs_that_key_and_is_told(size: str) -> None:
    with stage(answer(200, listing(FILE, ("models/llama/b.bin", size)))) as here:
        assert here.probe() == Sized(size=Quantity.of(7), files=1, uncounted=1)


@pytest.mark.rule("SIZE-1")
@pytest.mark.parametrize("region", ["NL", "GRA", "RegionOne", "us", "eu-central-1", "x" * 63])
@pytest.mark.parametrize("name", ["AWS_REGION", "AWS_DEFAULT_REGION"])
def test_a_store_calls_its_region_what_it_likes(name: str, region: str) -> None:
    with stage(FINE) as here:
        assert here.probe(**{name: region}) == SIZED
        assert f"/{region}/s3/aws4_request" in here.server.heard[0].headers["authorization"]


@pytest.mark.rule("SIZE-1")
@pytest.mark.parametrize("name", ["AWS_REGION", "AWS_DEFAULT_REGION"])
@pytest.mark.parametrize("region", ["a.b", "a/b", "-a", "a-", "a b", "x" * 64])
def test_a_region_that_is_none_is_named_by_its_variable(name: str, region: str) -> None:
    with stage(FINE) as here:
        assert f"{name} is the name of no region" in refused(here.probe(**{name: region}), ProbeCause.MALFORMED)


@pytest.mark.rule("SIZE-1")
@pytest.mark.parametrize(
    ("source", "path"),
    [
        pytest.param(S3Uri(bucket="team_models", key="a"), "/team_models?list-type=2&prefix=a%2F&", id="underscore"),
        pytest.param(S3Uri(bucket="Weights", key="a"), "/Weights?list-type=2&prefix=a%2F&", id="capitals"),
        pytest.param(
            S3Uri(bucket="weights", key="Llama 3/b"), "/weights?list-type=2&prefix=Llama%203%2Fb%2F&", id="space"
        ),
        pytest.param(S3Uri(bucket="weights", key="a//"), "/weights?list-type=2&prefix=a%2F%2F&", id="two slashes"),
        pytest.param(S3Uri(bucket="weights", key="/a"), "/weights?list-type=2&prefix=%2Fa%2F&", id="a slash first"),
    ],
)
def test_a_bucket_and_a_key_are_asked_for_as_they_are_named(source: S3Uri, path: str) -> None:
    with stage(lambda heard: answer(404) if heard.method == "HEAD" else answer(200, listing())) as here:
        found = here.probe(source)
        assert here.server.heard[0].target.startswith(path)
        assert isinstance(found, ProbeFailed)
        prefix = source.key if source.key.endswith("/") else f"{source.key}/"
        assert f"has no files under '{prefix}'" in found.message


STORE = "oss.example"
VIRTUAL_ONLY = [
    pytest.param(error(403, "SecondLevelDomainForbidden"), id="as Alibaba says it"),
    pytest.param(error(400, "PathStyleDomainForbidden"), id="as Tencent says it"),
    pytest.param(error(301, "PermanentRedirect", f"<Endpoint>weights.{STORE}</Endpoint>"), id="as AWS says it"),
]


@pytest.mark.rule("SIZE-1", "SEC-1")
@pytest.mark.parametrize("refusal", VIRTUAL_ONLY)
def test_a_store_that_wants_a_host_for_each_bucket_is_asked_there(refusal: bytes) -> None:
    def script(heard: Heard) -> bytes:
        virtual = heard.headers["host"].startswith(f"weights.{STORE}:") and heard.target.startswith("/?")
        return FINE if virtual else refusal

    with Server(script) as server:
        names = {STORE, f"weights.{STORE}"}
        rules = Rules(plain_http=frozenset(f"{name}:{server.port}" for name in names))
        with Session(rules, resolve=lambda host: ["127.0.0.1"] if host in names else []) as session:
            environment = {**PLANTED, "AWS_ENDPOINT_URL": f"http://{STORE}:{server.port}"}
            assert S3Prober(session).probe(LLAMA, environment) == SIZED
        assert len(server.heard) == 2


@pytest.mark.rule("SEC-1", "SEC-3")
def test_no_other_host_is_asked_for_a_bucket() -> None:
    with Server(lambda _: error(301, "PermanentRedirect", "<Endpoint>weights.evil.example</Endpoint>")) as server:
        rules = Rules(plain_http=frozenset({f"{STORE}:{server.port}"}))
        with Session(rules, resolve=lambda _: ["127.0.0.1"]) as session:
            environment = {**PLANTED, "AWS_ENDPOINT_URL": f"http://{STORE}:{server.port}"}
            found = S3Prober(session).probe(LLAMA, environment)
        assert "sends elsewhere for the bucket" in refused(found, ProbeCause.MOVED)
        assert len(server.heard) == 1


@pytest.mark.rule("SIZE-2")
@pytest.mark.parametrize("contents", [[], [("models/llama/", 0)]], ids=["nothing", "what marks the folder"])
def test_an_empty_folder_is_no_source(contents: list[tuple[str, object]]) -> None:
    with stage(lambda heard: answer(404) if heard.method == "HEAD" else answer(200, listing(*contents))) as here:
        assert "no files under 'models/llama/'" in refused(here.probe(), ProbeCause.NOT_A_SOURCE)


def test_silence_ends_with_the_time_allowed() -> None:
    with stage([10.0]) as here:
        here.session.seconds = 0.3
        assert "within" in refused(here.probe(), ProbeCause.UNREACHABLE)


def test_a_host_that_refuses_is_not_reached() -> None:
    with stage(FINE) as here:
        endpoint = here.server.host
    with Session(Rules(plain_http=frozenset({endpoint}))) as session:  # nobody listens there any more
        found = S3Prober(session).probe(LLAMA, {"AWS_ENDPOINT_URL": f"http://{endpoint}"})
    assert "refuses connections" in refused(found, ProbeCause.UNREACHABLE)


@pytest.mark.rule("SEC-1")
def test_a_redirect_is_not_followed() -> None:
    with Server() as away, stage(lambda heard: answer(307, location=f"{away.url}{heard.target}")) as here:
        refused(here.probe(), ProbeCause.MOVED)
        assert away.connections == 0


@pytest.mark.rule("SEC-3")
@pytest.mark.parametrize(
    "endpoint",
    [
        "http://169.254.169.254",
        "https://[::ffff:169.254.169.254]",
        "https://2852039166",
        "https://localhost",
        "http://store.example",
    ],
    ids=lambda endpoint: f"A30: {endpoint}",
)
def test_an_endpoint_of_a_tenant_is_held_to_the_rules(endpoint: str) -> None:
    with stage(FINE) as here:
        refused(here.probe(AWS_ENDPOINT_URL=endpoint), ProbeCause.UNTRUSTED)


@pytest.mark.parametrize(
    ("environment", "cause"),
    [
        pytest.param({"AWS_ENDPOINT_URL": "c4n4ry-e"}, ProbeCause.MALFORMED, id="no URL"),
        pytest.param({"AWS_ENDPOINT_URL": "http://c4n4ry-e@host"}, ProbeCause.MALFORMED, id="a user in it"),
        pytest.param({"AWS_ENDPOINT_URL": "http://host/?c4n4ry-e"}, ProbeCause.MALFORMED, id="a query in it"),
        pytest.param({"AWS_REGION": "x.c4n4ry-e/#"}, ProbeCause.MALFORMED, id="A30: a region that is a host"),
        pytest.param({"AWS_SECRET_ACCESS_KEY": ""}, ProbeCause.UNAUTHORIZED, id="half of the keys"),
        pytest.param(
            {"AWS_ACCESS_KEY_ID": "", "AWS_SECRET_ACCESS_KEY": ""}, ProbeCause.UNAUTHORIZED, id="a token alone"
        ),
        pytest.param({"AWS_SESSION_TOKEN": "c4n4ry-e\r\nx: y"}, ProbeCause.UNAUTHORIZED, id="A34: a line break"),
    ],
)
def test_what_the_environment_says_wrongly_is_named_and_not_shown(
    environment: dict[str, str], cause: ProbeCause
) -> None:
    with stage(FINE) as here:
        message = refused(here.probe(**environment), cause)
        assert "AWS_" in message
        assert leaks(message, planted={**PLANTED, "endpoint": "c4n4ry-e"}) == []
        assert here.server.connections == 0


@pytest.mark.parametrize(
    "source",
    [
        pytest.param(S3Uri(bucket="weights", key="\u4e2d" * 400), id="A29: a key longer than any"),
        pytest.param(S3Uri(bucket="weights--use1-az4--x-s3", key="models"), id="A29: a bucket that becomes a host"),
        pytest.param(S3Uri(bucket="weights", key="\ud800" * 400), id="A29: halves of characters"),
    ],
)
def test_what_no_store_is_asked_for_is_no_source(source: S3Uri) -> None:
    with stage(FINE) as here:
        found = here.probe(source)
        assert isinstance(found, ProbeFailed)
        assert found.cause is ProbeCause.NOT_A_SOURCE
        assert here.server.connections == 0


def test_several_ask_at_once() -> None:
    with stage(FINE) as here, ThreadPoolExecutor(8) as pool:
        regions = [{"AWS_REGION": f"region-{number % 20}"} for number in range(40)]  # more than clients are kept
        assert list(pool.map(lambda region: here.probe(**region), regions)) == [SIZED] * 40


def test_bad_tls_is_not_trusted(tmp_path: Path) -> None:
    """A33."""
    with stage(FINE, certificate=Authority(tmp_path).self_signed("127.0.0.1")) as here:
        refused(here.probe(), ProbeCause.UNTRUSTED)
        assert bytes(here.server.bytes_heard) == b""


def test_the_secret_itself_is_sent_to_nobody() -> None:
    with stage(FINE) as here:
        assert here.probe() == SIZED
        heard = bytes(here.server.bytes_heard)
    assert leaks(heard) == ["AWS_ACCESS_KEY_ID", "AWS_SESSION_TOKEN"]  # which is how a request is signed
    assert b"user-agent: aimcore\r\n" in heard.lower()  # of egress, and so of nobody else


AMBIENT = f"""
import os, sys
seen = []
def hook(event, arguments):
    if event == "socket.connect":
        seen.append(str(arguments[1]))
    elif event == "open" and ".aws" in str(arguments[0]):
        seen.append(str(arguments[0]))
sys.addaudithook(hook)
from aimcore.adapters.egress import Rules, Session
from aimcore.adapters.s3.prober import S3Prober
from aimcore.domain.weights.sources import S3Uri
assert "boto3" not in sys.modules and "botocore" not in sys.modules
endpoint = sys.argv[1]
prober = S3Prober(Session(Rules(plain_http=frozenset({{endpoint.partition("//")[2]}}))))
print(prober.probe(S3Uri(bucket={LLAMA.bucket!r}, key={LLAMA.key!r}), {{"AWS_ENDPOINT_URL": endpoint}}).files, seen)
"""


@pytest.mark.rule("SEC-2")
def test_nothing_of_the_surroundings_is_used(tmp_path: Path) -> None:
    """A31, A32: keys, profiles, endpoints, proxies and authorities stand in the environment and the home of the process."""
    (tmp_path / ".aws").mkdir()
    for name in ("config", "credentials"):
        (tmp_path / ".aws" / name).write_text(
            "[default]\naws_access_key_id = AKIA\naws_secret_access_key = x\nregion = q\n"
        )
    elsewhere = "http://127.0.0.1:9"
    names = ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_S3")
    urls = ("AWS_CONTAINER_CREDENTIALS_FULL_URI", "AWS_EC2_METADATA_SERVICE_ENDPOINT")
    ambient = {
        **PLANTED,
        **dict.fromkeys((*names, *urls), elsewhere),
        "AWS_PROFILE": "missing",
        "AWS_CA_BUNDLE": "/none",
        "AWS_DATA_PATH": str(tmp_path),
        "AWS_DEFAULTS_MODE": "auto",
        "AWS_USE_FIPS_ENDPOINT": "true",
        "HOME": str(tmp_path),
    }
    with stage(FINE) as here:
        command = [sys.executable, "-c", AMBIENT, here.server.url]
        ran = subprocess.run(command, env=ambient, capture_output=True, text=True, check=False)
        assert ran.stdout.strip() == f"1 [\"('127.0.0.1', {here.server.port})\"]", ran.stderr
        assert "authorization" not in here.server.heard[0].headers
        assert leaks(bytes(here.server.bytes_heard)) == []


# --- many keys -------------------------------------------------------------------------------------------------------


def pages(number: int) -> Callable[[Heard], bytes]:
    """So many pages of a thousand keys, each of a byte."""
    body = listing(*((f"models/llama/{at:04}", 1) for at in range(1000)), following="TOKEN")
    left = iter(range(number - 1, -1, -1))

    def page(_: Heard) -> bytes:
        at = next(left)
        return answer(200, body.replace(b"TOKEN", b"%d" % at) if at else body.replace(b"true", b"false"))

    return page


def test_a_million_keys_are_added_up() -> None:
    with stage(pages(1000)) as here:
        assert here.probe() == Sized(size=Quantity.of(1_000_000), files=1_000_000)


def test_memory_does_not_grow_with_the_pages() -> None:
    peaks = []
    for number in (5, 25):
        with stage(pages(number)) as here:
            here.probe(LLAMA)
            tracemalloc.start()
            here.replies = [pages(number)]
            here.probe(LLAMA)
            peaks.append(tracemalloc.get_traced_memory()[1])
            tracemalloc.stop()
    assert peaks[1] < peaks[0] * 1.3 < 8 * 1024 * 1024


def test_more_pages_than_are_read_are_too_many(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("aimcore.adapters.s3.prober._PAGES_AT_MOST", 3)
    with stage(pages(9)) as here:
        assert "more than 3 pages" in refused(here.probe(), ProbeCause.TOO_LARGE)
        assert len(here.server.heard) == 3
