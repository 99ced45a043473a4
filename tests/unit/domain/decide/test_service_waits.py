"""What stands in the way of a service, and how it is told."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from aimcore.domain.kinds.records import Overrides, Service, Template
from aimcore.domain.kinds.resources import Resources
from aimcore.domain.kinds.statuses import ModelStatus, Verdict
from aimcore.domain.values.profile import Metric
from aimcore.domain.view.plan import Create
from tests.unit.domain.builders import (
    DERIVED,
    IMAGE,
    NS,
    STALE,
    amounts,
    auto_name,
    changes,
    condition_of,
    cpus,
    gpus,
    inline,
    model,
    reason_of,
    resources,
    service,
    status_of,
    template,
    verdict_of,
)
from tests.unit.domain.decide.services import CHAT, ILL, SETTLED, planned, why

# What stands in the way -----------------------------------------------------------------------------------------------


@pytest.mark.rule("STAT-2")
@pytest.mark.parametrize(
    ("one", "things", "verdict", "condition"),
    [
        pytest.param(
            service(runtime_config_name="big"),
            [SETTLED, template()],
            Verdict.FAILED,
            "RuntimeResolved=False/RuntimeConfigMissing",
            id="the configuration is missing",
        ),
        pytest.param(service(image="?"), [], Verdict.FAILED, "SpecValid=False/SpecInvalid", id="the spec is invalid"),
        pytest.param(CHAT, [], Verdict.FAILED, "ModelResolved=False/ModelMissing", id="the model is missing"),
        pytest.param(
            service(image=IMAGE),
            [SETTLED, model("other")],
            Verdict.FAILED,
            "ModelResolved=False/MultipleModelsFound",
            id="several models answer",
        ),
        pytest.param(
            service(image=IMAGE), [], Verdict.PENDING, "ModelResolved=False/ModelPending", id="the model is coming"
        ),
        pytest.param(
            service(image=IMAGE),
            [model(auto_name(), image="nginx")],
            Verdict.FAILED,
            "ModelResolved=False/NameConflict",
            id="the model's name is taken",
        ),
        pytest.param(
            service(template_name="x"),
            [SETTLED, template()],
            Verdict.FAILED,
            "TemplateResolved=False/TemplateMissing",
            id="the named template is missing",
        ),
        pytest.param(
            service(template_name="x"),
            [model(), template()],
            Verdict.PENDING,
            "TemplateResolved=False/TemplatePending",
            id="nobody can say yet that it is missing: the model is not observed",
        ),
        pytest.param(
            service(template_name="x"),
            [model(status=ModelStatus(status=Verdict.READY, observed_generation=1), generation=2)],
            Verdict.PENDING,
            "TemplateResolved=False/TemplatePending",
            id="nor when the model has changed since",
        ),
        pytest.param(
            service(template_name="x"),
            [model(status=ModelStatus(status=Verdict.PROGRESSING, observed_generation=1))],
            Verdict.PENDING,
            "TemplateResolved=False/TemplatePending",
            id="nor while the model is at it",
        ),
        pytest.param(
            service(template_name="x"),
            [SETTLED, template("x", model_name="mistral")],
            Verdict.FAILED,
            "TemplateResolved=False/TemplateNotOfModel",
            id="the named template is of another model",
        ),
        pytest.param(
            CHAT,
            [SETTLED, template("a"), template("b")],
            Verdict.FAILED,
            "TemplateResolved=False/TemplateSelectionAmbiguous",
            id="nothing ranks the candidates apart",
        ),
        pytest.param(
            CHAT, [SETTLED], Verdict.PENDING, "TemplateResolved=False/NoTemplateAvailable", id="there are no templates"
        ),
        pytest.param(
            CHAT,
            [SETTLED, template(hardware=gpus(1, "MI210"))],
            Verdict.PENDING,
            "TemplateResolved=False/NoTemplateAvailable",
            id="none is available",
        ),
        pytest.param(
            service(template_name="llama-1"),
            [SETTLED, template(hardware=None)],
            Verdict.PENDING,
            "TemplateResolved=False/NoTemplateAvailable",
            id="nothing is known of the named template's hardware",
        ),
        pytest.param(
            CHAT,
            [SETTLED, template(hardware=cpus("8", "4"))],
            Verdict.FAILED,
            "ResourcesResolved=False/ResourcesInvalid",
            id="the resources contradict themselves",
        ),
    ],
)
def test_what_stands_in_the_way_is_told_in_one_word(
    one: Service, things: list[Any], verdict: Verdict, condition: str
) -> None:
    plan = planned(one, *things)
    kind, reason = condition.split("=")
    assert verdict_of(plan) is verdict
    assert reason_of(plan, kind) == reason_of(plan, "Resolved") == reason
    assert condition_of(plan, "Ready") == (
        "False",
        reason.removeprefix("False/"),
        why(plan, kind),
    )
    assert why(plan, "Resolved") == why(plan, kind)
    assert (status_of(plan).resolved_resources, status_of(plan).resolved_template) == (None, None)


@pytest.mark.rule("STAT-2", "LOOK-2", "LOOK-4", "SEL-1")
@pytest.mark.parametrize(
    ("one", "things", "kind", "message"),
    [
        pytest.param(
            CHAT,
            [],
            "ModelResolved",
            f"no such model; looked for AIMModel {NS}/llama, AIMClusterModel llama",
            id="no model",
        ),
        pytest.param(
            service(image=IMAGE),
            [SETTLED, model("other")],
            "ModelResolved",
            f"several models have this image: AIMModel {NS}/llama, AIMModel {NS}/other; name one by spec.model.ref",
            id="several models",
        ),
        pytest.param(
            service(image=IMAGE), [], "ModelResolved", f"AIMModel {NS}/{auto_name()} is being created", id="coming"
        ),
        pytest.param(
            service(image=IMAGE),
            [model(auto_name(), image="nginx")],
            "ModelResolved",
            f"AIMModel {NS}/{auto_name()} exists and is not this service's",
            id="taken",
        ),
        pytest.param(
            service(template_name="x"),
            [SETTLED],
            "TemplateResolved",
            f"the named template is missing; looked for AIMServiceTemplate {NS}/x, AIMClusterServiceTemplate x",
            id="no such template",
        ),
        pytest.param(
            service(template_name="x"),
            [model()],
            "TemplateResolved",
            f"the named template is missing; looked for AIMServiceTemplate {NS}/x, AIMClusterServiceTemplate x; "
            f"AIMModel {NS}/llama is still making its templates",
            id="no such template yet",
        ),
        pytest.param(
            service(template_name="x"),
            [SETTLED, template("x", model_name="mistral")],
            "TemplateResolved",
            f"AIMServiceTemplate {NS}/x is of the model mistral as seen from there, which is not AIMModel {NS}/llama",
            id="of another model",
        ),
        pytest.param(
            service(template_name="x"),
            [SETTLED, template("x", labels=DERIVED)],
            "TemplateResolved",
            f"AIMServiceTemplate {NS}/x was derived for one service; name the template it came from",
            id="derived",
        ),
        pytest.param(
            CHAT,
            [SETTLED, template("a"), template("b")],
            "TemplateResolved",
            "nothing ranks a and b apart; name one by spec.template.name",
            id="a tie",
        ),
        pytest.param(
            CHAT, [SETTLED], "TemplateResolved", f"AIMModel {NS}/llama has no templates; it is Ready", id="no templates"
        ),
        pytest.param(
            CHAT,
            [model()],
            "TemplateResolved",
            f"AIMModel {NS}/llama is still making its templates",
            id="no templates yet",
        ),
        pytest.param(
            CHAT,
            [SETTLED, template("a", **ILL), template("b", labels=STALE)],
            "TemplateResolved",
            "none of the templates (2) can be run; a is Failed: runtime config gone is missing",
            id="none that can be run",
        ),
        pytest.param(
            service(template_name="llama-1"),
            [SETTLED, template(**ILL)],
            "TemplateResolved",
            f"AIMServiceTemplate {NS}/llama-1 is Failed: runtime config gone is missing",
            id="the named one is ill",
        ),
        pytest.param(
            service(template_name="llama-1"),
            [SETTLED, template(hardware=None)],
            "TemplateResolved",
            f"AIMServiceTemplate {NS}/llama-1 is Pending: neither hardware nor model sources are known; expected spec.hardware",
            id="nothing is known of the named one's hardware",
        ),
    ],
)
def test_the_message_tells_the_reader_what_to_do(one: Service, things: list[Any], kind: str, message: str) -> None:
    assert why(planned(one, *things), kind) == message


@pytest.mark.rule("STAT-2", "LOOK-4", "RES-3")
def test_all_faults_of_the_spec_are_told_at_once() -> None:
    told = why(planned(service(image="?", resources=resources(requests="2", limits="1"))), "SpecValid")
    first, second = told.split("; $")
    assert first.startswith("$.spec.model.image: ")
    assert second.startswith(".spec.resources: ")


@pytest.mark.rule("RES-3", "RES-2")
def test_all_that_contradicts_itself_is_told_at_once() -> None:
    hardware = replace(cpus("8", "4"), gpu=gpus(1).gpu)
    layered = Resources(requests=amounts(gpu="1"), limits=amounts(gpu="2"))
    plan = planned(service(template_name="llama-1"), SETTLED, template(hardware=hardware, resources=layered))
    first, second = why(plan, "ResourcesResolved").split("; the ")
    assert first.startswith("the hardware layer requests cpu=8")
    assert second.startswith("template layer names several GPU counts")


@pytest.mark.rule("AUTO-4", "STAT-2")
def test_an_inline_model_whose_name_is_taken_is_waited_for() -> None:
    one = service(inline=inline())
    (made,) = [write.thing for write in planned(one).writes if isinstance(write, Create)]
    plan = planned(one, replace(made, meta=model().meta))
    assert (verdict_of(plan), changes(plan)) == (Verdict.PENDING, [])
    assert reason_of(plan, "ModelResolved") == "False/ModelPending"
    assert why(plan, "ModelResolved") == f"{made.key} exists and is not this service's; waiting for its deletion"


ASKING = service(template_name="base", overrides=Overrides(metric=Metric.LATENCY))
BASE = template("base")


def made() -> Template:
    (write,) = [write for write in planned(ASKING, SETTLED, BASE).writes if isinstance(write, Create)]
    assert isinstance(write.thing, Template)
    return replace(write.thing, meta=replace(write.thing.meta, uid="derived"))


@pytest.mark.rule("SEL-4", "STAT-2", "TMPL-7")
@pytest.mark.parametrize(
    ("there", "verdict", "reason", "message"),
    [
        pytest.param(None, Verdict.PENDING, "TemplatePending", "is being created", id="to be made"),
        pytest.param(
            replace(made(), meta=template().meta),
            Verdict.FAILED,
            "NameConflict",
            "exists and is not this service's",
            id="somebody else's",
        ),
        pytest.param(
            replace(made(), spec=replace(made().spec, hardware=gpus(9))),
            Verdict.PENDING,
            "TemplatePending",
            "is being replaced, as the template it came from was",
            id="of another base",
        ),
    ],
)
def test_a_derived_template_is_on_its_way_or_in_the_way(
    there: Template | None, verdict: Verdict, reason: str, message: str
) -> None:
    plan = planned(ASKING, SETTLED, BASE, *([there] if there else []))
    assert (verdict_of(plan), reason_of(plan, "TemplateResolved")) == (verdict, f"False/{reason}")
    assert why(plan, "TemplateResolved") == f"{made().key} {message}"


@pytest.mark.rule("STAT-2")
def test_of_several_reasons_the_gravest_is_told_first() -> None:
    bad = template(**ILL, hardware=cpus("8", "4"))
    plan = planned(service(template_name="llama-1"), SETTLED, bad)
    assert reason_of(plan, "TemplateResolved") == "False/NoTemplateAvailable"
    assert (verdict_of(plan), reason_of(plan, "Resolved")) == (Verdict.FAILED, "False/ResourcesInvalid")
    invalid = service(runtime_config_name="big", image="?")
    assert reason_of(planned(invalid), "Resolved") == "False/RuntimeConfigMissing"
