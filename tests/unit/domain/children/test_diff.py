from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from aimcore.domain.children.diff import (
    Diff,
    auto_labels,
    child_meta,
    created_meta,
    derived_labels,
    diff,
    is_derived,
    is_same,
    is_stale,
    marked_stale,
)
from aimcore.domain.kinds.config import ResolvedConfig, merge_configs
from aimcore.domain.kinds.ownership import MANAGER, FieldClaim
from aimcore.domain.kinds.records import LabelPropagation, Model, Service, Template
from aimcore.domain.kinds.resources import Resources
from aimcore.domain.values.profile import Metric, Precision
from aimcore.domain.values.quantity import Quantity
from tests.unit.domain.builders import (
    OURS,
    STALE,
    Said,
    config,
    cpus,
    env,
    gpus,
    model,
    owned_by,
    service,
    source,
    template,
)

NOTHING = ResolvedConfig()


def propagating(*globs: str, enabled: bool = True) -> ResolvedConfig:
    return merge_configs(config(label_propagation=LabelPropagation(enabled=enabled, match=globs)), None)


@pytest.mark.rule("TMPL-2", "OWN-1")
@pytest.mark.parametrize(
    ("parent", "kind"),
    [
        pytest.param(model(), "AIMModel", id="a model"),
        pytest.param(model(namespace=None), "AIMClusterModel", id="a cluster model"),
        pytest.param(service(), "AIMService", id="a service"),
    ],
)
def test_a_child_has_its_parent_for_a_controller(parent: Model | Service, kind: str) -> None:
    made = child_meta(parent, NOTHING, {})
    assert made.owners == owned_by(parent)
    (owner,) = made.owners
    assert (owner.api_version, owner.kind, owner.controller) == ("aim.silogen.ai/v1alpha1", kind, True)
    assert made.labels == {"app.kubernetes.io/managed-by": "aim-operator"}


@pytest.mark.rule("TMPL-2")
def test_an_auto_generated_template_is_labelled_with_its_model() -> None:
    assert auto_labels("llama") == {"aim.silogen.ai/model": "llama", "aim.silogen.ai/origin": "auto-generated"}
    long = auto_labels("x" * 64)["aim.silogen.ai/model"]
    assert len(long) == 63
    assert long != auto_labels("x" * 65)["aim.silogen.ai/model"]


@pytest.mark.rule("SEL-4")
def test_a_derived_template_is_labelled_so() -> None:
    labels = derived_labels("llama")
    assert labels == {"aim.silogen.ai/model": "llama", "aim.silogen.ai/derived-template": "true"}
    assert is_derived(template(labels=labels))
    assert not is_derived(template(labels={"aim.silogen.ai/derived-template": "false"}))
    assert not is_derived(template(labels=auto_labels("llama")))


@pytest.mark.rule("TMPL-4")
def test_a_stale_template_is_labelled_so() -> None:
    assert is_stale(template(labels=STALE))
    assert not is_stale(template(labels={"aim.silogen.ai/stale": "no"}))


@pytest.mark.rule("AUTO-1")
def test_a_created_model_is_nobodys() -> None:
    assert created_meta().owners == ()
    assert created_meta().labels == {**OURS, "app.kubernetes.io/managed-by": "aim-operator"}


@pytest.mark.rule("CONF-5")
@pytest.mark.parametrize(
    ("labels", "settled", "inherited"),
    [
        pytest.param({"team": "a"}, NOTHING, {}, id="nothing said"),
        pytest.param({"team": "a"}, propagating("team"), {"team": "a"}, id="the label itself"),
        pytest.param({"team": "a"}, propagating("team", enabled=False), {}, id="switched off"),
        pytest.param(
            {"team": "a", "tier": "b"}, propagating("te*", "x"), {"team": "a"}, id="those that match one glob"
        ),
        pytest.param({"acme.com/team": "a"}, propagating("*"), {}, id="a star crosses no slash"),
        pytest.param({"acme.com/team": "a"}, propagating("*/*"), {"acme.com/team": "a"}, id="two stars and a slash"),
        pytest.param(
            {"app.kubernetes.io/managed-by": "helm"}, propagating("*/*"), {}, id="a child's own value wins over any"
        ),
        pytest.param(
            {"aim.silogen.ai/stale": "true"}, propagating("*/*"), {}, id="our own labels are no parent's to give"
        ),
    ],
)
def test_labels_go_from_parent_to_child(
    labels: dict[str, str], settled: ResolvedConfig, inherited: dict[str, str]
) -> None:
    made = child_meta(model(labels=labels), settled, {"origin": "ours"})
    assert made.labels == {**inherited, "app.kubernetes.io/managed-by": "aim-operator", "origin": "ours"}


@pytest.mark.rule("CONF-5")
def test_the_childs_own_label_wins() -> None:
    assert child_meta(model(labels={"team": "a"}), propagating("*"), {"team": "b"}).labels["team"] == "b"


# Diff ---------------------------------------------------------------------------------------------------------------


def claim(manager: str, *paths: str) -> FieldClaim:
    """Claims of paths such as `spec/type` or `labels/team` or `spec/env/A`, the last an item by name."""
    fields: dict[str, Said] = {"f:metadata": {"f:labels": {}}, "f:spec": {}}
    for path in paths:
        top, name, *item = path.split("/", 2) if path.startswith("spec") else path.split("/", 1)
        if top == "labels":
            fields["f:metadata"]["f:labels"][f"f:{name}"] = {}
        else:
            leaf: Said = {f'k:{{"name":"{one}"}}': {} for one in item}
            fields["f:spec"].setdefault(f"f:{name}", {}).update(leaf)
    return FieldClaim(manager=manager, fields=fields)


def live(*claims: FieldClaim, **said: Any) -> Template:
    return template(claims=claims, says=None, **said)


WANTED = template(says=None, resource_version="", uid="")


def wanted(**said: Any) -> Template:
    return template(says=None, resource_version="", uid="", **said)


def applied(want: Template, there: Template) -> Template | Model | None:
    """What is applied, without the uid that it must carry."""
    care = diff(want, there, {})
    if care.apply is None:
        return None
    assert care.apply.meta.uid == there.meta.uid
    return replace(care.apply, meta=replace(care.apply.meta, uid=""))


@pytest.mark.rule("OWN-4", "AUTO-5")
@pytest.mark.parametrize(
    ("want", "there"),
    [
        pytest.param(wanted(), live(), id="just as wanted"),
        pytest.param(
            wanted(env=env(A="1", B="2")), live(env=env(B="2", A="1")), id="the order of a map is not ours to keep"
        ),
        pytest.param(wanted(), live(env=env(A="1")), id="an item of somebody else's"),
        pytest.param(
            wanted(), live(claim("kubectl", "spec/serviceAccountName"), service_account_name="x"), id="a field"
        ),
        pytest.param(wanted(), live(labels={"team": "a"}), id="a label"),
        pytest.param(
            wanted(),
            live(claim("kubectl", "spec/resources"), resources=Resources(requests={"cpu": Quantity.of(1)})),
            id="resources",
        ),
        pytest.param(
            wanted(labels={"team": "a"}),
            live(claim("kubectl", "labels/team"), labels={"team": "b"}),
            id="a label of ours that somebody else set",
        ),
    ],
)
def test_what_is_as_wanted_or_somebody_elses_is_left_alone(want: Template, there: Template) -> None:
    assert diff(want, there, {}) == Diff()


@pytest.mark.rule("OWN-4")
@pytest.mark.parametrize(
    ("want", "there"),
    [
        pytest.param(wanted(service_account_name="a"), live(), id="a field that is missing"),
        pytest.param(
            wanted(service_account_name="a"),
            live(service_account_name="b"),
            id="a field nobody claims that differs",
        ),
        pytest.param(
            wanted(service_account_name="a"),
            live(claim(MANAGER, "spec/serviceAccountName"), service_account_name="b"),
            id="a field of ours that differs",
        ),
        pytest.param(
            wanted(), live(claim(MANAGER, "spec/serviceAccountName"), service_account_name="b"), id="one to give up"
        ),
        pytest.param(wanted(env=env(A="1")), live(env=env(A="2")), id="an item that differs"),
        pytest.param(wanted(env=env(A="1")), live(), id="an item that is missing"),
        pytest.param(wanted(), live(claim(MANAGER, "spec/env/A"), env=env(A="2")), id="an item to give up"),
        pytest.param(wanted(image_pull_secrets=("a",)), live(image_pull_secrets=("b",)), id="a secret that is missing"),
        pytest.param(wanted(labels={"team": "a"}), live(), id="a label that is missing"),
        pytest.param(wanted(labels={"team": "a"}), live(labels={"team": "b"}), id="a label that differs"),
        pytest.param(
            wanted(labels={"team": "a", "tier": "b"}),
            live(labels={"team": "a"}),
            id="a label beside one that does not",
        ),
        pytest.param(wanted(), live(claim(MANAGER, "labels/team"), labels={"team": "b"}), id="a label to give up"),
    ],
)
def test_what_differs_and_is_ours_is_applied_as_wanted(want: Template, there: Template) -> None:
    assert applied(want, there) == want
    assert diff(want, there, {}).contested == ()


@pytest.mark.rule("OWN-4")
@pytest.mark.parametrize(
    ("want", "there", "apply", "contested"),
    [
        pytest.param(
            wanted(service_account_name="a"),
            live(claim("kubectl", "spec/serviceAccountName"), service_account_name="b"),
            None,
            (".spec.serviceAccountName",),
            id="a field",
        ),
        pytest.param(
            wanted(service_account_name="a", profile_id="p"),
            live(claim("kubectl", "spec/serviceAccountName"), service_account_name="b"),
            wanted(profile_id="p"),
            (".spec.serviceAccountName",),
            id="a field, beside one that is ours to set",
        ),
        pytest.param(
            wanted(env=env(A="1", B="2")),
            live(claim("kubectl", "spec/env/A"), env=env(A="9")),
            wanted(env=env(B="2")),
            (".spec.env[A]",),
            id="one item of two",
        ),
        pytest.param(
            wanted(env=env(A="1", B="2")),
            live(claim("kubectl", "spec/env/A"), env=env(A="9", B="2")),
            None,
            (".spec.env[A]",),
            id="one item, the other as wanted",
        ),
        pytest.param(
            wanted(env=env(A="1")),
            live(claim("kubectl", "spec/env/A"), claim(MANAGER, "spec/env/A"), env=env(A="9")),
            None,
            (".spec.env[A]",),
            id="an item held together with us",
        ),
        pytest.param(
            wanted(labels={**OURS, "team": "a"}),
            live(claim("kubectl", "labels/aim.silogen.ai/origin"), labels={"aim.silogen.ai/origin": "x"}),
            wanted(labels={"team": "a"}),
            (".metadata.labels[aim.silogen.ai/origin]",),
            id="a label of our domain",
        ),
        pytest.param(
            wanted(labels={"app.kubernetes.io/managed-by": "aim-operator"}),
            live(claim("helm", "labels/app.kubernetes.io/managed-by"), labels={"app.kubernetes.io/managed-by": "helm"}),
            None,
            (".metadata.labels[app.kubernetes.io/managed-by]",),
            id="who manages it",
        ),
    ],
)
def test_what_others_hold_with_another_value_is_left_to_them_and_named(
    want: Template, there: Template, apply: Template | None, contested: tuple[str, ...]
) -> None:
    assert applied(want, there) == apply
    assert diff(want, there, {}).contested == contested


@pytest.mark.rule("OWN-4")
def test_others_may_share_a_field_that_is_as_wanted() -> None:
    there = live(claim("kubectl", "spec/env/A", "spec/profileId"), env=env(A="1"), profile_id="p")
    assert diff(wanted(env=env(A="1"), profile_id="p"), there, {}) == Diff()


@pytest.mark.rule("OWN-4")
def test_an_item_is_claimed_by_its_name_however_it_is_spelt() -> None:
    name = 'a"b\\c'
    fields: Said = {"f:spec": {"f:imagePullSecrets": {r'k:{"name":"a\"b\\c"}': {}}}}
    there = live(FieldClaim(manager=MANAGER, fields=fields), image_pull_secrets=(name,))
    assert applied(wanted(), there) == wanted()


@pytest.mark.rule("OWN-4", "NAME-6")
def test_a_model_is_kept_up_like_a_template() -> None:
    there, want = model(uid="1"), model(uid="", model_sources=(source("1Gi"),), image="base")
    care = diff(want, there, {})
    assert care.apply == replace(want, meta=replace(want.meta, uid="1"))


# Going stale, and making anew ------------------------------------------------------------------------------------------


@pytest.mark.rule("TMPL-4", "OWN-4")
def test_the_stale_mark_is_all_that_marking_changes() -> None:
    parent = model()
    there = template(
        labels={**OURS, "team": "a"},
        owners=(*owned_by(parent), *owned_by(service(), controller=False)),
        env=env(A="1", B="2"),
        image_pull_secrets=("s",),
        service_account_name="theirs",
        profile_id="p",
        resources=Resources(requests={"cpu": Quantity.of(1)}),
        claims=(
            claim(
                MANAGER, "labels/aim.silogen.ai/origin", "spec/env/A", "spec/profileId", "spec/hardware", "spec/type"
            ),
            claim("kubectl", "labels/team", "spec/env/B", "spec/serviceAccountName", "spec/resources"),
        ),
    )
    marked = marked_stale(there)
    assert marked.status is None
    assert marked.meta == replace(
        parent.meta, uid=there.meta.uid, resource_version="", labels={**OURS, **STALE}, owners=owned_by(parent)
    )
    assert marked.spec == replace(
        there.spec, env=env(A="1"), image_pull_secrets=(), service_account_name=None, resources=Resources()
    )


@pytest.mark.rule("TMPL-7")
@pytest.mark.parametrize(
    ("other", "same"),
    [
        pytest.param(wanted(profile_id="p", env=env(A="1")), True, id="what may change"),
        pytest.param(wanted(model_name="mistral"), False, id="another model"),
        pytest.param(wanted(metric=Metric.LATENCY), False, id="a metric"),
        pytest.param(wanted(precision=Precision.FP8), False, id="a precision"),
        pytest.param(wanted(hardware=gpus(2, "MI300X")), False, id="other hardware"),
        pytest.param(wanted(hardware=cpus("1")), False, id="no GPU"),
    ],
)
def test_two_are_the_same_when_the_server_would_take_one_for_the_other(other: Template, *, same: bool) -> None:
    assert is_same(other, WANTED) is same
