"""What the store does that no API server does: it is loaded, told the time and the names, and settles when asked."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aimcore.adapters.memory.kinds import Address, Manifest
from aimcore.adapters.memory.store import MemoryStore
from aimcore.ports.errors import AlreadyExists, Conflict, Expired, Invalid, NotFound

AIM = "aim.silogen.ai/v1alpha1"
THEN = "2026-01-01T00:00:00Z"


def model(name: str = "llama", namespace: str | None = "ml", **metadata: Any) -> dict[str, Any]:
    place = {} if namespace is None else {"namespace": namespace}
    kind = "AIMModel" if namespace else "AIMClusterModel"
    return {
        "apiVersion": AIM,
        "kind": kind,
        "metadata": {"name": name, **place, **metadata},
        "spec": {"image": "docker.io/a/b:1"},
    }


def config_map(name: str, *owners: Manifest, namespace: str = "ml") -> dict[str, Any]:
    references = [
        {"apiVersion": owner["apiVersion"], "kind": owner["kind"], "name": owner["metadata"]["name"], "uid": "old"}
        for owner in owners
    ]
    metadata = {"name": name, "namespace": namespace, "ownerReferences": references}
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata}


def namespace(name: str = "ml") -> dict[str, Any]:
    return {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}}


def address(manifest: Manifest) -> Address:
    return Address(manifest["kind"], manifest["metadata"].get("namespace"), manifest["metadata"]["name"])


@pytest.fixture
def store() -> MemoryStore:
    return MemoryStore(lambda: THEN, uid=lambda where: f"uid of {where}")


# --- loading -----------------------------------------------------------------------------------------------------------


def test_a_loaded_object_is_as_it_was(store: MemoryStore) -> None:
    given_model = {
        **model(labels={"a": "b"}, finalizers=["test/hold"], deletionTimestamp=THEN, generation=7),
        "status": {"status": "Ready"},
    }
    store.load([namespace(), given_model])
    loaded = store.get(address(given_model))
    assert (loaded["spec"], loaded["status"]) == (given_model["spec"], {"status": "Ready"})
    for key in ("labels", "finalizers", "deletionTimestamp", "generation"):
        assert loaded["metadata"][key] == given_model["metadata"][key]


def test_a_loaded_object_gets_what_only_a_server_gives(store: MemoryStore) -> None:
    store.load([namespace(), model(uid="of another cluster", resourceVersion="77")])
    metadata = store.get(address(model()))["metadata"]
    assert metadata["uid"] == "uid of AIMModel ml/llama"
    assert metadata["generation"] == 1
    assert metadata["creationTimestamp"] == THEN
    assert metadata["resourceVersion"] == store.resource_version


def test_namespaces_nobody_gave_are_made_and_named(store: MemoryStore) -> None:
    store.load([namespace("known")])
    made = store.load([model(namespace="b"), model(namespace="a"), model(namespace="known"), model(namespace=None)])
    assert made == ("a", "b")
    assert [one["metadata"]["name"] for one in store.list("Namespace")[0]] == ["a", "b", "known"]


def test_a_given_namespace_is_not_made_again_whatever_the_order(store: MemoryStore) -> None:
    assert store.load([model(), namespace()]) == ()


def test_owner_references_follow_the_loaded_owners(store: MemoryStore) -> None:
    near, far = model(), model("wide", None)
    store.load([config_map("child", near, far), near, far])
    child = store.get(Address("ConfigMap", "ml", "child"))
    assert [owner["uid"] for owner in child["metadata"]["ownerReferences"]] == [
        "uid of AIMModel ml/llama",
        "uid of AIMClusterModel wide",
    ]
    store.collect()
    assert store.get(Address("ConfigMap", "ml", "child")) == child


def test_a_reference_to_an_owner_that_was_not_loaded_stays_and_the_dependent_goes(store: MemoryStore) -> None:
    store.load([config_map("child", model())])
    assert store.get(Address("ConfigMap", "ml", "child"))["metadata"]["ownerReferences"][0]["uid"] == "old"
    store.collect()
    with pytest.raises(NotFound):
        store.get(Address("ConfigMap", "ml", "child"))


def test_a_dependent_of_a_kind_that_is_not_served_stays(store: MemoryStore) -> None:
    deployment = {"apiVersion": "apps/v1", "kind": "StatefulSet", "metadata": {"name": "web", "namespace": "ml"}}
    store.load([config_map("child", deployment)])
    store.collect()
    assert store.get(Address("ConfigMap", "ml", "child"))["metadata"]["name"] == "child"


def test_a_cluster_object_with_an_owner_in_a_namespace_stays(store: MemoryStore) -> None:
    owner = {"apiVersion": AIM, "kind": "AIMModel", "name": "llama", "uid": "old"}
    store.load([model("wide", None, ownerReferences=[owner])])
    store.collect()
    assert store.get(Address("AIMClusterModel", None, "wide"))["metadata"]["name"] == "wide"


@pytest.mark.parametrize(
    ("labels", "manager"),
    [
        pytest.param({"app.kubernetes.io/managed-by": "aim-operator"}, "aim-operator", id="the operator's"),
        pytest.param({"app.kubernetes.io/managed-by": "helm"}, "kubectl", id="another tool's"),
        pytest.param({}, "kubectl", id="a person's"),
    ],
)
def test_what_comes_without_claims_is_claimed_by_who_must_have_made_it(
    store: MemoryStore, labels: dict[str, str], manager: str
) -> None:
    store.load([model(labels=labels)])
    [entry] = store.get(address(model()))["metadata"]["managedFields"]
    assert (entry["manager"], entry["operation"]) == (manager, "Update")


def test_given_claims_stand(store: MemoryStore) -> None:
    entry = {
        "apiVersion": AIM,
        "fieldsType": "FieldsV1",
        "fieldsV1": {"f:spec": {"f:image": {}}},
        "manager": "helm",
        "operation": "Apply",
        "time": THEN,
    }
    store.load([model(managedFields=[entry])])
    assert store.get(address(model()))["metadata"]["managedFields"] == [entry]


def test_two_loaded_objects_of_one_name_are_refused(store: MemoryStore) -> None:
    with pytest.raises(AlreadyExists):
        store.load([model(), model()])
    store.load([model()])
    with pytest.raises(AlreadyExists):
        store.load([model()])


def test_a_namespace_loaded_in_its_deletion_goes_with_what_is_in_it(store: MemoryStore) -> None:
    going = namespace()
    going["metadata"] |= {"deletionTimestamp": THEN}
    store.load([going, model()])
    store.collect()
    assert store.everything() == ()


# --- kinds -------------------------------------------------------------------------------------------------------------


def test_a_kind_nobody_knows_is_kept_as_it_comes(store: MemoryStore) -> None:
    deployment = {
        "apiVersion": "apps/v1",
        "kind": "StatefulSet",
        "metadata": {"name": "web", "namespace": "ml"},
        "spec": {"replicas": 1},
        "status": {"replicas": 1},
    }
    store.load([deployment])
    kept = store.get(Address("apps/v1/StatefulSet", "ml", "web"))
    assert (kept["spec"], kept["status"], kept["kind"]) == ({"replicas": 1}, {"replicas": 1}, "StatefulSet")
    assert "generation" not in kept["metadata"]


def test_the_same_kind_of_another_group_is_another_kind(store: MemoryStore) -> None:
    other = {**model(), "apiVersion": "example.org/v1"}
    store.load([model(), other])
    assert len(store.list("AIMModel")[0]) == 1
    assert len(store.list("example.org/v1/AIMModel")[0]) == 1


@pytest.mark.parametrize(
    "manifest",
    [
        pytest.param(model(""), id="no name"),
        pytest.param({**model(namespace=None), "kind": "AIMModel"}, id="no namespace"),
        pytest.param({**model(), "kind": "AIMClusterModel"}, id="a namespace too many"),
    ],
)
def test_an_object_is_where_its_kind_belongs(store: MemoryStore, manifest: Manifest) -> None:
    with pytest.raises(Invalid):
        store.load([manifest])


def test_everything_is_listed_by_kind_namespace_and_name(store: MemoryStore) -> None:
    store.load([model("b"), model("a", "z"), model("a"), model("c", None), namespace("z"), namespace("ml")])
    found = [(one["kind"], one["metadata"].get("namespace"), one["metadata"]["name"]) for one in store.everything()]
    assert found == [
        ("AIMClusterModel", None, "c"),
        ("AIMModel", "ml", "a"),
        ("AIMModel", "ml", "b"),
        ("AIMModel", "z", "a"),
        ("Namespace", None, "ml"),
        ("Namespace", None, "z"),
    ]


# --- time, chance and admission ----------------------------------------------------------------------------------------


def test_time_is_what_the_clock_says() -> None:
    times = iter([f"2026-01-01T00:00:{second:02}Z" for second in range(60)])
    store = MemoryStore(lambda: next(times))
    store.load([namespace()])
    made = store.create(model(), manager="ann")
    assert made["metadata"]["creationTimestamp"] == made["metadata"]["managedFields"][0]["time"]
    later = store.patch(address(model()), {"metadata": {"labels": {"a": "b"}}}, manager="ann")
    assert later["metadata"]["managedFields"][0]["time"] > made["metadata"]["creationTimestamp"]
    same = store.patch(address(model()), {"metadata": {"labels": {"a": "b"}}}, manager="ann")
    assert same == later


def test_uids_are_random_unless_told_otherwise() -> None:
    one, other = MemoryStore(lambda: THEN), MemoryStore(lambda: THEN)
    for store in (one, other):
        store.load([model()])
    assert one.get(address(model()))["metadata"]["uid"] != other.get(address(model()))["metadata"]["uid"]


def test_admission_is_asked_about_every_write_and_nothing_refused_is_kept() -> None:
    asked: list[tuple[bool, str]] = []

    def admit(old: Manifest | None, new: Manifest) -> None:
        asked.append((old is None, new["spec"].get("image", "") if "spec" in new else ""))
        if new["kind"] == "AIMModel" and new["spec"]["image"] == "bad":
            raise Invalid("bad image")

    store = MemoryStore(lambda: THEN, admit=admit)
    store.load([namespace()])
    with pytest.raises(Invalid):
        store.create({**model(), "spec": {"image": "bad"}}, manager="ann")
    made = store.create(model(), manager="ann")
    with pytest.raises(Invalid):
        store.patch(address(model()), {"spec": {"image": "bad"}}, manager="ann")
    with pytest.raises(Invalid):
        store.apply({**model(), "spec": {"image": "bad"}}, manager="bob", force=True)
    assert store.get(address(model())) == made
    assert asked[-3:] == [(True, "docker.io/a/b:1"), (False, "bad"), (False, "bad")]


# --- history -----------------------------------------------------------------------------------------------------------


def test_a_version_older_than_the_history_has_expired() -> None:
    store = MemoryStore(lambda: THEN, history=3)
    store.load([namespace()])
    start = store.resource_version
    sleepy = store.watch(None, start)
    for number in range(9):
        store.create(model(f"m{number}"), manager="ann")
    with pytest.raises(Expired):
        store.watch(None, start)
    with pytest.raises(Expired):
        sleepy.drain()
    recent = store.list("AIMModel")[0][-2]["metadata"]["resourceVersion"]
    assert [event.manifest["metadata"]["name"] for event in store.watch("AIMModel", recent).drain()] == ["m8"]


def test_a_watch_that_keeps_up_outlives_what_is_forgotten() -> None:
    store = MemoryStore(lambda: THEN, history=2)
    store.load([namespace()])
    watch = store.watch("AIMModel", store.resource_version)
    for number in range(20):
        store.create(model(f"m{number}"), manager="ann")
        assert [event.manifest["metadata"]["name"] for event in watch.drain()] == [f"m{number}"]


def test_a_watch_of_all_tells_of_every_kind(store: MemoryStore) -> None:
    watch = store.watch(None, store.resource_version)
    store.load([model()])
    assert [(event.type, event.manifest["kind"]) for event in watch.drain()] == [
        ("ADDED", "Namespace"),
        ("ADDED", "AIMModel"),
    ]


# --- controllers -------------------------------------------------------------------------------------------------------


def test_nothing_happens_to_dependents_before_the_controllers_run(store: MemoryStore) -> None:
    store.load([model(), config_map("child", model())])
    store.delete(address(model()))
    assert store.get(Address("ConfigMap", "ml", "child"))
    store.collect()
    assert store.list("ConfigMap")[0] == ()


def test_controllers_at_rest_write_nothing(store: MemoryStore) -> None:
    store.load([model(), config_map("child", model())])
    store.collect()
    before = store.resource_version
    store.collect()
    assert store.resource_version == before


def test_a_dependent_in_the_foreground_passes_it_on(store: MemoryStore) -> None:
    parent, child = model(), config_map("child", model())
    grandchild = config_map("grandchild", child)
    for dependent in (child, grandchild):
        dependent["metadata"]["ownerReferences"][0]["blockOwnerDeletion"] = True
    grandchild["metadata"]["finalizers"] = ["test/hold"]
    store.load([parent, child, grandchild])
    store.delete(address(parent), propagation="Foreground")
    store.collect()
    assert store.get(Address("ConfigMap", "ml", "child"))["metadata"]["finalizers"] == ["foregroundDeletion"]
    assert store.get(address(parent))["metadata"]["finalizers"] == ["foregroundDeletion"]
    store.patch(Address("ConfigMap", "ml", "grandchild"), {"metadata": {"finalizers": None}}, manager="ann")
    store.collect()
    assert [one["kind"] for one in store.everything()] == ["Namespace"]


# --- sharing -----------------------------------------------------------------------------------------------------------

verbs = st.sampled_from(["apply", "status", "patch", "replace", "delete", "stale"])


@given(st.lists(st.tuples(verbs, st.sampled_from(["1", "2", "3"])), max_size=12))
def test_no_write_changes_a_manifest_that_was_handed_in_or_out(played: list[tuple[str, str]]) -> None:
    store = MemoryStore(lambda: THEN)
    handed: list[tuple[Manifest, Manifest]] = []

    def seen(manifest: Manifest) -> Manifest:
        handed.append((manifest, copy.deepcopy(manifest)))
        return manifest

    seen(store.create(seen(namespace()), manager="ann"))
    for verb, value in played:
        where = address(model())
        loud = {**model(labels={"v": value}), "status": {"status": value}}
        try:
            if verb == "apply":
                seen(store.apply(seen(loud), manager=value, force=value == "1"))
            elif verb == "status":
                seen(store.apply(seen(loud), manager=value, subresource="status", force=True))
            elif verb == "patch":
                seen(store.patch(where, seen({"spec": {"env": [{"name": value}]}}), manager=value))
            elif verb == "replace":
                seen(store.replace(seen({**store.get(where), "spec": loud["spec"]}), manager=value))
            elif verb == "stale":
                store.delete(where, uid="another")
            else:
                store.delete(where)
        except (NotFound, Conflict):
            continue
    assert all(now == then for now, then in handed)
