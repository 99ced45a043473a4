"""How often the very same was written and yet did not stand: after `TRIES` the server is taken not to keep it (OWN-6)."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Final

from aimcore.domain.kinds.dropped import DroppedFields
from aimcore.domain.kinds.scope import Key
from aimcore.domain.view.plan import Apply, SetStatus, Write

__all__ = ["WriteAttempts"]

MOST_ATTEMPTS: Final = 3

Field = tuple[Key, str]


class WriteAttempts:
    """What each key wrote of which field, and how often in a row; `dropped` is what was in vain, `tried` who wrote all in vain."""

    def __init__(self) -> None:
        self._dropped: dict[Field, object] = {}
        self._tried: set[Key] = set()
        self._attempts: dict[Key, dict[Field, tuple[object, int]]] = {}

    @property
    def dropped(self) -> DroppedFields:
        """By object and field, what was written in vain."""
        return self._dropped

    @property
    def tried(self) -> Collection[Key]:
        """The objects that wrote all that differed in vain: what they want and do not get is known."""
        return self._tried

    def decided(self, key: Key, writes: Iterable[Write]) -> None:
        """The key wants these writes: what it wanted before and does not want again was kept, or is wanted no more."""
        again = {field: (value, 0) for field, value in _changes(writes)}
        before = self._attempts.pop(key, {})
        if again:
            self._attempts[key] = {
                field: before[field] if field in before and before[field][0] == value else (value, attempts)
                for field, (value, attempts) in again.items()
            }

    def wrote(self, key: Key) -> bool:
        """The writes of the key were done; whether there is something to be looked at again."""
        attempts = self._attempts.get(key, {})
        for field, (value, count) in attempts.items():
            attempts[field] = value, count + 1
            if count + 1 >= MOST_ATTEMPTS:
                self._dropped[field] = value
        if attempts and all(count >= MOST_ATTEMPTS for _, count in attempts.values()):
            self._tried.add(key)
        return bool(attempts)

    def forget(self, key: Key) -> None:
        """The object is gone, and what it did not keep with it."""
        self._attempts.pop(key, None)
        self._tried.discard(key)
        for field in [field for field in self._dropped if field[0] == key]:
            del self._dropped[field]


def _changes(writes: Iterable[Write]) -> Iterable[tuple[Field, object]]:
    for write in writes:
        if isinstance(write, Apply | SetStatus):
            for path, value in write.changes:
                yield (write.key, path), value
