"""Keeps what is known of one source in step with the server: list, then watch, and list afresh when the thread is lost.

No server, however it behaves, is asked in a hurry: what brought no progress is tried again after a pause that doubles.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

from aimcore.adapters.kubernetes.answers import refusal
from aimcore.adapters.kubernetes.connection import WatchStream, parse
from aimcore.adapters.kubernetes.projection import Seen, place_of, project, version_of
from aimcore.adapters.kubernetes.requests import Page
from aimcore.adapters.kubernetes.resources import NOT_EVERYWHERE, Source
from aimcore.adapters.kubernetes.store import ReadWarning, Store, is_newer
from aimcore.ports.errors import AccessDenied, BadAnswer, Expired, NotFound, PortError, Unavailable

__all__ = ["Backoff", "Readable", "Reflector"]

PAGE, SMALLEST_PAGE = 100, 25
"""Objects of a list that are read at once. A page of JSON takes ten times the memory of what is kept of it, and does not give it back."""
WATCH_SECONDS = 300
LONG = 30.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Backoff:
    """How fast to try again, in seconds: `first`, doubling up to `most`; `rarely` what may not be read.

    `chance` draws from [0, 1) and takes up to half of a pause away; `clock` tells seconds.
    """

    chance: Callable[[], float]
    clock: Callable[[], float]
    first: float = 1.0
    most: float = 30.0
    rarely: float = 300.0

    def pause(self, failures: int) -> float:
        """The pause after so many failures in a row."""
        return self.some(min(self.most, self.first * 2 ** min(failures, 16)))

    def some(self, seconds: float) -> float:
        """About so long, and never all at once."""
        return seconds * (1 - self.chance() / 2)


class Readable(Protocol):
    """What a reflector asks of a server."""

    def page(self, source: Source, *, limit: int, token: str) -> Page:
        """One page of what stands."""
        ...

    def watch(self, source: Source, *, version: str, seconds: int) -> WatchStream:
        """What happens after a version."""
        ...


class Reflector:
    """Follows one source until stopped. An `optional` one that may not be read is excused, and tried again now and then; so
    is one of a kind that this cluster does not serve, where not every cluster does.
    """

    def __init__(self, server: Readable, source: Source, known: Store, backoff: Backoff, *, optional: bool) -> None:
        self._server = server
        self._source = source
        self._known = known
        self._backoff = backoff
        self._optional = optional
        self._version: str | None = None
        self._limit = PAGE
        self._failures = 0
        self._lines: WatchStream | None = None
        self._stopping = threading.Event()

    def run(self) -> None:
        """Takes turns until stopped."""
        while not self._stopping.is_set():
            self._stopping.wait(self.turn())

    def stop(self) -> None:
        """Ends it, the watch that is open included."""
        self._stopping.set()
        lines = self._lines
        if lines is not None:
            lines.end()

    def turn(self) -> float:
        """One list, or one watch to its end; how long to wait before the next turn."""
        began, before = self._backoff.clock(), self._version
        error: PortError | None = None
        try:
            if before is None:
                self._list()
            else:
                self._watch(before)
        except PortError as raised:
            error = raised
        except Exception as raised:  # noqa: BLE001 - a fault of ours must not end a thread that everybody trusts is there
            error = BadAnswer(f"an answer that fails us: {type(raised).__name__}: {raised}")
        if self._backoff.clock() - began >= LONG or None is not before != self._version:
            self._failures = 0
        if self._stopping.is_set() or (before is None and error is None):
            return 0.0
        pause = self._backoff.pause(self._failures) if error is None else self._after(error)
        self._failures += 1
        return pause

    def _after(self, error: PortError) -> float:
        """What a failure means for the next turn."""
        listing = self._version is None
        if isinstance(error, AccessDenied) and self._optional and listing:
            self._known.mark_forbidden(self._source)
            return self._backoff.some(self._backoff.rarely)
        if isinstance(error, NotFound) and self._source.resource.kind in NOT_EVERYWHERE:
            self._version = None
            self._known.mark_unserved(self._source)
            return self._backoff.some(self._backoff.rarely)
        self._known.report(ReadWarning(str(self._source), error))
        if isinstance(error, BadAnswer) and listing:
            self._limit = max(SMALLEST_PAGE, self._limit // 2)  # it may have been too much at once
        if not isinstance(error, Unavailable | AccessDenied):
            self._version = None
        first = self._failures == 0
        return 0.0 if isinstance(error, Expired) and first else self._backoff.pause(self._failures)

    def _list(self) -> None:
        since = self._known.begin()
        listed: list[Seen] = []
        token = ""
        while True:
            page = self._server.page(self._source, limit=self._limit, token=token)
            for item in page.items:
                try:
                    listed.append(project(self._source.resource, item))
                except BadAnswer as error:
                    self._known.report(ReadWarning(str(self._source), error))
            token = page.token
            if self._stopping.is_set():
                return
            if not token:
                break
        self._known.replace(self._source, listed, version=page.version, since=since)
        self._version = page.version

    def _watch(self, version: str) -> None:
        seconds = round(self._backoff.some(WATCH_SECONDS))
        with self._server.watch(self._source, version=version, seconds=seconds) as lines:
            self._lines = lines
            if self._stopping.is_set():
                return
            for line in lines:
                self._take(parse(line))

    def _take(self, event: dict[str, Any]) -> None:
        kind, thing = event.get("type"), event.get("object")
        if not isinstance(thing, dict):
            raise BadAnswer("an event without an object")
        if kind == "ERROR":
            code = thing.get("code")
            raise refusal(code if isinstance(code, int) else 500, thing)
        version = version_of(thing)
        if version == self._version:
            return  # told before
        if self._version is not None and not is_newer(version, self._version):
            raise Expired(f"version {version} after {self._version}; expected versions to grow")
        match kind:
            case "ADDED" | "MODIFIED" if self._known.has(place_of(self._source.resource, thing), version):
                self._known.reach(self._source, version)  # a write of our own, whose answer came before
            case "ADDED" | "MODIFIED":
                self._known.on_upsert(self._source, project(self._source.resource, thing))
            case "DELETED":
                self._known.on_delete(self._source, project(self._source.resource, thing))
            case "BOOKMARK":
                self._known.reach(self._source, version)
            case _:
                raise BadAnswer(f"an event of type {kind!r}")
        self._version = version
