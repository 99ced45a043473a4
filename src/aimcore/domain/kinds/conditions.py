"""Conditions: what is true of an object, why, and since when (KIND-9)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

__all__ = ["Condition", "ConditionStatus", "Event", "EventType", "condition_events", "find_condition", "since"]

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


def find_condition(conditions: Iterable[Condition], kind: str) -> Condition | None:
    """The condition of that type, if there is one."""
    return next((condition for condition in conditions if condition.type == kind), None)


def since(
    now: str, generation: int, decided: Iterable[Condition], held: tuple[Condition, ...]
) -> tuple[Condition, ...]:
    """The decided conditions, dated: one whose `status` did not move keeps its time (KIND-9).

    `held` is what the status says now; what was not decided again is gone (STAT-3). Sorted by type.
    """
    times = {(condition.type, condition.status): condition.last_transition_time for condition in held}
    return tuple(
        Condition(
            type=condition.type,
            status=condition.status,
            reason=condition.reason,
            message=_cut(condition.message),
            last_transition_time=times.get((condition.type, condition.status)) or now,
            observed_generation=generation,
        )
        for condition in sorted(decided, key=lambda condition: condition.type)
    )


def _cut(message: str) -> str:
    return message if len(message) <= LONGEST_MESSAGE else f"{message[: LONGEST_MESSAGE - 3]}..."


def condition_events(held: tuple[Condition, ...], decided: tuple[Condition, ...]) -> tuple[Event, ...]:
    """One event for each incident among the conditions whose status, reason or message changed; repetition is none (STAT-4).

    A condition that is there for the first time is an event if it warns: that all is well with something new is no change.
    What several conditions say of one reason is one incident, and a summary (`Ready`, `Resolved`) adds nothing to the warning
    it sums up.
    """
    before = {condition.type: condition for condition in held}
    changed = [condition for condition in decided if _news(before.get(condition.type), condition)]
    causes = [condition for condition in changed if _warns(condition) and condition.type not in _SUMMARIES]
    told = [condition for condition in changed if not causes or condition in causes or not _is_summary(condition)]
    once = {condition.reason: condition for condition in reversed(told)}
    return tuple(_event(condition) for condition in told if once[condition.reason] is condition)


_SUMMARIES = frozenset({"Ready", "Resolved"})


def _is_summary(condition: Condition) -> bool:
    return condition.type in _SUMMARIES


def _news(before: Condition | None, now: Condition) -> bool:
    if before is None:
        return _warns(now)
    return (before.status, before.reason, before.message) != (now.status, now.reason, now.message)


_BAD_WHEN_TRUE = frozenset(
    {"CapacityInsufficient", "CreationScopeNarrowed", "FieldsNotKept", "FieldsOwnedByOthers", "ModelShared"}
)


# Reasons of what is under way, or as somebody wanted it: the condition is not true, and nothing is wrong.
_NO_FAULT = frozenset(
    {
        "AutoCreationDisabled",
        "ClaimPending",
        "ConfiguringRoute",
        "CreatingRuntime",
        "DiscoveryDisabled",
        "Downloading",
        "DryRunBeginning",
        "InspectionPending",
        "LoadingModel",
        "ModelPending",
        "NoWeights",
        "NotReady",
        "Pending",
        "Progressing",
        "PullingImage",
        "RollingOut",
        "RolloutQueued",
        "ScaledToZero",
        "Suspended",
        "TemplatePending",
        "TemplatesPending",
        "WaitingForCache",
        "WaitingForProfile",
        "WorkloadsOff",
    }
)


def _warns(condition: Condition) -> bool:
    if condition.reason in _NO_FAULT:
        return False
    bad = ConditionStatus.TRUE if condition.type in _BAD_WHEN_TRUE else ConditionStatus.FALSE
    return condition.status is bad


def _event(condition: Condition) -> Event:
    message = f"{condition.type}: {condition.message}" if condition.message else condition.type
    return Event(
        type=EventType.WARNING if _warns(condition) else EventType.NORMAL,
        reason=condition.reason,
        message=message,
    )
