"""Conditions as a status has them, for the tests of what is dated and of what is told."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import strategies as st

from aimcore.domain.kinds.conditions import LONGEST_MESSAGE, Condition, ConditionStatus

__all__ = ["FALSE", "NOW", "THEN", "TRUE", "UNKNOWN", "Conditions", "conditions", "dated", "ready"]

THEN, NOW = "2026-01-01T00:00:00Z", "2026-01-02T00:00:00Z"
TRUE, FALSE, UNKNOWN = ConditionStatus.TRUE, ConditionStatus.FALSE, ConditionStatus.UNKNOWN

conditions = st.lists(
    st.builds(
        Condition,
        type=st.sampled_from(["Ready", "Resolved", "ModelShared"]),
        status=st.sampled_from(ConditionStatus),
        reason=st.sampled_from(["A", "B"]),
        message=st.sampled_from(["", "x", "y" * (LONGEST_MESSAGE + 1)]),
    ),
    unique_by=lambda condition: condition.type,
).map(tuple)
Conditions = tuple[Condition, ...]


def ready(status: ConditionStatus, *, kind: str = "Ready", reason: str = "R", message: str = "m") -> Condition:
    return Condition(type=kind, status=status, reason=reason, message=message)


def dated(condition: Condition, time: str, generation: int = 1) -> Condition:
    return replace(condition, last_transition_time=time, observed_generation=generation)
