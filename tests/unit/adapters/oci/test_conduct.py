"""Turns and pauses, by a clock that the test sets and threads that it counts."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from aimcore.adapters.oci.conduct import Party, Pauses, SingleFlight, Turns, retry_after

PARTY = Party("ghcr.io", "")


def test_a_registry_that_is_full_keeps_others_waiting_and_no_other_registry() -> None:
    turns = Turns(1)
    with turns.one("ghcr.io", within=1):
        with pytest.raises(TimeoutError), turns.one("ghcr.io", within=0.01):
            pass
        with turns.one("quay.io", within=0.01):
            pass
    with turns.one("ghcr.io", within=0.01):
        pass


def test_no_more_than_so_many_are_under_way() -> None:
    turns, lock, under_way, most = Turns(3), threading.Lock(), [0], [0]

    def one(_: int) -> None:
        with turns.one("ghcr.io", within=10):
            with lock:
                under_way[0] += 1
                most[0] = max(most[0], under_way[0])
            threading.Event().wait(0.002)
            with lock:
                under_way[0] -= 1

    with ThreadPoolExecutor(12) as pool:
        list(pool.map(one, range(60)))
    assert most[0] == 3


def test_a_pause_is_for_one_party_and_ends() -> None:
    now = [100.0]
    pauses = Pauses(lambda: now[0])
    pauses.note(PARTY, 30)
    pauses.note(PARTY, 10)  # a shorter one does not end a longer one
    assert pauses.left(PARTY) == 30
    assert pauses.left(Party("ghcr.io", "ada")) == 0
    now[0] = 130.0
    assert pauses.left(PARTY) == 0


def test_no_registry_silences_itself_for_longer_than_a_quarter_of_an_hour() -> None:
    pauses = Pauses(lambda: 0.0)
    pauses.note(PARTY, 10**9)
    assert pauses.left(PARTY) == 900


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        pytest.param("0", 0.0, id="at once"),
        pytest.param(" 7 ", 7.0, id="seconds"),
        pytest.param("9" * 5000, 999_999_999.0, id="digits without end"),
        pytest.param("Mon, 23 Nov 2026 22:00:30 GMT", 30.0, id="a date"),
        pytest.param("Mon, 23 Nov 2026 21:00:00 GMT", 0.0, id="a date that is past"),
        pytest.param("-1", None, id="less than nothing"),
        pytest.param("²", None, id="a digit that is none"),
        pytest.param("", None, id="nothing"),
    ],
)
def test_a_wait_is_read_from_seconds_or_a_date(text: str, seconds: float | None) -> None:
    assert retry_after({"retry-after": text, "date": "Mon, 23 Nov 2026 22:00:00 GMT"}) == seconds


def test_a_date_without_the_date_of_the_answer_says_nothing() -> None:
    assert retry_after({"retry-after": "Mon, 23 Nov 2026 22:00:30 GMT"}) is None


@pytest.mark.rule("DISC-4")
def test_what_several_ask_for_at_once_is_fetched_once() -> None:
    single_flight: SingleFlight[str, int] = SingleFlight()
    begun, go, fetched = threading.Event(), threading.Event(), []

    def fetch() -> int:
        fetched.append(1)
        begun.set()
        go.wait(10)
        return 7

    with ThreadPoolExecutor(5) as pool:
        first = pool.submit(single_flight.join, "a", fetch, within=10)
        begun.wait(10)
        others = [pool.submit(single_flight.join, "a", fetch, within=10) for _ in range(4)]
        assert single_flight.join("b", lambda: 8, within=10) == 8
        with pytest.raises(TimeoutError):
            single_flight.join("a", fetch, within=0.01)
        go.set()
        assert [each.result() for each in (first, *others)] == [7] * 5
    assert len(fetched) == 1
    assert single_flight.join("a", lambda: 9, within=1) == 9


def test_what_one_raises_all_who_waited_get() -> None:
    single_flight: SingleFlight[str, int] = SingleFlight()
    begun, go = threading.Event(), threading.Event()

    def fetch() -> int:
        begun.set()
        go.wait(10)
        raise LookupError("gone")

    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(single_flight.join, "a", fetch, within=10)
        begun.wait(10)
        other = pool.submit(single_flight.join, "a", fetch, within=10)
        threading.Event().wait(0.05)
        go.set()
        assert [str(each.exception()) for each in (first, other)] == ["gone", "gone"]
    assert single_flight.join("a", lambda: 1, within=1) == 1
