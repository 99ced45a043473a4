"""What waits is decided once, in turn, and never for ever."""

from __future__ import annotations

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from aimcore.domain.kinds.scope import Key, Kind
from aimcore.engine.work_queue import BACKLOG_TURN, FIRST_DELAY, LONGEST_DELAY, WorkQueue


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def _queue(clock: Clock | None = None, *, chance: float = 1.0) -> WorkQueue:
    return WorkQueue(clock=clock or Clock(), chance=lambda: chance)


def _key(name: str, namespace: str | None = "ml") -> Key:
    return Key(Kind.MODEL, namespace, name)


def _all(queue: WorkQueue) -> list[str]:
    taken = []
    while (key := queue.take()) is not None:
        taken.append(key.name)
        queue.done(key)
    return taken


def test_a_key_that_is_added_again_waits_once() -> None:
    queue = _queue()
    for _ in range(3):
        queue.add(_key("a"))
    assert len(queue) == 1
    assert _all(queue) == ["a"]


def test_a_key_that_is_worked_on_is_not_handed_out_again_and_waits_once_more_afterwards() -> None:
    queue = _queue()
    queue.add(_key("a"))
    assert queue.take() == _key("a")
    queue.add(_key("a"))
    queue.add(_key("a"))
    assert (queue.take(), queue.busy) == (None, 1)
    queue.done(_key("a"))
    assert _all(queue) == ["a"]


def test_namespaces_take_turns_however_much_one_of_them_has() -> None:
    queue = _queue()
    for number in range(10_000):
        queue.add(_key(f"big-{number}", "big"))
    queue.add(_key("small", "small"))
    queue.add(_key("cluster", None))
    assert {queue.take() for _ in range(3)} == {_key("big-0", "big"), _key("small", "small"), _key("cluster", None)}


def test_what_somebody_changed_comes_before_the_backlog_which_has_a_turn_all_the_same() -> None:
    queue = _queue()
    for number in range(100):
        queue.add(_key(f"old-{number}"), fresh=False)
    for number in range(9):
        queue.add(_key(f"new-{number}"))
    first = _all(queue)[:12]
    assert Counter(name.partition("-")[0] for name in first) == {"new": 9, "old": 12 // BACKLOG_TURN}


def test_a_key_of_the_backlog_that_is_changed_moves_up_and_is_decided_once() -> None:
    queue = _queue()
    for name in "abc":
        queue.add(_key(name), fresh=False)
    queue.add(_key("c"))
    queue.add(_key("c"), fresh=False)
    assert _all(queue) == ["c", "a", "b"]


def test_a_key_that_fails_comes_back_each_time_twice_as_late_and_at_once_after_success() -> None:
    clock = Clock()
    queue = _queue(clock)
    queue.add(_key("a"))
    for failures in range(12):
        assert queue.take() == _key("a")
        queue.add(_key("a"))
        queue.done(_key("a"), failed=True)
        due = min(LONGEST_DELAY, FIRST_DELAY * 2**failures)
        assert queue.seconds_to_wait() == due
        assert queue.take() is None
        clock.now += due
    assert queue.take() == _key("a")
    queue.done(_key("a"))
    queue.add(_key("a"))
    queue.take()
    queue.done(_key("a"), failed=True)
    assert queue.seconds_to_wait() == FIRST_DELAY


def test_chance_takes_at_most_half_of_a_delay() -> None:
    queue = _queue(chance=0.0)
    queue.add(_key("a"))
    queue.take()
    queue.done(_key("a"), failed=True)
    assert queue.seconds_to_wait() == FIRST_DELAY / 2


def test_of_two_times_the_sooner_counts_and_a_change_does_not_wait_for_either() -> None:
    clock = Clock()
    queue = _queue(clock)
    queue.add_later(_key("a"), 9)
    queue.add_later(_key("a"), 3)
    queue.add_later(_key("a"), 5)
    assert queue.seconds_to_wait() == 3
    queue.add(_key("a"))
    assert _all(queue) == ["a"]
    clock.now += 3
    assert _all(queue) == ["a"]
    assert queue.seconds_to_wait() is None


names = st.sampled_from("abcde")
steps = st.one_of(
    st.tuples(st.just("add"), names, st.booleans()),
    st.tuples(st.just("later"), names, st.booleans()),
    st.tuples(st.just("take"), names, st.booleans()),
    st.tuples(st.just("done"), names, st.booleans()),
    st.tuples(st.just("wait"), names, st.booleans()),
)


@given(st.lists(steps, max_size=60))
def test_nothing_that_was_added_is_lost_and_nothing_is_handed_out_twice_at_a_time(
    script: list[tuple[str, str, bool]],
) -> None:
    clock = Clock()
    queue = _queue(clock)
    busy: set[Key] = set()
    owed: set[Key] = set()
    for verb, name, flag in script:
        key = _key(name, name if flag else None)
        match verb:
            case "add":
                queue.add(key, fresh=flag)
                owed.add(key)
            case "later":
                queue.add_later(key, 5)
                owed.add(key)
            case "take":
                taken = queue.take()
                assert taken not in busy
                if taken is not None:
                    busy.add(taken)
                    owed.discard(taken)
            case "done":
                for one in sorted(busy)[:1]:
                    busy.remove(one)
                    queue.done(one, failed=flag)
                    if flag:
                        owed.add(one)
            case _:
                clock.now += 7
    for one in busy:
        queue.done(one)
    clock.now += 2 * LONGEST_DELAY
    left = set()
    while (taken := queue.take()) is not None:
        left.add(taken)
        queue.done(taken)
    assert owed <= left
