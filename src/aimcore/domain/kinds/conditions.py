"""Conditions: what is true of an object, why, and since when (KIND-9)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from operator import attrgetter

__all__ = [
    "Condition",
    "ConditionStatus",
    "ConditionType",
    "Event",
    "EventType",
    "Outcome",
    "find_condition",
    "since",
    "when_false",
    "when_true",
    "when_unknown",
]

LONGEST_MESSAGE = 4096


class ConditionStatus(StrEnum):
    """Whether a condition holds."""

    TRUE = "True"
    FALSE = "False"
    UNKNOWN = "Unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """One metav1.Condition. `last_transition_time` is RFC 3339; empty until `since` dates it."""

    type: str
    status: ConditionStatus
    reason: str
    message: str = ""
    last_transition_time: str = ""
    observed_generation: int | None = None


class EventType(StrEnum):
    """How loud an event is."""

    NORMAL = "Normal"
    WARNING = "Warning"


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """A condition changed (STAT-4)."""

    type: EventType
    reason: str
    message: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """One reason of a condition: the status it goes with, what it means in a sentence, whether an event of it is a warning."""

    status: ConditionStatus
    reason: str
    means: str
    warns: bool


def when_true(reason: str, means: str, *, warns: bool = False) -> Outcome:
    """A reason for which the condition is True; one that is bad when it is true `warns`."""
    return Outcome(ConditionStatus.TRUE, reason, means, warns)


def when_false(reason: str, means: str, *, warns: bool = True) -> Outcome:
    """A reason for which the condition is False; what is under way, or was wanted so, warns of nothing."""
    return Outcome(ConditionStatus.FALSE, reason, means, warns)


def when_unknown(reason: str, means: str) -> Outcome:
    """A reason for which nobody knows whether the condition is true."""
    return Outcome(ConditionStatus.UNKNOWN, reason, means, warns=False)


class ConditionType:
    """A type of condition with every reason it may have: called with one of them, it makes the condition.

    >>> eaten = ConditionType("Eaten", when_true("Eaten", "It was eaten."), when_false("Hot", "It is hot.", warns=False))
    >>> str(eaten("Hot", "80 degrees").status)
    'False'
    """

    __slots__ = ("_statuses", "name", "outcomes")

    def __init__(self, name: str, *outcomes: Outcome) -> None:
        """The type's `name`, and its reasons, each once."""
        self.name = name
        self.outcomes = outcomes
        self._statuses = {outcome.reason: outcome.status for outcome in outcomes}

    def __call__(self, reason: str, message: str = "") -> Condition:
        """The condition with this reason and the status that is declared with it; KeyError for a reason that is not declared."""
        return Condition(type=self.name, status=self._statuses[reason], reason=reason, message=message)


def find_condition(conditions: Iterable[Condition], kind: str) -> Condition | None:
    """The condition of that type, if there is one."""
    return next((condition for condition in conditions if condition.type == kind), None)


def since(
    now: str, generation: int, decided: Iterable[Condition], held: tuple[Condition, ...]
) -> tuple[Condition, ...]:
    """The decided conditions, dated: one whose `status` did not move keeps its time (KIND-9).

    `held` is what the status says now; what was not decided again is gone (STAT-3). Sorted by type.
    """
    before = {condition.type: condition for condition in reversed(held)}
    return tuple(
        [_dated(one, before.get(one.type), now, generation) for one in sorted(decided, key=attrgetter("type"))]
    )


def _dated(decided: Condition, held: Condition | None, now: str, generation: int) -> Condition:
    """The decided condition with its time; what is held where it says the same already."""
    message = _cut(decided.message)
    time = now
    if held is not None and held.status is decided.status and held.last_transition_time:
        if (held.reason, held.message, held.observed_generation) == (decided.reason, message, generation):
            return held
        time = held.last_transition_time
    return Condition(
        type=decided.type,
        status=decided.status,
        reason=decided.reason,
        message=message,
        last_transition_time=time,
        observed_generation=generation,
    )


def _cut(message: str) -> str:
    return message if len(message) <= LONGEST_MESSAGE else f"{message[: LONGEST_MESSAGE - 3]}..."
