"""One store for many threads: one of them at a time, and whoever waits for changes is told."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from aimcore.adapters.memory.store import MemoryStore
from aimcore.adapters.memory.watching import Event, Watch

__all__ = ["Shared"]

_REST = 0.02


class Shared:
    """A store behind a lock. Its controllers run in a thread of their own, as a cluster's do, until `close`."""

    def __init__(self, store: MemoryStore) -> None:
        self._store = store
        self._changed = threading.Condition()
        self._closing = threading.Event()
        self._controllers = threading.Thread(target=self._settle, name="controllers", daemon=True)
        self._controllers.start()

    @property
    def minor(self) -> int:
        """The minor of Kubernetes that the store follows."""
        return self._store.minor

    @property
    def closed(self) -> bool:
        """Whether nothing will change any more."""
        return self._closing.is_set()

    @contextmanager
    def held(self) -> Iterator[MemoryStore]:
        """The store, for this thread alone until it leaves."""
        with self._changed:
            before = self._store.resource_version
            try:
                yield self._store
            finally:
                if self._store.resource_version != before:
                    self._changed.notify_all()

    def news(self, watch: Watch, seconds: float) -> list[Event]:
        """What a watch has to tell; waits for it, but not longer than these seconds. Raises `Expired`."""
        with self._changed:
            events = watch.drain()
            if not events and not self.closed:
                self._changed.wait(seconds)
                events = watch.drain()
            return events

    def close(self) -> None:
        """Wake everybody and stop the controllers."""
        with self._changed:
            self._closing.set()
            self._changed.notify_all()
        self._controllers.join()

    def _settle(self) -> None:
        """Garbage collection after every change; when it takes long it comes seldom, so that others have their turn."""
        seen = ""
        while not self.closed:
            with self._changed:
                while self._store.resource_version == seen and not self.closed:
                    self._changed.wait()
                began = time.monotonic()
                with self.held() as store:
                    store.collect()
                    seen = store.resource_version
            self._closing.wait(max(_REST, 10 * (time.monotonic() - began)))
