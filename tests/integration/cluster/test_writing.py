"""POST, PUT and PATCH: versions, generations, preconditions, and the status apart from the rest."""

from __future__ import annotations

from typing import Any

import pytest

from aimcore.ports.errors import AlreadyExists, Conflict, Invalid, NotFound
from tests.integration.cluster.driver import Cluster
from tests.integration.cluster.manifests import address, config_map, model, owned_by, owners_of


def test_a_post_owns_every_field_and_every_container_of_it(cluster: Cluster, home: str) -> None:
    made = cluster.create(
        model(home, env=[{"name": "A", "value": "a"}], metadata={"labels": {"one": "1"}}), manager="ann"
    )
    assert owned_by(made) == {
        ("ann", "Update", ""): {
            "f:metadata": {"f:labels": {".": {}, "f:one": {}}},
            "f:spec": {
                ".": {},
                "f:image": {},
                "f:env": {".": {}, 'k:{"name":"A"}': {".": {}, "f:name": {}, "f:value": {}}},
            },
        }
    }


def test_a_name_is_given_once(cluster: Cluster, home: str) -> None:
    cluster.create(model(home), manager="ann")
    with pytest.raises(AlreadyExists):
        cluster.create(model(home), manager="bob")


def test_the_same_name_in_another_kind_is_another_object(cluster: Cluster, home: str) -> None:
    cluster.create(model(home), manager="ann")
    assert cluster.create(config_map(home, "llama"), manager="ann")["kind"] == "ConfigMap"


def test_nothing_is_made_in_a_namespace_that_is_not_there(cluster: Cluster) -> None:
    with pytest.raises(NotFound):
        cluster.create(model("nowhere"), manager="ann")
    with pytest.raises(NotFound):
        cluster.apply(model("nowhere"), manager="ann")


def test_each_object_has_a_uid_of_its_own(cluster: Cluster, home: str) -> None:
    one = cluster.create(model(home, "one"), manager="ann")
    two = cluster.create(model(home, "two", metadata={"uid": one["metadata"]["uid"]}), manager="ann")
    assert one["metadata"]["uid"] != two["metadata"]["uid"]


def test_a_recreated_object_has_a_new_uid(cluster: Cluster, home: str) -> None:
    one = cluster.create(model(home), manager="ann")
    cluster.delete(address(one))
    assert cluster.create(model(home), manager="ann")["metadata"]["uid"] != one["metadata"]["uid"]


def test_a_given_status_is_dropped_at_creation(cluster: Cluster, home: str) -> None:
    made = cluster.create({**model(home), "status": {"status": "Ready"}}, manager="ann")
    assert "status" not in made
    assert "f:status" not in owned_by(made)["ann", "Update", ""]


def test_a_node_keeps_the_status_that_it_is_created_with(cluster: Cluster, home: str) -> None:
    status = {"allocatable": {"amd.com/gpu": "8"}, "capacity": {"amd.com/gpu": "8"}}
    node = {"apiVersion": "v1", "kind": "Node", "metadata": {"name": f"node-{home}"}, "status": status}
    made = cluster.create(node, manager="kubelet")
    assert made["status"]["allocatable"] == {"amd.com/gpu": "8"}
    cluster.delete(address(made))


def test_an_update_writes_the_object_and_not_its_status(cluster: Cluster, home: str) -> None:
    made = cluster.create(model(home), manager="ann")
    cluster.patch(address(made), {"status": {"status": "Ready"}}, manager="ann", subresource="status")
    read = cluster.get(address(made))
    after = cluster.replace(
        {**read, "spec": {**read["spec"], "serviceAccountName": "runner"}, "status": {"status": "Failed"}},
        manager="bob",
    )
    assert (after["spec"]["serviceAccountName"], after["status"]) == ("runner", {"status": "Ready"})


def test_an_update_of_the_status_writes_nothing_else(cluster: Cluster, home: str) -> None:
    made = cluster.create(model(home), manager="ann")
    loud = {
        **made,
        "metadata": {**made["metadata"], "labels": {"one": "1"}},
        "spec": {"image": "docker.io/other/image:2"},
        "status": {"status": "Ready"},
    }
    after = cluster.replace(loud, manager="bob", subresource="status")
    assert (after["spec"], after["status"]) == (made["spec"], {"status": "Ready"})
    assert "labels" not in after["metadata"]
    beside: dict[str, Any] = {"f:metadata": {"f:labels": {".": {}, "f:one": {}}}} if cluster.minor < 36 else {}
    assert owned_by(after)["bob", "Update", "status"] == {**beside, "f:status": {".": {}, "f:status": {}}}


def test_the_generation_counts_changes_of_the_spec_alone(cluster: Cluster, home: str) -> None:
    made = cluster.create(model(home), manager="ann")
    where = address(made)

    def generation() -> int:
        found: int = cluster.get(where)["metadata"]["generation"]
        return found

    cluster.patch(where, {"metadata": {"labels": {"one": "1"}}}, manager="ann")
    assert generation() == 1
    cluster.patch(where, {"status": {"status": "Ready"}}, manager="ann", subresource="status")
    assert generation() == 1
    cluster.patch(where, {"spec": {"serviceAccountName": "runner"}}, manager="ann")
    assert generation() == 2
    cluster.patch(where, {"spec": {"serviceAccountName": "runner"}, "metadata": {"generation": 7}}, manager="ann")
    assert generation() == 2


def test_what_has_no_status_subresource_has_no_generation(cluster: Cluster, home: str) -> None:
    made = cluster.create({**config_map(home, "settings"), "data": {"a": "1"}}, manager="ann")
    after = cluster.patch(address(made), {"data": {"a": "2"}}, manager="ann")
    assert "generation" not in after["metadata"]


def test_an_update_needs_the_version_it_was_read_with(cluster: Cluster, home: str) -> None:
    made = cluster.create(model(home), manager="ann")
    cluster.patch(address(made), {"spec": {"serviceAccountName": "runner"}}, manager="bob")
    with pytest.raises(Conflict):
        cluster.replace(made, manager="ann")
    with pytest.raises(Invalid):
        cluster.replace(model(home), manager="ann")


def test_an_update_means_the_object_of_its_uid(cluster: Cluster, home: str) -> None:
    made = cluster.create(model(home), manager="ann")
    other = {**made["metadata"], "uid": "00000000-0000-4000-8000-000000000000"}
    with pytest.raises(Conflict):
        cluster.replace({**made, "metadata": other}, manager="ann")


def test_nothing_that_is_not_there_is_updated_or_patched(cluster: Cluster, home: str) -> None:
    with pytest.raises(NotFound):
        cluster.replace(model(home, metadata={"resourceVersion": "1"}), manager="ann")
    with pytest.raises(NotFound):
        cluster.patch(address(model(home)), {"spec": {"serviceAccountName": "runner"}}, manager="ann")


@pytest.mark.parametrize("key", ["uid", "resourceVersion"])
def test_a_patch_may_name_what_it_expects(cluster: Cluster, home: str, key: str) -> None:
    made = cluster.create(model(home), manager="ann")
    right, wrong = made["metadata"][key], {"uid": "another", "resourceVersion": "1"}[key]
    with pytest.raises(Conflict):
        cluster.patch(address(made), {"metadata": {key: wrong, "labels": {"a": "1"}}}, manager="ann")
    after = cluster.patch(address(made), {"metadata": {key: right, "labels": {"a": "1"}}}, manager="ann")
    assert after["metadata"]["labels"] == {"a": "1"}


def test_null_in_a_merge_patch_removes(cluster: Cluster, home: str) -> None:
    made = cluster.create(
        model(home, serviceAccountName="runner", metadata={"labels": {"one": "1", "two": "2"}}), manager="ann"
    )
    after = cluster.patch(
        address(made), {"spec": {"serviceAccountName": None}, "metadata": {"labels": {"one": None}}}, manager="bob"
    )
    assert after["spec"].keys() == {"image"}
    assert after["metadata"]["labels"] == {"two": "2"}
    assert owned_by(after).keys() == {("ann", "Update", "")}


def test_a_merge_patch_replaces_a_list_whole(cluster: Cluster, home: str) -> None:
    made = cluster.create(model(home, env=[{"name": "A", "value": "a"}]), manager="ann")
    after = cluster.patch(address(made), {"spec": {"env": [{"name": "B", "value": "b"}]}}, manager="bob")
    assert after["spec"]["env"] == [{"name": "B", "value": "b"}]
    assert owners_of(after, "f:spec", "f:env", 'k:{"name":"B"}') == {"bob"}
    assert owners_of(after, "f:spec", "f:env", 'k:{"name":"A"}') == set()


def test_an_update_takes_what_it_changes_from_who_had_it(cluster: Cluster, home: str) -> None:
    made = cluster.apply(model(home, serviceAccountName="runner"), manager="ann")
    after = cluster.patch(address(made), {"spec": {"serviceAccountName": "walker"}}, manager="bob")
    assert owners_of(after, "f:spec", "f:serviceAccountName") == {"bob"}
    assert owners_of(after, "f:spec", "f:image") == {"ann"}


def test_writing_what_stands_writes_nothing(cluster: Cluster, home: str) -> None:
    made = cluster.create(model(home, serviceAccountName="runner"), manager="ann")
    assert cluster.patch(address(made), {"spec": {"serviceAccountName": "runner"}}, manager="bob") == made
    assert cluster.replace(made, manager="bob") == made
    status = cluster.patch(address(made), {"status": {"status": "Ready"}}, manager="ann", subresource="status")
    assert cluster.patch(address(made), {"status": {"status": "Ready"}}, manager="bob", subresource="status") == status


def test_the_servers_words_are_not_the_writers(cluster: Cluster, home: str) -> None:
    made = cluster.create(model(home), manager="ann")
    forged = {"creationTimestamp": "2001-01-01T00:00:00Z", "generation": 40}
    assert cluster.patch(address(made), {"metadata": forged}, manager="ann")["metadata"] == made["metadata"]


def test_a_list_is_of_one_namespace_or_all_and_of_the_labels_asked_for(cluster: Cluster, home: str) -> None:
    for name, tier in (("c", "gold"), ("a", "gold"), ("b", "iron")):
        cluster.create(model(home, name, metadata={"labels": {"tier": tier, "home": home}}), manager="ann")
    found, _ = cluster.list("AIMModel", home, {"tier": "gold"})
    assert [item["metadata"]["name"] for item in found] == ["a", "c"]
    everywhere, _ = cluster.list("AIMModel", labels={"home": home})
    assert [item["metadata"]["name"] for item in everywhere] == ["a", "b", "c"]
    assert cluster.list("AIMModel", home, {"tier": "lead"})[0] == ()


def test_a_list_gives_what_a_get_gives(cluster: Cluster, home: str) -> None:
    made = cluster.create(model(home), manager="ann")
    assert cluster.list("AIMModel", home)[0] == (made,)
    assert cluster.get(address(made)) == made


@pytest.mark.rule("TMPL-7")
@pytest.mark.parametrize(
    "change",
    [
        pytest.param({"metric": "throughput"}, id="another metric"),
        pytest.param({"metric": None}, id="no metric any more"),
        pytest.param({"precision": "fp8"}, id="a precision where none was"),
        pytest.param({"hardware": {"gpu": {"requests": 2}}}, id="other hardware"),
        pytest.param({"modelName": "qwen"}, id="another model"),
    ],
)
def test_what_a_template_is_never_changes(cluster: Cluster, home: str, change: dict[str, Any]) -> None:
    template = {
        **model(home),
        "kind": "AIMServiceTemplate",
        "spec": {"modelName": "llama", "metric": "latency", "hardware": {"gpu": {"requests": 1}}},
    }
    made = cluster.create(template, manager="ann")
    with pytest.raises(Invalid):
        cluster.patch(address(made), {"spec": change}, manager="ann")
    assert cluster.get(address(made)) == made
    after = cluster.patch(address(made), {"spec": {"env": [{"name": "A", "value": "a"}]}}, manager="ann")
    assert after["metadata"]["generation"] == 2
