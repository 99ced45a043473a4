"""What can be read of an object beside its status: the events that were told of it, and the end of a pod's log."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from enum import StrEnum

__all__ = ["LogCause", "LogFailed", "ObjectEvent", "PodLog", "newest"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ObjectEvent:
    """The reason and message of one event."""

    reason: str
    message: str


def newest(events: Iterable[ObjectEvent], reasons: Collection[str]) -> ObjectEvent | None:
    """The last event, of a list with the oldest first, that gives one of these reasons; None where there is none."""
    return next((one for one in reversed(tuple(events)) if one.reason in reasons), None)


class LogCause(StrEnum):
    """Why a log could not be read."""

    GONE = "Gone"  # there is no such pod any more
    FORBIDDEN = "Forbidden"
    UNREACHABLE = "Unreachable"  # its node does not answer, or its container has not begun


@dataclass(frozen=True, slots=True, kw_only=True)
class PodLog:
    """The end of the log of a container."""

    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LogFailed:
    """The log could not be read."""

    cause: LogCause
    message: str = ""
