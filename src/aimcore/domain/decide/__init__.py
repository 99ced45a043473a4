"""The decisions: what is observed in, what to do out; no clock, no network, no chance."""

from collections.abc import Callable, Mapping
from typing import Any

from aimcore.domain.decide.cache import decide_cache
from aimcore.domain.decide.model import decide_model
from aimcore.domain.decide.service import decide_service
from aimcore.domain.decide.template import decide_template
from aimcore.domain.kinds.records import AimObject
from aimcore.domain.kinds.scope import Kind
from aimcore.domain.view.observed import Observed, Snapshot
from aimcore.domain.view.plan import Plan

__all__ = ["DECISIONS", "decide", "decide_cache", "decide_model", "decide_service", "decide_template"]


def decide_nothing(observed: Observed[Any]) -> Plan:
    """Nothing follows for a runtime configuration: others use it."""
    del observed
    return Plan()


DECISIONS: Mapping[Kind, Callable[[Observed[Any]], Plan]] = {
    Kind.MODEL: decide_model,
    Kind.TEMPLATE: decide_template,
    Kind.SERVICE: decide_service,
    Kind.CACHE: decide_cache,
    Kind.RUNTIME_CONFIG: decide_nothing,
}
"""How each kind is decided."""


def decide(thing: AimObject, snapshot: Snapshot) -> Plan:
    """What follows for an object of whichever kind."""
    return DECISIONS[thing.key.kind](snapshot.of(thing))
