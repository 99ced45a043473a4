"""Events are told in order and in time, and nobody waits for them."""

from __future__ import annotations

import threading
from datetime import UTC, datetime

from aimcore.domain.kinds.conditions import Event, EventType
from aimcore.domain.kinds.scope import Key, Kind
from aimcore.entrypoints.operator.metrics import Counters
from aimcore.entrypoints.operator.recorder import AT_ONCE, KEPT_AT_MOST, EventRecorder

KEY = Key(Kind.MODEL, "ml-team", "chat")
TIMEOUT = 30.0


def _event(number: int) -> Event:
    return Event(type=EventType.NORMAL, reason="R", message=str(number))


class Listener:
    """Hears what is told, and holds the recorder up until it `may` go on."""

    def __init__(self) -> None:
        self.heard: list[tuple[Key, str, Event]] = []
        self.times: list[datetime] = []
        self.begun, self.may = threading.Event(), threading.Event()

    def write(self, key: Key, uid: str, event: Event, at: datetime) -> None:
        self.begun.set()
        self.may.wait(TIMEOUT)
        self.heard.append((key, uid, event))
        self.times.append(at)


def test_each_is_told_in_order_with_the_time_at_which_it_happened() -> None:
    listener, counters = Listener(), Counters()
    recorder = EventRecorder(listener.write, counters=counters)
    before = datetime.now(UTC)
    recorder.tell(KEY, "u-1", [_event(0), _event(1)])
    after = datetime.now(UTC)
    listener.may.set()
    recorder.close()
    assert listener.heard == [(KEY, "u-1", _event(0)), (KEY, "u-1", _event(1))]
    assert all(before <= at <= after for at in listener.times)
    assert counters.snapshot() == {"events": {("told",): 2}}


def test_what_is_too_much_to_remember_is_counted_and_nobody_waits() -> None:
    listener, counters = Listener(), Counters()
    recorder = EventRecorder(listener.write, counters=counters)
    recorder.tell(KEY, "u-1", [_event(0)])
    assert listener.begun.wait(TIMEOUT)
    recorder.tell(KEY, "u-1", map(_event, range(1, KEPT_AT_MOST + 4)))
    assert counters.snapshot() == {"events": {("dropped",): 3}}
    listener.may.set()
    recorder.close()
    assert [event for *_, event in listener.heard] == [_event(number) for number in range(len(listener.heard))]


def test_after_a_burst_the_others_wait_for_their_turn() -> None:
    listener, counters, burst = Listener(), Counters(), threading.Event()
    listener.may.set()

    def write(key: Key, uid: str, event: Event, at: datetime) -> None:
        listener.write(key, uid, event, at)
        if len(listener.heard) == AT_ONCE:
            burst.set()

    recorder = EventRecorder(write, counters=counters)
    recorder.tell(KEY, "u-1", map(_event, range(KEPT_AT_MOST)))
    assert burst.wait(TIMEOUT)
    assert len(listener.heard) < KEPT_AT_MOST, "or the burst took longer than all that was told would have"
    recorder.close()
