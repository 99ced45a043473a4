"""Why a request got no answer: five kinds a caller can tell apart, in words that are safe to show anybody (SEC-1)."""

# ruff: noqa: N818 - named as what happened, like the port errors they are a kind of

from __future__ import annotations

from typing import ClassVar

from aimcore.ports.errors import PortError

__all__ = ["EgressError", "ProtocolError", "Refused", "TooLarge", "Unreachable", "Untrusted"]


class EgressError(PortError):
    """A request got no answer that could be used.

    The message names the host and what to do. It holds no user part, query or header value, and where the original error
    quotes what the peer sent, that one is not chained: a peer may send back what it was sent. `word` is what conditions call it.
    """

    word: ClassVar[str]


class Refused(EgressError):
    """The rules forbid the address, the scheme or the request itself; nothing was sent there (SEC-3)."""

    word: ClassVar[str] = "Untrusted"
    may_recover: ClassVar[bool] = False


class Untrusted(EgressError):
    """The peer cannot prove who it is: its certificate, or that it speaks TLS at all."""

    word: ClassVar[str] = "Untrusted"
    may_recover: ClassVar[bool] = False


class Unreachable(EgressError):
    """No whole answer: the name is unknown, nobody listens, the connection broke, or the time is over."""

    word: ClassVar[str] = "Unreachable"


class TooLarge(EgressError):
    """The answer is larger than was allowed (SEC-4)."""

    word: ClassVar[str] = "TooLarge"
    may_recover: ClassVar[bool] = False


class ProtocolError(EgressError):
    """What came is not the answer to what was asked: no HTTP, an encoding nobody asked for, a bad redirect."""

    word: ClassVar[str] = "Malformed"
    may_recover: ClassVar[bool] = False
