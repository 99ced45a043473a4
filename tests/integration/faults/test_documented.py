"""The page about faults counts what there is."""

from __future__ import annotations

import re
from collections.abc import Sized
from pathlib import Path
from typing import Final

from tests.integration.faults import (
    platform_faults,
    test_api_faults,
    test_process_faults,
    test_running_faults,
    test_running_watch_faults,
    watch_faults,
)

PAGE: Final = Path(__file__).parents[3] / "docs" / "faults.md"
TABLES: Final[dict[str, Sized]] = {
    "API": test_api_faults.CASES,
    "API, for an hour": test_api_faults.LASTING,
    "API, services that run": test_running_faults.CASES,
    "API, services that run, for an hour": test_running_faults.LASTING,
    "watch and cache": watch_faults.FAULTS,
    "watch, services that run": test_running_watch_faults.FAULTS,
    "platform": platform_faults.FAULTS,
    "process": test_process_faults.FAULTS,
}


def test_the_page_counts_the_cases_of_each_group() -> None:
    told = dict(re.findall(r"^\| ([^|]+) \| (\d+) \|", PAGE.read_text(), re.MULTILINE))
    assert told == {name: str(len(cases)) for name, cases in TABLES.items()}
