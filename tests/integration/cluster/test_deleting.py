"""Deletion: finalizers, owners and dependents, and namespaces that go with what is in them."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from aimcore.adapters.memory.kinds import Address, Manifest
from aimcore.ports.errors import AccessDenied, Conflict, Invalid, NotFound
from tests.integration.cluster.driver import Cluster
from tests.integration.cluster.manifests import address, config_map, model, owner

HOLD = "test.aim/hold"


def gone(cluster: Cluster, manifest: Manifest) -> bool:
    try:
        found = cluster.get(address(manifest))
    except NotFound:
        return True
    uid: str = found["metadata"]["uid"]
    return bool(uid != manifest["metadata"]["uid"])


def all_gone(cluster: Cluster, *manifests: Manifest) -> Callable[[], bool]:
    return lambda: all(gone(cluster, manifest) for manifest in manifests)


NEVER = {
    "apiVersion": "aim.silogen.ai/v1alpha1",
    "kind": "AIMModel",
    "metadata": {"name": "never", "uid": "00000000-0000-4000-8000-000000000000"},
}


def let_it_notice(cluster: Cluster, home: str) -> None:
    """Until the garbage collector knows the config maps that stand: it takes them in order, and this one goes when it is seen."""
    last = cluster.create(config_map(home, "last", owner(NEVER)), manager="ann")
    cluster.settle(all_gone(cluster, last))


def release(cluster: Cluster, manifest: Manifest) -> None:
    cluster.patch(address(manifest), {"metadata": {"finalizers": None}}, manager="ann")


def test_a_deleted_object_is_gone(cluster: Cluster, home: str) -> None:
    made = cluster.create(model(home), manager="ann")
    cluster.delete(address(made))
    with pytest.raises(NotFound):
        cluster.get(address(made))
    with pytest.raises(NotFound):
        cluster.delete(address(made))


def test_a_delete_may_name_what_it_expects(cluster: Cluster, home: str) -> None:
    made = cluster.create(model(home), manager="ann")
    meta = made["metadata"]
    with pytest.raises(Conflict):
        cluster.delete(address(made), uid="another")
    with pytest.raises(Conflict):
        cluster.delete(address(made), uid=meta["uid"], resource_version="1")
    cluster.delete(address(made), uid=meta["uid"], resource_version=meta["resourceVersion"])
    assert gone(cluster, made)


def test_a_finalizer_holds_a_deleted_object(cluster: Cluster, home: str) -> None:
    made = cluster.create(model(home, metadata={"finalizers": [HOLD]}), manager="ann")
    cluster.delete(address(made))
    held = cluster.get(address(made))
    assert "deletionTimestamp" in held["metadata"]
    assert held["metadata"]["generation"] == 2
    cluster.delete(address(made))
    assert cluster.get(address(made)) == held
    release(cluster, made)
    assert gone(cluster, made)


def test_one_finalizer_of_two_is_not_enough(cluster: Cluster, home: str) -> None:
    made = cluster.create(model(home, metadata={"finalizers": [HOLD, f"{HOLD}-too"]}), manager="ann")
    cluster.delete(address(made))
    cluster.patch(address(made), {"metadata": {"finalizers": [HOLD]}}, manager="ann")
    assert not gone(cluster, made)
    release(cluster, made)
    assert gone(cluster, made)


def test_no_finalizer_is_added_to_what_is_being_deleted(cluster: Cluster, home: str) -> None:
    made = cluster.create(model(home, metadata={"finalizers": [HOLD]}), manager="ann")
    cluster.delete(address(made))
    with pytest.raises(Invalid):
        cluster.patch(address(made), {"metadata": {"finalizers": [HOLD, f"{HOLD}-too"]}}, manager="ann")
    release(cluster, made)


def test_what_is_being_deleted_can_still_be_written(cluster: Cluster, home: str) -> None:
    made = cluster.create(model(home, metadata={"finalizers": [HOLD]}), manager="ann")
    cluster.delete(address(made))
    after = cluster.patch(address(made), {"status": {"status": "Failed"}}, manager="ann", subresource="status")
    assert after["status"] == {"status": "Failed"}
    release(cluster, made)


# --- owners ------------------------------------------------------------------------------------------------------------


def test_dependents_follow_their_owner(cluster: Cluster, home: str) -> None:
    parent = cluster.create(model(home), manager="ann")
    child = cluster.create(config_map(home, "child", owner(parent)), manager="ann")
    grandchild = cluster.create(config_map(home, "grandchild", owner(child)), manager="ann")
    other = cluster.create(config_map(home, "other"), manager="ann")
    cluster.delete(address(parent))
    assert gone(cluster, parent)
    cluster.settle(all_gone(cluster, child, grandchild))
    assert not gone(cluster, other)


def test_an_owner_deleted_in_the_foreground_waits_for_those_that_block_it(cluster: Cluster, home: str) -> None:
    parent = cluster.create(model(home), manager="ann")
    child = cluster.create(config_map(home, "child", owner(parent, blocking=True), finalizers=[HOLD]), manager="ann")
    cluster.delete(address(parent), propagation="Foreground")
    waiting = cluster.get(address(parent))["metadata"]
    assert (waiting["finalizers"], "deletionTimestamp" in waiting) == (["foregroundDeletion"], True)
    cluster.settle(lambda: "deletionTimestamp" in cluster.get(address(child))["metadata"])
    assert not gone(cluster, parent)
    release(cluster, child)
    cluster.settle(all_gone(cluster, parent, child))


def test_an_owner_deleted_in_the_foreground_does_not_wait_for_others(cluster: Cluster, home: str) -> None:
    parent = cluster.create(model(home), manager="ann")
    child = cluster.create(config_map(home, "child", owner(parent), finalizers=[HOLD]), manager="ann")
    cluster.delete(address(parent), propagation="Foreground")
    cluster.settle(all_gone(cluster, parent))
    cluster.settle(lambda: "deletionTimestamp" in cluster.get(address(child))["metadata"])
    release(cluster, child)


def test_dependents_may_be_orphaned(cluster: Cluster, home: str) -> None:
    parent = cluster.create(model(home), manager="ann")
    child = cluster.create(config_map(home, "child", owner(parent)), manager="ann")
    let_it_notice(cluster, home)
    cluster.delete(address(parent), propagation="Orphan")
    cluster.settle(all_gone(cluster, parent))
    assert "ownerReferences" not in cluster.get(address(child))["metadata"]


def test_a_dependent_with_another_owner_stays_with_it(cluster: Cluster, home: str) -> None:
    one = cluster.create(model(home, "one"), manager="ann")
    two = cluster.create(model(home, "two"), manager="ann")
    child = cluster.create(config_map(home, "child", owner(one), owner(two)), manager="ann")
    cluster.delete(address(one))
    cluster.settle(lambda: len(cluster.get(address(child))["metadata"]["ownerReferences"]) == 1)
    assert cluster.get(address(child))["metadata"]["ownerReferences"] == [owner(two)]
    cluster.delete(address(two))
    cluster.settle(all_gone(cluster, child))


def test_what_names_an_owner_that_is_not_there_goes(cluster: Cluster, home: str) -> None:
    child = cluster.create(config_map(home, "child", owner(NEVER)), manager="ann")
    cluster.settle(all_gone(cluster, child))


def test_an_owner_of_the_right_name_and_another_uid_is_not_there(cluster: Cluster, home: str) -> None:
    parent = cluster.create(model(home), manager="ann")
    reference = {**owner(parent), "uid": "00000000-0000-4000-8000-000000000000"}
    child = cluster.create(config_map(home, "child", reference), manager="ann")
    cluster.settle(all_gone(cluster, child))
    assert not gone(cluster, parent)


def test_an_owner_in_another_namespace_is_not_there(cluster: Cluster, home: str) -> None:
    away = f"{home}-away"
    cluster.create({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": away}}, manager="ann")
    parent = cluster.create(model(away), manager="ann")
    child = cluster.create(config_map(home, "child", owner(parent)), manager="ann")
    cluster.settle(all_gone(cluster, child))


def test_a_cluster_owner_has_dependents_in_namespaces(cluster: Cluster, home: str) -> None:
    wide = model(home, f"wide-{home}")
    parent = cluster.create(
        {**wide, "kind": "AIMClusterModel", "metadata": {"name": wide["metadata"]["name"]}}, manager="ann"
    )
    child = cluster.create(config_map(home, "child", owner(parent)), manager="ann")
    cluster.delete(address(parent))
    cluster.settle(all_gone(cluster, child))


def test_a_new_owner_of_the_same_name_is_another_owner(cluster: Cluster, home: str) -> None:
    parent = cluster.create(model(home), manager="ann")
    child = cluster.create(config_map(home, "child", owner(parent)), manager="ann")
    cluster.delete(address(parent))
    again = cluster.create(model(home), manager="ann")
    cluster.settle(all_gone(cluster, child))
    assert not gone(cluster, again)


# --- namespaces --------------------------------------------------------------------------------------------------------


def test_a_namespace_goes_with_all_that_is_in_it(cluster: Cluster, home: str) -> None:
    where = Address("Namespace", None, home)
    space = cluster.get(where)
    held = cluster.create(model(home, "held", metadata={"finalizers": [HOLD]}), manager="ann")
    free = cluster.create(config_map(home, "free"), manager="ann")
    cluster.delete(where)
    going = cluster.get(where)
    assert ("deletionTimestamp" in going["metadata"], going["status"]["phase"]) == (True, "Terminating")
    with pytest.raises(AccessDenied):
        cluster.create(model(home, "late"), manager="ann")
    with pytest.raises(AccessDenied):
        cluster.apply(model(home, "late"), manager="ann")
    cluster.settle(all_gone(cluster, free))
    cluster.settle(lambda: "deletionTimestamp" in cluster.get(address(held))["metadata"])
    assert not gone(cluster, space)
    release(cluster, held)
    cluster.settle(all_gone(cluster, held, space))
