from __future__ import annotations

import threading

import pytest

from aimcore.entrypoints.wiring.crowd import AT_ONCE, all_at_once


def test_answers_come_in_the_order_of_the_questions_and_are_counted() -> None:
    counts: list[int] = []
    assert all_at_once(str, range(40), counts.append) == list(map(str, range(40)))
    assert counts == list(range(1, 41))


def test_as_many_are_under_way_as_may_be() -> None:
    barrier = threading.Barrier(AT_ONCE)

    def work(_item: int) -> int:
        return barrier.wait(timeout=30)

    assert sorted(all_at_once(work, range(AT_ONCE), str)) == list(range(AT_ONCE))


def test_an_error_is_raised_at_once_and_nobody_waits_for_the_others() -> None:
    forever = threading.Event()

    def work(item: int) -> bool:
        if item:
            return forever.wait(timeout=60)
        raise KeyError(item)

    with pytest.raises(KeyError):
        all_at_once(work, (0, 1), str)
    assert any(thread.daemon and thread is not threading.main_thread() for thread in threading.enumerate())
    forever.set()


def test_no_question_has_no_answer() -> None:
    assert all_at_once(str, (), str) == []
