"""Points in time as the API writes them, RFC 3339 in UTC, and as whole seconds."""

from __future__ import annotations

import re
from typing import Final

from aimcore.domain.errors import ParseError

__all__ = ["seconds_of"]

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
