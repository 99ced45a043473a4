"""Every generated file, by its path in the repository."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from tests.reference import chart, metrics

__all__ = ["ROOT", "generated"]

ROOT = Path(__file__).parents[2]


def generated() -> Mapping[str, str]:
    """The text of every file."""
    return {
        "deploy/chart/values.schema.json": chart.schema_text(),
        "docs/reference/metrics.md": metrics.page_text(),
        "docs/reference/values.md": chart.page_text(),
    }
