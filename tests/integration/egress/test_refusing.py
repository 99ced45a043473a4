"""No connection is made to an address that is not for us, however it is written, named or looked up (attacks A2, A3)."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from aimcore.adapters.egress import Refused, Rules, Session, Unreachable
from tests.integration.egress.asking import get, resolving
from tests.integration.egress.server import Server, answer

ADDRESSES = ["10.0.0.5", "100.64.1.1", "192.168.7.7", "fd12::7"]


@pytest.mark.rule("SEC-3")
@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1",
        "127.1",
        "0x7f.1",
        "0177.0.0.1",
        "2130706433",
        "0",
        "localhost",
        "LOCALHOST",
        "localhost.",
        "[::1]",
        "[::]",
        "[::ffff:127.0.0.1]",
        "[::ffff:7f00:1]",
        "[::127.0.0.1]",
        "[64:ff9b::7f00:1]",
        "[2002:7f00:1::]",
        "169.254.169.254",
        "0xA9FEA9FE",
        "[::ffff:169.254.169.254]",
        "[fe80::a9fe:a9fe]",
        "[fd00:ec2::254]",
        "224.0.0.1",
        "255.255.255.255",
    ],
)
@pytest.mark.parametrize("scheme", ["https", "http"])
def test_a_host_that_is_near_is_refused_however_it_is_written(scheme: str, host: str, attempts: list[str]) -> None:
    with Server() as server, Session(Rules()) as session:
        with pytest.raises(Refused):
            get(session, f"{scheme}://{host}:{server.port}/v2/")
        assert server.connections == 0
    assert attempts == []


@pytest.mark.rule("SEC-3")
@pytest.mark.parametrize(
    "addresses",
    [
        ["127.0.0.1"],
        ["169.254.169.254"],
        ["::1"],
        ["fe80::1%1"],
        ["8.8.8.8", "127.0.0.1"],
        ["127.0.0.1", "8.8.8.8"],
        ["8.8.8.8"] * 20 + ["127.0.0.1"],
        ["2606:4700::1111", "::ffff:127.0.0.1"],
    ],
    ids=["loopback", "metadata", "loopback-6", "with-a-zone", "second", "first", "last-of-many", "mixed-families"],
)
def test_a_name_with_one_forbidden_address_is_refused_whole(addresses: list[str], attempts: list[str]) -> None:
    with Session(Rules(), resolve=resolving(registry=addresses)) as session, pytest.raises(Refused) as refusal:
        get(session, "https://registry.test/v2/")
    assert attempts == []
    assert "--allow-host registry.test" in str(refusal.value)


@pytest.mark.rule("SEC-3")
def test_a_second_lookup_would_find_another_address_and_is_never_made(attempts: list[str]) -> None:
    answers = iter([["8.8.8.8"], ["127.0.0.1"]])
    asked: list[str] = []

    def rebinding(host: str) -> Sequence[str]:
        asked.append(host)
        return next(answers)

    with Server() as server:
        with Session(Rules(), resolve=rebinding) as session, pytest.raises(Unreachable):
            get(session, f"https://registry.test:{server.port}/")
        assert server.connections == 0
    assert asked == ["registry.test"]
    assert attempts == ["8.8.8.8"]


@pytest.mark.rule("SEC-3")
def test_the_name_is_looked_up_again_for_each_connection_and_judged_again(attempts: list[str]) -> None:
    answers = iter([["8.8.8.8"], ["127.0.0.1"]])
    with Session(Rules(), resolve=lambda _: next(answers)) as session:
        with pytest.raises(Unreachable):
            get(session, "https://registry.test/")
        with pytest.raises(Refused):
            get(session, "https://registry.test/")
    assert attempts == ["8.8.8.8"]


@pytest.mark.rule("SEC-3")
@pytest.mark.parametrize("address", ADDRESSES)
def test_private_addresses_are_connected_to_unless_a_setting_says_no(address: str, attempts: list[str]) -> None:
    with Session(Rules(), resolve=resolving(registry=[address])) as session, pytest.raises(Unreachable):
        get(session, "https://registry.test/")
    assert attempts == [address]
    refusing = Rules(refuse_private=True)
    with Session(refusing, resolve=resolving(registry=[address])) as session, pytest.raises(Refused, match="private"):
        get(session, "https://registry.test/")
    assert attempts == [address]


@pytest.mark.rule("SEC-3")
@pytest.mark.parametrize("address", ADDRESSES)
def test_a_host_that_another_one_named_is_not_private(address: str, attempts: list[str]) -> None:
    with Session(Rules(), resolve=resolving(token=[address])) as session:
        with pytest.raises(Refused, match="which another host named"):
            get(session, "https://token.test/", on_behalf_of="https://registry.test/v2/")
        with pytest.raises(Refused):
            get(session, "https://token.test:444/", on_behalf_of="https://token.test/v2/")
        assert attempts == []
        with pytest.raises(Unreachable):
            get(session, "https://token.test/realm", on_behalf_of="https://token.test/v2/")
    assert attempts == [address]


@pytest.mark.rule("SEC-3")
def test_a_host_that_a_setting_names_may_be_private_or_near_whoever_named_it(attempts: list[str]) -> None:
    with Server(lambda _: answer(200, b"yes")) as server:
        rules = Rules(plain_http=frozenset({f"token.test:{server.port}"}))
        with Session(rules, resolve=resolving(token=["127.0.0.1"])) as session:
            url = f"http://token.test:{server.port}/"
            assert get(session, url, on_behalf_of="https://registry.test/").body == b"yes"
        assert server.heard[0].headers["host"] == f"token.test:{server.port}"
    assert attempts == ["127.0.0.1"]


@pytest.mark.rule("SEC-3")
def test_plain_http_is_for_hosts_a_setting_names(attempts: list[str]) -> None:
    with Server() as server:
        rules = Rules(allow_hosts=frozenset({server.host}))
        with Session(rules) as session, pytest.raises(Refused, match=f"--plain-http {server.host}"):
            get(session, server.url)
    assert attempts == []


def test_the_addresses_of_a_host_are_tried_in_turn(attempts: list[str]) -> None:
    with Server(lambda _: answer(200, b"yes")) as server:
        rules = Rules(plain_http=frozenset({f"registry.test:{server.port}"}))
        found = ["8.8.8.8", "2606:4700::1111", "127.0.0.1", "127.0.0.2"]
        with Session(rules, resolve=resolving(registry=found)) as session:
            assert get(session, f"http://registry.test:{server.port}/").body == b"yes"
    assert attempts == found[:3]


def test_a_port_where_nobody_listens_is_told_with_the_host() -> None:
    with Server() as server:
        host = server.host
    with (
        Session(Rules(plain_http=frozenset({host}))) as session,
        pytest.raises(Unreachable, match=f"{host} refuses connections"),
    ):
        get(session, f"http://{host}/")


def test_ipv6_hosts_are_connected_to_and_named_in_brackets() -> None:
    with Server(lambda _: answer(200, b"six"), address="::1") as server:
        with Session(Rules(plain_http=frozenset({server.host}))) as session:
            assert get(session, server.url).body == b"six"
        assert server.heard[0].headers["host"] == f"[::1]:{server.port}"
