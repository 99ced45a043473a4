"""Server-side apply: a manifest is all that its manager wants to say."""

from __future__ import annotations

from typing import Any

import pytest

from aimcore.ports.errors import Conflict, Contested, Invalid, NotFound, PortError
from tests.integration.cluster.driver import Cluster
from tests.integration.cluster.manifests import address, condition, config_map, model, owned_by, owners_of, with_status

A, B, C = ({"name": name, "value": name.lower()} for name in "ABC")


def env(manifest: Any) -> list[tuple[str, str]]:
    return [(entry["name"], entry["value"]) for entry in manifest["spec"]["env"]]


def test_apply_makes_what_is_not_there(cluster: Cluster, home: str) -> None:
    made = cluster.apply(model(home, env=[A]), manager="ann")
    assert made["metadata"]["generation"] == 1
    assert owned_by(made) == {
        ("ann", "Apply", ""): {
            "f:spec": {"f:image": {}, "f:env": {'k:{"name":"A"}': {".": {}, "f:name": {}, "f:value": {}}}}
        }
    }


def test_a_field_left_out_is_removed(cluster: Cluster, home: str) -> None:
    cluster.apply(model(home, serviceAccountName="runner", env=[A]), manager="ann")
    assert "serviceAccountName" not in cluster.apply(model(home, env=[A]), manager="ann")["spec"]


def test_a_whole_list_left_out_is_removed(cluster: Cluster, home: str) -> None:
    cluster.apply(model(home, env=[A, B]), manager="ann")
    assert cluster.apply(model(home), manager="ann")["spec"].keys() == {"image"}


def test_a_container_whose_last_field_goes_goes_too(cluster: Cluster, home: str) -> None:
    cluster.apply(model(home, resources={"limits": {"cpu": "1"}}), manager="ann")
    after = cluster.apply(model(home), manager="ann")
    assert after["spec"].keys() == {"image"}


EMPTIED = (
    pytest.param("resources", {"limits": {"cpu": "1"}}, {"limits": {}}, id="a map of a definition"),
    pytest.param("discovery", {"enabled": False}, {}, id="an object of a definition"),
    pytest.param("resources", {"limits": {"cpu": "1"}}, {"limits": None}, id="a null"),
    pytest.param("env", [A], None, id="a null for a list"),
    pytest.param("env", None, None, id="a null where nothing stands"),
)


@pytest.mark.parametrize(("field", "first", "then"), EMPTIED)
def test_what_an_apply_would_empty_is_refused_and_stays(
    cluster: Cluster, home: str, field: str, first: Any, then: Any
) -> None:
    before = cluster.apply(model(home, **({} if first is None else {field: first})), manager="ann")
    with pytest.raises(Invalid, match=f"spec.{field}.*null"):
        cluster.apply(model(home, **{field: then}), manager="ann")
    assert cluster.get(address(before)) == before


def test_an_empty_object_may_be_said_again_and_again(cluster: Cluster, home: str) -> None:
    first = cluster.apply(model(home, discovery={}), manager="ann")
    assert first["spec"]["discovery"] == {}
    assert cluster.apply(model(home, discovery={}), manager="ann") == first


def test_an_empty_container_of_another_keeps_the_last_member_in_it_from_going(cluster: Cluster, home: str) -> None:
    cluster.apply(model(home, resources={"limits": {"cpu": "1"}}), manager="ann")
    before = cluster.apply(model(home, resources={"limits": {}}), manager="bob")
    with pytest.raises(Invalid, match=r"spec.resources.limits.*null"):
        cluster.apply(model(home), manager="ann")
    assert cluster.get(address(before)) == before


def test_a_container_of_kubernetes_own_kinds_goes_with_its_last_member(cluster: Cluster, home: str) -> None:
    cluster.apply({**config_map(home, "notes"), "data": {"one": "1"}}, manager="ann")
    assert "data" not in cluster.apply({**config_map(home, "notes"), "data": {}}, manager="ann")


def test_labels_go_with_the_last_of_them(cluster: Cluster, home: str) -> None:
    cluster.apply(model(home, metadata={"labels": {"one": "1"}}), manager="ann")
    after = cluster.apply(model(home, metadata={"labels": {}}), manager="ann")
    assert "labels" not in after["metadata"]
    assert owned_by(after)["ann", "Apply", ""] == {"f:metadata": {"f:labels": {}}, "f:spec": {"f:image": {}}}


def test_a_null_that_is_posted_says_nothing(cluster: Cluster, home: str) -> None:
    made = cluster.create(model(home, env=None, resources={"limits": None}), manager="ann")
    assert made["spec"] == {"image": made["spec"]["image"], "resources": {}}
    put = cluster.replace({**made, "spec": {**made["spec"], "discovery": {"enabled": None}}}, manager="ann")
    assert put["spec"] == {**made["spec"], "discovery": {}}


def test_two_managers_share_a_field_they_agree_on(cluster: Cluster, home: str) -> None:
    cluster.apply(model(home), manager="ann")
    shared = cluster.apply(model(home), manager="bob")
    assert owners_of(shared, "f:spec", "f:image") == {"ann", "bob"}


def test_a_shared_field_stays_until_its_last_owner_gives_it_up(cluster: Cluster, home: str) -> None:
    cluster.apply(model(home, serviceAccountName="runner"), manager="ann")
    cluster.apply(model(home, serviceAccountName="runner"), manager="bob")
    kept = cluster.apply(model(home), manager="ann")
    assert kept["spec"]["serviceAccountName"] == "runner"
    assert owners_of(kept, "f:spec", "f:serviceAccountName") == {"bob"}
    assert "serviceAccountName" not in cluster.apply(model(home), manager="bob")["spec"]


def test_changing_a_field_of_another_is_a_conflict_that_names_it(cluster: Cluster, home: str) -> None:
    cluster.apply(model(home, serviceAccountName="runner", env=[A]), manager="ann")
    with pytest.raises(Conflict) as caught:
        cluster.apply(model(home, serviceAccountName="walker", env=[{"name": "A", "value": "new"}]), manager="bob")
    assert caught.value.contested == (
        Contested('.spec.env[name="A"].value', "ann"),
        Contested(".spec.serviceAccountName", "ann"),
    )


def test_a_refused_apply_changes_nothing(cluster: Cluster, home: str) -> None:
    before = cluster.apply(model(home, serviceAccountName="runner"), manager="ann")
    with pytest.raises(Conflict):
        cluster.apply(model(home, serviceAccountName="walker", env=[A]), manager="bob")
    assert cluster.get(address(before)) == before


def test_force_takes_the_field(cluster: Cluster, home: str) -> None:
    cluster.apply(model(home, serviceAccountName="runner"), manager="ann")
    taken = cluster.apply(model(home, serviceAccountName="walker"), manager="bob", force=True)
    assert taken["spec"]["serviceAccountName"] == "walker"
    assert owners_of(taken, "f:spec", "f:serviceAccountName") == {"bob"}
    assert owners_of(taken, "f:spec", "f:image") == {"ann", "bob"}


def test_a_field_taken_by_force_is_not_the_losers_to_remove(cluster: Cluster, home: str) -> None:
    cluster.apply(model(home, serviceAccountName="runner"), manager="ann")
    cluster.apply(model(home, serviceAccountName="walker"), manager="bob", force=True)
    assert cluster.apply(model(home), manager="ann")["spec"]["serviceAccountName"] == "walker"


def test_items_of_a_keyed_list_have_their_own_owners(cluster: Cluster, home: str) -> None:
    cluster.apply(model(home, env=[A]), manager="ann")
    both = cluster.apply(model(home, env=[B]), manager="bob")
    assert env(both) == [("A", "a"), ("B", "b")]
    assert env(cluster.apply(model(home), manager="ann")) == [("B", "b")]


@pytest.mark.parametrize(
    "second",
    [
        pytest.param([B, A], id="turned round"),
        pytest.param([C, A], id="one new before"),
        pytest.param([A, C], id="one new after"),
        pytest.param([B, C, A], id="one new between"),
        pytest.param([C], id="only another"),
        pytest.param([], id="none"),
    ],
)
def test_a_keyed_list_keeps_the_order_of_who_spoke_last(cluster: Cluster, home: str, second: list[Any]) -> None:
    expected = {
        ("B", "A"): [("B", "b"), ("A", "a")],
        ("C", "A"): [("C", "c"), ("A", "a"), ("B", "b")],
        ("A", "C"): [("A", "a"), ("B", "b"), ("C", "c")],
        ("B", "C", "A"): [("B", "b"), ("C", "c"), ("A", "a")],
        ("C",): [("A", "a"), ("B", "b"), ("C", "c")],
        (): [("A", "a"), ("B", "b")],
    }
    cluster.apply(model(home, env=[A, B]), manager="ann")
    after = cluster.apply(model(home, env=second), manager="bob")
    assert env(after) == expected[tuple(entry["name"] for entry in second)]


def test_a_list_without_keys_is_one_value(cluster: Cluster, home: str) -> None:
    def recommending(*sources: str) -> dict[str, Any]:
        return {
            "modelSources": [{"modelId": f"org/{name}", "sourceUri": f"hf://org/{name}"} for name in sources],
            "custom": {"hardware": {"gpu": {"requests": 1}}},
        }

    cluster.apply(model(home, **recommending("a")), manager="ann")
    with pytest.raises(Conflict) as caught:
        cluster.apply(model(home, **recommending("a", "b")), manager="bob")
    assert caught.value.contested == (Contested(".spec.modelSources", "ann"),)
    taken = cluster.apply(model(home, **recommending("b")), manager="bob", force=True)
    assert [source["modelId"] for source in taken["spec"]["modelSources"]] == ["org/b"]


def test_labels_merge_one_by_one(cluster: Cluster, home: str) -> None:
    cluster.apply(model(home, metadata={"labels": {"one": "1"}}), manager="ann")
    both = cluster.apply(model(home, metadata={"labels": {"two": "2"}}), manager="bob")
    assert both["metadata"]["labels"] == {"one": "1", "two": "2"}
    assert cluster.apply(model(home), manager="bob")["metadata"]["labels"] == {"one": "1"}


def test_finalizers_merge_as_a_set(cluster: Cluster, home: str) -> None:
    cluster.apply(model(home, metadata={"finalizers": ["test.aim/one"]}), manager="ann")
    both = cluster.apply(model(home, metadata={"finalizers": ["test.aim/two"]}), manager="bob")
    assert both["metadata"]["finalizers"] == ["test.aim/one", "test.aim/two"]
    left = cluster.apply(model(home), manager="ann")
    assert left["metadata"]["finalizers"] == ["test.aim/two"]
    cluster.patch(address(left), {"metadata": {"finalizers": None}}, manager="ann")


def test_applying_the_same_again_writes_nothing(cluster: Cluster, home: str) -> None:
    first = cluster.apply(model(home, env=[A], metadata={"labels": {"one": "1"}}), manager="ann")
    assert cluster.apply(model(home, env=[A], metadata={"labels": {"one": "1"}}), manager="ann") == first


def test_agreeing_with_another_is_a_write_of_ownership_alone(cluster: Cluster, home: str) -> None:
    first = cluster.apply(model(home), manager="ann")
    second = cluster.apply(model(home), manager="bob")
    assert second["metadata"]["resourceVersion"] != first["metadata"]["resourceVersion"]
    assert second["metadata"]["generation"] == 1
    assert cluster.apply(model(home), manager="bob") == second


# --- POST, then apply --------------------------------------------------------------------------------------------------


def test_a_post_and_an_apply_of_one_manager_are_two_owners(cluster: Cluster, home: str) -> None:
    cluster.create(model(home, serviceAccountName="runner"), manager="ann")
    applied = cluster.apply(model(home, serviceAccountName="runner"), manager="ann")
    assert owned_by(applied).keys() == {("ann", "Update", ""), ("ann", "Apply", "")}
    left = cluster.apply(model(home), manager="ann")
    assert left["spec"]["serviceAccountName"] == "runner"


def test_a_manager_never_conflicts_with_its_own_apply_but_with_its_post(cluster: Cluster, home: str) -> None:
    cluster.create(model(home, serviceAccountName="runner"), manager="ann")
    with pytest.raises(Conflict) as caught:
        cluster.apply(model(home, serviceAccountName="walker"), manager="ann")
    assert caught.value.contested == (Contested(".spec.serviceAccountName", "ann"),)


@pytest.mark.rule("OWN-4")
def test_a_post_folded_into_the_apply_leaves_one_owner_that_can_remove(cluster: Cluster, home: str) -> None:
    made = cluster.create(model(home, serviceAccountName="runner"), manager="ann")
    entry = {**made["metadata"]["managedFields"][0], "operation": "Apply"}
    version = made["metadata"]["resourceVersion"]
    folded = cluster.patch(
        address(made), {"metadata": {"managedFields": [entry], "resourceVersion": version}}, manager="ann"
    )
    assert owned_by(folded).keys() == {("ann", "Apply", "")}
    assert folded["metadata"]["generation"] == 1
    left = cluster.apply(model(home), manager="ann")
    assert "serviceAccountName" not in left["spec"]
    assert owned_by(left) == {("ann", "Apply", ""): {"f:spec": {"f:image": {}}}}


def test_claims_that_were_forgotten_belong_to_a_time_before_the_first_apply(cluster: Cluster, home: str) -> None:
    made = cluster.create(model(home, serviceAccountName="runner"), manager="ann")
    forgotten = cluster.patch(address(made), {"metadata": {"managedFields": [{}]}}, manager="ann")
    assert "managedFields" not in forgotten["metadata"]
    changed = cluster.patch(address(made), {"spec": {"runtimeConfigName": "fast"}}, manager="bob")
    assert "managedFields" not in changed["metadata"]
    applied = cluster.apply(model(home), manager="ann")
    assert owned_by(applied).keys() == {("before-first-apply", "Update", ""), ("ann", "Apply", "")}


def test_claims_that_cannot_be_read_change_nothing(cluster: Cluster, home: str) -> None:
    made = cluster.create(model(home), manager="ann")
    entry = {"manager": "bob", "operation": "Steal", "apiVersion": "v1", "fieldsType": "FieldsV1", "fieldsV1": {}}
    after = cluster.patch(address(made), {"metadata": {"managedFields": [entry]}}, manager="bob")
    assert owned_by(after) == owned_by(made)


# --- preconditions -----------------------------------------------------------------------------------------------------


def test_an_apply_to_another_uid_is_a_conflict(cluster: Cluster, home: str) -> None:
    cluster.apply(model(home), manager="ann")
    with pytest.raises(Conflict):
        cluster.apply(model(home, metadata={"uid": "00000000-0000-4000-8000-000000000000"}), manager="ann")


def test_an_apply_to_the_uid_seen_goes_through(cluster: Cluster, home: str) -> None:
    made = cluster.apply(model(home), manager="ann")
    seen = {"uid": made["metadata"]["uid"]}
    assert cluster.apply(model(home, metadata=seen, env=[A]), manager="ann")["spec"]["env"] == [A]


def test_an_apply_that_names_a_uid_never_creates(cluster: Cluster, home: str) -> None:
    manifest = model(home, metadata={"uid": "00000000-0000-4000-8000-000000000000"})
    with pytest.raises(Conflict):
        cluster.apply(manifest, manager="ann")
    with pytest.raises(NotFound):
        cluster.get(address(manifest))


def test_an_apply_to_an_older_version_is_a_conflict(cluster: Cluster, home: str) -> None:
    made = cluster.apply(model(home), manager="ann")
    old = {"resourceVersion": made["metadata"]["resourceVersion"]}
    cluster.apply(model(home, env=[A]), manager="ann")
    with pytest.raises(Conflict) as caught:
        cluster.apply(model(home, metadata=old), manager="ann")
    assert caught.value.contested == ()


def test_an_applied_list_with_a_key_twice_is_refused(cluster: Cluster, home: str) -> None:
    with pytest.raises(PortError):
        cluster.apply(model(home, env=[A, {**A, "value": "b"}]), manager="ann")


def test_an_applied_item_without_its_key_is_refused(cluster: Cluster, home: str) -> None:
    with pytest.raises(PortError):
        cluster.apply(model(home, env=[{"value": "b"}]), manager="ann")


# --- the status subresource --------------------------------------------------------------------------------------------


def test_conditions_merge_by_type(cluster: Cluster, home: str) -> None:
    made = cluster.apply(model(home), manager="ann")
    cluster.apply(with_status(made, conditions=[condition("Ready", "True")]), manager="ann", subresource="status")
    both = cluster.apply(
        with_status(made, conditions=[condition("Seen", "False")]), manager="bob", subresource="status"
    )
    assert [(one["type"], one["status"]) for one in both["status"]["conditions"]] == [
        ("Ready", "True"),
        ("Seen", "False"),
    ]
    assert owned_by(both).keys() == {("ann", "Apply", ""), ("ann", "Apply", "status"), ("bob", "Apply", "status")}


def test_a_condition_left_out_is_removed(cluster: Cluster, home: str) -> None:
    made = cluster.apply(model(home), manager="ann")
    two = [condition("Ready", "True"), condition("Seen", "False")]
    cluster.apply(with_status(made, conditions=two), manager="ann", subresource="status")
    one = cluster.apply(with_status(made, conditions=two[:1]), manager="ann", subresource="status")
    assert [entry["type"] for entry in one["status"]["conditions"]] == ["Ready"]


def test_an_apply_of_the_object_leaves_the_status_alone(cluster: Cluster, home: str) -> None:
    made = cluster.apply(model(home), manager="ann")
    cluster.apply(with_status(made, status="Ready"), manager="ann", subresource="status")
    after = cluster.apply({**model(home, env=[A]), "status": {"status": "Failed"}}, manager="ann")
    assert after["status"] == {"status": "Ready"}
    assert "f:status" not in owned_by(after)["ann", "Apply", ""]


def test_an_apply_of_the_status_leaves_the_object_alone(cluster: Cluster, home: str) -> None:
    made = cluster.apply(model(home), manager="ann")
    loud = model(home, serviceAccountName="walker", metadata={"labels": {"one": "1"}})
    after = cluster.apply({**loud, "status": {"status": "Ready"}}, manager="bob", subresource="status")
    assert after["spec"] == made["spec"]
    assert "labels" not in after["metadata"]
    assert after["metadata"]["generation"] == 1
    beside: dict[str, Any] = {"f:metadata": {"f:labels": {"f:one": {}}}} if cluster.minor < 36 else {}
    assert owned_by(after)["bob", "Apply", "status"] == {**beside, "f:status": {"f:status": {}}}


def test_the_same_status_again_writes_nothing(cluster: Cluster, home: str) -> None:
    made = cluster.apply(model(home), manager="ann")
    status = with_status(made, status="Ready", conditions=[condition("Ready", "True")])
    first = cluster.apply(status, manager="ann", subresource="status")
    assert cluster.apply(status, manager="ann", subresource="status") == first


def test_there_is_no_status_of_what_is_not_there(cluster: Cluster, home: str) -> None:
    with pytest.raises(NotFound):
        cluster.apply(with_status(model(home), status="Ready"), manager="ann", subresource="status")


def test_what_one_writes_as_status_another_does_not_remove(cluster: Cluster, home: str) -> None:
    made = cluster.apply(model(home), manager="ann")
    cluster.apply(with_status(made, status="Ready"), manager="ann", subresource="status")
    assert cluster.apply(model(home), manager="ann")["status"] == {"status": "Ready"}


def test_a_namespace_keeps_its_name_among_its_labels_whoever_leaves_it_out(cluster: Cluster, home: str) -> None:
    manifest = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": home, "labels": {"one": "1"}}}
    cluster.apply(manifest, manager="ann")
    manifest = {**manifest, "metadata": {"name": home}}
    after = cluster.apply(manifest, manager="ann")
    assert after["metadata"]["labels"] == {"kubernetes.io/metadata.name": home}
    label = {"kubernetes.io/metadata.name": None}
    again = cluster.patch(address(after), {"metadata": {"labels": label}}, manager="ann")
    assert again["metadata"]["labels"] == {"kubernetes.io/metadata.name": home}
