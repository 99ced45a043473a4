"""What asking for the log of a pod answers: its end, or why nobody can read it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

__all__ = ["LogCause", "LogFailed", "PodLog"]


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
