"""What was last heard of each object, whether by a reflector or in the answer to a write, and what of it is news.

A reflector tells of a source in order; answers to writes run ahead of it. The version of an object decides between the
two, and the version that a source has reached tells a write that it already told of from one that is still to come.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from aimcore.adapters.kubernetes.projection import ObjectPath, Seen
from aimcore.adapters.kubernetes.resources import Source
from aimcore.domain.errors import AimError, InvalidManifestError
from aimcore.ports.cluster import Change, Gone, Put

__all__ = ["ReadWarning", "Store", "is_newer"]


class ReadWarning(NamedTuple):
    """Something that went wrong and stops nothing: where, and what."""

    where: str
    error: AimError

    def __str__(self) -> str:
        return f"{self.where}: {self.error}"


def is_newer(one: str, other: str) -> bool:
    """Whether a version comes after another: they are numbers, and where they are not, a different one is taken for newer.

    >>> is_newer("10", "9"), is_newer("9", "9"), is_newer("b", "a"), is_newer("a", "a")
    (True, False, True, False)
    """
    if one.isdecimal() and other.isdecimal():
        return int(one) > int(other)
    return one != other


@dataclass(frozen=True, slots=True)
class _Entry:
    """An object that stands, and when it was heard of."""

    seen: Seen
    tick: int


@dataclass(frozen=True, slots=True)
class _Tombstone:
    """The uid of an object that we deleted, and when; what is still told of it is old."""

    uid: str
    tick: int


class Store:
    """Shared by the reflectors, those who write, and the one who asks for changes; `report` hears of what cannot be read."""

    def __init__(self, report: Callable[[ReadWarning], None]) -> None:
        self.report = report
        self._heard = threading.Condition()
        self._entries: dict[str, dict[ObjectPath, _Entry]] = {}
        self._tombstones: dict[ObjectPath, _Tombstone] = {}
        self._reached: dict[Source, str] = {}
        self._forbidden: set[Source] = set()
        self._unserved: set[Source] = set()
        self._shifted = False
        self._aside: set[ObjectPath] = set()
        self._news: dict[ObjectPath, Change] = {}
        self._tick = 0
        self._ended = False

    # --- told by a reflector ---

    def begin(self) -> int:
        """The moment before a list: what is written later may be missing from it."""
        with self._heard:
            self._tick += 1
            return self._tick

    def replace(self, source: Source, listed: Iterable[Seen], *, version: str, since: int) -> None:
        """All that stands of a source, in a list of this version that was begun at `since`; what is not in it is gone."""
        live = {seen.place: seen for seen in listed}
        with self._heard:
            for place, entry in list(self._entries.get(source.resource.kind, {}).items()):
                missing = source.namespace in (None, place[1]) and place not in live
                if (
                    missing
                    and place not in self._aside
                    and (entry.tick < since or not is_newer(entry.seen.version, version))
                ):
                    self._forget(place)
            for place, tombstone in list(self._tombstones.items()):
                if place[0] == source.resource.kind and tombstone.tick < since:
                    del self._tombstones[place]
            unreadable = [seen for seen in live.values() if self._keep(seen, since)]
            self._aside -= live.keys()
            self._reached[source] = version
            self._forbidden.discard(source)
            self._shifted = self._shifted or source in self._unserved
            self._unserved.discard(source)
            self._heard.notify_all()
        self._tell(unreadable)

    def on_upsert(self, source: Source, seen: Seen) -> None:
        """An event: the object was added or changed."""
        with self._heard:
            self._reached[source] = seen.version
            self._aside.discard(seen.place)
            unreadable = [seen] if self._keep(seen, None) else []
            self._heard.notify_all()
        self._tell(unreadable)

    def on_delete(self, source: Source, seen: Seen) -> None:
        """An event: the object was deleted, and this is its last state."""
        with self._heard:
            self._reached[source] = seen.version
            tombstone, entry = self._tombstones.get(seen.place), self._entry(seen.place)
            if tombstone is not None and tombstone.uid == seen.uid:
                del self._tombstones[seen.place]
            if entry is not None and (entry.seen.uid == seen.uid or is_newer(seen.version, entry.seen.version)):
                self._forget(seen.place)
            self._heard.notify_all()

    def reach(self, source: Source, version: str) -> None:
        """A bookmark: everything up to this version was told."""
        with self._heard:
            self._reached[source] = version

    def mark_forbidden(self, source: Source) -> None:
        """The source may not be read; nobody is to wait for it."""
        with self._heard:
            self._forbidden.add(source)
            self._heard.notify_all()

    def mark_unserved(self, source: Source) -> None:
        """The cluster has no such kind: nothing of it stands, and nobody is to wait for it."""
        with self._heard:
            self._shifted = self._shifted or source not in self._unserved
            self._unserved.add(source)
            self._reached.pop(source, None)
            for place in list(self._entries.get(source.resource.kind, {})):
                if source.namespace in (None, place[1]):
                    self._forget(place)
            self._heard.notify_all()

    # --- told by whoever looks by name ---

    def found(self, seen: Seen) -> None:
        """An object that was looked at by name and that no source tells of: it stands until `lost` says otherwise."""
        with self._heard:
            entry = self._entry(seen.place)
            if entry is not None and seen.place not in self._aside and entry.seen.uid == seen.uid:
                return
            self._aside.add(seen.place)
            unreadable = [seen] if self._keep(seen, None) else []
            self._heard.notify_all()
        self._tell(unreadable)

    def lost(self, place: ObjectPath) -> None:
        """An object that was looked at by name is there no longer."""
        with self._heard:
            if place in self._aside and self._entry(place) is not None:
                self._forget(place)
            self._aside.discard(place)
            self._heard.notify_all()

    def aside(self) -> tuple[ObjectPath, ...]:
        """The objects that stand because they were looked at by name."""
        with self._heard:
            return tuple(sorted(self._aside, key=lambda place: (place[0], place[1] or "", place[2])))

    # --- told by whoever writes ---

    def wrote(self, source: Source, seen: Seen) -> None:
        """The answer to a write, which the source tells of sooner or later, or has already."""
        with self._heard:
            reached = self._reached.get(source)
            if reached is not None and not is_newer(seen.version, reached):
                return
            unreadable = [seen] if self._keep(seen, None) else []
            self._heard.notify_all()
        self._tell(unreadable)

    def deleted(self, place: ObjectPath, uid: str) -> None:
        """The object of this uid was deleted at once."""
        with self._heard:
            entry = self._entry(place)
            if entry is None or entry.seen.uid != uid:
                return
            self._tick += 1
            self._tombstones[place] = _Tombstone(uid, self._tick)
            self._forget(place)
            self._heard.notify_all()

    # --- asking ---

    def find(self, place: ObjectPath) -> Seen | None:
        """The object there, as last heard of."""
        with self._heard:
            entry = self._entry(place)
            return entry.seen if entry else None

    def has(self, place: ObjectPath, version: str) -> bool:
        """Whether the object there is known in this very version."""
        seen = self.find(place)
        return seen is not None and seen.version == version

    def forbidden(self) -> frozenset[Source]:
        """The sources that may not be read."""
        with self._heard:
            return frozenset(self._forbidden)

    def unserved(self) -> frozenset[Source]:
        """The sources of kinds that the cluster does not have."""
        with self._heard:
            return frozenset(self._unserved)

    def complete(self, sources: Iterable[Source], *, timeout: float | None) -> bool:
        """Timeouts until all of these were listed or excused; whether they are."""
        wanted = set(sources)
        with self._heard:
            self._heard.wait_for(lambda: self._ended or self._has(wanted), timeout)
            return self._has(wanted)

    def drain(self) -> list[Change]:
        """The last word on each object that changed since the last call."""
        with self._heard:
            news, self._news = list(self._news.values()), {}
            self._shifted = False
            return news

    def wait(self, timeout: float) -> bool:
        """Waits until there is something to drain, or another set of kinds that are served; whether there is."""
        with self._heard:
            self._heard.wait_for(lambda: self._ended or self._shifted or bool(self._news), timeout)
            return self._shifted or bool(self._news)

    def end(self) -> None:
        """Nobody waits any longer."""
        with self._heard:
            self._ended = True
            self._heard.notify_all()

    # --- inside ---

    def _has(self, sources: set[Source]) -> bool:
        return sources <= self._reached.keys() | self._forbidden | self._unserved

    def _entry(self, place: ObjectPath) -> _Entry | None:
        kind: Mapping[ObjectPath, _Entry] = self._entries.get(place[0], {})
        return kind.get(place)

    def _keep(self, seen: Seen, listed: int | None) -> bool:
        """Takes what is newer than what is known; whether it is newly unreadable.

        What a list says replaces all that was heard before the list began, whatever its version: a cluster that was
        restored from a backup counts anew.
        """
        tombstone, entry = self._tombstones.get(seen.place), self._entry(seen.place)
        if tombstone is not None and tombstone.uid == seen.uid:
            return False
        old = None if entry is None else entry.seen
        if old is not None and entry is not None:
            outranked = listed is None or entry.tick >= listed
            if (outranked and not is_newer(seen.version, old.version)) or (old.uid, old.version) == (
                seen.uid,
                seen.version,
            ):
                return False
        self._tick += 1
        self._entries.setdefault(seen.place[0], {})[seen.place] = _Entry(seen, self._tick)
        before = None if old is None else old.thing
        if isinstance(seen.thing, InvalidManifestError):
            if before is not None and not isinstance(before, InvalidManifestError):
                self._news[seen.place] = Gone(before)
            return True
        if before != seen.thing:
            self._news[seen.place] = Put(seen.thing)
        return False

    def _forget(self, place: ObjectPath) -> None:
        entry = self._entries[place[0]].pop(place)
        self._aside.discard(place)
        if not isinstance(entry.seen.thing, InvalidManifestError):
            self._news[place] = Gone(entry.seen.thing)

    def _tell(self, unreadable: Iterable[Seen]) -> None:
        for seen in unreadable:
            if isinstance(seen.thing, InvalidManifestError):
                kind, namespace, name = seen.place
                self.report(ReadWarning(f"{kind} {f'{namespace}/' if namespace else ''}{name}", seen.thing))
