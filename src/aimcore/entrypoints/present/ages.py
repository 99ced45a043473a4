"""How long ago something was, as kubectl says it."""

from __future__ import annotations

from typing import Final

from aimcore.domain.errors import ParseError
from aimcore.domain.values.times import seconds_of

__all__ = ["age", "span"]

_UNITS: Final = (("d", 86_400), ("h", 3_600), ("m", 60), ("s", 1))


def age(since: str | None, now: int) -> str:
    """How old what came then is now, in seconds since 1970; empty where nobody knows.

    >>> age("1970-01-01T00:00:00Z", 3 * 86_400), age(None, 0)
    ('3d', '')
    """
    try:
        return span(now - seconds_of(since or ""))
    except ParseError:
        return ""


def span(seconds: int) -> str:
    """So long, in the largest unit that it fills twice, as kubectl cuts it.

    >>> span(90), span(119 * 60), span(47 * 3_600), span(49 * 3_600), span(-5)
    ('90s', '119m', '47h', '2d', '0s')
    """
    left = max(seconds, 0)
    for unit, size in _UNITS:
        if left >= 2 * size:
            return f"{left // size}{unit}"
    return f"{left}s"
