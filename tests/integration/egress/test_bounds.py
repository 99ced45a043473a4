"""Answers without end, in size or in time, are cut at the bound (attacks A8, A9)."""

from __future__ import annotations

import gzip
import itertools
from collections.abc import Iterable

import pytest

from aimcore.adapters.egress import Deadline, ProtocolError, Session, TooLarge, Unreachable
from tests.integration.egress.asking import allowing, get
from tests.integration.egress.server import CLOSE, Server, Step, answer, chunked, dripping

HEAD = b"HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\n"


@pytest.mark.rule("SEC-4")
@pytest.mark.parametrize(
    "said",
    [answer(200, b"x" * 1000), chunked(b"x" * 999, b"x"), b"HTTP/1.0 200 OK\r\n\r\n" + b"x" * 1000],
    ids=["declared", "in-chunks", "until-the-end"],
)
def test_a_body_may_be_as_large_as_was_allowed_and_not_one_byte_larger(said: bytes) -> None:
    with Server(lambda _: [said, CLOSE]) as server, Session(allowing(server)) as session:
        assert get(session, server.url, at_most=1000).body == b"x" * 1000
        with pytest.raises(TooLarge, match="999"):
            get(session, server.url, at_most=999)


@pytest.mark.rule("SEC-4")
def test_a_declared_length_over_the_bound_is_refused_before_it_is_read() -> None:
    with (
        Server(lambda _: [answer(200, content_length="1001"), 30.0]) as server,
        Session(allowing(server)) as session,
        pytest.raises(TooLarge, match="answers with 1001 bytes; expected at most 1000"),
    ):
        get(session, server.url)


@pytest.mark.rule("SEC-4")
@pytest.mark.parametrize(
    ("first", "again", "kind"),
    [
        (b"HTTP/1.1 200 OK\r\n\r\n", b"x" * 65536, TooLarge),
        (b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n", b"10000\r\n" + b"x" * 65536 + b"\r\n", TooLarge),
        (b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n-1\r\n", b"x" * 65536, TooLarge),
        (b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n", b"0" * 65536, TooLarge),
        (b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n1;", b"e" * 65536, TooLarge),
        (b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n0\r\n", b"trailer: x\r\n" * 5000, TooLarge),
        (b"HTTP/1.1 200 OK\r\n", b"x: y\r\n" * 1000, TooLarge),
        (b"HTTP/1.1 200 OK\r\nx: ", b"y" * 65536, TooLarge),
        (b"HTTP/1.1 200 O", b"K" * 65536, TooLarge),
        (b"", b"HTTP/1.1 100 Continue\r\n\r\n" * 1000, TooLarge),
        (b"", b"HTTP/1.1 103 Early Hints\r\nlink: x\r\n\r\n" * 1000, TooLarge),
        (b"HTTP/1.1 100 Continue\r\n", b"x: y\r\n" * 1000, TooLarge),
    ],
    ids=[
        "body",
        "chunks",
        "negative-chunk",
        "chunk-size",
        "chunk-extension",
        "trailers",
        "headers",
        "header-line",
        "status-line",
        "interim-100",
        "interim-103",
        "interim-headers",
    ],
)
def test_what_never_ends_is_cut_in_size(first: bytes, again: bytes, kind: type[Exception]) -> None:
    def endless(_: object) -> Iterable[Step]:
        yield first
        yield from itertools.repeat(again, 500)  # 30 MB, of which less than one may be taken

    with Server(endless) as server, Session(allowing(server)) as session, pytest.raises(kind):
        get(session, server.url, seconds=20)


@pytest.mark.rule("SEC-4")
@pytest.mark.parametrize(
    "said",
    [
        b"HTTP/1.1 200 OK" + b"K" * 100,
        b"HTTP/1.1 200 OK\r\nx: " + b"y" * 100,
        b"HTTP/1.1 200 OK\r\n" + b"x: y\r\n" * 50,
        b"HTTP/1.1 100 Continue\r\n\r\n" * 50,
        HEAD[:-4].replace(b"10", b"900") + b"\r\n\r\n" + b"x" * 900,
        b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n" + b"0" * 200,
        b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n" + b"1\r\nx\r\n" * 100,
        b"HTTP/1.1 404 No\r\ncontent-length: 900\r\n\r\n" + b"x" * 900,
    ],
    ids=["status-line", "header-line", "headers", "interim", "body", "chunk-size", "chunks", "body-of-an-error"],
)
def test_what_comes_one_byte_at_a_time_is_cut_at_the_deadline(said: bytes) -> None:
    sent = itertools.count()

    def counted(_: object) -> Iterable[Step]:
        for step in dripping(said, 0.02):
            next(sent)
            yield step

    with Server(counted) as server, Session(allowing(server)) as session:
        with pytest.raises(Unreachable, match=r"has not answered in full within 0\.3 s"):
            get(session, server.url, seconds=0.3)
        assert next(sent) < 2 * len(said), "the last byte was waited for"


@pytest.mark.rule("SEC-4")
def test_redirects_share_one_deadline() -> None:
    with Server(lambda _: [0.15, answer(307, location="/")]) as server, Session(allowing(server)) as session:
        with pytest.raises(Unreachable):
            get(session, server.url, seconds=0.35)
        assert len(server.heard) <= 3  # each takes 0.15 s


@pytest.mark.rule("SEC-4")
def test_a_deadline_that_is_past_asks_nobody() -> None:
    with Server() as server, Session(allowing(server)) as session:
        deadline = Deadline.after(0.0)
        with pytest.raises(Unreachable):
            session.request("GET", server.url, at_most=10, deadline=deadline)
        assert server.heard == []


@pytest.mark.rule("SEC-4")
@pytest.mark.parametrize("coding", ["gzip", "deflate", "br", "GZIP", "identity, gzip"])
def test_an_encoding_nobody_asked_for_is_a_protocol_error_and_never_unpacked(coding: str) -> None:
    bomb = gzip.compress(b"\0" * 1_000_000)
    with Server(lambda _: answer(200, bomb, content_encoding=coding)) as server, Session(allowing(server)) as session:
        with pytest.raises(ProtocolError, match="in an encoding that was not asked for"):
            get(session, server.url, at_most=10_000)
        assert server.heard[0].headers["accept-encoding"] == "identity"


@pytest.mark.parametrize(
    "said",
    [
        [HEAD + b"12345", CLOSE],
        [HEAD, CLOSE],
        [b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nab", CLOSE],
        [b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\nab\r\n", CLOSE],
        [b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nzz\r\nab\r\n", CLOSE],
        [b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n-5\r\nabcde\r\n0\r\n\r\n", CLOSE],
    ],
    ids=[
        "cut-short",
        "no-body",
        "cut-within-a-chunk",
        "no-last-chunk",
        "chunk-size-is-no-number",
        "negative-chunk-size",
    ],
)
def test_an_answer_that_breaks_off_is_unreachable_as_it_may_come_whole_the_next_time(said: list[Step]) -> None:
    with (
        Server(lambda _: said) as server,
        Session(allowing(server)) as session,
        pytest.raises(Unreachable, match="broke off within its answer"),
    ):
        get(session, server.url)


@pytest.mark.parametrize(
    "said",
    [
        [answer(200, b"ab", content_length="-2")],
        [answer(200, b"ab", content_length="two")],
        [answer(200, b"ab", content_length="2\r\ncontent-length: 3")],
        [answer(200, b"ab", transfer_encoding="chunked")],
        [answer(200, b"ab", content_length="", transfer_encoding="gzip, chunked")],
        [b"HTTP/1.1 200 OK\r\nno header\r\ncontent-length: 2\r\n\r\nab", CLOSE],
        [b"HTTP/1.1 101 Switching Protocols\r\nupgrade: x\r\n\r\n"],
        [b"<html>hello</html>\r\n\r\n", CLOSE],
        [b"HTTP/2 200\r\n\r\n", CLOSE],
        [b"HTTP/1.1 abc\r\n\r\n", CLOSE],
        [b"HTTP/1.1 99 Low\r\n\r\n", CLOSE],
        [b"\x16\x03\x01\x02\x00\x01\x00\r\n\r\n", CLOSE],
    ],
    ids=[
        "negative-length",
        "length-is-no-number",
        "two-lengths",
        "length-and-chunks",
        "another-transfer-encoding",
        "line-that-is-no-header",
        "other-protocol",
        "html",
        "http-2",
        "status-is-no-number",
        "status-of-two-digits",
        "tls",
    ],
)
def test_what_is_no_answer_is_a_protocol_error(said: list[Step]) -> None:
    with Server(lambda _: said) as server, Session(allowing(server)) as session:
        with pytest.raises(ProtocolError) as protocol_error:
            get(session, server.url)
        assert str(protocol_error.value).startswith(server.host)


@pytest.mark.parametrize(
    "said", [[CLOSE], ["reset"], [b"HTTP/1.1 2", "reset"]], ids=["closed", "reset", "reset-within"]
)
def test_a_connection_that_breaks_is_unreachable(said: list[Step]) -> None:
    with Server(lambda _: said) as server, Session(allowing(server)) as session:
        with pytest.raises(Unreachable, match=f"{server.host} broke the connection off"):
            get(session, server.url)
        assert len(server.heard) == 1


@pytest.mark.parametrize(
    "said",
    [
        answer(404, b"x" * 100_000),
        answer(429, b"short", content_length="10"),
        answer(503, gzip.compress(b"x"), content_encoding="gzip"),
    ],
    ids=["large", "cut-short", "encoded"],
)
def test_of_an_answer_that_is_no_success_the_status_counts(said: bytes) -> None:
    with Server(lambda _: [said, CLOSE]) as server, Session(allowing(server)) as session:
        answered = get(session, server.url)
        assert (answered.status, answered.body) == (int(said[9:12]), b"")


def test_interim_answers_are_passed_over() -> None:
    interim = (
        b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nlink: </x>\r\n\r\nHTTP/1.1 102 Processing\r\n\r\n"
    )
    with Server(lambda _: interim + answer(200, b"then")) as server, Session(allowing(server)) as session:
        assert [get(session, server.url).body for _ in range(2)] == [b"then", b"then"]
        assert "link" not in get(session, server.url).headers
        assert server.connections == 1


@pytest.mark.parametrize("status", [204, 304])
def test_where_there_can_be_no_body_none_is_awaited(status: int) -> None:
    with Server(lambda _: answer(status, content_length="")) as server, Session(allowing(server)) as session:
        assert get(session, server.url).status == status


def test_the_answer_to_head_has_the_length_of_what_it_would_be_and_no_body() -> None:
    with Server(lambda _: answer(200, content_length="9999999")) as server, Session(allowing(server)) as session:
        for _ in range(2):
            answered = session.request("HEAD", server.url, at_most=10, deadline=Deadline.after(1))
            assert (answered.headers["content-length"], answered.body) == ("9999999", b"")
        assert server.connections == 1


def test_headers_have_lower_case_names_and_repeated_ones_are_joined() -> None:
    said = answer(200, WWW_Authenticate="Basic a", www_authenticate="Bearer b")
    with Server(lambda _: said) as server, Session(allowing(server)) as session:
        assert get(session, server.url).headers["www-authenticate"] == "Basic a, Bearer b"
