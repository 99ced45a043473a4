"""What a server does not keep is told of once and left: of children and of a status, before and after a start (OWN-6)."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, TypeVar

import pytest

from aimcore.domain.decide import decide_model, decide_service
from aimcore.domain.images.metadata import Deployment
from aimcore.domain.kinds.conditions import Condition, ConditionStatus
from aimcore.domain.kinds.dropped import DroppedFields
from aimcore.domain.kinds.records import Model, Service, Template
from aimcore.domain.kinds.scope import Key
from aimcore.domain.kinds.statuses import ModelStatus, ServiceStatus, Verdict
from aimcore.domain.values.profile import TemplateType
from aimcore.domain.view.observed import Observed
from aimcore.domain.view.plan import Apply, Create, Plan, SetStatus
from tests.unit.domain.builders import (
    NS,
    changes,
    children,
    condition_of,
    inline,
    metadata,
    model,
    observe,
    owned_by,
    service,
    source,
    status_of,
    verdict_of,
)

PROFILE = ".spec.profileId"
BEST = Deployment(gpu_model="MI300X", gpu_count=1, profile_id="best")


def lacking() -> tuple[Model, Template]:
    """A model, and its template as a server keeps it that knows no profileId."""
    parent = model(image_metadata=metadata(BEST))
    (made,) = children(parent, BEST)
    return parent, replace(made, spec=replace(made.spec, profile_id=None))


def seen(observed: Observed[Any], dropped: DroppedFields, *, tried: bool = False) -> Observed[Any]:
    """With what is known of what is not kept; `tried` by a subject that tried all that differs since the start."""
    keys = {observed.subject.key} if tried else set[Any]()
    return replace(observed.snapshot, dropped=dropped, tried=keys).of(observed.subject)


T = TypeVar("T", Model, Service)


def as_said(subject: T, plan: Plan) -> T:
    """The subject after its status was written."""
    return replace(subject, status=status_of(plan))


def told(plan: Plan) -> str:
    condition = condition_of(plan, "FieldsNotKept")
    return condition[2] if condition else ""


@pytest.mark.rule("OWN-6")
def test_a_field_that_stands_otherwise_is_written_and_said_to_be() -> None:
    parent, there = lacking()
    plan = decide_model(observe(parent, there))
    (write,) = [write for write in plan.writes if isinstance(write, Apply)]
    assert write.changes == ((PROFILE, "best"),)
    assert (verdict_of(plan), told(plan)) == (Verdict.PROGRESSING, "")


@pytest.mark.rule("OWN-6")
def test_one_that_was_written_in_vain_is_named_and_left_and_stands_in_no_way() -> None:
    parent, there = lacking()
    plan = decide_model(seen(observe(parent, there), {(there.key, PROFILE): "best"}))
    assert (changes(plan), verdict_of(plan)) == ([], Verdict.READY)
    assert condition_of(plan, "FieldsNotKept") == ("True", "NotKept", f"{there.key.name}{PROFILE}")


@pytest.mark.rule("OWN-6")
@pytest.mark.parametrize("vain", [{PROFILE: "other"}, {".spec.type": "best"}], ids=["value", "field"])
def test_another_value_or_field_is_tried(vain: dict[str, str]) -> None:
    parent, there = lacking()
    plan = decide_model(seen(observe(parent, there), {(there.key, path): value for path, value in vain.items()}))
    assert [change[0] for change in changes(plan)] == ["Apply"]


@pytest.mark.rule("OWN-6")
def test_a_label_beside_it_is_still_put_back() -> None:
    parent, there = lacking()
    bare = replace(there, meta=replace(there.meta, labels={}))
    plan = decide_model(seen(observe(parent, bare), {(there.key, PROFILE): "best"}))
    (write,) = [write for write in plan.writes if isinstance(write, Apply)]
    assert [path for path, _ in write.changes] == [".metadata.labels", PROFILE]
    assert told(plan) == f"{there.key.name}{PROFILE}"


@pytest.mark.rule("OWN-6", "KIND-9")
def test_after_a_start_it_is_tried_again_and_no_status_is_written() -> None:
    parent, there = lacking()
    status = status_of(decide_model(seen(observe(parent, there), {(there.key, PROFILE): "best"})))
    plan = decide_model(observe(replace(parent, status=status), there))
    assert [type(write) for write in plan.writes] == [Apply]


def lacking_two() -> tuple[Model, Template, dict[tuple[Key, str], object]]:
    """A model, its template as a server keeps it that knows neither profileId nor type, and what was written there in vain."""
    parent, there = lacking()
    there = replace(there, spec=replace(there.spec, type=None))
    (write,) = [write for write in decide_model(observe(parent, there)).writes if isinstance(write, Apply)]
    return parent, there, {(there.key, path): value for path, value in write.changes}


@pytest.mark.rule("OWN-6", "KIND-9")
def test_while_several_are_tried_again_what_was_told_stands() -> None:
    parent, there, vain = lacking_two()
    held = as_said(parent, decide_model(seen(observe(parent, there), vain)))
    for known in ({}, {(there.key, PROFILE): "best"}):
        plan = decide_model(seen(observe(held, there), known))
        assert [type(write) for write in plan.writes] == [Apply], "no status is written"
    assert decide_model(seen(observe(held, there), vain)).writes == ()


@pytest.mark.rule("OWN-6")
def test_once_they_are_tried_again_what_is_so_is_told() -> None:
    parent, there, vain = lacking_two()
    held = as_said(parent, decide_model(seen(observe(parent, there), vain)))
    typed = replace(there, spec=replace(there.spec, type=TemplateType.OPTIMIZED))
    fewer = decide_model(seen(observe(held, typed), {(there.key, PROFILE): "best"}))
    assert told(fewer) == f"{there.key.name}{PROFILE}", "the definition knows the other by now"
    none = decide_model(observe(held, replace(typed, spec=replace(typed.spec, profile_id="best"))))
    assert (told(none), verdict_of(none)) == ("", Verdict.READY)
    one = as_said(parent, fewer)
    assert told(decide_model(seen(observe(one, there), vain))) == ", ".join(
        sorted(there.key.name + path for _, path in vain)
    )


@pytest.mark.rule("OWN-6")
def test_another_value_of_a_field_that_was_told_is_no_news_until_it_is_tried() -> None:
    parent, there = lacking()
    held = as_said(parent, decide_model(seen(observe(parent, there), {(there.key, PROFILE): "best"})))
    plan = decide_model(seen(observe(held, there), {(there.key, PROFILE): "other"}, tried=True))
    assert [type(write) for write in plan.writes] == [Apply]


@pytest.mark.rule("OWN-6")
def test_another_field_is_waited_for_once_all_that_was_told_is_tried() -> None:
    parent, there, _ = lacking_two()
    known = {(there.key, PROFILE): "best"}
    held = as_said(
        parent,
        decide_model(
            seen(observe(parent, replace(there, spec=replace(there.spec, type=TemplateType.OPTIMIZED))), known)
        ),
    )
    plan = decide_model(seen(observe(held, there), known, tried=True))
    assert (verdict_of(plan), told(plan)) == (Verdict.PROGRESSING, f"{there.key.name}{PROFILE}")
    edited = replace(held, meta=replace(held.meta, generation=2))
    plan = decide_model(observe(edited, there))
    assert (verdict_of(plan), told(plan)) == (Verdict.PROGRESSING, f"{there.key.name}{PROFILE}"), (
        "of what it was before"
    )


@pytest.mark.rule("OWN-6", "KIND-9")
def test_of_too_many_fields_as_many_are_told_as_fit_and_no_status_is_written_again() -> None:
    many = [replace(BEST, profile_id=f"{number:03}") for number in range(120)]
    parent = model(image_metadata=metadata(*many))
    whole = children(parent, *many)
    there = [replace(one, spec=replace(one.spec, profile_id=None)) for one in whole]
    vain = {(one.key, PROFILE): one.spec.profile_id for one in whole}
    first = decide_model(seen(observe(parent, *there), vain))
    assert len(told(first)) == 4096
    held = as_said(parent, first)
    assert decide_model(seen(observe(held, *there), vain)).writes == ()
    assert {type(write) for write in decide_model(observe(held, *there)).writes} == {Apply}


# Of a status ---------------------------------------------------------------------------------------------------------


def half_kept() -> tuple[Model, ModelStatus]:
    """A model whose status lacks a field that was decided, and that status as it was decided."""
    parent = model(image_metadata=metadata())
    status: ModelStatus = status_of(decide_model(observe(parent)))
    assert status.image_metadata is not None
    return replace(parent, status=replace(status, image_metadata=None)), status


@pytest.mark.rule("OWN-6", "KIND-9")
def test_a_field_of_a_status_that_stands_otherwise_is_written() -> None:
    parent, status = half_kept()
    (write,) = decide_model(observe(parent)).writes
    assert isinstance(write, SetStatus)
    assert write.changes == ((".status.imageMetadata", status.image_metadata),)


@pytest.mark.rule("OWN-6", "KIND-9")
def test_one_that_is_not_kept_is_named_once() -> None:
    parent, status = half_kept()
    vain = {(parent.key, ".status.imageMetadata"): status.image_metadata}
    plan = decide_model(seen(observe(parent), vain))
    assert told(plan) == ".status.imageMetadata"
    kept = replace(status_of(plan), image_metadata=None)
    assert decide_model(seen(observe(replace(parent, status=kept)), vain)).writes == ()


@pytest.mark.rule("OWN-6")
def test_after_a_start_the_condition_of_a_status_stands_while_it_is_tried() -> None:
    parent, status = half_kept()
    condition = Condition(
        type="FieldsNotKept", status=ConditionStatus.TRUE, reason="NotKept", message=".status.imageMetadata"
    )
    assert parent.status is not None
    held = replace(parent.status, conditions=(*parent.status.conditions, condition))
    assert told(decide_model(observe(replace(parent, status=held)))) == ".status.imageMetadata"
    whole = replace(held, image_metadata=status.image_metadata)
    assert told(decide_model(observe(replace(parent, status=whole)))) == "", "what is kept is named no more"


# Of what a service makes ----------------------------------------------------------------------------------------------


def made_for() -> tuple[Service, Model]:
    """A service, and its model as a server keeps it that knows no service account."""
    one = service(inline=inline(model_sources=(source(),)), service_account_name="ours")
    plan = decide_service(observe(one))
    (thing,) = [write.thing for write in plan.writes if isinstance(write, Create)]
    assert isinstance(thing, Model)
    return one, replace(
        thing,
        meta=replace(thing.meta, uid="own", owners=owned_by(one)),
        spec=replace(thing.spec, service_account_name=None),
    )


@pytest.mark.rule("OWN-6", "AUTO-4")
def test_a_service_tells_of_its_model() -> None:
    one, there = made_for()
    name = f"{there.key.name}.spec.serviceAccountName"
    assert there.key.namespace == NS
    first = decide_service(observe(one, there))
    assert [change[0] for change in changes(first)] == ["Apply"]
    vain = {(there.key, ".spec.serviceAccountName"): "ours"}
    plan = decide_service(seen(observe(one, there), vain))
    assert (changes(plan), told(plan)) == ([], name)
    status: ServiceStatus = status_of(plan)
    again = decide_service(observe(replace(one, status=status), there))
    assert [type(write) for write in again.writes] == [Apply]
