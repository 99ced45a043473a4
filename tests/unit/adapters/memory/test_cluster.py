"""What the cluster in memory tells the loop is what stands in its store, whoever wrote it last."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

from aimcore.adapters import wire
from aimcore.adapters.memory.cluster import MemoryCluster
from aimcore.adapters.memory.kinds import Address
from aimcore.adapters.memory.store import MemoryStore
from aimcore.domain.kinds.core import Child, Namespace
from aimcore.domain.kinds.ownership import MANAGER
from aimcore.domain.kinds.records import Meta
from aimcore.domain.kinds.scope import Key, Kind
from aimcore.ports.cluster import Put
from aimcore.ports.errors import AlreadyExists
from aimcore.testing import World, worlds


@settings(max_examples=100, suppress_health_check=[HealthCheck.too_slow])
@given(world=worlds())
def test_a_record_is_what_its_manifest_says_though_only_the_status_was_read_anew(world: World) -> None:
    run = world.settle()
    run.loop.observe()
    told = {repr(thing) for thing in run.loop.cache}
    assert told == {repr(wire.decode(manifest)) for manifest in run.ours().values()}


def test_a_status_of_somebody_else_is_read_as_it_stands() -> None:
    spec = {"image": "acme/chat:1"}
    about = {"name": "chat", "namespace": "alpha"}
    manifest = {"apiVersion": "aim.silogen.ai/v1alpha1", "kind": "AIMModel", "metadata": about, "spec": spec}
    run = World(manifests=(manifest,)).settle()
    (there,) = run.ours().values()
    run.store.replace({**there, "status": {"status": "Degraded"}}, manager="kubectl", subresource="status")
    run.loop.observe()
    (model,) = run.loop.cache
    (stands,) = run.ours().values()
    assert model == wire.decode(stands)


# --- children and pods ------------------------------------------------------------------------------------------------

OURS = {"app.kubernetes.io/managed-by": MANAGER}


def store() -> MemoryStore:
    made = MemoryStore(lambda: "2026-01-01T00:00:00Z")
    made.create({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "ml"}}, manager="kubectl")
    return made


def manifest(kind: Kind, name: str) -> dict[str, Any]:
    about = {"name": name, "namespace": "ml"}
    return {"apiVersion": kind.api_version, "kind": kind.api_name, "metadata": about, "spec": {}}


def told(cluster: MemoryCluster) -> list[str]:
    changes = [one for one in cluster.changes() if not isinstance(one.thing, Namespace)]
    return [f"{'+' if isinstance(one, Put) else '-'}{one.thing.key}" for one in changes]  # type: ignore[union-attr]  # no node


def ours(kind: Kind, name: str) -> dict[str, Any]:
    made = manifest(kind, name)
    return {**made, "metadata": {**made["metadata"], "labels": OURS}}


def pod(name: str, label: str = "aim.silogen.ai/service") -> dict[str, Any]:
    made = manifest(Kind.POD, name)
    return {**made, "metadata": {**made["metadata"], "labels": {label: "chat"}}}


@pytest.mark.rule("RUN-15")
def test_children_and_pods_are_told_of_by_their_label_alone() -> None:
    at = store()
    for one in (ours(Kind.JOB, "a"), manifest(Kind.JOB, "b"), pod("c"), pod("d", "app"), ours(Kind.HTTP_ROUTE, "e")):
        at.create(one, manager="kubectl")
    assert told(MemoryCluster(at)) == ["+HTTPRoute ml/e", "+Job ml/a", "+Pod ml/c"]
    assert told(MemoryCluster(at, workloads=False)) == []
    without = MemoryCluster(at, unserved=frozenset({"HTTPRoute"}))
    assert told(without) == ["+Job ml/a", "+Pod ml/c"]
    assert without.unserved == {"HTTPRoute"}


def test_an_object_that_loses_the_label_is_gone_and_one_that_gets_it_stands() -> None:
    at = store()
    at.create(ours(Kind.JOB, "a"), manager="kubectl")
    at.create(manifest(Kind.JOB, "b"), manager="kubectl")
    cluster = MemoryCluster(at)
    assert told(cluster) == ["+Job ml/a"]
    at.patch(Address("Job", "ml", "a"), {"metadata": {"labels": None}}, manager="kubectl")
    at.patch(Address("Job", "ml", "b"), {"metadata": {"labels": OURS}}, manager="kubectl")
    assert sorted(told(cluster)) == ["+Job ml/b", "-Job ml/a"]
    at.patch(Address("Job", "ml", "a"), {"spec": {"suspend": True}}, manager="kubectl")
    assert told(cluster) == []


@pytest.mark.rule("OWN-1")
def test_whoever_has_the_name_of_a_child_is_told_of_until_it_is_gone() -> None:
    at = store()
    cluster = MemoryCluster(at)
    told(cluster)
    at.create(manifest(Kind.CLAIM, "weights"), manager="kubectl")
    assert told(cluster) == []
    mine = Child(key=Key(Kind.CLAIM, "ml", "weights"), meta=Meta(labels=OURS), spec={})
    with pytest.raises(AlreadyExists):
        cluster.create(mine)
    assert told(cluster) == ["+PersistentVolumeClaim ml/weights"]
    at.patch(Address("PersistentVolumeClaim", "ml", "weights"), {"metadata": {"labels": {"a": "b"}}}, manager="kubectl")
    assert told(cluster) == ["+PersistentVolumeClaim ml/weights"]
    at.delete(Address("PersistentVolumeClaim", "ml", "weights"))
    assert told(cluster) == ["-PersistentVolumeClaim ml/weights"]
    at.create(manifest(Kind.CLAIM, "weights"), manager="kubectl")
    assert told(cluster) == []
    with pytest.raises(AlreadyExists):
        cluster.create(mine)
    at.delete(Address("PersistentVolumeClaim", "ml", "weights"))
    assert told(cluster) == [], "gone before anybody looked"
