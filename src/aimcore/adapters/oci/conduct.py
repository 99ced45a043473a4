"""A registry is not crowded: what several ask for is fetched once, and it is left alone when it asks for it."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Hashable, Iterator, Mapping
from concurrent.futures import Future
from contextlib import contextmanager
from email.utils import parsedate_to_datetime
from threading import Condition, Lock
from typing import Final, Generic, NamedTuple, TypeVar

__all__ = ["Party", "Pauses", "SingleFlight", "Turns", "retry_after"]

_PAUSE_AT_MOST: Final = 900.0  # the longest back-off there is (DISC-5); a registry may not silence itself for good


class Party(NamedTuple):
    """Who speaks to whom: a registry, and the fingerprint of a credential, empty for nobody in particular."""

    registry: str
    fingerprint: str


class Turns:
    """At most `at_once` requests to one registry at a time."""

    def __init__(self, at_once: int) -> None:
        self._at_once = at_once
        self._under_way: Counter[str] = Counter()
        self._changed = Condition()

    @contextmanager
    def one(self, registry: str, *, within: float) -> Iterator[None]:
        """Timeouts up to `within` seconds for a turn; `TimeoutError` if none came."""
        with self._changed:
            if not self._changed.wait_for(lambda: self._under_way[registry] < self._at_once, timeout=within):
                raise TimeoutError
            self._under_way[registry] += 1
        try:
            yield
        finally:
            self._end(registry)

    def _end(self, registry: str) -> None:
        with self._changed:
            self._under_way[registry] -= 1
            if not self._under_way[registry]:
                del self._under_way[registry]
            self._changed.notify_all()


class Pauses:
    """Until when whom is to be left alone, by a clock that never goes back, in seconds."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._until: dict[Party, float] = {}
        self._lock = Lock()

    def note(self, party: Party, seconds: float) -> None:
        """Leaves the party alone for so long, at most a quarter of an hour; what is over is forgotten."""
        now = self._clock()
        with self._lock:
            self._until = {each: until for each, until in self._until.items() if until > now}
            self._until[party] = max(self._until.get(party, now), now + min(seconds, _PAUSE_AT_MOST))

    def left(self, party: Party) -> float:
        """The seconds that are left of a pause; 0 where there is none."""
        with self._lock:
            return max(0.0, self._until.get(party, 0.0) - self._clock())


def retry_after(headers: Mapping[str, str]) -> float | None:
    """The seconds that a `Retry-After` asks for: a number, or a date, which counts from the answer's own `Date`.

    Without one, those until a `RateLimit-Reset`, of which some registries tell instead.

    >>> retry_after({"retry-after": "120"})
    120.0
    >>> retry_after({"date": "Mon, 23 Nov 2026 22:00:00 GMT", "retry-after": "Mon, 23 Nov 2026 22:01:30 GMT"})
    90.0
    >>> retry_after({"ratelimit-limit": "100", "ratelimit-remaining": "0", "ratelimit-reset": "40"})
    40.0
    >>> retry_after({"retry-after": "soon"}) is None
    True
    """
    text = (headers.get("retry-after") or headers.get("ratelimit-reset", "")).strip()
    if text.isascii() and text.isdigit():
        return float(min(int(text[:9]), 10**9))
    try:
        asked, now = (parsedate_to_datetime(each) for each in (text, headers.get("date", "")))
        return max(0.0, (asked - now).total_seconds())
    except (ValueError, TypeError):  # no date, or one of the two without a zone
        return None


K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class SingleFlight(Generic[K, V]):
    """Answers that are under way, by what was asked. An answer that has landed is forgotten: this is no cache."""

    def __init__(self) -> None:
        self._under_way: dict[K, Future[V]] = {}
        self._lock = Lock()

    def join(self, key: K, fetch: Callable[[], V], *, within: float) -> V:
        """What `fetch` answers or raises, by whichever thread asked first; `TimeoutError` after waiting so many seconds."""
        with self._lock:
            theirs = self._under_way.get(key)
            mine: Future[V] = Future()
            if theirs is None:
                self._under_way[key] = mine
        if theirs is not None:
            return theirs.result(timeout=within)
        try:
            value = fetch()
        except BaseException as error:
            self._land(key)
            mine.set_exception(error)
            raise
        self._land(key)
        mine.set_result(value)
        return value

    def _land(self, key: K) -> None:
        with self._lock:
            del self._under_way[key]
