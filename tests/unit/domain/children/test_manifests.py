"""A child that is a manifest is applied again exactly where a field of ours stands otherwise."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from aimcore.domain.children.manifests import ManifestDiff, child_of, diff_manifest, held_spec
from aimcore.domain.kinds.core import Child
from aimcore.domain.kinds.ownership import FieldClaim, Owner
from aimcore.domain.kinds.records import Meta
from aimcore.domain.kinds.scope import Key, Kind

OURS, THEIRS = "aim-operator", "kubectl"
CONTAINER = {
    "name": "aim",
    "image": "a",
    "env": [{"name": "A", "value": "1"}, {"name": "B", "value": "2"}],
    "args": ["x"],
    "ports": [{"containerPort": 8000, "protocol": "TCP"}],
}
BODY: dict[str, Any] = {
    "metadata": {
        "namespace": "ml",
        "name": "aim-chat",
        "labels": {"app": "chat"},
        "annotations": {"note": "n"},
        "ownerReferences": [
            {
                "apiVersion": "aim.silogen.ai/v1alpha1",
                "kind": "AIMService",
                "name": "chat",
                "uid": "u",
                "controller": True,
            }
        ],
    },
    "spec": {"replicas": 1, "template": {"spec": {"containers": [CONTAINER], "volumes": [], "nodeSelector": {}}}},
}
CLAIM_OF_OURS: dict[str, Any] = {
    "f:metadata": {
        "f:labels": {"f:app": {}},
        "f:annotations": {"f:note": {}},
        "f:ownerReferences": {'k:{"uid":"u"}': {}},
    },
    "f:spec": {
        "f:replicas": {},
        "f:template": {
            "f:spec": {
                "f:containers": {
                    'k:{"name":"aim"}': {
                        ".": {},
                        "f:image": {},
                        "f:args": {},
                        "f:env": {'k:{"name":"A"}': {"f:value": {}}, 'k:{"name":"B"}': {"f:value": {}}},
                        "f:ports": {'k:{"containerPort":8000,"protocol":"TCP"}': {"f:containerPort": {}}},
                    }
                }
            }
        },
    },
}


def spec(**container: Any) -> dict[str, Any]:
    one = {name: value for name, value in {**CONTAINER, **container}.items() if value is not None}
    return {"replicas": 1, "template": {"spec": {"containers": [one]}}}


def live(said: Mapping[str, Any] | None = None, **meta: Any) -> Child:
    """What the server has: our fields, and what it filled in beside them."""
    filled = said or spec(imagePullPolicy="Always")
    kept: dict[str, Any] = {
        "uid": "d",
        "labels": {"app": "chat", "theirs": "1"},
        "annotations": {"note": "n", "revision": "4"},
        "claims": (FieldClaim(manager=OURS, fields=CLAIM_OF_OURS),),
        **meta,
    }
    return Child(
        key=Key(Kind.DEPLOYMENT, "ml", "aim-chat"),
        meta=Meta(**kept),
        spec={**filled, "progressDeadlineSeconds": 600},
        status={"replicas": 1},
    )


WANTED = child_of(Kind.DEPLOYMENT, BODY)


def changed(diff: ManifestDiff) -> dict[str, object]:
    return dict(diff.changes)


def test_a_body_becomes_the_child_it_describes() -> None:
    assert str(WANTED.key) == "Deployment ml/aim-chat"
    owner = Owner(api_version="aim.silogen.ai/v1alpha1", kind="AIMService", name="chat", uid="u", controller=True)
    assert WANTED.meta == Meta(labels={"app": "chat"}, annotations={"note": "n"}, owners=(owner,))
    assert WANTED.spec == BODY["spec"]


def test_what_the_server_fills_in_is_no_difference() -> None:
    assert diff_manifest(WANTED, live(), {}) == ManifestDiff()


@pytest.mark.parametrize(
    ("said", "path"),
    [
        (spec(image="b"), ".spec.template.spec.containers[0].image"),
        (spec(args=["x", "y"]), ".spec.template.spec.containers[0].args"),
        (spec(env=[{"name": "A", "value": "1"}]), ".spec.template.spec.containers[0].env[1].name"),
        (
            spec(env=[{"name": "B", "value": "2"}, {"name": "A", "value": "0"}]),
            ".spec.template.spec.containers[0].env[0].value",
        ),
        ({**spec(), "replicas": 3}, ".spec.replicas"),
    ],
)
def test_a_field_of_ours_that_stands_otherwise_is_applied(said: dict[str, Any], path: str) -> None:
    found = diff_manifest(WANTED, live(said), {})
    assert path in changed(found)
    assert found.apply is not None
    assert found.apply.meta.uid == "d"
    assert found.apply.spec == WANTED.spec


def test_the_order_of_named_entries_is_no_difference() -> None:
    said = spec(env=[{"name": "B", "value": "2"}, {"name": "A", "value": "1"}])
    assert diff_manifest(WANTED, live(said), {}).apply is None


def test_labels_and_annotations_of_ours_are_kept_as_wanted() -> None:
    found = diff_manifest(WANTED, live(labels={"app": "x"}, annotations={}), {})
    assert changed(found) == {".metadata.labels.app": "chat", ".metadata.annotations.note": "n"}


@pytest.mark.parametrize(
    ("wanted", "path"),
    [
        (spec(env=[{"name": "A", "value": "1"}]), ".spec.template.spec.containers.[aim].env.[B]"),
        (spec(args=None), ".spec.template.spec.containers.[aim].args"),
        ({"template": spec()["template"]}, ".spec.replicas"),
        (spec(ports=None), ".spec.template.spec.containers.[aim].ports"),
    ],
)
def test_a_field_that_we_claim_and_do_not_want_is_given_up(wanted: dict[str, Any], path: str) -> None:
    found = diff_manifest(replace(WANTED, spec=wanted), live(), {})
    assert changed(found) == {path: None}
    assert found.apply is not None


def test_a_label_that_we_claim_and_do_not_want_is_given_up() -> None:
    wanted = replace(WANTED, meta=replace(WANTED.meta, labels={}))
    assert changed(diff_manifest(wanted, live(), {})) == {".metadata.labels": None}


@pytest.mark.rule("OWN-4")
def test_a_field_that_somebody_else_claims_is_left_to_them_and_named() -> None:
    theirs = FieldClaim(manager=THEIRS, fields={"f:spec": {"f:replicas": {}}})
    found = diff_manifest(WANTED, live({**spec(), "replicas": 3}, claims=(theirs,)), {})
    assert (found.apply, found.contested) == (None, (".spec.replicas",))
    other = {**spec(image="b"), "replicas": 3}
    found = diff_manifest(WANTED, live(other, claims=(theirs,)), {})
    assert found.contested == (".spec.replicas",)
    assert found.apply is not None
    assert found.apply.spec == {"template": BODY["spec"]["template"]}


def test_an_entry_of_a_list_that_somebody_else_claims_is_left_to_them() -> None:
    inside: dict[str, Any] = {'k:{"name":"aim"}': {"f:env": {'k:{"name":"A"}': {"f:value": {}}}, "f:args": {}}}
    theirs = FieldClaim(manager=THEIRS, fields={"f:spec": {"f:template": {"f:spec": {"f:containers": inside}}}})
    said = spec(env=[{"name": "A", "value": "0"}, {"name": "B", "value": "2"}], image="b", args=["z"])
    found = diff_manifest(WANTED, live(said, claims=(theirs,)), {})
    assert found.apply is not None
    (container,) = found.apply.spec["template"]["spec"]["containers"]
    assert container["env"] == [{"name": "A"}, {"name": "B", "value": "2"}]
    assert "args" not in container


def test_a_name_with_a_quote_is_found_in_claims() -> None:
    entry = {"name": 'a"b', "value": "1"}
    inside: dict[str, Any] = {'k:{"name":"aim"}': {"f:env": {'k:{"name":"a\\"b"}': {"f:value": {}}}}}
    theirs = FieldClaim(manager=THEIRS, fields={"f:spec": {"f:template": {"f:spec": {"f:containers": inside}}}})
    wanted = replace(WANTED, spec=spec(env=[entry]))
    found = diff_manifest(wanted, live(spec(env=[{**entry, "value": "2"}]), claims=(theirs,)), {})
    assert found.contested == (".spec.template.spec.containers[0].env[0].value",)


def test_entries_that_nothing_tells_apart_are_one_value_and_claimed_by_place() -> None:
    rules = [{"to": "a"}, {"to": "b"}]
    wanted, there = replace(WANTED, spec={"rules": rules}), live({"rules": [{"to": "a"}]}, claims=())
    assert changed(diff_manifest(wanted, there, {})) == {".spec.rules": rules}
    same = [{"name": "a", "to": "x"}, {"name": "a", "to": "y"}]
    assert diff_manifest(replace(WANTED, spec={"rules": same}), live({"rules": same}, claims=()), {}).apply is None


def test_what_the_server_has_of_another_shape_is_applied() -> None:
    assert diff_manifest(WANTED, live({"replicas": 1, "template": "x"}, claims=()), {}).apply is not None


@pytest.mark.rule("OWN-6")
def test_what_the_server_does_not_keep_is_not_written_for_ever() -> None:
    there = live({**spec(), "replicas": 3})
    vain = {(there.key, ".spec.replicas"): 1}
    found = diff_manifest(WANTED, there, vain)
    assert (found.apply, found.dropped) == (None, (".spec.replicas",))
    assert diff_manifest(WANTED, live({**spec(image="b"), "replicas": 3}), vain).apply is not None


def test_an_entry_is_found_in_claims_by_a_number_too() -> None:
    inside: dict[str, Any] = {'k:{"name":"aim"}': {"f:ports": {'k:{"containerPort":8000}': {"f:hostPort": {}}}}}
    theirs = FieldClaim(manager=THEIRS, fields={"f:spec": {"f:template": {"f:spec": {"f:containers": inside}}}})
    wanted = replace(WANTED, spec=spec(ports=[{"containerPort": 8000, "hostPort": 1}]))
    found = diff_manifest(wanted, live(spec(ports=[{"containerPort": 8000, "hostPort": 2}]), claims=(theirs,)), {})
    assert found.contested == (".spec.template.spec.containers[0].ports[0].hostPort",)


@pytest.mark.rule("RUN-14")
def test_what_another_manager_claims_is_not_held() -> None:
    claims = (
        FieldClaim(manager=OURS, fields={"f:spec": {"f:replicas": {}}}),
        FieldClaim(manager=THEIRS, fields={"f:spec": {"f:paused": {}}}),
    )
    live = Child(
        key=Key(Kind.DEPLOYMENT, "ml", "aim-chat"), meta=Meta(claims=claims), spec={"replicas": 2, "paused": True}
    )
    assert held_spec(live) == {"replicas": 2}
