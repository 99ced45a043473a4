"""The newest line that says how far a download is counts, and a status is news once a percent."""

from __future__ import annotations

import pytest

from aimcore.domain.caching.progress import parse_progress, steady
from aimcore.domain.kinds.statuses import CacheProgress

LINE = '{"percent": 42, "bytes": 42, "totalBytes": 100, "files": 1, "totalFiles": 3}'


def at(done: int, total: int = 1000) -> CacheProgress:
    return CacheProgress(bytes=done, total=total, percent=done * 100 // total)


@pytest.mark.rule("CACHE-7")
@pytest.mark.parametrize(
    "text",
    [
        LINE,
        f"noise\n{LINE}\n",
        f"{LINE}\nTraceback\n[1]\n",
        f'{LINE}\n{{"bytes": 1}}\n' + '{"bytes": -1, "totalBytes": 9}',
    ],
)
def test_the_newest_line_that_tells_of_it_counts(text: str) -> None:
    assert parse_progress(text) == CacheProgress(bytes=42, total=100, percent=42)


@pytest.mark.rule("CACHE-7")
@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[" * 100_000,
        "[]",
        '{"bytes": 0, "totalBytes": 0}',
        '{"bytes": true, "totalBytes": 1}',
        '{"bytes": 1, "totalBytes": 1e3}',
        '{"bytes": 1, "totalBytes": 99999999999999999999}',
    ],
)
def test_what_tells_nothing_is_nothing(text: str) -> None:
    assert parse_progress(text) is None


@pytest.mark.rule("CACHE-7")
def test_no_download_is_further_than_all_of_it() -> None:
    assert parse_progress('{"bytes": 7, "totalBytes": 5}') == CacheProgress(bytes=5, total=5, percent=100)


@pytest.mark.rule("CACHE-7")
def test_what_is_less_than_a_percent_further_is_no_news() -> None:
    assert steady(at(429), at(421)) == at(421)
    assert steady(at(430), at(421)) == at(430)
    assert steady(at(11), at(421)) == at(11), "another attempt may begin further back"
    assert steady(at(421, 1001), at(421)) == at(421, 1001)
    assert steady(None, at(421)) == at(421)
    assert steady(at(1), None) == at(1)
    assert steady(None, None) is None
