"""A watch as a client sees it: the changes of what it selected, bookmarks, and an end."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from aimcore.adapters.memory.apiserver.calls import Call
from aimcore.adapters.memory.apiserver.presenting import Form, form_of, presented
from aimcore.adapters.memory.apiserver.refusals import Refusal, gone, invalid_options, refusal_of
from aimcore.adapters.memory.apiserver.selecting import selector_of
from aimcore.adapters.memory.apiserver.shared import Shared
from aimcore.adapters.memory.kinds import Manifest
from aimcore.adapters.memory.store import MemoryStore
from aimcore.adapters.memory.watching import Event, Watch
from aimcore.ports.errors import Expired

__all__ = ["Told", "watched"]

Told = dict[str, Any]
"""One line of a watch."""

_SECONDS = 1800
_BETWEEN_BOOKMARKS = 60.0
_TIMEOUT = 1.0


class _View:
    """What one watcher sees of the changes of a kind."""

    def __init__(self, call: Call) -> None:
        endpoint = call.route.endpoint
        self._endpoint = endpoint
        self._namespace = call.route.namespace
        self._selector = selector_of(endpoint, call.query.get("labelSelector", ""), call.query.get("fieldSelector", ""))
        self._form: Form = form_of(call.accept)
        self._include = call.query.get("includeObject", "")

    def sees(self, manifest: Manifest | None) -> bool:
        """Whether this object is among those that were asked for."""
        if manifest is None or self._namespace not in (None, manifest["metadata"].get("namespace")):
            return False
        return self._selector(self._endpoint.shown(manifest))

    def line(self, type: str, manifest: Manifest) -> Told:
        """The line that tells of an object."""
        return {"type": type, "object": presented(manifest, self._endpoint, self._form, self._include)}

    def told(self, event: Event) -> Told | None:
        """The line of a change, None when it is none to this watcher: what leaves its selection is deleted to it."""
        now = event.type != "DELETED" and self.sees(event.manifest)
        was = self.sees(event.before)
        if now:
            return self.line("MODIFIED" if was else "ADDED", event.manifest)
        if not was or event.before is None:
            return None
        if event.type == "DELETED":
            return self.line("DELETED", event.manifest)
        version = event.manifest["metadata"]["resourceVersion"]
        last = {**event.before, "metadata": {**event.before["metadata"], "resourceVersion": version}}
        return self.line("DELETED", last)

    def bookmark(self, version: str) -> Told:
        """The line that says how far this watcher has come."""
        kept = self._endpoint.resource
        empty = {"apiVersion": kept.api_version, "kind": kept.kind, "metadata": {"resourceVersion": version}}
        return {"type": "BOOKMARK", "object": presented(empty, self._endpoint, self._form, self._include)}


def watched(call: Call, shared: Shared, is_there: Callable[[], bool]) -> Iterator[Sequence[Told]]:
    """The lines of a watch, some at a time and now and then none, until its time is over, or its client is not there.

    Raises `Refusal` at once when the call is wrong; a history that is not kept any more is told as a line, as API servers do.
    """
    if "sendInitialEvents" in call.query:
        raise invalid_options("sendInitialEvents", "Forbidden: sendInitialEvents is forbidden for watch here")
    view = _View(call)
    start = call.number("resourceVersion")
    until = time.monotonic() + (call.number("timeoutSeconds") or _SECONDS)
    try:
        with shared.held() as store:
            first, watch, version = _begun(view, call, store, start)
    except Expired as error:
        return iter([[_error(refusal_of(error, call.route.endpoint, ""))]])
    follow = _Follow(shared, view, watch, version)
    return follow.lines(first, until, is_there, bookmarks=call.flag("allowWatchBookmarks"))


def _begun(view: _View, call: Call, store: MemoryStore, start: int) -> tuple[list[Told], Watch, str]:
    kind, version = call.route.endpoint.kind, store.resource_version
    if not start:
        found, _ = store.list(kind, call.route.namespace)
        return [view.line("ADDED", one) for one in found if view.sees(one)], store.watch(kind, version), version
    if start > int(version):
        raise Expired(f"{start} ({version})")
    return [], store.watch(kind, str(start)), str(start)


def _error(refusal: Refusal) -> Told:
    return {"type": "ERROR", "object": refusal.document()}


class _Follow:
    """One watcher on its way through the history."""

    def __init__(self, shared: Shared, view: _View, watch: Watch, version: str) -> None:
        self._shared = shared
        self._view = view
        self._watch = watch
        self._version = version

    def lines(
        self, first: Sequence[Told], until: float, is_there: Callable[[], bool], *, bookmarks: bool
    ) -> Iterator[Sequence[Told]]:
        yield first
        bookmark_at = time.monotonic() + _BETWEEN_BOOKMARKS
        while not self._shared.closed and is_there():
            left = until - time.monotonic()
            if left <= 0:
                break
            try:
                events = self._shared.news(self._watch, min(left, _TIMEOUT))
            except Expired as error:
                yield [_error(gone(f"too old resource version: {error}"))]
                return
            told = [line for event in events if (line := self._view.told(event)) is not None]
            if events:
                self._version = events[-1].manifest["metadata"]["resourceVersion"]
            if bookmarks and time.monotonic() > bookmark_at:
                told.append(self._view.bookmark(self._version))
                bookmark_at = time.monotonic() + _BETWEEN_BOOKMARKS
            yield told
        if bookmarks:
            yield [self._view.bookmark(self._version)]
