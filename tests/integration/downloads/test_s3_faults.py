"""What stores do between listing and reading, said byte by byte by a server of ours."""

from __future__ import annotations

import base64
import hashlib
import time
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.integration.downloads.running import Ended, download
from tests.integration.egress.server import CLOSE, Heard, Server, Steps, answer

DATA = b"weights of a model"
ETAG = hashlib.md5(DATA, usedforsecurity=False).hexdigest()
Script = Callable[[Heard], Steps]


def listing(etag: str = ETAG, size: int = len(DATA)) -> bytes:
    entry = f"<Contents><Key>m/a.txt</Key><Size>{size}</Size><ETag>&quot;{etag}&quot;</ETag></Contents>"
    text = f"<ListBucketResult><IsTruncated>false</IsTruncated>{entry}</ListBucketResult>"
    return answer(200, text.encode(), content_type="application/xml")


def script(get: Script, head: Script = lambda _: answer(404), *, listed: bytes | None = None) -> Script:
    def answered(heard: Heard) -> Steps:
        if "list-type" in heard.target:
            return listed or listing()
        return head(heard) if heard.method == "HEAD" else get(heard)

    return answered


def fetched(server: Server, tmp_path: Path, *more: str) -> Ended:
    where = ("--to", str(tmp_path / "w"), "--endpoint", server.url)
    return download("s3://weights/m", *where, *more, log=tmp_path / "log")


def of(data: bytes, **headers: str) -> Script:
    return lambda _: answer(200, data, etag=f'"{ETAG}"', **headers)


def headed(etag: str = ETAG, **headers: str) -> Script:
    return lambda _: answer(200, b"", content_length=str(len(DATA)), etag=f'"{etag}"', **headers)


WRONG = bytes(len(DATA))


@pytest.mark.rule("FETCH-4", "FETCH-6")
@pytest.mark.parametrize(
    ("says", "code", "cause"),
    [
        pytest.param(script(of(DATA)), 0, None, id="as listed"),
        pytest.param(script(of(WRONG), headed()), 30, "Checksum", id="another content"),
        pytest.param(script(of(DATA[:-1]), headed()), 30, "Checksum", id="shorter than listed"),
        pytest.param(script(of(WRONG), headed("b" * 32)), 10, "Changed", id="changed since it was listed"),
        pytest.param(script(lambda _: answer(412)), 10, "Changed", id="a version that is asked for and is gone"),
        pytest.param(script(lambda _: answer(404)), 10, "Changed", id="gone"),
        pytest.param(
            script(of(WRONG), headed(x_amz_server_side_encryption="aws:kms")), 0, None, id="an ETag that is no digest"
        ),
        pytest.param(script(lambda _: answer(403)), 20, "AccessDenied", id="may be listed, and not be read"),
    ],
)
def test_what_is_read_is_what_was_listed(tmp_path: Path, says: Script, code: int, cause: str | None) -> None:
    with Server(says) as server:
        ended = fetched(server, tmp_path)
    assert (ended.code, ended.cause) == (code, cause)
    assert (tmp_path / "w/weights/m").exists() is (code == 0)


@pytest.mark.rule("FETCH-4")
@pytest.mark.parametrize(
    ("headers", "kind"),
    [
        pytest.param({"x_amz_checksum_crc32": "CRC"}, "crc32", id="a CRC-32 of the object"),
        pytest.param({"x_amz_checksum_crc32": "CRC-2"}, "size", id="one of its parts"),
        pytest.param({"x_amz_checksum_crc32": "CRC", "x_amz_checksum_type": "COMPOSITE"}, "size", id="as told"),
        pytest.param({}, "size", id="none"),
    ],
)
def test_an_object_without_a_digest_in_its_listing(tmp_path: Path, headers: dict[str, str], kind: str) -> None:
    value = base64.b64encode(zlib.crc32(DATA).to_bytes(4, "big")).decode()
    told = {name: text.replace("CRC", value) for name, text in headers.items()}
    with Server(script(of(DATA), headed("opaque", **told), listed=listing("opaque"))) as server:
        ended = fetched(server, tmp_path)
    assert (ended.code, ended.told["sources"][0]["verified"]) == (0, {kind: 1})


@pytest.mark.rule("FETCH-3")
@pytest.mark.parametrize("status", [429, 503])
def test_who_is_asked_to_wait_waits_as_long(tmp_path: Path, status: int) -> None:
    answers = iter([answer(status, b"<Error><Code>SlowDown</Code></Error>", retry_after="2")])
    with Server(script(lambda heard: next(answers, None) or of(DATA)(heard))) as server:
        began = time.monotonic()
        ended = fetched(server, tmp_path)
        waited = time.monotonic() - began
    assert ended.code == 0
    assert waited > 2


@pytest.mark.rule("FETCH-3", "FETCH-6")
def test_who_is_asked_to_wait_long_ends_and_says_how_long(tmp_path: Path) -> None:
    with Server(script(lambda _: answer(503, b"<Error><Code>SlowDown</Code></Error>", retry_after="900"))) as server:
        ended = fetched(server, tmp_path)
    assert (ended.code, ended.cause, ended.told["retryAfterSeconds"]) == (10, "RateLimited", 900)


@pytest.mark.rule("FETCH-3")
def test_an_object_that_breaks_off_is_asked_for_again(tmp_path: Path) -> None:
    answers: Iterator[Steps] = iter([(answer(200, b"", content_length=str(len(DATA))) + DATA[:5], CLOSE)])

    def broken_once(heard: Heard) -> Steps:
        return next(answers, None) or of(DATA)(heard)

    with Server(script(broken_once)) as server:
        ended = fetched(server, tmp_path)
    assert (ended.code, ended.told["fetchedBytes"]) == (0, len(DATA))


@pytest.mark.rule("FETCH-3")
def test_a_connection_that_stalls_ends_the_attempt_and_the_next_fetches_it(tmp_path: Path) -> None:
    stalls = True

    def stalling(heard: Heard) -> Steps:
        head = answer(200, b"", content_length=str(len(DATA)), etag=f'"{ETAG}"')
        return (head, DATA[:5], 60.0) if stalls else of(DATA)(heard)

    with Server(script(stalling)) as server:
        ended = fetched(server, tmp_path, "--stall-seconds", "2")
        assert (ended.code, ended.cause) == (10, "Stalled")
        assert "not one byte came for 2 s" in ended.err
        assert not (tmp_path / "w/weights").exists()
        stalls = False
        assert fetched(server, tmp_path).code == 0
    assert (tmp_path / "w/weights/m/a.txt").read_bytes() == DATA


@pytest.mark.rule("FETCH-6")
@pytest.mark.parametrize(
    ("status", "code", "says"),
    [
        pytest.param(403, "InvalidAccessKeyId", "AWS_ACCESS_KEY_ID", id="a key that is revoked"),
        pytest.param(400, "ExpiredToken", "the session token is over; renew the keys", id="a session that is over"),
    ],
)
def test_a_key_that_is_revoked_midway_ends_with_20(tmp_path: Path, status: int, code: str, says: str) -> None:
    body = f"<Error><Code>{code}</Code><Message>no</Message></Error>".encode()
    keys = ("--env", "AWS_ACCESS_KEY_ID=AKIAPLANTED000000000", "--env", "AWS_SECRET_ACCESS_KEY=planted")
    with Server(script(lambda _: answer(status, body, content_type="application/xml"))) as server:
        ended = fetched(server, tmp_path, *keys)
    assert (ended.code, ended.cause) == (20, "Unauthorized")
    assert says in ended.err


@pytest.mark.rule("FETCH-6", "FETCH-3")
def test_a_disk_that_fills_up_midway_ends_with_28_and_goes_on_when_there_is_room(small: Path, tmp_path: Path) -> None:
    data = bytes(3_000_000)
    etag, elsewhere = hashlib.md5(data, usedforsecurity=False).hexdigest(), small / "somebody-elses"
    fills = True

    def filling(_: Heard) -> Steps:
        if fills:
            elsewhere.write_bytes(bytes(2_000_000))
        return answer(200, data, etag=f'"{etag}"')

    with Server(script(filling, listed=listing(etag, len(data)))) as server:
        where = ("s3://weights/m", "--to", str(small), "--endpoint", server.url)
        ended = download(*where, log=tmp_path / "log")
        assert (ended.code, ended.cause) == (28, "DiskFull")
        assert "no space left on device" in ended.err
        fills = False
        elsewhere.unlink()
        assert download(*where, log=tmp_path / "log").code == 0
    assert (small / "weights/m/a.txt").read_bytes() == data
