"""When the next attempt is due (CACHE-7, CACHE-9)."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Final

__all__ = ["FIRST_PAUSE", "LONGEST_PAUSE", "pause_after", "time_of"]

FIRST_PAUSE: Final = 60
LONGEST_PAUSE: Final = 3600


def pause_after(attempts: int) -> int:
    """The seconds between an attempt that failed, the so manieth, and the next: a minute, twice as long each time, an hour.

    >>> [pause_after(attempts) for attempts in (1, 2, 3, 7, 99)]
    [60, 120, 240, 3600, 3600]
    """
    return min(LONGEST_PAUSE, FIRST_PAUSE << min(attempts - 1, 10))


def time_of(seconds: int) -> str:
    """Whole seconds since 1970 as the API writes a time.

    >>> time_of(86401)
    '1970-01-02T00:00:01Z'
    """
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
