"""The laws of the decisions that need no cluster: each for worlds of every make, at every round until they are settled."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aimcore.domain.decide.templates import is_observed
from aimcore.domain.images.inspection import Cause, Inspection, InspectionFailed
from aimcore.domain.images.metadata import Deployment
from aimcore.domain.kinds.conditions import ConditionStatus, find_condition
from aimcore.domain.kinds.core import Namespace
from aimcore.domain.kinds.records import (
    AimObject,
    CustomSpec,
    CustomTemplate,
    Discovery,
    LabelPropagation,
    Model,
    ModelCreation,
    Overrides,
    Service,
    Template,
)
from aimcore.domain.kinds.scope import Key, Kind, Scope
from aimcore.domain.kinds.statuses import ModelStatus, Verdict
from aimcore.domain.values.profile import Metric, TemplateType
from aimcore.domain.view.cache import CoreObject, ObjectCache
from aimcore.domain.view.observed import Snapshot
from aimcore.domain.view.plan import Apply, Create, Delete, Inspect, SetStatus
from tests.unit.domain.builders import (
    BIG,
    IMAGE,
    NS,
    OURS,
    SMALL,
    Cluster,
    Said,
    auto_name,
    children,
    config,
    decide,
    env,
    gpus,
    inline,
    inspects,
    model,
    node,
    observe,
    owned_by,
    read,
    service,
    settled,
    source,
    template,
    templates,
)

Thing = AimObject | CoreObject

NAMESPACES = st.sampled_from([NS, NS, "other"])
SCOPES = st.sampled_from([NS, NS, "other", None])
CUSTOM: Said = {"model_sources": (source("64Gi"),), "custom": CustomSpec(hardware=gpus(1, "MI300X"))}
TWO = CustomSpec(hardware=gpus(1), templates=(CustomTemplate(name="a"), CustomTemplate(hardware=gpus(2))))
ANSWERS = st.sampled_from(
    [
        None,
        read(BIG, SMALL),
        read(Deployment()),
        read(),
        read(**{"com.amd.aim.model.deployments": "nonsense"}),
        InspectionFailed(cause=Cause.UNAUTHORIZED, message="m"),
    ]
)

MODELS = st.builds(
    lambda name, namespace, spec, labels, going: model(
        name, namespace=namespace, labels=labels, deleting=going, **spec
    ),
    st.sampled_from(["llama", "mistral"]),
    SCOPES,
    st.sampled_from(
        [
            {},
            {},
            {"env": env(A="1"), "image_pull_secrets": ("s",)},
            {"discovery": Discovery(enabled=False)},
            {"discovery": Discovery(auto_create_templates=False)},
            {"default_service_template": "llama-1"},
            {"image": "?"},
            {"runtime_config_name": "big"},
            {"image": "nginx"},
            {"custom": TWO},
            CUSTOM,
            {**CUSTOM, "custom": TWO},
        ]
    ),
    st.sampled_from([{}, OURS, {"team": "a"}]),
    st.sampled_from([False, False, False, True]),
)
TEMPLATES = st.builds(
    lambda namespace, spec: template(namespace=namespace, says=None, **spec),
    SCOPES,
    st.sampled_from([{}, {"type": TemplateType.UNOPTIMIZED}, {"hardware": gpus(1, "MI210")}, {"labels": OURS}]),
)
SERVICES = st.builds(
    lambda name, namespace, spec, going: service(name, namespace=namespace, deleting=going, **spec),
    st.sampled_from(["chat", "search"]),
    NAMESPACES,
    st.sampled_from(
        [
            {},
            {"allow_unoptimized": True},
            {"template_name": "llama-1"},
            {"template_name": "llama-1", "overrides": Overrides(metric=Metric.LATENCY)},
            {"overrides": Overrides(gpu_count=8)},
            {"image": IMAGE},
            {"image": IMAGE, "image_pull_secrets": ("s",), "service_account_name": "sa"},
            {"image": "busybox"},
            {"image": "?"},
            {"inline": inline()},
            {"ref": "mistral"},
        ]
    ),
    st.sampled_from([False, False, False, True]),
)
CONFIGS = st.builds(
    lambda name, namespace, spec: config(name, namespace=namespace, **spec),
    st.sampled_from(["default", "big"]),
    SCOPES,
    st.sampled_from(
        [
            {},
            {"model": ModelCreation(creation_scope=Scope.CLUSTER)},
            {"label_propagation": LabelPropagation(enabled=True, match=("team",))},
            {"image_pull_secrets": ("t",)},
        ]
    ),
)
FOREIGN = st.sampled_from(
    [
        *(replace(one, meta=replace(one.meta, owners=())) for one in children(model(), BIG)),
        *(replace(one, meta=replace(one.meta, owners=owned_by(model("mistral")))) for one in children(model(), SMALL)),
        model(auto_name(), image="nginx"),
        model(auto_name(), namespace=None, image="nginx"),
        template("x", owners=owned_by(service())),
        template("y", owners=owned_by(model()), labels=OURS),
    ]
)
NODES = st.sampled_from([node("MI300X"), node("MI210"), node()])
GOING = st.sampled_from([Namespace(name="other", deleting=True), Namespace(name=NS)])
WORLDS = st.lists(st.one_of(MODELS, MODELS, SERVICES, SERVICES, TEMPLATES, CONFIGS, FOREIGN, NODES, GOING), max_size=9)


def cluster(things: list[Thing], answer: Inspection | None) -> Cluster:
    return Cluster(ObjectCache.of(things), answer=answer)


@pytest.mark.rule("AUTO-5", "KIND-9")
@given(WORLDS, ANSWERS)
def test_every_world_settles_within_six_rounds_and_then_is_still(
    things: list[Thing], answer: Inspection | None
) -> None:
    one = cluster(things, answer)
    assert one.settle(most=6) <= 6
    assert one.round() == []


@given(WORLDS, ANSWERS, st.randoms(use_true_random=False))
def test_the_end_does_not_depend_on_what_came_first(
    things: list[Thing], answer: Inspection | None, chance: Any
) -> None:
    one = {getattr(thing, "key", None) or (type(thing), thing.name): thing for thing in things}  # type: ignore[union-attr]
    shuffled = list(one.values())
    chance.shuffle(shuffled)
    ends = [cluster(order, answer) for order in (list(one.values()), shuffled)]
    assert len({end.settle() for end in ends}) == 1
    assert list(ends[0].view) == list(ends[1].view)


@pytest.mark.rule("OWN-1", "OWN-2", "OWN-3", "TMPL-5")
@given(WORLDS, ANSWERS)
def test_only_what_is_ours_and_stays_is_written_to(things: list[Thing], answer: Inspection | None) -> None:
    one = cluster(things, answer)
    for _ in range(6):
        before = {thing.key: thing for thing in one.view}
        for write in one.round():
            there = before.get(write.key)
            assert not one.view.deleting(write.key.namespace)
            match write:
                case Create(thing=thing):
                    assert there is None
                    for owner in thing.meta.owners:
                        (parent,) = [it for it in before.values() if it.meta.uid == owner.uid]
                        assert parent.key.namespace == thing.key.namespace
                        assert not parent.meta.deleting
                case SetStatus(uid=uid):
                    assert there is not None
                    assert (there.meta.uid, there.meta.deleting) == (uid, False)
                case Apply(thing=thing):
                    assert there is not None
                    assert (there.meta.uid, there.meta.deleting) == (thing.meta.uid, False)
                    assert _is_ours(there, before)
                case Delete(uid=uid, resource_version=version):
                    assert there is not None
                    assert (there.meta.uid, there.meta.resource_version, there.meta.deleting) == (uid, version, False)
                    assert _is_ours(there, before)


def _is_ours(thing: AimObject, live: dict[Key, AimObject]) -> bool:
    uids = {one.meta.uid for one in live.values() if isinstance(one, Model | Service)}
    made = {"aim.silogen.ai/origin", "aim.silogen.ai/derived-template"} & thing.meta.labels.keys()
    return bool(made) and any(owner.controller and owner.uid in uids for owner in thing.meta.owners)


@pytest.mark.rule("STAT-1", "KIND-9")
@given(WORLDS, ANSWERS)
def test_ready_is_honest_at_every_round(things: list[Thing], answer: Inspection | None) -> None:
    one = cluster(things, answer)
    for _ in range(6):
        one.round()
        for subject in one.view:
            if isinstance(subject, Model) and subject.status is not None and is_observed(subject):
                _check_honest(one.view, subject, subject.status)


def _check_honest(view: ObjectCache, subject: Model, status: ModelStatus) -> None:
    ready = find_condition(status.conditions, "Ready")
    assert ready is not None
    assert (ready.status is ConditionStatus.TRUE) is (status.status is Verdict.READY)
    generated = find_condition(status.conditions, "TemplatesAutoGenerated")
    if generated is not None and generated.status is ConditionStatus.TRUE:
        own = [it for it in view.owned_by(subject.meta.uid) if isinstance(it, Template)]
        assert len(own) >= int(generated.message.split()[0])


@given(WORLDS, ANSWERS)
def test_one_snapshot_has_one_answer(things: list[Thing], answer: Inspection | None) -> None:
    one = cluster(things, answer)
    one.round()
    for subject in one.view:
        snapshot = Snapshot(view=one.view)
        plan = decide(snapshot.of(subject))
        assert plan == decide(snapshot.of(subject))
        assert plan.questions == decide(replace(snapshot, now="2030-01-01T00:00:00Z").of(subject)).questions


@given(WORLDS, ANSWERS)
def test_what_a_namespace_holds_changes_nothing_elsewhere(things: list[Thing], answer: Inspection | None) -> None:
    scoped = [thing for thing in things if not isinstance(thing, Namespace)]
    if any(isinstance(thing, Service) for thing in scoped):
        return  # a service may bring a cluster model about, which all may see; AUTO-6 holds that one free of tenants
    narrow = [thing for thing in scoped if "other" not in str(getattr(thing, "key", ""))]
    both, alone = cluster(list(scoped), answer), cluster(list(narrow), answer)
    both.settle()
    alone.settle()
    assert [thing for thing in both.view if thing.key.namespace == NS] == [
        thing for thing in alone.view if thing.key.namespace == NS
    ]


# Stories, each told to its end ----------------------------------------------------------------------------------------


@pytest.mark.rule("TMPL-3", "STAT-1")
def test_a_model_with_eight_templates_takes_eighteen_writes() -> None:
    eight = [Deployment(gpu_model="MI300X", gpu_count=count) for count in range(1, 9)]
    one = cluster([model(), node("MI300X")], read(*eight))
    one.settle()
    assert len([write for write in one.writes if isinstance(write, Create)]) == 8
    statuses = [write for write in one.writes if isinstance(write, SetStatus)]
    assert len([write for write in statuses if write.key.kind is Kind.TEMPLATE]) == 8
    assert [write.status.status for write in statuses if write.key.kind is Kind.MODEL] == [
        Verdict.PROGRESSING,
        Verdict.READY,
    ]
    assert len(one.writes) == 18


@pytest.mark.rule("AUTO-5", "AUTO-1")
@settings(max_examples=20)
@given(st.lists(st.sampled_from([(), ("a",), ("b",)]), min_size=2, max_size=5), st.sampled_from(list(Scope)))
def test_many_services_of_one_image_end_with_one_model(secrets: list[tuple[str, ...]], scope: Scope) -> None:
    wide = config(namespace=None, model=ModelCreation(creation_scope=scope))
    services = [service(f"s{number}", image=IMAGE, image_pull_secrets=names) for number, names in enumerate(secrets)]
    one = cluster([wide, *services], None)
    one.settle()
    assert [thing.key for thing in one.view if isinstance(thing, Model)] == [
        Key(Kind.MODEL, NS if scope is Scope.NAMESPACE else None, auto_name())
    ]


@pytest.mark.rule("AUTO-4", "SEL-4")
def test_what_a_service_makes_goes_with_it() -> None:
    own = service(inline=inline())
    asking = service("b", template_name="base", overrides=Overrides(metric=Metric.LATENCY))
    rest: list[AimObject] = [model(discovery=Discovery(enabled=False)), template("base", says=None)]
    one = cluster([own, asking, *rest, node("MI300X")], None)
    one.settle()
    assert sorted(thing.key.kind.value for thing in one.view) == [
        *("Model", "Model", "Service", "Service"),
        *("ServiceTemplate", "ServiceTemplate", "ServiceTemplate"),
    ]
    for user in (own, asking):
        one.collect(user)
    assert [thing.key for thing in one.view] == [thing.key for thing in rest]


@pytest.mark.rule("TMPL-4", "SEL-5")
def test_a_service_keeps_a_stale_template_alive_until_it_finds_another() -> None:
    view = settled(model(), service(), answer=read(BIG))
    (old,) = templates(view)
    renewed: Any = view.find(model().key)
    view.put(replace(renewed, spec=replace(renewed.spec, image="ghcr.io/acme/chat:2.0")))
    one = Cluster(view, answer=read(SMALL))
    one.settle()
    assert [type(write).__name__ for write in one.writes if write.key == old.key] == ["Apply", "Delete"]
    (new,) = templates(one.view)
    user: Any = one.view.find(service().key)
    assert user.status.resolved_template.name == new.key.name
    assert (user.status.status, new.key == old.key) == (Verdict.STARTING, False)


def test_the_same_image_with_the_same_credentials_is_one_wish() -> None:
    wants: set[Inspect] = set()
    for one in (model("a"), model("b")):
        wants |= set(inspects(decide(observe(one))))
    assert len(wants) == 1
