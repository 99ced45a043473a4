"""Reading from a client that may be slow or silent: every read ends at a deadline that covers the whole request."""

from __future__ import annotations

import io
import socket
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer  # it is a name of the checker's only

__all__ = ["Paced"]


class Paced(io.RawIOBase):
    """The incoming side of a connection. `allow` sets how long all reads together may take from now on."""

    def __init__(self, connection: socket.socket) -> None:
        super().__init__()
        self._connection = connection
        self._until = 0.0

    def allow(self, seconds: float) -> None:
        """Reads end with `TimeoutError` after so long."""
        self._until = time.monotonic() + seconds

    def readable(self) -> bool:
        """It is for reading."""
        return True

    def readinto(self, buffer: WriteableBuffer) -> int:
        """What has come, as soon as anything has. Raises `TimeoutError`."""
        left = self._until - time.monotonic()
        if left <= 0:
            raise TimeoutError
        self._connection.settimeout(left)
        return self._connection.recv_into(buffer)
