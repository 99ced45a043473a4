"""What was looked at of a cluster, whether it is as it should be, and what to do where it is not."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from aimcore.entrypoints.present.outline import Entry, Section

__all__ = ["Check", "State", "checks_data", "checks_section", "is_sound"]


class State(StrEnum):
    """How it is; what is `unknown` could not be looked at, and is no fault."""

    OK = "ok"
    WRONG = "wrong"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One thing that was looked at: what was found, and what to do about it where something is to be done."""

    name: str
    state: State
    found: str
    advice: str = ""


def is_sound(checks: Sequence[Check]) -> bool:
    """Whether nothing is wrong."""
    return not any(check.state is State.WRONG for check in checks)


def checks_section(checks: Sequence[Check]) -> Section:
    """For people."""
    entries = (
        Entry(label=check.state, text=check.name, notes=tuple(filter(None, (check.found, check.advice))))
        for check in checks
    )
    return Section(title="Cluster", entries=tuple(entries))


def checks_data(checks: Sequence[Check]) -> list[dict[str, Any]]:
    """For programs."""
    return [{"check": one.name, "state": one.state, "found": one.found, "advice": one.advice or None} for one in checks]
