"""The decisions: what is observed in, what to do out; no clock, no network, no chance."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

from aimcore.domain.decide.model import decide_model
from aimcore.domain.decide.service import decide_service
from aimcore.domain.decide.template import decide_template
from aimcore.domain.images.inspection import Inspection, Unchanged
from aimcore.domain.kinds.dropped import DroppedFields
from aimcore.domain.kinds.records import AimObject
from aimcore.domain.kinds.scope import Kind
from aimcore.domain.view.cache import ReadView
from aimcore.domain.view.observed import Observed, Policy
from aimcore.domain.view.plan import Inspect, Plan, Probe
from aimcore.domain.weights.probing import ProbeAnswer

__all__ = ["DECISIONS", "Snapshot", "decide", "decide_model", "decide_service", "decide_template"]

T = TypeVar("T")


def decide_nothing(observed: Observed[Any]) -> Plan:
    """Nothing follows for a runtime configuration: others use it."""
    del observed
    return Plan()


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """All that a decision may see but its subject, as `Observed` has it."""

    view: ReadView
    answers: Mapping[Inspect, Inspection | Unchanged] = field(default_factory=dict)
    sizes: Mapping[Probe, ProbeAnswer] = field(default_factory=dict)
    dropped: DroppedFields = field(default_factory=dict)
    policy: Policy = field(default_factory=Policy)
    now: str = "1970-01-01T00:00:00Z"

    def of(self, subject: T) -> Observed[T]:
        """This, with a subject."""
        return Observed(
            subject=subject,
            view=self.view,
            answers=self.answers,
            sizes=self.sizes,
            dropped=self.dropped,
            policy=self.policy,
            now=self.now,
        )


DECISIONS: Mapping[Kind, Callable[[Observed[Any]], Plan]] = {
    Kind.MODEL: decide_model,
    Kind.TEMPLATE: decide_template,
    Kind.SERVICE: decide_service,
    Kind.RUNTIME_CONFIG: decide_nothing,
}
"""How each kind is decided."""


def decide(thing: AimObject, snapshot: Snapshot) -> Plan:
    """What follows for an object of whichever kind."""
    return DECISIONS[thing.key.kind](snapshot.of(thing))
