"""Children and pods on a server: read by their label, whole where they are compared, and kinds that a cluster may lack."""

from __future__ import annotations

import json
from typing import Any

import pytest

from aimcore.adapters.kubernetes.cluster import KubernetesCluster
from aimcore.adapters.kubernetes.diagnostics import KubernetesEvents
from aimcore.adapters.kubernetes.projection import Seen, project
from aimcore.adapters.kubernetes.reflector import Backoff, Reflector
from aimcore.adapters.kubernetes.requests import At, Requests
from aimcore.adapters.kubernetes.resources import RESOURCES, source_of
from aimcore.adapters.kubernetes.store import ReadWarning, Store
from aimcore.adapters.kubernetes.strangers import Strangers
from aimcore.domain.kinds.core import Child
from aimcore.domain.kinds.diagnostics import ObjectEvent
from aimcore.domain.kinds.ownership import MANAGER, claimants
from aimcore.domain.kinds.records import Meta
from aimcore.domain.kinds.scope import Key, Kind
from aimcore.domain.serving.observed import PodRecord
from aimcore.ports.cluster import Put
from aimcore.ports.errors import AlreadyExists
from tests.unit.adapters.kubernetes.scripted import Answer, Asked, listed, refused, serving, told

ROUTES = source_of(RESOURCES["HTTPRoute"])
CLAIM = Key(Kind.CLAIM, "ml", "weights")
OURS = {"app.kubernetes.io/managed-by": MANAGER}


def claim(version: int, labels: dict[str, str] | None = None, uid: str = "u-claim") -> dict[str, Any]:
    metadata = {
        "name": "weights",
        "namespace": "ml",
        "uid": uid,
        "resourceVersion": str(version),
        "labels": labels or {},
    }
    return {"apiVersion": "v1", "kind": "PersistentVolumeClaim", "metadata": metadata, "spec": {"volumeName": "pv"}}


def route(version: int) -> dict[str, Any]:
    metadata = {"name": "aim-chat", "namespace": "ml", "uid": "u-r", "resourceVersion": str(version), "labels": OURS}
    return {"metadata": metadata, "spec": {}}


def pace() -> Backoff:
    return Backoff(chance=lambda: 0.0, clock=lambda: 0.0)


def words(known: Store) -> list[str]:
    return [f"{'+' if isinstance(one, Put) else '-'}{one.thing.meta.resource_version}" for one in known.drain()]  # type: ignore[union-attr]  # children only


# --- what is read -----------------------------------------------------------------------------------------------------


@pytest.mark.rule("OWN-4")
def test_of_a_child_every_claim_on_its_fields_is_kept() -> None:
    tree: dict[str, Any] = {
        "f:spec": {"f:template": {"f:spec": {"f:containers": {'k:{"name":"aim"}': {"f:image": {}}}}}}
    }
    entries = [
        {"manager": MANAGER, "operation": "Apply", "fieldsV1": tree},
        {"manager": "kube-controller-manager", "operation": "Update", "subresource": "status", "fieldsV1": tree},
    ]
    manifest = claim(1)
    manifest["metadata"]["managedFields"] = entries
    thing = project(RESOURCES["PersistentVolumeClaim"], manifest).thing
    assert isinstance(thing, Child)
    path = ("f:spec", "f:template", "f:spec", "f:containers", 'k:{"name":"aim"}', "f:image")
    assert claimants(thing.meta.claims, path) == {MANAGER}


def test_of_a_pod_no_claim_is_kept() -> None:
    manifest = {
        "metadata": {"name": "p", "namespace": "ml", "resourceVersion": "1", "managedFields": [{"manager": "kubelet"}]}
    }
    thing = project(RESOURCES["Pod"], manifest).thing
    assert isinstance(thing, PodRecord)
    assert thing.meta.claims == ()


def asked_by(*, workloads: bool, routes: Answer) -> tuple[dict[str, str | None], frozenset[str]]:
    """The selector that each kind was listed with, and the kinds that are not served."""

    def script(asked: Asked) -> Answer:
        if asked.watches:
            return told()
        return routes if asked.path.endswith("/httproutes") else listed(10)

    with serving(script) as server:
        connection = server.connection()
        cluster = KubernetesCluster(Requests(connection), backoff=pace(), workloads=workloads, report=lambda _: None)
        cluster.start()
        try:
            assert list(cluster.changes()) == []
            unserved = cluster.unserved
        finally:
            cluster.stop()
            connection.close()
        lists = [one for one in server.asked if not one.watches]
    return {one.path.rpartition("/")[2]: one.query.get("labelSelector") for one in lists}, unserved


@pytest.mark.rule("SEC-5")
def test_children_and_pods_are_listed_and_watched_by_their_label() -> None:
    selectors, unserved = asked_by(workloads=True, routes=listed(10))
    ours = f"app.kubernetes.io/managed-by={MANAGER}"
    children = ("deployments", "services", "httproutes", "persistentvolumeclaims", "jobs", "pods")
    assert {name: selectors[name] for name in children} == dict.fromkeys(children, ours)
    assert selectors["aimmodels"] is None
    assert unserved == frozenset()


@pytest.mark.rule("RUN-15")
def test_without_workloads_none_of_their_kinds_is_asked_for() -> None:
    selectors, unserved = asked_by(workloads=False, routes=listed(10))
    assert set(selectors) == {
        *(
            "aimmodels",
            "aimservicetemplates",
            "aimruntimeconfigs",
            "aimservices",
            "aimtemplatecaches",
            "namespaces",
            "nodes",
        ),
        *("aimclustermodels", "aimclusterservicetemplates", "aimclusterruntimeconfigs"),
    }
    assert unserved == frozenset()


@pytest.mark.rule("ROUTE-1")
def test_a_cluster_without_the_gateway_api_is_read_all_the_same() -> None:
    _, unserved = asked_by(workloads=True, routes=refused(404, "NotFound"))
    assert unserved == {"HTTPRoute"}


def test_a_watch_is_of_the_selected_objects_alone() -> None:
    with serving(lambda asked: told() if asked.watches else listed(10)) as server:
        requests = Requests(server.connection())
        with requests.watch(ROUTES, version="10", seconds=1):
            pass
    assert server.asked[0].query["labelSelector"] == ROUTES.selector


# --- kinds that come and go -------------------------------------------------------------------------------------------


@pytest.mark.rule("ROUTE-1")
def test_a_kind_that_is_not_served_is_asked_for_rarely_and_found_when_it_is_installed() -> None:
    lists = [refused(404), refused(404), listed(10, route(9)), refused(404)]
    watches = [refused(404)]
    troubles: list[ReadWarning] = []
    with serving(lambda asked: watches[0] if asked.watches else lists.pop(0)) as server:
        known = Store(troubles.append)
        reflector = Reflector(Requests(server.connection()), ROUTES, known, pace(), optional=False)
        assert reflector.turn() == 300.0
        assert known.unserved() == {ROUTES}
        assert known.complete([ROUTES], timeout=0)
        assert known.wait(0)
        assert words(known) == []
        assert not known.wait(0)
        assert reflector.turn() == 300.0
        assert not known.wait(0), "it was not served before either"
        assert reflector.turn() == 0.0
        assert known.unserved() == frozenset()
        assert words(known) == ["+9"]
        assert reflector.turn() == 300.0  # its definition was taken away, and its objects with it
        assert known.unserved() == {ROUTES}
        assert words(known) == ["-9"]
    assert troubles == []


def test_a_kind_that_every_cluster_has_is_missed_loudly() -> None:
    troubles: list[ReadWarning] = []
    with serving(lambda _: refused(404)) as server:
        known = Store(troubles.append)
        source = source_of(RESOURCES["Job"])
        assert Reflector(Requests(server.connection()), source, known, pace(), optional=False).turn() < 300.0
        assert known.unserved() == frozenset()
    assert [str(one) for one in troubles] == ["jobs: the cluster has no jobs"]


def test_the_kinds_of_one_namespace_go_alone() -> None:
    known = Store(lambda _: None)
    here, there = source_of(RESOURCES["HTTPRoute"], "ml"), source_of(RESOURCES["HTTPRoute"], "other")
    known.replace(here, [project(RESOURCES["HTTPRoute"], route(9))], version="10", since=known.begin())
    known.drain()
    known.mark_unserved(there)
    assert words(known) == []


# --- strangers --------------------------------------------------------------------------------------------------------


def seen(version: int, labels: dict[str, str] | None = None, uid: str = "u-claim") -> Seen:
    return project(RESOURCES["PersistentVolumeClaim"], claim(version, labels, uid))


CLAIMS = source_of(RESOURCES["PersistentVolumeClaim"])
PLACE = ("PersistentVolumeClaim", "ml", "weights")


def empty() -> Store:
    known = Store(lambda _: None)
    known.replace(CLAIMS, [], version="50", since=known.begin())
    return known


@pytest.mark.rule("OWN-1")
def test_what_was_looked_at_by_name_stands_though_no_list_has_it() -> None:
    known = empty()
    known.found(seen(5))
    assert words(known) == ["+5"]
    known.replace(CLAIMS, [], version="60", since=known.begin())
    assert words(known) == []
    assert known.aside() == (PLACE,)
    known.lost(PLACE)
    assert words(known) == ["-5"]
    assert known.aside() == ()
    known.lost(PLACE)
    assert words(known) == []


def test_what_gets_the_label_is_told_by_its_watch_from_then_on() -> None:
    for told_of in ("event", "list"):
        known = empty()
        known.found(seen(5))
        if told_of == "event":
            known.on_upsert(CLAIMS, seen(70, OURS))
        else:
            known.replace(CLAIMS, [seen(70, OURS)], version="70", since=known.begin())
        assert words(known) == ["+70"]
        assert known.aside() == ()
        known.lost(PLACE)
        known.found(seen(65))  # an answer that was late
        assert words(known) == []
        assert known.aside() == ()


def test_one_made_anew_in_the_place_of_ours_is_seen() -> None:
    known = empty()
    known.on_upsert(CLAIMS, seen(51, OURS))
    known.found(seen(70, uid="u-other"))
    known.on_delete(CLAIMS, seen(60, OURS))
    assert words(known) == ["+70"]


def following(known: Store, server: Any) -> Strangers:
    return Strangers(Requests(server.connection()), known, pace())


def test_strangers_are_looked_at_again_until_they_are_gone() -> None:
    known = empty()
    answers = [claim(5), claim(8), refused(503), claim(9, OURS), refused(404)]

    def script(_: Asked) -> Answer:
        answer = answers.pop(0)
        return answer if isinstance(answer, Answer) else Answer(json.dumps(answer).encode())

    with serving(script) as server:
        strangers = following(known, server)
        assert strangers.turn() == 30.0
        assert server.asked == []
        strangers.notice(At(RESOURCES["PersistentVolumeClaim"], "ml", "weights"))
        told_of = [words(known)]
        for _ in range(4):
            strangers.turn()
            told_of.append(words(known))
    assert told_of == [["+5"], ["+8"], [], [], ["-8"]]
    assert {one.path for one in server.asked} == {"/api/v1/namespaces/ml/persistentvolumeclaims/weights"}


def test_of_many_strangers_each_has_its_turn_and_no_server_is_asked_in_a_hurry() -> None:
    known = empty()
    names = [f"c{number:02}" for number in range(60)]
    for name in names:
        manifest = claim(5)
        manifest["metadata"]["name"] = name
        known.found(project(RESOURCES["PersistentVolumeClaim"], manifest))
    with serving(lambda _: refused(503)) as server:
        strangers = following(known, server)
        assert {strangers.turn() for _ in range(61)} == {1.0}
    assert [one.path.rpartition("/")[2] for one in server.asked] == [*names, names[0]]


@pytest.mark.rule("OWN-1")
def test_a_name_that_is_taken_is_read_at_once_and_the_refusal_stays() -> None:
    def script(asked: Asked) -> Answer:
        if asked.method == "POST":
            return refused(409, "AlreadyExists")
        return Answer(json.dumps(claim(5)).encode())

    with serving(script) as server:
        cluster = KubernetesCluster(Requests(server.connection()), backoff=pace(), report=lambda _: None)
        with pytest.raises(AlreadyExists):
            cluster.create(Child(key=CLAIM, meta=Meta(labels=OURS), spec={}))
        [change] = cluster._known.drain()
    assert isinstance(change, Put)
    assert change.thing.key == CLAIM  # type: ignore[union-attr]  # a child


def posted(*, merged: Answer) -> tuple[Child, list[Asked]]:
    """What is heard of a child that was made, and what was asked for, where the merge of its claims is answered so."""
    tree: dict[str, Any] = {"f:spec": {"f:volumeName": {}, "f:volumeMode": {}}}
    manifest = claim(5, OURS)
    manifest["metadata"]["managedFields"] = [{"manager": MANAGER, "operation": "Update", "fieldsV1": tree}]
    made = Answer(json.dumps(manifest).encode(), code=201)
    with serving(lambda asked: made if asked.method == "POST" else merged) as server:
        cluster = KubernetesCluster(Requests(server.connection()), backoff=pace(), report=lambda _: None)
        cluster.create(Child(key=CLAIM, meta=Meta(labels=OURS), spec={"volumeName": "pv"}))
        [change] = cluster._known.drain()  # nobody follows this cluster
    assert isinstance(change.thing, Child)
    return change.thing, server.asked


@pytest.mark.rule("OWN-4")
def test_a_child_that_is_made_claims_what_was_sent_and_no_default() -> None:
    thing, [_, merge] = posted(merged=Answer(json.dumps(claim(6, OURS)).encode()))
    assert thing.meta.resource_version == "6"
    sent = json.loads(merge.body)["metadata"]
    assert (sent["uid"], sent["resourceVersion"]) == ("u-claim", "5")
    [ours] = sent["managedFields"]
    assert (ours["operation"], ours["fieldsV1"]) == ("Apply", {"f:spec": {"f:volumeName": {}}})


@pytest.mark.rule("OWN-4")
def test_a_child_that_a_controller_changed_faster_is_heard_as_it_was_made() -> None:
    thing, asked = posted(merged=refused(409, "Conflict"))
    assert (thing.meta.resource_version, len(asked)) == ("5", 2)


# --- a closer look ----------------------------------------------------------------------------------------------------


def event(reason: str, note: str = "", **times: Any) -> dict[str, Any]:
    return {"reason": reason, "note": note, **times}


@pytest.mark.rule("STAT-2")
def test_the_events_of_one_object_come_in_the_order_they_were_seen_last() -> None:
    found = [
        event("Second", "b", eventTime="2026-01-01T00:00:02.5Z"),
        event("Third", "c", deprecatedLastTimestamp="2026-01-01T00:00:03Z"),
        event(
            "Fourth", "d" * 5000, eventTime="2026-01-01T00:00:01Z", series={"lastObservedTime": "2026-01-01T00:00:04Z"}
        ),
        event("First"),
        "noise",
    ]
    with serving(lambda _: listed(10, *found)) as server:
        events = KubernetesEvents(Requests(server.connection())).of(Key(Kind.JOB, "ml", "get-1"), "u-job")
    assert [one.reason for one in events] == ["First", "Second", "Third", "Fourth"]
    assert events[1] == ObjectEvent(reason="Second", message="b")
    assert len(events[3].message) == 2048
    [asked] = server.asked
    assert asked.path == "/apis/events.k8s.io/v1/namespaces/ml/events"
    assert asked.query == {
        "fieldSelector": "regarding.kind=Job,regarding.name=get-1,regarding.uid=u-job",
        "limit": "100",
    }


def test_a_server_that_sends_more_events_than_asked_for_is_read_no_further() -> None:
    with serving(lambda _: listed(10, *(event(f"E{number}") for number in range(300)))) as server:
        assert len(KubernetesEvents(Requests(server.connection())).of(CLAIM, "")) == 100
