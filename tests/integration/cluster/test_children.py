"""Children that are manifests, and pods, kept by the cluster in memory, its front, and a real API server alike."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest

from aimcore.adapters.memory.kinds import Address, Manifest
from aimcore.domain.children.manifests import child_of, diff_manifest
from aimcore.domain.kinds.core import Child
from aimcore.domain.kinds.dropped import DroppedFields
from aimcore.domain.kinds.ownership import MANAGED_BY, MANAGER, Owner
from aimcore.domain.kinds.scope import Key, Kind
from aimcore.domain.kinds.workload import GatewayRef, RoutingSettings
from aimcore.domain.serving.deployment import ChildMeta, DeploymentShape, deployment_body, service_body
from aimcore.domain.serving.observed import observed_route
from aimcore.domain.serving.pod import make_pod
from aimcore.domain.serving.route import route_body
from aimcore.domain.serving.settings import merge_routing
from aimcore.domain.values.layering import Layer
from aimcore.domain.view.plan import Delete
from aimcore.ports.errors import AlreadyExists
from tests.integration.cluster.bench import Bench, bench
from tests.integration.cluster.driver import Cluster, RealCluster
from tests.integration.cluster.gateway_api import install, no_definitions
from tests.integration.cluster.manifests import model
from tests.integration.cluster.programs import require
from tests.unit.domain.serving.builders import image_pod, origin

KINDS = (Kind.DEPLOYMENT, Kind.NETWORK_SERVICE, Kind.HTTP_ROUTE, Kind.CLAIM, Kind.JOB)
NOTHING_DROPPED: DroppedFields = {}


@pytest.fixture
def at(cluster: Cluster) -> Iterator[Bench]:
    if isinstance(cluster, RealCluster):
        require("HTTPRoute on a real API server", no_definitions)
        install(cluster)
    with bench(cluster, workloads=True) as made:
        made.hear()
        yield made


def owner_of(made: Manifest) -> Owner:
    metadata = made["metadata"]
    return Owner(
        api_version=made["apiVersion"], kind=made["kind"], name=metadata["name"], uid=metadata["uid"], controller=True
    )


def about(home: str, owner: Owner) -> ChildMeta:
    return ChildMeta(namespace=home, service="chat", owner=owner, labels={"team": "a"})


def routing() -> Any:
    said = RoutingSettings(enabled=True, hostnames=("chat.test",), request_timeout="0s", annotations={"a": "b"})
    return merge_routing(((Layer.SERVICE, said),))


def plain(home: str, owner: Owner, spec: dict[str, Any]) -> dict[str, Any]:
    reference = {"apiVersion": owner.api_version, "kind": owner.kind, "name": owner.name, "uid": owner.uid}
    metadata = {
        "name": "aim-chat",
        "namespace": home,
        "labels": {MANAGED_BY: MANAGER},
        "ownerReferences": [{**reference, "controller": True, "blockOwnerDeletion": False}],
    }
    return {"metadata": metadata, "spec": spec}


def body(kind: Kind, home: str, owner: Owner) -> dict[str, Any]:
    """The child as the rules of serving make it; of claims and Jobs the shape that caches will have."""
    child = about(home, owner)
    match kind:
        case Kind.DEPLOYMENT:
            pod = make_pod(image_pod(namespace=home))
            shape = DeploymentShape(replicas=2, startup_timeout=3600)
            return deployment_body(child, shape, origin=origin(), template=pod.template)
        case Kind.NETWORK_SERVICE:
            return service_body(child)
        case Kind.HTTP_ROUTE:
            return route_body(child, routing(), gateway=GatewayRef(name="edge", namespace="gateways"), path="/ml/chat")
        case Kind.CLAIM:
            storage = {"accessModes": ["ReadWriteMany"], "resources": {"requests": {"storage": "5Gi"}}}
            return plain(home, owner, {**storage, "storageClassName": "fast"})
        case _:
            container = {"name": "get", "image": "aimcore:1", "args": ["download"]}
            rule = {"action": "FailJob", "onExitCodes": {"containerName": "get", "operator": "In", "values": [20, 28]}}
            pod_spec = {"restartPolicy": "Never", "containers": [container]}
            return plain(
                home,
                owner,
                {
                    "backoffLimit": 6,
                    "ttlSecondsAfterFinished": 3600,
                    "podFailurePolicy": {"rules": [rule]},
                    "template": {"spec": pod_spec},
                },
            )


def wanted(at: Bench, home: str, kind: Kind) -> Child:
    return child_of(kind, body(kind, home, owner_of(at.others.create(model(home), manager="ann"))))


def key(kind: Kind, home: str) -> Key:
    return Key(kind, home, "aim-chat")


def where(kind: Kind, home: str) -> Address:
    return Address(kind.api_name, home, "aim-chat")


def heard(at: Bench, kind: Kind, home: str) -> Child:
    found = at.hear().find(key(kind, home))
    assert isinstance(found, Child)
    return found


def until(at: Bench, kind: Kind, home: str, holds: Callable[[Child | None], bool]) -> None:
    at.hear_until(lambda known: holds(known.find(key(kind, home))))


@pytest.mark.rule("OWN-4")
@pytest.mark.parametrize("kind", KINDS)
def test_a_child_that_was_made_is_heard_at_once_and_needs_nothing(at: Bench, home: str, kind: Kind) -> None:
    child = wanted(at, home, kind)
    at.port.create(child)
    live = heard(at, kind, home)
    assert (live.meta.uid, live.created) != ("", "")
    assert live.meta.owners == child.meta.owners
    done = diff_manifest(child, live, NOTHING_DROPPED)
    assert (done.apply, done.changes, done.contested, done.dropped) == (None, (), (), ())


@pytest.mark.rule("OWN-4")
@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind is not Kind.JOB])
def test_a_change_is_applied_and_what_is_no_longer_wanted_is_given_up(at: Bench, home: str, kind: Kind) -> None:
    child = wanted(at, home, kind)
    at.port.create(replace(child, meta=replace(child.meta, labels={**child.meta.labels, "old": "yes"})))
    changed = replace(child, meta=replace(child.meta, labels={**child.meta.labels, "new": "yes"}))
    first = diff_manifest(changed, heard(at, kind, home), NOTHING_DROPPED)
    assert first.apply is not None
    at.port.apply(first.apply)
    live = heard(at, kind, home)
    assert ("old" in live.meta.labels, live.meta.labels.get("new")) == (False, "yes")
    assert diff_manifest(changed, live, NOTHING_DROPPED).apply is None
    at.port.delete(Delete(key=live.key, uid=live.meta.uid, resource_version=live.meta.resource_version, rule="OWN-2"))
    gone = at.hear().find(live.key)
    assert gone is None or gone.meta.deleting, "a claim may wait for its finalizer"


@pytest.mark.rule("OWN-4")
def test_a_field_of_ours_that_somebody_changed_is_seen_and_theirs_is_left(at: Bench, home: str) -> None:
    child = wanted(at, home, Kind.DEPLOYMENT)
    at.port.create(child)
    assert diff_manifest(child, heard(at, Kind.DEPLOYMENT, home), NOTHING_DROPPED).apply is None
    at.others.patch(where(Kind.DEPLOYMENT, home), {"spec": {"replicas": 5, "paused": True}}, manager="kubectl")
    until(at, Kind.DEPLOYMENT, home, lambda one: one is not None and one.spec["replicas"] == 5)
    found = diff_manifest(child, heard(at, Kind.DEPLOYMENT, home), NOTHING_DROPPED)
    assert found.contested == (".spec.replicas",)
    assert heard(at, Kind.DEPLOYMENT, home).spec["paused"] is True


@pytest.mark.parametrize("kind", KINDS)
def test_what_others_delete_is_gone(at: Bench, home: str, kind: Kind) -> None:
    at.port.create(wanted(at, home, kind))
    at.hear()
    at.others.delete(where(kind, home))
    if kind is Kind.CLAIM:
        at.others.patch(where(kind, home), {"metadata": {"finalizers": None}}, manager="ann") if _stands(
            at, home
        ) else None
    until(at, kind, home, lambda one: one is None)


def _stands(at: Bench, home: str) -> bool:
    return any(one["metadata"]["name"] == "aim-chat" for one in at.others.list("PersistentVolumeClaim", home)[0])


@pytest.mark.rule("OWN-1")
@pytest.mark.parametrize("kind", [Kind.CLAIM, Kind.NETWORK_SERVICE, Kind.HTTP_ROUTE])
def test_an_object_of_the_name_that_is_not_ours_is_seen_once_it_is_in_the_way(at: Bench, home: str, kind: Kind) -> None:
    child = wanted(at, home, kind)
    theirs = {"apiVersion": kind.api_version, "kind": kind.api_name, **body(kind, home, child.meta.owners[0])}
    theirs["metadata"] = {"name": "aim-chat", "namespace": home, "labels": {"app": "other"}}
    made = at.others.create(theirs, manager="ann")
    assert at.hear().find(key(kind, home)) is None
    with pytest.raises(AlreadyExists):
        at.port.create(child)
    assert heard(at, kind, home).meta.uid == made["metadata"]["uid"]
    assert heard(at, kind, home).meta.owners == ()
    at.others.delete(where(kind, home))
    if kind is Kind.CLAIM and _stands(at, home):
        at.others.patch(where(kind, home), {"metadata": {"finalizers": None}}, manager="ann")
    until(at, kind, home, lambda one: one is None)
    at.port.create(child)
    assert heard(at, kind, home).meta.uid != made["metadata"]["uid"]


@pytest.mark.rule("ROUTE-4")
def test_what_a_gateway_says_of_a_route_is_heard(at: Bench, home: str) -> None:
    at.port.create(wanted(at, home, Kind.HTTP_ROUTE))
    stands = at.others.get(where(Kind.HTTP_ROUTE, home))
    ref = {"group": "gateway.networking.k8s.io", "kind": "Gateway", "namespace": "gateways", "name": "edge"}
    times = {"lastTransitionTime": "2026-01-01T00:00:00Z", "observedGeneration": stands["metadata"]["generation"]}
    accepted = {"type": "Accepted", "status": "True", "reason": "Accepted", "message": "", **times}
    parents = [{"parentRef": ref, "controllerName": "gateway.test/one", "conditions": [accepted]}]
    at.others.replace({**stands, "status": {"parents": parents}}, manager="gateway", subresource="status")
    until(at, Kind.HTTP_ROUTE, home, lambda one: one is not None and bool((one.status or {}).get("parents")))
    [parent] = observed_route(heard(at, Kind.HTTP_ROUTE, home)).parents
    assert parent.ref == GatewayRef(name="edge", namespace="gateways", group=ref["group"], kind="Gateway")
    assert [(one.type, one.status.value, one.observed_generation) for one in parent.conditions] == [
        ("Accepted", "True", stands["metadata"]["generation"])
    ]


@pytest.mark.rule("STAT-2")
def test_pods_are_heard_by_the_label_of_their_service(at: Bench, home: str) -> None:
    managed = {"app.kubernetes.io/managed-by": "aim-operator"}
    for name, labels in (("ours", {"aim.silogen.ai/service": "chat", **managed}), ("theirs", {"app": "chat"})):
        spec = {"containers": [{"name": "aim", "image": "aim:1"}]}
        metadata = {"name": name, "namespace": home, "labels": labels}
        at.others.create({"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": spec}, manager="ann")
    at.hear_until(lambda known: bool(known.pods_of(home, "chat")))
    stands = at.others.get(Address("Pod", home, "ours"))
    waiting = {"waiting": {"reason": "ErrImagePull", "message": "not found"}}
    container = {"name": "aim", "image": "aim:1", "imageID": "", "ready": False, "restartCount": 2, "state": waiting}
    status = {"phase": "Pending", "containerStatuses": [container]}
    at.others.replace({**stands, "status": status}, manager="kubelet", subresource="status")
    at.hear_until(lambda known: any(pod.waiting for pod in known.pods_of(home, "chat")))
    [pod] = at.cache.pods_of(home, "chat")
    assert (pod.name, pod.restarts, pod.waiting.reason, pod.created > 0) == ("ours", 2, "ErrImagePull", True)
    at.others.delete(Address("Pod", home, "ours"))
    at.hear_until(lambda known: not known.pods_of(home, "chat"))


def test_a_cluster_that_lacks_a_kind_says_so(at: Bench) -> None:
    assert at.port.unserved == frozenset()  # type: ignore[attr-defined]  # of both adapters, not of the port yet
