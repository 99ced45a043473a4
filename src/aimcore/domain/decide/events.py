"""What changes of conditions are told as events (STAT-4)."""

from __future__ import annotations

from typing import Final

from aimcore.domain.decide.conditions import KINDS
from aimcore.domain.kinds.conditions import Condition, ConditionStatus, Event, EventType

__all__ = ["condition_events", "warns"]

_WARNS: Final = {
    (kind.name, outcome.status, outcome.reason): outcome.warns
    for kinds in KINDS.values()
    for kind in kinds
    for outcome in kind.outcomes
}
_SUMMARIES: Final = frozenset({"Ready", "Resolved"})


def condition_events(held: tuple[Condition, ...], decided: tuple[Condition, ...]) -> tuple[Event, ...]:
    """One event for each incident among the conditions whose status, reason or message changed; repetition is none (STAT-4).

    A condition that is there for the first time is an event if it warns: that all is well with something new is no change.
    What several conditions say of one reason is one incident, and a summary (`Ready`, `Resolved`) adds nothing to the warning
    it sums up.
    """
    before = {condition.type: condition for condition in held}
    changed = [condition for condition in decided if _is_news(before.get(condition.type), condition)]
    causes = [condition for condition in changed if warns(condition) and condition.type not in _SUMMARIES]
    told = [condition for condition in changed if not causes or condition in causes or not _is_summary(condition)]
    once = {condition.reason: condition for condition in reversed(told)}
    return tuple(_event(condition) for condition in told if once[condition.reason] is condition)


def warns(condition: Condition) -> bool:
    """Whether an event about it is a warning: as it is declared; one that is not declared warns when it is False."""
    declared = _WARNS.get((condition.type, condition.status, condition.reason))
    return condition.status is ConditionStatus.FALSE if declared is None else declared


def _is_summary(condition: Condition) -> bool:
    return condition.type in _SUMMARIES


def _is_news(before: Condition | None, now: Condition) -> bool:
    if before is None:
        return warns(now)
    return (before.status, before.reason, before.message) != (now.status, now.reason, now.message)


def _event(condition: Condition) -> Event:
    message = f"{condition.type}: {condition.message}" if condition.message else condition.type
    return Event(
        type=EventType.WARNING if warns(condition) else EventType.NORMAL,
        reason=condition.reason,
        message=message,
    )
