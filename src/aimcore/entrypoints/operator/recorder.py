"""Events, told one after the other by a thread of its own: nothing waits for them, and they take little of the server's time.

A cluster that begins with a thousand models has thousands of changes to tell of. Each is told with the time at which it
happened; what is too much to remember is counted and never told.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from datetime import UTC, datetime
from queue import Full, Queue
from typing import Final

from aimcore.domain.kinds.conditions import Event
from aimcore.domain.kinds.scope import Key
from aimcore.entrypoints.operator.metrics import Counters

__all__ = ["AT_ONCE", "KEPT_AT_MOST", "EventRecorder"]

AT_ONCE: Final = 100
"""Events that are told without a pause; the others follow at `PER_SECOND`."""
PER_SECOND: Final = 20.0
KEPT_AT_MOST: Final = 10_000
LAST: Final = 2.0
"""Seconds in which what was not told yet still is when it closes."""

_Told = tuple[Key, str, Event, datetime]
Write = Callable[[Key, str, Event, datetime], None]


class EventRecorder:
    """Has `write` tell each event of an object of that key and uid, and when it happened; `write` must not raise."""

    def __init__(self, write: Write, *, counters: Counters) -> None:
        self._write = write
        self._counters = counters
        self._waiting: Queue[_Told | None] = Queue(KEPT_AT_MOST)
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._run, name="recorder", daemon=True)
        self._thread.start()

    def tell(self, key: Key, uid: str, events: Iterable[Event]) -> None:
        """These happened just now. Returns at once."""
        now = datetime.now(UTC)
        for event in events:
            try:
                self._waiting.put_nowait((key, uid, event, now))
            except Full:
                self._counters.count("events", "dropped")

    def close(self) -> None:
        """Tells what it can of what is left, and takes no more."""
        self._closing.set()
        with suppress(Full):  # then it waits for nothing
            self._waiting.put_nowait(None)
        self._thread.join(LAST)

    def _run(self) -> None:
        allowed, then = float(AT_ONCE), time.monotonic()
        while (told := self._waiting.get()) is not None:
            now = time.monotonic()
            allowed, then = min(AT_ONCE, allowed + (now - then) * PER_SECOND), now
            if allowed < 1:
                self._closing.wait((1 - allowed) / PER_SECOND)
            self._write(*told)
            self._counters.count("events", "told")
            allowed -= 1
