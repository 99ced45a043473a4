"""How far a download is, by the last line of JSON that it wrote (FETCH-1, CACHE-7)."""

from __future__ import annotations

import json
from typing import Any, Final

from aimcore.domain.kinds.statuses import CacheProgress

__all__ = ["parse_progress", "steady"]

_ALL: Final = 100
_AT_MOST: Final = 2**63


def parse_progress(text: str) -> CacheProgress | None:
    """The progress that the newest line tells of; None where none does.

    >>> parse_progress('{"percent": 42, "bytes": 42, "totalBytes": 100}')
    CacheProgress(bytes=42, total=100, percent=42)
    """
    told = (_progress(line) for line in reversed(text.splitlines()))
    return next((one for one in told if one is not None), None)


def _progress(line: str) -> CacheProgress | None:
    """Before the listing is there nothing is known of the total, so nothing is told."""
    try:
        said = json.loads(line)
    except (ValueError, RecursionError):
        return None
    if not isinstance(said, dict):
        return None
    done, total = said.get("bytes"), said.get("totalBytes")
    if not _is_amount(done) or not _is_amount(total) or not total:
        return None
    done = min(done, total)
    return CacheProgress(bytes=done, total=total, percent=done * _ALL // total)


def _is_amount(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value < _AT_MOST


def steady(now: CacheProgress | None, held: CacheProgress | None) -> CacheProgress | None:
    """What a status says: news of a percent only, so that it is written a hundred times at most; and what it said where
    nothing is heard.
    """
    if now is None or held is None:
        return now or held
    return held if (held.percent, held.total) == (now.percent, now.total) else now
