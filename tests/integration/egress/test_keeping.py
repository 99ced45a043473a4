"""Connections are used again by many threads, replaced once where they have died, and every request is told."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from aimcore.adapters.egress import Exchange, Rules, Session, TooLarge, Unreachable
from aimcore.adapters.egress.connecting import Guard, GuardedConnection
from aimcore.adapters.egress.deadline import Deadline
from aimcore.adapters.egress.metering import Meter
from aimcore.adapters.egress.origins import parse_url
from aimcore.adapters.egress.session import Idle
from tests.integration.egress.asking import allowing, get, named, resolving
from tests.integration.egress.server import CLOSE, RESET, Authority, Heard, Server, Step, answer, chunked, until


@pytest.mark.parametrize("said", [answer(200, b"x"), chunked(b"x"), answer(404, b"x"), answer(200)])
def test_a_connection_whose_answer_ended_is_used_again(said: bytes) -> None:
    with Server(lambda _: said) as server, Session(allowing(server)) as session:
        for _ in range(5):
            get(session, server.url)
        assert server.connections == 1


@pytest.mark.parametrize("header", ["close", "Close"])
def test_a_connection_that_was_called_off_is_not(header: str) -> None:
    with Server(lambda _: [answer(200, connection=header), CLOSE]) as server, Session(allowing(server)) as session:
        for _ in range(3):
            get(session, server.url)
        assert server.connections == 3


def test_a_connection_whose_answer_was_not_read_to_its_end_is_not_used_again() -> None:
    with (
        Server(lambda heard: answer(200, b"x" * int(heard.target[1:]))) as server,
        Session(allowing(server)) as session,
    ):
        with pytest.raises(TooLarge):
            get(session, f"{server.url}/5000")
        assert get(session, f"{server.url}/7").body == b"x" * 7
        assert server.connections == 2


@pytest.mark.rule("SEC-4")
def test_what_nobody_asked_for_is_not_taken_for_the_next_answer() -> None:
    def script(heard: Heard) -> list[Step]:
        forged = answer(200, b"forged")
        return [answer(200, b"first"), 0.05, forged] if heard.target == "/first" else [answer(200, b"second")]

    with Server(script) as server, Session(allowing(server)) as session:
        assert get(session, f"{server.url}/first").body == b"first"
        threading.Event().wait(0.2)
        assert get(session, f"{server.url}/second").body == b"second"
        assert server.connections == 2


@pytest.mark.parametrize("end", [CLOSE, RESET])
def test_a_kept_connection_that_died_is_replaced_once(end: Step) -> None:
    def script(heard: Heard) -> list[Step]:
        return [answer(200, b"yes")] if heard.target == "/" or heard.connection > 1 else [end]

    with Server(script) as server, Session(allowing(server)) as session:
        get(session, server.url)
        assert get(session, f"{server.url}/again").body == b"yes"
        assert [(heard.target, heard.connection) for heard in server.heard] == [("/", 1), ("/again", 1), ("/again", 2)]


def test_a_kept_connection_over_tls_that_died_is_replaced_once(authority: Authority) -> None:
    def script(heard: Heard) -> list[Step]:
        return [answer(200, b"yes")] if heard.target == "/" or heard.connection > 1 else [CLOSE]

    certificate = authority.certificate("a.test")
    with Server(script, certificate=certificate) as server:
        with Session(allowing(server, ca_file=authority.file), resolve=resolving()) as session:
            get(session, named("a", server))
            assert get(session, named("a", server, "/again")).body == b"yes"
        assert server.connections == 2


def test_a_new_connection_that_dies_is_not_tried_again() -> None:
    with Server(lambda heard: answer(200) if heard.target == "/" else [CLOSE]) as server:
        with Session(allowing(server)) as session:
            get(session, server.url)
            with pytest.raises(Unreachable):
                get(session, f"{server.url}/dies")
        assert len(server.heard) == 3  # once on the kept one, once on a new one


def test_a_kept_connection_that_had_begun_to_answer_is_not_replaced() -> None:
    with Server(lambda heard: answer(200) if heard.target == "/" else [b"HTTP/1.1 ", RESET]) as server:
        with Session(allowing(server)) as session:
            get(session, server.url)
            with pytest.raises(Unreachable):
                get(session, f"{server.url}/dies")
        assert len(server.heard) == 2


def test_threads_share_a_session_and_each_gets_its_own_answer() -> None:
    with Server(lambda heard: answer(200, heard.target.encode())) as server, Session(allowing(server)) as session:

        def ask(number: int) -> bool:
            return get(session, f"{server.url}/{number}", seconds=10).body == f"/{number}".encode()

        with ThreadPoolExecutor(8) as threads:
            assert all(threads.map(ask, range(200)))
        assert server.connections <= 8


@pytest.mark.rule("SEC-3")
def test_what_was_connected_to_for_the_user_is_not_lent_to_a_host_that_was_told() -> None:
    with Server() as server:
        origin = parse_url(server.url).origin
        meter = Meter("h", Deadline.after(1))
        connection = GuardedConnection(origin, Guard(allowing(server), resolving()), meter, told=False)
        connection.connect()
        idle = Idle()
        idle.keep((origin, False), connection)
        assert idle.take((origin, True)) is None
        assert idle.take((origin, False)) is connection
        idle.keep((origin, False), connection)
        idle.close()
        assert idle.take((origin, False)) is None


@pytest.mark.rule("SEC-3")
def test_a_host_that_was_told_is_connected_to_and_judged_anew() -> None:
    with Server(lambda _: answer(200)) as server, Session(allowing(server), resolve=resolving()) as session:
        for recorder in (None, "https://other.test/", None, "https://other.test/"):
            get(session, named("a", server), on_behalf_of=recorder)
        assert [heard.connection for heard in server.heard] == [1, 2, 1, 2]


def test_few_connections_are_kept() -> None:
    with Server() as server:
        origin = parse_url(server.url).origin
        guard = Guard(allowing(server), resolving())
        idle = Idle()
        opened = [GuardedConnection(origin, guard, Meter("h", Deadline.after(5)), told=False) for _ in range(66)]
        for connection in opened:
            connection.connect()
            idle.keep((origin, False), connection)
        assert [connection.is_closed for connection in opened] == [True] * 2 + [False] * 64
        idle.close()
        assert all(connection.is_closed for connection in opened)


def test_a_closed_session_keeps_nothing() -> None:
    with Server(lambda _: answer(200)) as server:
        session = Session(allowing(server))
        session.close()
        get(session, server.url)
        get(session, server.url)
        assert server.connections == 2


def test_each_request_is_told_with_what_came_of_it() -> None:
    told: list[Exchange] = []

    def script(heard: Heard) -> list[Step]:
        if heard.target == "/cut":
            return [answer(200, b"12345", content_length="9"), CLOSE]
        if heard.target == "/dead":
            return [CLOSE]
        return [
            answer(307, b"go", location="/end") if heard.target == "/" else answer(200, b"arrived", connection="close")
        ]

    with Server(script) as server, Session(allowing(server), observe=told.append) as session:
        get(session, server.url)
        with pytest.raises(Exception, match="broke off within its answer"):
            get(session, f"{server.url}/cut")
        with pytest.raises(Unreachable):
            get(session, f"{server.url}/dead")
        seen = [(each.method, each.host, each.status, each.received) for each in told]
        host = server.host
    assert seen == [("GET", host, 307, 2), ("GET", host, 200, 7), ("GET", host, 200, 5), ("GET", host, None, 0)]
    assert all(0 < each.seconds < 3 for each in told)


def test_what_could_not_be_connected_to_was_not_asked() -> None:
    told: list[Exchange] = []
    with Server() as server:
        host = server.host
    with Session(Rules(plain_http=frozenset({host})), observe=told.append) as session, pytest.raises(Unreachable):
        get(session, f"http://{host}/")
    assert until(lambda: told == [])
