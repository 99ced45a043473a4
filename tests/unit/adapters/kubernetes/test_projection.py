"""Of an object is kept what decisions look at: its record, and who claims which labels, fields and items of it."""

from __future__ import annotations

from typing import Any

import pytest

from aimcore.adapters.kubernetes.folding import fold
from aimcore.adapters.kubernetes.projection import project
from aimcore.adapters.kubernetes.resources import RESOURCES
from aimcore.domain.errors import InvalidManifestError
from aimcore.domain.kinds.ownership import MANAGER, FieldClaim, claimants
from aimcore.domain.kinds.records import Model
from aimcore.ports.errors import BadAnswer
from tests.unit.adapters.kubernetes.scripted import model

RESOURCE = RESOURCES["AIMModel"]
TREE = {
    "f:metadata": {"f:labels": {".": {}, "f:app": {}}, "f:annotations": {"f:note": {}}},
    "f:spec": {
        ".": {},
        "f:image": {},
        "f:custom": {"f:hardware": {"f:gpu": {}}},
        "f:env": {".": {}, 'k:{"name":"A"}': {".": {}, "f:value": {}}},
    },
}


def claimed(*entries: dict[str, Any]) -> dict[str, Any]:
    manifest = model("a", 5)
    manifest["metadata"]["managedFields"] = list(entries)
    return manifest


def entry(
    manager: str, operation: str = "Apply", fields: dict[str, Any] = TREE, subresource: str = ""
) -> dict[str, Any]:
    made = {"manager": manager, "operation": operation, "fieldsType": "FieldsV1", "fieldsV1": fields}
    return {**made, "subresource": subresource} if subresource else made


def claims(manifest: dict[str, Any]) -> tuple[FieldClaim, ...]:
    thing = project(RESOURCE, manifest).thing
    assert isinstance(thing, Model)
    return thing.meta.claims


@pytest.mark.rule("OWN-4")
def test_claims_are_kept_as_deep_as_decisions_look() -> None:
    kept = claims(claimed(entry("kubectl"), entry("kubectl", subresource="status"), entry("argo", fields={})))
    assert [one.manager for one in kept] == ["kubectl"]
    for path in (
        ("f:metadata", "f:labels", "f:app"),
        ("f:spec", "f:image"),
        ("f:spec", "f:custom"),
        ("f:spec", "f:env"),
        ("f:spec", "f:env", 'k:{"name":"A"}'),
    ):
        assert claimants(kept, path) == {"kubectl"}
    assert claimants(kept, ("f:spec", "f:env", 'k:{"name":"B"}')) == frozenset()
    assert claimants(kept, ("f:metadata", "f:annotations")) == frozenset()


def test_equal_claims_are_one_object() -> None:
    [one], [other] = claims(claimed(entry("kubectl"))), claims(claimed(entry("kubectl")))
    assert one is other


@pytest.mark.parametrize(
    ("made", "posted"),
    [
        (entry(MANAGER, "Update"), True),
        (entry(MANAGER, "Apply"), False),
        (entry(MANAGER, "Update", subresource="status"), False),
        (entry("kubectl", "Update"), False),
    ],
    ids=["posted", "applied", "a status", "another's"],
)
@pytest.mark.rule("OWN-4")
def test_what_was_posted_and_not_applied_yet_is_known(made: dict[str, Any], *, posted: bool) -> None:
    assert project(RESOURCE, claimed(made)).posted is posted
    assert (fold(claimed(made)) is not None) is posted


@pytest.mark.rule("OWN-4")
def test_a_fold_joins_what_is_ours_and_leaves_the_rest() -> None:
    one: dict[str, Any] = {"f:spec": {"f:image": {}, "f:env": {}}}
    other: dict[str, Any] = {"f:spec": {"f:metric": {}, "f:env": {'k:{"name":"A"}': {}}}}
    manifest = claimed(entry(MANAGER, "Update", one), entry("kubectl"), entry(MANAGER, "Apply", other))
    patch = fold(manifest)
    assert patch is not None
    assert {name: patch["metadata"][name] for name in ("uid", "resourceVersion")} == {
        "uid": "u-a",
        "resourceVersion": "5",
    }
    [theirs, ours] = patch["metadata"]["managedFields"]
    assert theirs == entry("kubectl")
    assert (ours["manager"], ours["operation"]) == (MANAGER, "Apply")
    assert ours["fieldsV1"] == {"f:spec": {"f:image": {}, "f:metric": {}, "f:env": {".": {}, 'k:{"name":"A"}': {}}}}


def test_what_cannot_be_read_says_why() -> None:
    found = project(RESOURCE, model("a", 5, image=5))
    assert isinstance(found.thing, InvalidManifestError)
    assert (found.place, found.version) == (("AIMModel", "ml", "a"), "5")


@pytest.mark.parametrize(
    "manifest",
    [
        None,
        {},
        {"metadata": {}},
        {"metadata": {"name": "a", "namespace": "ml"}},
        {"metadata": {"name": "a", "resourceVersion": "1"}},
        {"metadata": {"name": 5, "namespace": "ml", "resourceVersion": "1"}},
    ],
    ids=["null", "empty", "nameless", "no version", "no namespace", "a number for a name"],
)
def test_what_does_not_say_what_it_is_is_a_bad_answer(manifest: Any) -> None:
    with pytest.raises(BadAnswer):
        project(RESOURCE, manifest)


@pytest.mark.rule("OWN-4")
def test_a_fold_leaves_out_what_the_server_put_in() -> None:
    port = 'k:{"containerPort":8000,"protocol":"TCP"}'
    claimed_by_post: dict[str, Any] = {
        "f:metadata": {"f:labels": {".": {}, "f:app": {}}, "f:finalizers": {".": {}, 'v:"ours"': {}, 'v:"theirs"': {}}},
        "f:spec": {
            "f:restartPolicy": {},
            "f:containers": {
                'k:{"name":"aim"}': {".": {}, "f:image": {}, "f:ports": {port: {".": {}, "f:protocol": {}}}},
                'k:{"name":"added"}': {".": {}, "f:image": {}},
            },
        },
    }
    container = {"name": "aim", "image": "i", "ports": [{"containerPort": 8000}]}
    sent = {"metadata": {"labels": {"app": "a"}, "finalizers": ["ours"]}, "spec": {"containers": [container]}}
    patch = fold(claimed(entry(MANAGER, "Update", claimed_by_post)), sent)
    assert patch is not None
    [ours] = patch["metadata"]["managedFields"]
    assert ours["fieldsV1"] == {
        "f:metadata": {"f:labels": {".": {}, "f:app": {}}, "f:finalizers": {".": {}, 'v:"ours"': {}}},
        "f:spec": {"f:containers": {'k:{"name":"aim"}': {".": {}, "f:image": {}, "f:ports": {port: {".": {}}}}}},
    }
