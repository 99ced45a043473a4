"""What a cache is worth: Pending, until downloads are managed (CACHE-7)."""

from __future__ import annotations

from aimcore.domain.decide.status import ready_condition, set_status
from aimcore.domain.kinds.caches import Cache
from aimcore.domain.kinds.statuses import CacheStatus, Verdict
from aimcore.domain.view.observed import Observed, rests
from aimcore.domain.view.plan import Plan

__all__ = ["decide_cache"]


def decide_cache(observed: Observed[Cache]) -> Plan:
    """What follows for a cache: its status, and nothing else."""
    if rests(observed):
        return Plan()
    told = ready_condition(Verdict.PENDING, "this release downloads no weights")
    return Plan(writes=set_status(observed, CacheStatus(status=Verdict.PENDING, conditions=(told,)), rule="CACHE-7"))
