"""One end in time for everything a question needs: lookups, handshakes, headers, bodies and redirects alike (SEC-4)."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Final

from aimcore.adapters.egress.errors import Unreachable

__all__ = ["TIMEOUT", "Deadline"]

TIMEOUT: Final = 10.0  # seconds to connect, and to wait for the next byte (SEC-4)
_EARLY: Final = 0.05  # seconds by which a socket's timeout may ring before its time


@dataclass(frozen=True, slots=True, kw_only=True)
class Deadline:
    """A moment of the monotonic clock, `allowed` seconds after it was set."""

    allowed: float
    ends: float

    @classmethod
    def after(cls, seconds: float) -> Deadline:
        """The moment `seconds` from now."""
        return cls(allowed=seconds, ends=time.monotonic() + seconds)

    def left(self) -> float:
        """The seconds that are left, more than 0; raises `Unreachable` when there are none."""
        left = self.ends - time.monotonic()
        if left <= 0:
            raise Unreachable(f"the {self.allowed:g} s allowed are spent; try again, or look for what is slow")
        return left

    def retry_policy(self) -> float:
        """How long to wait for the next step, at most `TIMEOUT`; raises `TimeoutError` when the time is over."""
        left = self.ends - time.monotonic()
        if left <= 0:
            raise TimeoutError
        return min(left, TIMEOUT)

    def spent(self) -> bool:
        """Whether the moment is past, or so near that what waited for it and gave up did so for that reason."""
        return time.monotonic() >= self.ends - _EARLY
