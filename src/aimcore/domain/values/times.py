"""Durations as the Gateway API writes them, and points in time as RFC 3339 in UTC: text, and whole seconds (RUN-5, ROUTE-3)."""

from __future__ import annotations

import re
from typing import Final

from aimcore.domain.errors import ParseError

__all__ = ["DURATION", "duration_text", "parse_duration", "seconds_of", "time_of"]

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


_TIME = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})T([0-9]{2}):([0-9]{2}):([0-9]{2})(?:\.[0-9]{1,9})?Z")
_DAYS_BEFORE_MONTH: Final = (0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334)


def seconds_of(text: str) -> int:
    """The whole seconds since 1970 of a time in UTC, or a ParseError.

    >>> seconds_of("1970-01-02T00:00:01Z"), seconds_of("2024-03-01T00:00:00Z") - seconds_of("2024-02-28T00:00:00Z")
    (86401, 172800)
    """
    found = _TIME.fullmatch(text)
    if found is None or not 1 <= int(found[2]) <= len(_DAYS_BEFORE_MONTH):
        raise ParseError("time", text, problem="cannot be read", expected="one such as 2026-01-31T12:00:00Z")
    year, month, day, hour, minute, second = map(int, found.groups())
    past = year - 1 if month <= 2 else year  # leap days up to this year's February
    leaps = past // 4 - past // 100 + past // 400
    days = (year - 1970) * 365 + leaps - 477 + _DAYS_BEFORE_MONTH[month - 1] + day - 1
    return ((days * 24 + hour) * 60 + minute) * 60 + second


def time_of(seconds: int) -> str:
    """Whole seconds since 1970, at least 0, as the API writes a time.

    >>> time_of(86401), time_of(seconds_of("2024-02-29T23:59:59Z"))
    ('1970-01-02T00:00:01Z', '2024-02-29T23:59:59Z')
    """
    days, rest = divmod(seconds, 86_400)
    shifted = days + 719_468  # days since 1 March of the year 0, so that a leap day is the last of its year
    era, day = divmod(shifted, 146_097)
    year = (day - day // 1_460 + day // 36_524 - day // 146_096) // 365
    of_year = day - (365 * year + year // 4 - year // 100)
    month = (5 * of_year + 2) // 153
    date = of_year - (153 * month + 2) // 5 + 1
    civil = month + 3 if month < 10 else month - 9
    hour, minute, second = rest // 3_600, rest // 60 % 60, rest % 60
    whole = year + era * 400 + (civil <= 2)
    return f"{whole:04}-{civil:02}-{date:02}T{hour:02}:{minute:02}:{second:02}Z"
