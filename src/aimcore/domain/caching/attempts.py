"""When the next attempt is due (CACHE-7, CACHE-9)."""

from __future__ import annotations

from typing import Final

__all__ = ["FIRST_PAUSE", "LONGEST_PAUSE", "pause_after"]

FIRST_PAUSE: Final = 60
LONGEST_PAUSE: Final = 3600


def pause_after(attempts: int) -> int:
    """The seconds between an attempt that failed, the so manieth, and the next: a minute, twice as long each time, an hour.

    >>> [pause_after(attempts) for attempts in (1, 2, 3, 7, 99)]
    [60, 120, 240, 3600, 3600]
    """
    return min(LONGEST_PAUSE, FIRST_PAUSE << min(attempts - 1, 10))
