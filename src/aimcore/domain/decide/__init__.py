"""The decisions: what is observed in, what to do out; no clock, no network, no chance."""

from typing import assert_never

from aimcore.domain.decide.model import decide_model
from aimcore.domain.decide.service import decide_service
from aimcore.domain.decide.template import decide_template
from aimcore.domain.kinds.records import AimObject, Model, RuntimeConfig, Service, Template
from aimcore.domain.view.observed import Snapshot
from aimcore.domain.view.plan import Plan

__all__ = ["decide", "decide_model", "decide_service", "decide_template"]


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
