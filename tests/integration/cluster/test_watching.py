"""Watches: every change once, in order, from the version asked for."""

from __future__ import annotations

from tests.integration.cluster.driver import Cluster, Drained
from tests.integration.cluster.manifests import address, model, with_status


def told(watch: Drained, home: str) -> list[tuple[str, str, str]]:
    return [
        (event.type, event.manifest["metadata"]["name"], event.manifest["metadata"]["resourceVersion"])
        for event in watch.drain()
        if event.manifest["metadata"]["namespace"] == home
    ]


def test_a_watch_tells_each_change_once(cluster: Cluster, home: str) -> None:
    _, start = cluster.list("AIMModel")
    watch = cluster.watch("AIMModel", start)
    made = cluster.create(model(home), manager="ann")
    changed = cluster.patch(address(made), {"spec": {"serviceAccountName": "runner"}}, manager="ann")
    seen = cluster.apply(with_status(made, status="Ready"), manager="ann", subresource="status")
    cluster.delete(address(made))
    events = told(watch, home)
    assert [(kind, name) for kind, name, _ in events] == [
        ("ADDED", "llama"),
        ("MODIFIED", "llama"),
        ("MODIFIED", "llama"),
        ("DELETED", "llama"),
    ]
    versions = [version for _, _, version in events]
    assert versions[:3] == [one["metadata"]["resourceVersion"] for one in (made, changed, seen)]
    assert versions[3] not in versions[:3]
    assert told(watch, home) == []


def test_a_watch_tells_nothing_of_a_write_that_changed_nothing(cluster: Cluster, home: str) -> None:
    cluster.apply(model(home), manager="ann")
    _, start = cluster.list("AIMModel")
    watch = cluster.watch("AIMModel", start)
    cluster.apply(model(home), manager="ann")
    assert told(watch, home) == []


def test_a_watch_resumes_where_another_left_off(cluster: Cluster, home: str) -> None:
    _, start = cluster.list("AIMModel")
    made = cluster.create(model(home, "one"), manager="ann")
    cluster.create(model(home, "two"), manager="ann")
    assert [name for _, name, _ in told(cluster.watch("AIMModel", start), home)] == ["one", "two"]
    later = cluster.watch("AIMModel", made["metadata"]["resourceVersion"])
    assert [name for _, name, _ in told(later, home)] == ["two"]


def test_a_held_object_is_modified_before_it_is_deleted(cluster: Cluster, home: str) -> None:
    made = cluster.create(model(home, metadata={"finalizers": ["test.aim/hold"]}), manager="ann")
    _, start = cluster.list("AIMModel")
    cluster.delete(address(made))
    cluster.patch(address(made), {"metadata": {"finalizers": None}}, manager="ann")
    assert [kind for kind, _, _ in told(cluster.watch("AIMModel", start), home)] == ["MODIFIED", "DELETED"]


def test_the_last_word_of_a_deleted_object_is_its_last_state(cluster: Cluster, home: str) -> None:
    made = cluster.create(model(home, serviceAccountName="runner"), manager="ann")
    _, start = cluster.list("AIMModel")
    cluster.delete(address(made))
    [event] = [one for one in cluster.watch("AIMModel", start).drain() if one.manifest["metadata"]["namespace"] == home]
    assert event.manifest["spec"] == made["spec"]
    assert "deletionTimestamp" not in event.manifest["metadata"]
