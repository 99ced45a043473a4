"""Every generated file, by its path in the repository."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from tests.reference import chart, commands, conditions, fields, metrics, pictures, versions

__all__ = ["REFERENCE", "ROOT", "generated"]

ROOT = Path(__file__).parents[2]
REFERENCE = "docs/reference"


def generated() -> Mapping[str, str]:
    """The text of every file; in the folder of the reference there is nothing else."""
    pages = {
        "commands.md": commands.commands_text(),
        "exit-codes.md": commands.exits_text(),
        "settings.md": commands.settings_text(),
        "conditions.md": conditions.page_text(),
        "metrics.md": metrics.page_text(),
        "values.md": chart.page_text(),
        "versions.md": versions.page_text(),
        **dict(fields.pages()),
    }
    return {
        "deploy/chart/values.schema.json": chart.schema_text(),
        **{f"{REFERENCE}/{name}": text for name, text in pages.items()},
        **{f"docs/pictures/{name}": text for name, text in pictures.pictures().items()},
    }
