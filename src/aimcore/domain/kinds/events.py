"""What Kubernetes told of one object in events: some causes stand nowhere else."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass

__all__ = ["ObjectEvent", "newest"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ObjectEvent:
    """The reason and message of one event."""

    reason: str
    message: str


def newest(events: Iterable[ObjectEvent], reasons: Collection[str]) -> ObjectEvent | None:
    """The last event, of a list with the oldest first, that gives one of these reasons; None where there is none."""
    return next((one for one in reversed(tuple(events)) if one.reason in reasons), None)
