from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from aimcore.domain.children.diff import derived_labels
from aimcore.domain.decide import decide_service
from aimcore.domain.decide.resolution import resolve_service
from aimcore.domain.kinds.ownership import FieldClaim
from aimcore.domain.kinds.records import AimObject, LabelPropagation, Model, ModelCreation, Overrides, Service, Template
from aimcore.domain.kinds.scope import Key, Kind, Scope
from aimcore.domain.kinds.statuses import ModelStatus, Verdict
from aimcore.domain.values.profile import Metric
from aimcore.domain.view.plan import Apply, Create, Delete, Plan
from tests.unit.domain.builders import (
    IMAGE,
    NS,
    OURS,
    auto_name,
    changes,
    condition_of,
    config,
    gpus,
    inline,
    model,
    observe,
    owned_by,
    saying,
    service,
    source,
    template,
)

READY = ModelStatus(status=Verdict.READY, observed_generation=1)


def planned(one: Service, *things: Any) -> Plan:
    return decide_service(observe(one, *things))


def created(plan: Plan) -> AimObject:
    (write,) = [write for write in plan.writes if isinstance(write, Create)]
    return write.thing


# Models ---------------------------------------------------------------------------------------------------------------


@pytest.mark.rule("AUTO-1", "NAME-5")
def test_an_image_without_a_model_gets_one() -> None:
    plan = planned(service(image=IMAGE))
    assert changes(plan) == [("Create", auto_name(), "AUTO-1")]
    assert created(plan).key == Key(Kind.MODEL, NS, auto_name())
    assert created(plan).meta.owners == ()


@pytest.mark.rule("AUTO-1", "AUTO-3")
def test_the_configuration_may_want_it_in_the_cluster() -> None:
    wide = config(model=ModelCreation(creation_scope=Scope.CLUSTER))
    assert created(planned(service(image=IMAGE), wide)).key == Key(Kind.MODEL, None, auto_name())


@pytest.mark.rule("AUTO-5", "AUTO-1")
def test_a_model_that_stands_is_never_rewritten_by_a_service() -> None:
    first = created(planned(service(image=IMAGE, image_pull_secrets=("a",), service_account_name="a")))
    stands = replace(first, meta=replace(first.meta, uid="1"))
    other = service("other", image=IMAGE, image_pull_secrets=("b",), runtime_config_name="default")
    assert changes(planned(other, config(), stands)) == []


INLINE = service(inline=inline())


def own(one: Service = INLINE, **said: Any) -> Model:
    """The inline model of the service as it makes it."""
    made = created(planned(one))
    assert isinstance(made, Model)
    return replace(made, meta=replace(made.meta, uid="own", resource_version="7", **said), status=READY)


@pytest.mark.rule("AUTO-4", "OWN-1")
def test_an_inline_model_is_made_and_owned() -> None:
    assert [(act, rule) for act, _, rule in changes(planned(INLINE))] == [("Create", "AUTO-4")]
    assert created(planned(INLINE)).meta.owners == owned_by(INLINE)
    assert changes(planned(INLINE, own())) == []


@pytest.mark.rule("AUTO-4", "NAME-6")
def test_what_is_no_part_of_its_name_is_updated_in_place() -> None:
    grown = replace(INLINE, spec=replace(INLINE.spec, model=inline(model_sources=(source("9Gi"),))))
    (write,) = [write for write in planned(grown, own()).writes if isinstance(write, Apply)]
    assert (write.rule, write.thing.meta.uid) == ("AUTO-4", "own")
    assert isinstance(write.thing, Model)
    assert write.thing.spec.model_sources == (source("9Gi"),)
    assert changes(planned(grown, own(deleting=True))) == []


@pytest.mark.rule("OWN-4")
def test_a_field_of_it_that_somebody_holds_is_named() -> None:
    claim = FieldClaim(manager="kubectl", fields={"f:spec": {"f:serviceAccountName": {}}})
    one = replace(INLINE, spec=replace(INLINE.spec, service_account_name="ours"))
    there = own(claims=(claim,))
    plan = planned(one, replace(there, spec=replace(there.spec, service_account_name="theirs")))
    assert changes(plan) == []
    assert condition_of(plan, "FieldsOwnedByOthers") == (
        "True",
        "Contested",
        f"{there.key.name}.spec.serviceAccountName",
    )
    assert condition_of(planned(INLINE, own()), "FieldsOwnedByOthers") is None


CHANGED = replace(INLINE, spec=replace(INLINE.spec, model=inline(hardware=gpus(8))))


@pytest.mark.rule("AUTO-4", "OWN-2")
def test_the_former_inline_model_goes_when_the_new_one_is_ready() -> None:
    former, new = own(), own(CHANGED)
    assert [act for act, _, _ in changes(planned(CHANGED, former))] == ["Create"]
    for status in (None, replace(READY, status=Verdict.PROGRESSING), replace(READY, observed_generation=0)):
        assert changes(planned(CHANGED, former, replace(new, status=status))) == []
    plan = planned(CHANGED, former, new)
    assert [write for write in plan.writes if isinstance(write, Delete)] == [
        Delete(key=former.key, uid="own", resource_version="7", rule="AUTO-4")
    ]


@pytest.mark.rule("AUTO-4")
@pytest.mark.parametrize(
    ("turned", "things"),
    [
        pytest.param(service(), [model()], id="to a name"),
        pytest.param(service(), [], id="to a name nothing answers to"),
        pytest.param(service(image=IMAGE), [model()], id="to an image"),
    ],
)
def test_it_goes_when_the_service_turns_elsewhere(turned: Service, things: list[Any]) -> None:
    assert changes(planned(turned, own(), *things)) == [("Delete", own().key.name, "AUTO-4")]


@pytest.mark.rule("OWN-2", "AUTO-4")
@pytest.mark.parametrize(
    ("turned", "there"),
    [
        pytest.param(service(), own(labels={}), id="made by somebody else"),
        pytest.param(service(), own(owners=owned_by(service("other"))), id="another service's"),
        pytest.param(service(), own(owners=owned_by(INLINE, controller=False)), id="not controlled by it"),
        pytest.param(service(), own(deleting=True), id="on its way out"),
        pytest.param(service(), replace(own(), key=Key(Kind.MODEL, "other", "x")), id="in another namespace"),
        pytest.param(service(), replace(own(), key=Key(Kind.MODEL, None, "x")), id="of the cluster"),
        pytest.param(service(image="?"), own(), id="and the service's own spec is invalid"),
        pytest.param(service(runtime_config_name="big"), own(), id="and nothing can be resolved"),
        pytest.param(service(), template("x", labels=OURS, owners=owned_by(INLINE)), id="a template nobody derived"),
    ],
)
def test_what_is_not_the_services_own_making_is_left_alone(turned: Service, there: Model | Template) -> None:
    assert changes(planned(turned, model(), there)) == []


@pytest.mark.rule("AUTO-4", "OWN-3")
def test_what_cannot_go_keeps_nothing_else() -> None:
    going = replace(own(deleting=True), key=Key(Kind.MODEL, NS, "a"))
    assert changes(planned(service(), model(), going, own())) == [("Delete", own().key.name, "AUTO-4")]


# Derived templates ----------------------------------------------------------------------------------------------------

BASE = template("base")
ASKING = service(template_name="base", overrides=Overrides(metric=Metric.LATENCY))


def derived(one: Service = ASKING, **said: Any) -> Template:
    made = created(planned(one, model(), BASE))
    assert isinstance(made, Template)
    stands = replace(made, meta=replace(made.meta, uid="own", resource_version="7", **said))
    return saying(stands, Verdict.READY)


@pytest.mark.rule("SEL-4", "OWN-1", "NAME-7")
def test_overrides_of_a_named_template_make_one_of_the_services_own() -> None:
    made = created(planned(ASKING, model(), BASE))
    assert [(act, rule) for act, _, rule in changes(planned(ASKING, model(), BASE))] == [("Create", "SEL-4")]
    assert made.key.namespace == NS
    assert made.meta.owners == owned_by(ASKING)
    assert made.meta.labels == {**derived_labels("llama"), "app.kubernetes.io/managed-by": "aim-operator"}
    assert made.spec == replace(BASE.spec, metric=Metric.LATENCY)
    assert changes(planned(ASKING, model(), BASE, derived())) == []


@pytest.mark.rule("CONF-5", "SEL-4")
def test_it_inherits_labels() -> None:
    one = replace(ASKING, meta=replace(ASKING.meta, labels={"team": "a"}))
    wide = config(label_propagation=LabelPropagation(enabled=True, match=("team",)))
    assert created(planned(one, wide, model(), BASE)).meta.labels["team"] == "a"


@pytest.mark.rule("SEL-4", "OWN-4")
def test_it_is_kept_in_step_with_the_template_it_came_from() -> None:
    newer = replace(BASE, spec=replace(BASE.spec, profile_id="p"))
    (write,) = [write for write in planned(ASKING, model(), newer, derived()).writes if isinstance(write, Apply)]
    assert (write.rule, write.thing.meta.uid) == ("SEL-4", "own")
    assert write.thing.spec == replace(newer.spec, metric=Metric.LATENCY)
    assert changes(planned(ASKING, model(), newer, derived(deleting=True))) == []


@pytest.mark.rule("SEL-4", "TMPL-7", "OWN-2")
def test_it_is_made_anew_when_the_template_it_came_from_was() -> None:
    other = replace(BASE, spec=replace(BASE.spec, hardware=gpus(8, "MI300X")))
    plan = planned(ASKING, model(), other, derived())
    assert [write for write in plan.writes if not isinstance(write, Apply)][:1] == [
        Delete(key=derived().key, uid="own", resource_version="7", rule="SEL-4")
    ]
    assert [act for act, _, _ in changes(plan)] == ["Delete"]
    assert changes(planned(ASKING, model(), other, derived(deleting=True))) == []


@pytest.mark.rule("SEL-4", "OWN-2")
@pytest.mark.parametrize(
    "owners",
    [
        pytest.param((), id="nobody's"),
        pytest.param(owned_by(service("other")), id="another service's"),
        pytest.param(owned_by(ASKING, controller=False), id="not controlled by it"),
    ],
)
def test_one_of_its_name_that_is_somebody_elses_is_left_alone(owners: tuple[Any, ...]) -> None:
    theirs = replace(derived(owners=owners), spec=template(profile_id="theirs").spec)
    assert changes(planned(ASKING, model(), BASE, theirs)) == []


PLAIN = replace(ASKING, spec=replace(ASKING.spec, overrides=Overrides()))
OTHER = replace(ASKING, spec=replace(ASKING.spec, overrides=Overrides(metric=Metric.THROUGHPUT)))


def ill(one: Template) -> Template:
    return replace(one, spec=replace(one.spec, runtime_config_name="gone"))


@pytest.mark.rule("SEL-4", "OWN-2")
@pytest.mark.parametrize(
    ("turned", "things", "goes"),
    [
        pytest.param(PLAIN, [BASE], True, id="the base itself is Ready"),
        pytest.param(PLAIN, [template("base", hardware=None)], False, id="the base itself is not Ready"),
        pytest.param(OTHER, [BASE, derived(OTHER)], True, id="the next one is Ready"),
        pytest.param(OTHER, [BASE, ill(derived(OTHER))], False, id="the next one is not Ready"),
        pytest.param(ASKING, [BASE], False, id="it is the one that is wanted"),
    ],
)
def test_a_derived_template_goes_when_what_takes_its_place_is_ready(
    turned: Service, things: list[Any], *, goes: bool
) -> None:
    deleted = [write for write in planned(turned, model(), derived(), *things).writes if isinstance(write, Delete)]
    mine = Delete(key=derived().key, uid="own", resource_version="7", rule="SEL-4")
    assert deleted == ([mine] if goes else [])


@pytest.mark.rule("SEL-4")
def test_what_a_service_derives_is_what_its_resolution_says() -> None:
    made = created(planned(ASKING, model(), BASE))
    wanted = resolve_service(observe(ASKING, model(), BASE)).derived
    assert wanted is not None
    assert (made.key, made.spec) == (wanted.key, wanted.spec)
