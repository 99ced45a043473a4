"""The columns of `kubectl get`: those of the definitions, and those that Kubernetes has for its own kinds."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from aimcore.adapters.memory.kinds import Manifest

__all__ = ["AGE", "NAME", "Column", "at", "printed", "since", "until_now"]

Cell = Callable[[Manifest, datetime], Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One column: its head, and what stands in it for an object, now. A `wide` one is shown on request."""

    name: str
    cell: Cell
    type: str = "string"
    format: str = ""
    description: str = ""
    wide: bool = False

    def head(self) -> dict[str, Any]:
        """The column as a Table defines it."""
        return {
            "name": self.name,
            "type": self.type,
            "format": self.format,
            "description": self.description,
            "priority": 1 if self.wide else 0,
        }


def at(value: Any, *path: str) -> Any:
    """What stands at a path of mappings; None where there is nothing."""
    for step in path:
        value = value.get(step) if isinstance(value, Mapping) else None
    return value


def since(time: str, now: datetime) -> str:
    """How long ago a time of RFC 3339 is, as kubectl writes it.

    >>> now = datetime.fromisoformat("2026-01-03T05:00:00Z")
    >>> since("2026-01-01T00:00:00Z", now)
    '2d5h'
    >>> since("", now), since("soon", now)
    ('<unknown>', '<invalid>')
    """
    if not time:
        return "<unknown>"
    try:
        return _duration(now - datetime.fromisoformat(time))
    except (TypeError, ValueError):  # no time, or one without a zone
        return "<invalid>"


def _duration(passed: timedelta) -> str:
    seconds = int(passed.total_seconds())
    minutes, hours, days = seconds // 60, seconds // 3600, seconds // 86400
    if seconds < -1:
        return "<invalid>"
    rows: tuple[tuple[bool, str], ...] = (
        (seconds < 120, f"{max(seconds, 0)}s"),
        (minutes < 10, _pair(minutes, "m", seconds % 60, "s")),
        (minutes < 180, f"{minutes}m"),
        (hours < 8, _pair(hours, "h", minutes % 60, "m")),
        (hours < 48, f"{hours}h"),
        (days < 8, _pair(days, "d", hours % 24, "h")),
        (days < 365 * 2, f"{days}d"),
        (days < 365 * 8, _pair(days // 365, "y", days % 365, "d")),
    )
    return next((text for fits, text in rows if fits), f"{days // 365}y")


def _pair(large: int, unit: str, small: int, other: str) -> str:
    return f"{large}{unit}{small}{other}" if small else f"{large}{unit}"


def until_now(manifest: Manifest, now: datetime) -> str:
    """The age of an object."""
    return since(at(manifest, "metadata", "creationTimestamp") or "", now)


NAME = Column(name="Name", cell=lambda manifest, _: at(manifest, "metadata", "name"), format="name")
AGE = Column(name="Age", cell=until_now)


def printed(column: Mapping[str, Any]) -> Column:
    """An `additionalPrinterColumns` entry with a plain path, such as `.status.resolvedModel.name`."""
    path = tuple(column["jsonPath"].removeprefix(".").split("."))

    def cell(manifest: Manifest, now: datetime) -> Any:
        value = at(manifest, *path)
        return since(value, now) if column["type"] == "date" and isinstance(value, str) else value

    return Column(
        name=column["name"],
        cell=cell,
        type=column["type"],
        description=column.get(
            "description", f"Custom resource definition column (in JSONPath format): {column['jsonPath']}"
        ),
        wide=column.get("priority", 0) > 0,
    )
