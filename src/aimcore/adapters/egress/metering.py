"""Sockets that wait and receive no more than their exchange may: each single step looks at the clock and the count.

A timeout of a socket alone would not do, for it begins anew with every byte. One look before each step bounds whatever
is made of steps: status lines, headers, chunk sizes and bodies that arrive one byte at a time (SEC-4). Below that, the
interpreter holds one timeout for a whole handshake and a whole TLS record.
"""

from __future__ import annotations

import socket
import ssl
from typing import TYPE_CHECKING, Any, Final

from aimcore.adapters.egress.deadline import Deadline
from aimcore.adapters.egress.errors import TooLarge

__all__ = ["HEAD_AT_MOST", "Meter", "MeteredSocket", "MeteredTLSSocket"]

HEAD_AT_MOST: Final = 128 * 1024  # bytes of status line and headers, interim answers and all

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer, WriteableBuffer


class Meter:
    """What one exchange with `host` may take, until when and how many bytes, and how far it came.

    `received` counts the bytes on the wire; `status` is set once the headers are here, and `body` counts what followed.
    """

    def __init__(self, host: str, deadline: Deadline) -> None:
        self.host = host
        self.deadline = deadline
        self.received = 0
        self.status: int | None = None
        self.body = 0
        self._allowed = HEAD_AT_MOST

    def expect_body(self, status: int, at_most: int) -> None:
        """The headers are here; what follows may be a body of `at_most` bytes and, if in chunks, what delimits them."""
        self.status = status
        self._allowed = self.received + 2 * at_most + HEAD_AT_MOST

    def count(self, received: int) -> None:
        """Bytes came; raises `TooLarge` when they are more than an answer needs."""
        self.received += received
        if self.received > self._allowed:
            raise TooLarge(
                f"{self.host} sends headers or delimiters without end; expected at most {HEAD_AT_MOST} bytes of them"
            )


class MeteredSocket(socket.socket):
    """A TCP socket under a meter."""

    meter: Meter

    def recv_into(self, buffer: WriteableBuffer, nbytes: int = 0, flags: int = 0) -> int:
        """As of any socket, within the patience and the count of the meter."""
        self.settimeout(self.meter.deadline.retry_policy())
        received = super().recv_into(buffer, nbytes, flags)
        self.meter.count(received)
        return received

    def sendall(self, data: ReadableBuffer, flags: int = 0) -> None:
        """As of any socket, within the patience of the meter."""
        self.settimeout(self.meter.deadline.retry_policy())
        super().sendall(data, flags)


class MeteredTLSSocket(ssl.SSLSocket):
    """A TLS socket under a meter."""

    meter: Meter

    def recv_into(self, buffer: Any, nbytes: int | None = None, flags: int = 0) -> int:
        """As of any TLS socket, within the patience and the count of the meter."""
        self.settimeout(self.meter.deadline.retry_policy())
        received = super().recv_into(buffer, nbytes, flags)
        self.meter.count(received)
        return received

    def send(self, data: ReadableBuffer, flags: int = 0) -> int:
        """As of any TLS socket, within the patience of the meter; `sendall` is made of it."""
        self.settimeout(self.meter.deadline.retry_policy())
        return super().send(data, flags)
