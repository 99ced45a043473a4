"""What was used most recently, within a bound: a memory that strangers fill and cannot overfill."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable
from threading import Lock
from typing import Generic, TypeVar

__all__ = ["Recent"]

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


def _one(_: object) -> int:
    return 1


class Recent(Generic[K, V]):
    """Values by their keys, together at most `at_most` by `weight` (each weighs 1); the least recently used go first.

    Used from several threads at once.

    >>> recent: Recent[str, bytes] = Recent(5, weight=len)
    >>> for key, value in [("a", b"12"), ("b", b"12"), ("c", b"12"), ("d", b"123456")]:
    ...     recent.keep(key, value)
    >>> [recent.get(key) for key in "abcd"]
    [None, b'12', b'12', None]
    """

    def __init__(self, at_most: int, *, weight: Callable[[V], int] = _one) -> None:
        self._at_most = at_most
        self._weigh = weight
        self._weight = 0
        self._values: OrderedDict[K, V] = OrderedDict()
        self._lock = Lock()

    def get(self, key: K) -> V | None:
        """The value kept under `key`, which is now the most recent; None if there is none any more."""
        with self._lock:
            if key not in self._values:
                return None
            self._values.move_to_end(key)
            return self._values[key]

    def keep(self, key: K, value: V) -> None:
        """Keeps `value`, unless it alone is over the bound."""
        with self._lock:
            self._drop(key)
            if self._weigh(value) > self._at_most:
                return
            self._values[key] = value
            self._weight += self._weigh(value)
            while self._weight > self._at_most:
                self._drop(next(iter(self._values)))

    def drop(self, key: K) -> None:
        """Forgets the value kept under `key`, if there is one."""
        with self._lock:
            self._drop(key)

    def _drop(self, key: K) -> None:
        if key in self._values:
            self._weight -= self._weigh(self._values.pop(key))
