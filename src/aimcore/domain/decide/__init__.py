"""The decisions: what is observed in, what to do out; no clock, no network, no chance."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeVar, assert_never

from aimcore.domain.decide.model import decide_model
from aimcore.domain.decide.service import decide_service
from aimcore.domain.decide.template import decide_template
from aimcore.domain.images.inspection import Inspection, Unchanged
from aimcore.domain.kinds.dropped import DroppedFields
from aimcore.domain.kinds.records import AimObject, Model, RuntimeConfig, Service, Template
from aimcore.domain.view.cache import ReadView
from aimcore.domain.view.observed import Observed, Policy
from aimcore.domain.view.plan import Inspect, Plan, Probe
from aimcore.domain.weights.probing import ProbeAnswer

__all__ = ["Snapshot", "decide", "decide_model", "decide_service", "decide_template"]

T = TypeVar("T")


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


def decide(thing: AimObject, snapshot: Snapshot) -> Plan:
    """What follows for an object of whichever kind; nothing for a configuration, which others use."""
    match thing:
        case Model():
            return decide_model(snapshot.of(thing))
        case Template():
            return decide_template(snapshot.of(thing))
        case Service():
            return decide_service(snapshot.of(thing))
        case RuntimeConfig():
            return Plan()
        case _:
            assert_never(thing)
