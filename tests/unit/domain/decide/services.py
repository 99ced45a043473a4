"""Services, and what is decided on them, for the tests of services."""

from __future__ import annotations

from typing import Any

from aimcore.domain.decide import decide_service
from aimcore.domain.kinds.records import Discovery, Model, Service, Template
from aimcore.domain.kinds.scope import Reference
from aimcore.domain.kinds.statuses import ModelStatus, ServiceStatus, Verdict
from aimcore.domain.view.observed import Policy
from aimcore.domain.view.plan import Plan
from tests.unit.domain.builders import (
    Said,
    condition_of,
    model,
    observe,
    service,
)

__all__ = ["CHAT", "FAR", "ILL", "SETTLED", "planned", "ran", "why"]


SETTLED = model(status=ModelStatus(status=Verdict.READY, observed_generation=1), discovery=Discovery(enabled=False))
FAR = model(namespace=None, status=SETTLED.status, discovery=SETTLED.spec.discovery)
CHAT = service()
ILL: Said = {"runtime_config_name": "gone"}
"""What makes a template Failed."""


def planned(one: Service, *things: Any, policy: Policy | None = None) -> Plan:
    return decide_service(observe(one, *things, policy=policy))


def why(plan: Plan, kind: str) -> str:
    told = condition_of(plan, kind)
    assert told is not None
    return told[2]


def ran(one: Template, parent: Model = SETTLED, **spec: Any) -> Service:
    """A service whose status says that it runs this template of the model."""
    status = ServiceStatus(
        status=Verdict.STARTING,
        resolved_model=Reference.to(parent.key, parent.meta.uid),
        resolved_template=Reference.to(one.key, one.meta.uid),
    )
    return service(status=status, **spec)
