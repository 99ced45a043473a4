"""What several ask for at the same time is fetched once, and all of them get it."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from concurrent.futures import Future
from threading import Lock
from typing import Generic, TypeVar

__all__ = ["SingleFlight"]

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
