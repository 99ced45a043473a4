"""What the services of a paused model say, and that one digest is one image however it is spelt."""

from __future__ import annotations

from dataclasses import replace

import pytest

from aimcore.domain.decide import decide_service
from aimcore.domain.kinds.records import Model, Service, Template
from aimcore.domain.kinds.statuses import ModelStatus, Verdict
from aimcore.domain.view.observed import PAUSED
from aimcore.domain.view.plan import Create, Plan
from tests.unit.domain.builders import NS, condition_of, model, observe, service, template

SETTLED = model(status=ModelStatus(status=Verdict.READY, observed_generation=1))
TOLD = f"; AIMModel {NS}/llama is paused: take the annotation aim.silogen.ai/reconciliation-paused away to go on"


def planned(one: Service, *things: Model | Template) -> Plan:
    return decide_service(observe(one, *things))


def why(plan: Plan, kind: str) -> str:
    told = condition_of(plan, kind)
    assert told is not None
    return told[2]


def paused(one: Model) -> Model:
    return replace(one, meta=replace(one.meta, annotations={PAUSED: "true"}))


@pytest.mark.rule("OWN-3")
@pytest.mark.parametrize("standing", [pytest.param(model(), id="new"), pytest.param(SETTLED, id="settled")])
def test_the_services_of_a_model_that_is_paused_say_so(standing: Model) -> None:
    kinds = ("ModelResolved", "TemplateResolved", "Resolved", "Ready")
    assert [why(planned(service(), paused(standing)), kind).endswith(TOLD) for kind in kinds] == [True] * 4
    assert [why(planned(service(), standing), kind).endswith(TOLD) for kind in kinds] == [False] * 4


@pytest.mark.rule("OWN-3")
def test_a_service_that_has_all_it_needs_says_it_of_the_model_alone() -> None:
    plan = planned(service(), paused(SETTLED), template())
    assert why(plan, "ModelResolved").endswith(TOLD)
    assert TOLD not in why(plan, "TemplateResolved")


@pytest.mark.rule("NAME-5", "LOOK-4")
def test_two_spellings_of_a_digest_want_the_very_same_model() -> None:
    digest = "sha256:" + "0123456789abcdef" * 4
    wanted = []
    for tag in ("", ":1.0", ":2.0"):
        plan = planned(service(image=f"ghcr.io/acme/chat{tag}@{digest}"))
        wanted.append([write.thing for write in plan.writes if isinstance(write, Create)])
    assert wanted[0] == wanted[1] == wanted[2]
    [made] = wanted[0]
    assert isinstance(made, Model)
    assert made.spec.image == f"ghcr.io/acme/chat@{digest}"
