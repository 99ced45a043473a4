from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from aimcore.domain.decide import decide_model
from aimcore.domain.decide.progress import TemplateProgress, template_progress
from aimcore.domain.kinds.conditions import Condition, ConditionStatus
from aimcore.domain.kinds.dropped import dropped_condition
from aimcore.domain.kinds.ownership import MANAGER, FieldClaim
from aimcore.domain.kinds.records import CustomSpec, CustomTemplate, Discovery, Model, Template
from aimcore.domain.kinds.statuses import ModelStatus, Verdict
from aimcore.domain.values.profile import TemplateType
from aimcore.domain.view.observed import PAUSED
from aimcore.domain.view.plan import Delete
from tests.unit.domain.builders import (
    BIG,
    SMALL,
    STALE,
    answering,
    children,
    config,
    gpus,
    metadata,
    model,
    observe,
    owned_by,
    read,
    service,
    source,
    status_of,
    template,
)

DONE, COMING = TemplateProgress(), TemplateProgress(coming=True)
GIVEN = model(image_metadata=metadata(BIG, SMALL))
BOTH = children(GIVEN, BIG, SMALL)
OWN = model(model_sources=(source(),), custom=CustomSpec(hardware=gpus(1, "MI300X")))


def progress(one: Model, *things: Any) -> TemplateProgress:
    return template_progress(observe(service(), one, *things), one)


def found(**said: Any) -> Model:
    """An image model whose status says what was read, or that nothing could be."""
    observed = answering(model(), answer=read(BIG))
    return replace(model(**said), status=status_of(decide_model(observed)))


def failing(generation: int = 1) -> Model:
    told = Condition(type="MetadataExtracted", status=ConditionStatus.FALSE, reason="MetadataExtractionFailed")
    status = ModelStatus(status=Verdict.FAILED, observed_generation=generation, conditions=(told,))
    return model(status=status)


def changed(one: Template, *, manager: str = MANAGER, field: str = "f:type", **spec: Any) -> Template:
    """The template with another spec, whose field this manager set."""
    claim = FieldClaim(manager=manager, fields={"f:spec": {field: {}}})
    return replace(one, spec=replace(one.spec, **spec), meta=replace(one.meta, claims=(claim,)))


def marked(one: Template, *, manager: str = MANAGER) -> Template:
    claim = FieldClaim(manager=manager, fields={"f:metadata": {"f:labels": {f"f:{key}": {} for key in STALE}}})
    return replace(one, meta=replace(one.meta, labels={**one.meta.labels, **STALE}, claims=(claim,)))


FIRST, SECOND = BOTH


@pytest.mark.rule("SEL-2", "STAT-2")
@pytest.mark.parametrize(
    ("one", "things", "expected"),
    [
        pytest.param(GIVEN, [*BOTH], DONE, id="all stand"),
        pytest.param(GIVEN, [FIRST], COMING, id="one is missing"),
        pytest.param(GIVEN, [FIRST, replace(SECOND, meta=replace(SECOND.meta, owners=()))], DONE, id="one is taken"),
        pytest.param(
            GIVEN,
            [FIRST, changed(replace(SECOND, meta=replace(SECOND.meta, owners=())), type=TemplateType.PREVIEW)],
            DONE,
            id="one is taken by another template",
        ),
        pytest.param(
            GIVEN,
            [FIRST, replace(SECOND, meta=replace(SECOND.meta, deleting=True))],
            COMING,
            id="one is on its way out",
        ),
        pytest.param(
            GIVEN, [FIRST, changed(SECOND, type=TemplateType.PREVIEW)], COMING, id="one is about to change its type"
        ),
        pytest.param(
            GIVEN,
            [FIRST, changed(SECOND, manager="kubectl", type=TemplateType.PREVIEW)],
            DONE,
            id="somebody else set the type of one, and keeps it",
        ),
        pytest.param(
            GIVEN,
            [FIRST, changed(SECOND, field="f:serviceAccountName", service_account_name="a")],
            DONE,
            id="one is about to change in what no choice looks at",
        ),
        pytest.param(GIVEN, [FIRST, marked(SECOND)], COMING, id="one is wanted again and still marked stale"),
        pytest.param(GIVEN, [FIRST, marked(SECOND, manager="kubectl")], DONE, id="somebody else marked one stale"),
        pytest.param(model(), [], COMING, id="nobody read the image yet"),
        pytest.param(failing(), [], DONE, id="the image cannot be read"),
        pytest.param(failing(generation=0), [], COMING, id="a former image could not be read"),
        pytest.param(found(), [], COMING, id="the image was read, and no template stands"),
        pytest.param(found(), [*children(model(), BIG)], DONE, id="the image was read, and its template stands"),
        pytest.param(found(image="nginx"), [*children(model(), BIG)], COMING, id="another image was read"),
        pytest.param(model(discovery=Discovery(enabled=False)), [], DONE, id="nobody is to read the image"),
        pytest.param(replace(model(), spec=replace(model().spec, image=None)), [], DONE, id="there is no image"),
        pytest.param(model(image="?"), [], DONE, id="the spec is invalid"),
        pytest.param(model(runtime_config_name="gone"), [], DONE, id="its config is missing"),
        pytest.param(model(runtime_config_name="big"), [config("big")], COMING, id="its config is there"),
        pytest.param(OWN, [], COMING, id="a custom model's template is missing"),
    ],
)
def test_a_model_is_done_when_nothing_that_a_choice_looks_at_is_to_come(
    one: Model, things: list[Any], expected: TemplateProgress
) -> None:
    assert progress(one, *things) == expected


@pytest.mark.rule("SEL-2")
@pytest.mark.parametrize("verdict", [None, *Verdict])
def test_the_verdict_of_the_model_is_not_read(verdict: Verdict | None) -> None:
    status = None if verdict is None else ModelStatus(status=verdict, observed_generation=1)
    one = replace(GIVEN, status=status)
    assert (progress(one, *BOTH), progress(one, FIRST)) == (DONE, COMING)


@pytest.mark.rule("SEL-2", "TMPL-4")
def test_what_the_model_will_delete_or_mark_is_unwanted_at_once() -> None:
    one = model(image_metadata=metadata(SMALL))
    deleted = [write.uid for write in decide_model(observe(one, *BOTH)).writes if isinstance(write, Delete)]
    assert progress(one, *BOTH) == TemplateProgress(unwanted=frozenset(deleted))
    assert len(deleted) == 1


@pytest.mark.rule("SEL-2", "DISC-6")
def test_of_a_model_that_makes_none_all_that_stand_are_wanted() -> None:
    one = model(image_metadata=metadata(SMALL), discovery=Discovery(auto_create_templates=False))
    assert progress(one, *BOTH) == DONE
    assert progress(GIVEN, *BOTH, template("by-hand")) == DONE


@pytest.mark.rule("SEL-2", "OWN-6")
def test_what_a_server_does_not_keep_is_not_waited_for() -> None:
    entries = (CustomTemplate(name="a", type=TemplateType.PREVIEW),)
    one = replace(OWN, spec=replace(OWN.spec, custom=CustomSpec(hardware=gpus(1), templates=entries)))
    (create,) = [write for write in decide_model(observe(one)).writes if hasattr(write, "thing")]
    assert isinstance(create.thing, Template)
    made = replace(create.thing, meta=replace(create.thing.meta, uid="made", owners=owned_by(one)))
    assert isinstance(made, Template)
    stripped = changed(made, type=None)
    assert (progress(one, made), progress(one, stripped)) == (DONE, COMING)
    dropped = {(made.key, ".spec.type"): TemplateType.PREVIEW}
    seen = observe(service(), one, stripped)
    observed = replace(seen, snapshot=replace(seen.snapshot, dropped=dropped))
    assert template_progress(observed, one) == DONE
    named = dropped_condition([f"{made.key.name}.spec.type"])
    told = replace(one, status=ModelStatus(status=Verdict.READY, observed_generation=1, conditions=named))
    assert progress(told, stripped) == DONE, "as its status says, until it is tried again"
    seen = observe(service(), told, stripped)
    since = replace(seen, snapshot=replace(seen.snapshot, tried={told.key}))
    assert template_progress(since, told) == COMING, "its status says so of another field"
    edited = replace(told, meta=replace(told.meta, generation=2))
    assert progress(edited, stripped) == COMING, "its status says so of what it was"


@pytest.mark.rule("OWN-3")
@pytest.mark.parametrize(
    ("status", "expected"),
    [
        pytest.param(None, COMING, id="it said nothing"),
        pytest.param(ModelStatus(status=Verdict.READY, observed_generation=1), DONE, id="it was done"),
        pytest.param(ModelStatus(status=Verdict.READY, observed_generation=0), COMING, id="it changed since"),
        pytest.param(ModelStatus(status=Verdict.PROGRESSING, observed_generation=1), COMING, id="it was at it"),
    ],
)
def test_a_paused_model_goes_by_what_its_status_said_last(
    status: ModelStatus | None, expected: TemplateProgress
) -> None:
    paused = replace(GIVEN, status=status, meta=replace(GIVEN.meta, annotations={PAUSED: "true"}))
    assert progress(paused) == expected
