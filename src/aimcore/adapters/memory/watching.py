"""The history of a cluster, as watches read it: every change once, in order, and only so far back."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal, NamedTuple

from aimcore.adapters.memory.kinds import Manifest
from aimcore.ports.errors import Expired

__all__ = ["Change", "Entry", "Event", "History", "Watch"]

Change = Literal["ADDED", "MODIFIED", "DELETED"]


class Event(NamedTuple):
    """One change as a watcher is told of it. A deleted object comes as it was last, with the version of its deletion.

    `before` is what stood until then, for those who look at a part of all objects only.
    """

    type: Change
    manifest: Manifest
    before: Manifest | None = None


class Entry(NamedTuple):
    """One change as the history keeps it: what it reads as is made when somebody reads it."""

    version: int
    kind: str
    type: Change
    manifest: Callable[[], Manifest]
    before: Callable[[], Manifest | None]


class History:
    """The last changes, at least `keep` of them. A manifest is only built when somebody reads it."""

    def __init__(self, keep: int = 10_000) -> None:
        self._keep = keep
        self._entries: list[Entry] = []
        self._forgotten = 0
        self._oldest = 0

    def record(self, entry: Entry) -> None:
        """Note one change; versions only grow."""
        self._entries.append(entry)
        if len(self._entries) > 2 * self._keep:
            cut = len(self._entries) - self._keep
            self._oldest = self._entries[cut - 1].version
            self._forgotten += cut
            del self._entries[:cut]

    def since(self, version: int, position: int, kind: str | None) -> tuple[list[Event], int]:
        """The changes after a version, looking from a position on, and the position to look from next."""
        if version < self._oldest and position < self._forgotten:
            raise Expired(f"version {version} is older than the history kept; expected {self._oldest} or later")
        start = max(position - self._forgotten, 0)
        told = [
            Event(entry.type, entry.manifest(), entry.before())
            for entry in self._entries[start:]
            if entry.version > version and kind in (None, entry.kind)
        ]
        return told, self._forgotten + len(self._entries)


class Watch:
    """The changes of one kind, or of all, after a resource version; each is told once."""

    def __init__(self, history: History, kind: str | None, version: int) -> None:
        self._history = history
        self._kind = kind
        self._version = version
        self._position = 0
        history.since(version, 0, "")

    def drain(self) -> list[Event]:
        """What happened since the last call. Raises `Expired` when more was forgotten than this watch had read."""
        events, self._position = self._history.since(self._version, self._position, self._kind)
        return events
