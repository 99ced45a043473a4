"""Pods as servers send them, read for what tells how they are; the texts are those that a real node said."""

from __future__ import annotations

from typing import Any

import pytest

from aimcore.adapters import wire
from aimcore.domain.errors import InvalidManifestError
from aimcore.domain.kinds.scope import Key, Kind
from aimcore.domain.serving.observed import PodRecord
from aimcore.domain.serving.pods import Ended, ObservedPod, Waiting

LABELS = {"aim.silogen.ai/service": "chat", "pod-template-hash": "6d4cf"}


def pod(status: dict[str, Any] | None = None, **metadata: Any) -> dict[str, Any]:
    owner = {"apiVersion": "apps/v1", "kind": "ReplicaSet", "name": "aim-chat-6d4cf", "uid": "u-rs", "controller": True}
    about = {
        "name": "aim-chat-6d4cf-x2x2x",
        "namespace": "ml",
        "uid": "u-1",
        "resourceVersion": "17",
        "creationTimestamp": "2026-01-01T00:00:00Z",
        "labels": LABELS,
        "annotations": {"aim.silogen.ai/revision": "r1", "noise": "n"},
        "ownerReferences": [owner],
        "managedFields": [{"manager": "kubelet", "operation": "Update", "fieldsV1": {"f:spec": {}}}],
    }
    return {"apiVersion": "v1", "kind": "Pod", "metadata": about | metadata, "spec": {}, "status": status or {}}


def read(manifest: dict[str, Any]) -> PodRecord:
    record = wire.decode_stored(manifest)
    assert isinstance(record, PodRecord)
    return record


def container(**state: Any) -> dict[str, Any]:
    sidecar = {"name": "proxy", "state": {"running": {}}, "restartCount": 9, "started": True}
    return {"phase": "Running", "containerStatuses": [sidecar, {"name": "aim", **state}]}


def seen(status: dict[str, Any]) -> ObservedPod:
    return read(pod(status)).spec


@pytest.mark.rule("STAT-2")
def test_a_pod_that_is_ready() -> None:
    ready = container(state={"running": {"startedAt": "2026-01-01T00:00:05Z"}}, started=True, restartCount=1)
    record = read(
        pod({**ready, "conditions": [{"type": "PodScheduled", "status": "True"}, {"type": "Ready", "status": "True"}]})
    )
    assert record.spec == ObservedPod(
        name="aim-chat-6d4cf-x2x2x",
        created=1767225600,
        controller="aim-chat-6d4cf",
        template_hash="6d4cf",
        revision="r1",
        phase="Running",
        scheduled=True,
        ready=True,
        running=True,
        started=True,
        restarts=1,
    )
    assert record.key == Key(Kind.POD, "ml", "aim-chat-6d4cf-x2x2x")
    assert record.meta.labels == LABELS
    assert (record.meta.uid, record.meta.resource_version, record.meta.deleting) == ("u-1", "17", False)
    assert [one.name for one in record.meta.owners] == ["aim-chat-6d4cf"]


def test_of_a_pod_no_more_is_kept_than_is_looked_at() -> None:
    meta = read(pod()).meta
    assert (meta.claims, meta.annotations) == ((), {})


@pytest.mark.rule("STAT-2")
def test_a_pod_that_no_node_has_room_for() -> None:
    message = "0/1 nodes are available: 1 Insufficient amd.com/gpu."
    refused = {"type": "PodScheduled", "status": "False", "reason": "Unschedulable", "message": message}
    found = seen({"phase": "Pending", "conditions": [refused], "nominatedNodeName": "node-1"})
    assert (found.scheduled, found.unscheduled, found.nominated, found.phase) == (False, message, True, "Pending")
    assert seen({"phase": "Pending"}).scheduled is None


@pytest.mark.rule("STAT-2")
def test_a_container_that_waits() -> None:
    waits = {"waiting": {"reason": "ImagePullBackOff", "message": "Back-off pulling image"}}
    found = seen(container(state=waits))
    assert (found.waiting, found.running) == (
        Waiting(reason="ImagePullBackOff", message="Back-off pulling image"),
        False,
    )


@pytest.mark.rule("STAT-2")
@pytest.mark.parametrize("where", ["state", "lastState"])
def test_a_container_that_ended_says_how_and_after_how_long(where: str) -> None:
    run = {"startedAt": "2026-01-01T00:00:05Z", "finishedAt": "2026-01-01T00:01:10Z"}
    end = {"terminated": {"reason": "OOMKilled", "exitCode": 137, "message": "killed", **run}}
    assert seen(container(**{where: end})).ended == Ended(
        reason="OOMKilled", exit_code=137, seconds=65, message="killed"
    )


def test_the_end_that_stands_counts_before_the_one_before() -> None:
    now, before = (
        {"terminated": {"reason": "Error", "exitCode": 1}},
        {"terminated": {"reason": "OOMKilled", "exitCode": 137}},
    )
    ended = seen(container(state=now, lastState=before)).ended
    assert ended == Ended(reason="Error", exit_code=1, seconds=0)


@pytest.mark.rule("STAT-2")
def test_a_pod_that_was_evicted_and_one_on_its_way_out() -> None:
    found = seen({"phase": "Failed", "reason": "Evicted", "message": "The node was low on resource"})
    assert (found.phase, found.reason, found.message) == ("Failed", "Evicted", "The node was low on resource")
    leaving = read(pod(deletionTimestamp="2026-01-01T00:00:00Z"))
    assert (leaving.meta.deleting, leaving.spec.deleting) == (True, True)


@pytest.mark.parametrize(
    "status",
    [
        {"conditions": "none", "containerStatuses": [None, "aim"], "phase": 5},
        {"containerStatuses": [{"name": "aim", "state": [], "lastState": {"terminated": "x"}, "restartCount": "many"}]},
    ],
)
def test_what_is_not_as_it_should_be_counts_as_not_said(status: dict[str, Any]) -> None:
    found = seen(status)
    assert (found.phase, found.ended, found.waiting, found.restarts, found.ready) == ("Pending", None, None, 0, False)
    assert read(pod(creationTimestamp="soon")).spec.created == 0


def test_a_pod_without_a_name_cannot_be_read() -> None:
    with pytest.raises(InvalidManifestError):
        wire.decode_stored(pod(name=None))


def test_only_pods_with_the_label_of_a_service_are_looked_at() -> None:
    assert wire.is_pod(pod())
    assert not wire.is_pod(pod(labels={"app": "other"}))
    assert not wire.is_pod(pod(labels=None))
    assert not wire.is_pod({**pod(), "kind": "Deployment"})
    assert not wire.is_pod({"apiVersion": "v1", "kind": "Pod"})


def test_a_controller_that_is_no_replica_set_is_none_of_ours() -> None:
    owner = {"apiVersion": "batch/v1", "kind": "Job", "name": "other", "uid": "u", "controller": True}
    assert read(pod(ownerReferences=[owner])).spec.controller == ""
