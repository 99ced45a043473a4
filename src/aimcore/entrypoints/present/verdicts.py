"""How a thing is, in one word and the conditions it was told from."""

from __future__ import annotations

from typing import Any

from aimcore.domain.kinds.caches import Cache
from aimcore.domain.kinds.conditions import Condition, find_condition
from aimcore.domain.kinds.records import AimObject, Model, Service, Template
from aimcore.domain.kinds.statuses import AnyStatus, Verdict
from aimcore.domain.view.observed import is_paused
from aimcore.entrypoints.present.outline import Entry

__all__ = ["Status", "condition", "condition_entries", "pausing", "reason", "verdict", "verdict_data", "verdict_entry"]

Status = AnyStatus


def verdict(status: Status | None) -> str:
    """The one word; a thing that nothing was decided on is Pending."""
    return (status.status if status else Verdict.PENDING).value


def condition(status: Status | None, kind: str) -> Condition | None:
    """The condition of that type, if it is there."""
    return None if status is None else find_condition(status.conditions, kind)


def reason(status: Status | None) -> str:
    """Why the word is what it is; empty where there is nothing to add."""
    ready = condition(status, "Ready")
    return ready.message if ready is not None else ""


def verdict_data(status: Status | None) -> dict[str, Any]:
    """The word and the conditions, for programs."""
    conditions = status.conditions if status else ()
    return {
        "status": verdict(status),
        "conditions": [
            {"type": one.type, "status": one.status.value, "reason": one.reason, "message": one.message}
            for one in conditions
        ],
    }


def condition_entries(status: Status | None) -> tuple[Entry, ...]:
    """Every condition, for people."""
    return tuple(
        Entry(label=f"{one.type}={one.status}", text=one.reason, notes=(one.message,) if one.message else ())
        for one in (status.conditions if status else ())
    )


def pausing(thing: AimObject) -> str:
    """What is said behind the name of a thing that somebody paused (OWN-3, RUN-15)."""
    return " (paused)" if is_paused(thing) else ""


def verdict_entry(thing: Model | Template | Service | Cache) -> Entry:
    """The word, the thing and the reason, for people."""
    told = reason(thing.status)
    return Entry(label=verdict(thing.status), text=f"{thing.key}{pausing(thing)}", notes=(told,) if told else ())
