from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aimcore.domain.decide import decide_service
from aimcore.domain.decide.resolution import resolve_service
from aimcore.domain.kinds.core import Namespace, ServiceAccount
from aimcore.domain.kinds.records import Overrides, Service
from aimcore.domain.kinds.scope import Reference, Scope
from aimcore.domain.kinds.statuses import Candidate, ModelStatus, ServiceStatus, TemplateSelection, Verdict
from aimcore.domain.values.profile import Metric, TemplateType
from aimcore.domain.view.observed import Policy, Unseen
from aimcore.domain.view.plan import Plan
from tests.unit.domain.builders import (
    IMAGE,
    NS,
    OURS,
    STALE,
    Said,
    changes,
    condition_of,
    config,
    gpus,
    model,
    node,
    observe,
    owned_by,
    pull_secret,
    reason_of,
    resources,
    service,
    status_of,
    template,
    verdict_of,
)
from tests.unit.domain.decide.services import CHAT, FAR, ILL, SETTLED, planned, ran, why

# All is well ----------------------------------------------------------------------------------------------------------


@pytest.mark.rule("STAT-2", "KIND-10")
def test_a_service_that_has_everything_is_starting_and_never_running() -> None:
    plan = planned(CHAT, SETTLED, template(), config())
    status = status_of(plan)
    assert (status.status, changes(plan)) == (Verdict.STARTING, [])
    assert [write.rule for write in plan.writes] == ["STAT-2"]
    assert reason_of(plan, "Resolved") == "True/Resolved"
    assert condition_of(plan, "Ready") == (
        "False",
        "WorkloadsOff",
        "everything is resolved; the operator runs with workloads off, so nothing is started",
    )
    assert [reason_of(plan, kind) for kind in ("ModelResolved", "TemplateResolved", "ResourcesResolved")] == [
        "True/ModelResolved",
        "True/TemplateResolved",
        "True/ResourcesResolved",
    ]
    assert status.resolved_model == Reference.to(SETTLED.key, SETTLED.meta.uid)
    assert status.resolved_template == Reference.to(template().key, template().meta.uid)
    assert status.resolved_runtime_config.name == "default"


@pytest.mark.rule("RES-1", "KIND-10")
def test_the_status_holds_the_very_resources_that_were_resolved() -> None:
    one = service(resources=resources(requests="2"))
    observed = observe(one, SETTLED, template())
    assert status_of(decide_service(observed)).resolved_resources == resolve_service(observed).resources


@pytest.mark.rule("SEL-3")
def test_the_status_says_why_this_template_and_not_the_others() -> None:
    plan = planned(CHAT, SETTLED, template("a", hardware=gpus(2, "MI300X")), template("b"), template("c", type=None))
    assert status_of(plan).template_selection == TemplateSelection(
        chosen="b",
        candidates=(
            Candidate(
                name="b", scope=Scope.NAMESPACE, verdict="Ready", stage="chosen", reason="the best of those that pass"
            ),
            Candidate(
                name="a", scope=Scope.NAMESPACE, verdict="Ready", stage="gpuCount", reason="2 ranks behind 1 of b"
            ),
            Candidate(
                name="c",
                scope=Scope.NAMESPACE,
                verdict="Ready",
                stage="optimized",
                reason="is unoptimized; set spec.template.allowUnoptimized to run it",
            ),
        ),
    )


@pytest.mark.rule("KIND-10", "SEL-3")
def test_a_status_holds_64_candidates_the_chosen_one_first() -> None:
    crowd = [template(f"t{number:03}", hardware=gpus(100 - number, "MI300X")) for number in range(70)]
    selection = status_of(planned(CHAT, SETTLED, node("MI300X", count=100), *crowd)).template_selection
    assert (selection.chosen, len(selection.candidates), selection.candidates[0].name) == ("t069", 64, "t069")


@pytest.mark.rule("SEL-1", "SEL-3")
def test_a_named_template_is_chosen_and_nothing_was_considered() -> None:
    plan = planned(service(template_name="llama-1"), SETTLED, template())
    assert (verdict_of(plan), why(plan, "TemplateResolved")) == (Verdict.STARTING, str(template().key))
    assert status_of(plan).template_selection == TemplateSelection(chosen="llama-1")
    assert status_of(planned(CHAT)).template_selection is None


@pytest.mark.rule("STAT-2")
def test_a_models_own_word_does_not_block_a_service_whose_template_is_ready() -> None:
    failed = replace(SETTLED, status=ModelStatus(status=Verdict.FAILED, observed_generation=1))
    assert verdict_of(planned(CHAT, failed, template())) is Verdict.STARTING


@pytest.mark.rule("LOOK-2")
def test_a_model_that_shadows_another_says_so() -> None:
    assert why(planned(CHAT, SETTLED, FAR), "ModelResolved") == f"{SETTLED.key}, shadows {FAR.key}"
    assert why(planned(CHAT, FAR), "ModelResolved") == str(FAR.key)
    by_image = planned(service(image=IMAGE), SETTLED, model("made", labels=OURS), FAR)
    assert why(by_image, "ModelResolved") == f"{SETTLED.key}, shadows AIMModel {NS}/made, {FAR.key}"


@pytest.mark.rule("CONF-4")
def test_the_effective_pull_secrets_are_the_services_then_the_configurations_then_the_accounts() -> None:
    account = ServiceAccount(namespace=NS, name="default", image_pull_secrets=("c",))
    one = service(image_pull_secrets=("a",))
    things = [SETTLED, config(image_pull_secrets=("b", "a")), account, *map(pull_secret, "abc")]
    assert status_of(planned(one, *things)).effective_pull_secrets == ("a", "b", "c")
    assert why(planned(one, SETTLED), "RuntimeResolved").endswith("; not in namespace ml-team: pull secret a")
    lost = service(service_account_name="sa")
    assert why(planned(lost, SETTLED), "RuntimeResolved").endswith("service account sa")
    assert planned(one, SETTLED, policy=Policy(unseen=Unseen.ASSUMED)).assumed == (f"Secret {NS}/a",)


# What ran -------------------------------------------------------------------------------------------------------------

RAN = template()


@pytest.mark.rule("STAT-2", "SEL-5")
@pytest.mark.parametrize(
    ("one", "things", "verdict"),
    [
        pytest.param(ran(RAN), [RAN], Verdict.STARTING, id="it still stands"),
        pytest.param(ran(RAN), [template(**ILL)], Verdict.PENDING, id="it has failed"),
        pytest.param(ran(RAN), [template(labels=STALE)], Verdict.PENDING, id="it is stale"),
        pytest.param(ran(RAN), [RAN, node("MI210")], Verdict.PENDING, id="its GPU is gone"),
        pytest.param(ran(RAN), [], Verdict.PENDING, id="it is gone"),
        pytest.param(ran(RAN), [template(uid="new")], Verdict.STARTING, id="another came in its place"),
        pytest.param(ran(RAN), [template(uid="new", **ILL)], Verdict.PENDING, id="what came in its place is ill"),
        pytest.param(ran(RAN), [template(**ILL), template("b")], Verdict.STARTING, id="another can be run instead"),
        pytest.param(ran(RAN), [template("b")], Verdict.STARTING, id="it is gone, and another can be run"),
        pytest.param(
            ran(RAN, overrides=Overrides(metric=Metric.LATENCY)),
            [RAN],
            Verdict.PENDING,
            id="it is well, and no longer what the service wants",
        ),
        pytest.param(
            ran(RAN, template_name="llama-1"),
            [template(**ILL)],
            Verdict.PENDING,
            id="the named one has failed",
        ),
        pytest.param(
            ran(RAN, template_name="b"),
            [template(**ILL), template("b", hardware=None)],
            Verdict.PENDING,
            id="another one is named, and nobody knows its hardware",
        ),
        pytest.param(
            ran(RAN, template_name="b"),
            [template("b", hardware=None)],
            Verdict.PENDING,
            id="the same, with the first gone",
        ),
        pytest.param(ran(RAN, FAR), [template(**ILL)], Verdict.PENDING, id="it was of another model"),
        pytest.param(service(status=ServiceStatus(status=Verdict.PENDING)), [], Verdict.PENDING, id="nothing ever ran"),
        pytest.param(
            service(status=replace(ran(RAN).status or ServiceStatus(status=Verdict.PENDING), resolved_model=None)),
            [],
            Verdict.PENDING,
            id="nobody knows of which model it was",
        ),
    ],
)
def test_what_a_status_remembers_is_no_workload(one: Service, things: list[Any], verdict: Verdict) -> None:
    assert verdict_of(planned(one, SETTLED, *things)) is verdict


@pytest.mark.rule("SEL-5", "TMPL-4")
@pytest.mark.parametrize(
    ("one", "things", "kept"),
    [
        pytest.param(ran(RAN), [SETTLED, template(**ILL)], True, id="it has failed"),
        pytest.param(ran(RAN), [SETTLED], True, id="it is gone"),
        pytest.param(ran(RAN, runtime_config_name="big"), [SETTLED, RAN], True, id="nothing is resolved now"),
        pytest.param(ran(RAN), [], False, id="its model is gone"),
        pytest.param(ran(RAN), [FAR], False, id="another model answers"),
        pytest.param(ran(RAN, image="nginx"), [SETTLED], False, id="another model is on its way"),
    ],
)
def test_what_ran_stays_in_the_status_until_another_takes_its_place(
    one: Service, things: list[Any], *, kept: bool
) -> None:
    resolved = status_of(planned(one, *things)).resolved_template
    assert resolved == (Reference.to(RAN.key, RAN.meta.uid) if kept else None)


@pytest.mark.rule("SEL-5")
def test_another_takes_its_place() -> None:
    plan = planned(ran(RAN), SETTLED, template(**ILL), template("b"))
    assert status_of(plan).resolved_template == Reference.to(template("b").key, template("b").meta.uid)


# Laws -----------------------------------------------------------------------------------------------------------------


@pytest.mark.rule("OWN-3")
@pytest.mark.parametrize(
    ("one", "things"),
    [
        pytest.param(service(deleting=True), [], id="a service on its way out"),
        pytest.param(service(image=IMAGE), [Namespace(name=NS, deleting=True)], id="a namespace on its way out"),
    ],
)
def test_nothing_is_written_to_what_is_going(one: Service, things: list[Any]) -> None:
    assert planned(one, *things) == Plan()


@pytest.mark.rule("KIND-9", "STAT-4")
@pytest.mark.parametrize(
    "things",
    [
        pytest.param([], id="nothing there"),
        pytest.param([SETTLED], id="a model"),
        pytest.param([SETTLED, template()], id="everything"),
        pytest.param([SETTLED, template("a"), template("b")], id="a tie"),
    ],
)
def test_what_was_said_is_not_said_again(things: list[Any]) -> None:
    once = replace(CHAT, status=status_of(planned(CHAT, *things)))
    assert planned(once, *things) == Plan()


@pytest.mark.rule("KIND-9", "SEL-2")
def test_a_spoofed_status_is_told_anew() -> None:
    forged = service(status=ServiceStatus(status=Verdict.STARTING, observed_generation=1))
    plan = planned(forged, SETTLED, template("x", type=TemplateType.UNOPTIMIZED))
    assert verdict_of(plan) is Verdict.PENDING


SEVERITY = [Verdict.STARTING, Verdict.PENDING, Verdict.DEGRADED, Verdict.FAILED]
FAULTS = ["config", "model", "template", "gpu", "resources"]


def faulty(faults: set[str], one: Service) -> Verdict:
    spec: Said = {}
    if "config" in faults:
        spec["runtime_config_name"] = "big"
    if "resources" in faults:
        spec["resources"] = resources(requests="2", limits="1")
    asked = replace(one, spec=replace(one.spec, **spec))
    things: list[Any] = [] if "model" in faults else [SETTLED]
    things += [template(**(ILL if "template" in faults else {}))]
    things += [node("MI210")] if "gpu" in faults else []
    return verdict_of(planned(asked, *things))


@pytest.mark.rule("STAT-3")
@given(
    st.sets(st.sampled_from(FAULTS), max_size=3),
    st.sampled_from(FAULTS),
    st.sampled_from([CHAT, ran(RAN), service(template_name="llama-1"), ran(RAN, template_name="llama-1")]),
)
def test_adding_a_fault_never_improves_the_verdict(faults: set[str], more: str, one: Service) -> None:
    assert SEVERITY.index(faulty(faults | {more}, one)) >= SEVERITY.index(faulty(faults, one))


@pytest.mark.rule("OWN-2")
def test_what_is_of_the_service_by_name_only_is_not_its_own() -> None:
    former = replace(CHAT, meta=replace(CHAT.meta, uid="former"))
    left = model("chat-custom-1", labels=OURS, owners=owned_by(former))
    assert changes(planned(CHAT, SETTLED, template(), left)) == []
