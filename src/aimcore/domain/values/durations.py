"""Durations as the Gateway API writes them, `1h30m`, and therefore as every spec field of ours does (RUN-5, ROUTE-3)."""

from __future__ import annotations

import re
from typing import Final

from aimcore.domain.errors import ParseError

__all__ = ["DURATION", "duration_text", "parse_duration"]

DURATION: Final = r"^([0-9]{1,5}(h|m|s|ms)){1,4}$"
"""The pattern that an API server checks; `ms` is tried where `m` alone would leave an `s`."""
_DURATION = re.compile(DURATION)
_PART = re.compile(r"([0-9]{1,5})(ms|h|m|s)")
_MILLISECONDS: Final = {"h": 3_600_000, "m": 60_000, "s": 1_000, "ms": 1}


def parse_duration(text: str) -> int:
    """The milliseconds of a duration, or a ParseError.

    >>> parse_duration("1h30m"), parse_duration("0s"), parse_duration("500ms")
    (5400000, 0, 500)
    >>> parse_duration("1.5s")
    Traceback (most recent call last):
    aimcore.domain.errors.ParseError: duration '1.5s' cannot be read; expected up to four whole numbers with h, m, s or ms, \
such as 1h30m or 0s
    """
    if not _DURATION.fullmatch(text):
        expected = "up to four whole numbers with h, m, s or ms, such as 1h30m or 0s"
        raise ParseError("duration", text, problem="cannot be read", expected=expected)
    return sum(int(number) * _MILLISECONDS[unit] for number, unit in _PART.findall(text))


def duration_text(seconds: int) -> str:
    """Whole seconds in a few words of the same form.

    >>> duration_text(5400), duration_text(0), duration_text(59)
    ('1h30m', '0s', '59s')
    """
    hours, rest = divmod(seconds, 3600)
    minutes, left = divmod(rest, 60)
    parts = [f"{number}{unit}" for number, unit in ((hours, "h"), (minutes, "m"), (left, "s")) if number]
    return "".join(parts) or "0s"
