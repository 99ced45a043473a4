"""Connections that may be used again, for the same origin judged in the same way, and few of them."""

from __future__ import annotations

import threading
from collections import deque
from typing import Final

from aimcore.adapters.egress.connecting import Connection
from aimcore.adapters.egress.origins import Origin

__all__ = ["Idle", "Key"]

Key = tuple[Origin, bool]
"""The origin, and whether another host named it: what was connected to for the user is not lent to strangers."""

_AT_MOST: Final = 64


class Idle:
    """The connections nobody uses now; the one used last is taken first, and the one used longest ago makes room."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._kept: deque[tuple[Key, Connection]] = deque()
        self._closed = False

    def take(self, key: Key) -> Connection | None:
        """A connection that still stands and on which nothing has come that nobody asked for."""
        while True:
            with self._lock:
                found = next((entry for entry in reversed(self._kept) if entry[0] == key), None)
                if found is None:
                    return None
                self._kept.remove(found)
            if found[1].is_connected:
                return found[1]
            found[1].close()

    def keep(self, key: Key, connection: Connection) -> None:
        """Put a connection back whose answer was read to its end."""
        surplus = connection
        with self._lock:
            if not self._closed:
                self._kept.append((key, connection))
                if len(self._kept) <= _AT_MOST:
                    return
                surplus = self._kept.popleft()[1]
        surplus.close()

    def close(self) -> None:
        """Close all that are kept, and keep none from now on."""
        with self._lock:
            self._closed = True
            kept = tuple(self._kept)
            self._kept.clear()
        for _, connection in kept:
            connection.close()
