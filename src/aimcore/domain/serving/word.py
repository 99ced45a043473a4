"""The one word of a service, its reason and its sentence, out of everything that was found (STAT-2)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from aimcore.domain.kinds.statuses import Verdict
from aimcore.domain.serving.reasons import FAILING, PENDING, PROGRESS, SERVING, STARTING, Finding, Reason

__all__ = ["ServiceWord", "service_word"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceWord:
    """`status.status`, and the reason and message of the condition `Ready`."""

    verdict: Verdict
    reason: Reason
    message: str


def service_word(findings: Iterable[Finding], *, ready: int) -> ServiceWord:
    """The first row of the table that applies, and in it the first reason. `ready` counts the pods that are ready.

    >>> lost = Finding(reason=Reason.MODEL_MISSING, message="no such model")
    >>> service_word([lost], ready=0).verdict.value, service_word([lost], ready=1).verdict.value
    ('Failed', 'Degraded')
    >>> service_word([], ready=1).verdict.value
    'Running'
    """
    found: dict[Reason, Finding] = {}
    for finding in findings:
        found.setdefault(finding.reason, finding)
    return _serving(found) if ready else _without_pods(found)


def _without_pods(found: dict[Reason, Finding]) -> ServiceWord:
    for reasons, verdict in (
        (FAILING, Verdict.FAILED),
        (PENDING, Verdict.PENDING),
        (STARTING, Verdict.STARTING),
    ):
        first = _first(found, reasons)
        if first is not None:
            return _say(verdict, first)
    return _say(Verdict.STARTING, Finding(reason=Reason.CREATING_RUNTIME, message="the pods are being made"))


def _serving(found: dict[Reason, Finding]) -> ServiceWord:
    """Beside a ready pod: what is only under way is no fault, and a change that waits is a rollout."""
    waits = _first(found, (Reason.WAITING_FOR_PROFILE, Reason.WAITING_FOR_CACHE))
    if waits is not None:
        found = {**found, Reason.ROLLING_OUT: Finding(reason=Reason.ROLLING_OUT, message=waits.message)}
    faults = [reason for reason in (*FAILING, *PENDING, *STARTING) if reason not in PROGRESS]
    first = _first(found, (*faults, *SERVING))
    if first is not None:
        return _say(Verdict.DEGRADED, first)
    route = found.get(Reason.CONFIGURING_ROUTE)
    if route is not None:
        return _say(Verdict.STARTING, route)
    return ServiceWord(verdict=Verdict.RUNNING, reason=Reason.RUNNING, message="all pods are ready")


def _first(found: dict[Reason, Finding], reasons: Sequence[Reason]) -> Finding | None:
    return next((found[reason] for reason in reasons if reason in found), None)


def _say(verdict: Verdict, finding: Finding) -> ServiceWord:
    return ServiceWord(verdict=verdict, reason=finding.reason, message=finding.message)
