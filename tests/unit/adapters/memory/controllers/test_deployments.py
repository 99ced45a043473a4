"""Deployments in memory do what a real node was seen to do: pods, rollouts, refusals, deadlines."""

from __future__ import annotations

import pytest

from aimcore.adapters.memory.controllers.fates import (
    cannot_be_scheduled,
    crashes,
    is_evicted,
    loses_its_node,
    nobody_schedules,
    runs,
)
from aimcore.adapters.memory.kinds import Address
from aimcore.domain.serving.pods import counting
from tests.unit.adapters.memory.controllers.scene import HOME, Scene, deployment

QUOTA = "exceeded quota: gpus, requested: requests.amd.com/gpu=1, used: requests.amd.com/gpu=1, limited: requests.amd.com/gpu=1"


@pytest.fixture
def scene() -> Scene:
    return Scene()


def test_without_a_script_everything_succeeds_at_once(scene: Scene) -> None:
    scene.make(deployment(replicas=2))
    assert scene.after()
    assert [pod.ready for pod in counting(scene.pods, "aim-chat")] == [True, True]
    status = scene.get("Deployment", "aim-chat")["status"]
    counts = {name: count for name, count in status.items() if name != "conditions"}
    assert counts == dict.fromkeys(("replicas", "updatedReplicas", "readyReplicas", "availableReplicas"), 2) | {
        "observedGeneration": 1
    }
    [replica_set] = scene.names("ReplicaSet")
    assert scene.conditions("Deployment", "aim-chat")["Progressing"] == (
        "True",
        "NewReplicaSetAvailable",
        f'ReplicaSet "{replica_set}" has successfully progressed.',
    )
    assert not scene.after(), "at rest"
    assert not scene.after(3600)


def test_a_deployment_that_goes_takes_its_replica_sets_and_pods_with_it(scene: Scene) -> None:
    scene.make(deployment())
    scene.after()
    scene.delete("Deployment", "aim-chat")
    assert scene.names("ReplicaSet") == scene.names("Pod") == []


@pytest.mark.parametrize(
    ("surge", "unavailable", "most", "least"), [(0, 1, 2, 1), (1, 0, 3, 2)], ids=["InPlace", "Surge"]
)
def test_a_rollout_keeps_its_limits(scene: Scene, surge: int, unavailable: int, most: int, least: int) -> None:
    scene.script.pods("aim-chat", runs(), runs(), runs(loads=30))
    scene.make(deployment(replicas=2, surge=surge, unavailable=unavailable))
    scene.after()
    old = {pod.name for pod in scene.pods}
    scene.store.apply(
        deployment(image="aim:2", replicas=2, surge=surge, unavailable=unavailable), manager="ann", force=True
    )
    seen = []
    for _ in range(4):
        scene.after()
        pods = counting(scene.pods, "aim-chat")
        seen.append((len(pods), sum(pod.ready for pod in pods)))
        scene.after(30)
    assert max(count for count, _ in seen) == most
    assert min(ready for _, ready in seen) == least
    assert seen[0] == (most, least)
    assert old.isdisjoint(pod.name for pod in scene.pods)
    assert scene.get("Deployment", "aim-chat")["status"]["updatedReplicas"] == 2


def test_a_pod_that_takes_long_to_end_is_replaced_at_once_where_there_is_room(scene: Scene) -> None:
    scene.script.grace = 120
    scene.make(deployment())
    scene.after()
    first = scene.pod.name
    scene.change("Deployment", "aim-chat", template={"spec": {"containers": [{"name": "aim", "image": "aim:2"}]}})
    scene.after()
    assert {pod.name: pod.deleting for pod in scene.pods}[first] is True
    assert len(scene.pods) == 2
    scene.after(119)
    assert len(scene.pods) == 2
    scene.after(1)
    assert scene.pod.name != first


def test_scaling_to_none_and_back(scene: Scene) -> None:
    scene.make(deployment())
    scene.after()
    scene.change("Deployment", "aim-chat", replicas=0)
    scene.after()
    assert scene.pods == []
    assert "readyReplicas" not in scene.get("Deployment", "aim-chat")["status"]
    scene.change("Deployment", "aim-chat", replicas=3)
    scene.after()
    assert len(scene.pods) == 3


def test_a_quota_refuses_pods_until_it_is_lifted_and_the_pause_is_over(scene: Scene) -> None:
    scene.script.refuse("aim-chat", QUOTA)
    scene.make(deployment())
    for seconds in (0, 1, 2, 4, 8, 16):
        scene.after(seconds)
    status, reason, message = scene.conditions("Deployment", "aim-chat")["ReplicaFailure"]
    assert (status, reason) == ("True", "FailedCreate")
    assert message.startswith('pods "aim-chat-')
    assert message.endswith(f'" is forbidden: {QUOTA}')
    scene.script.allow("aim-chat")
    scene.after(1)
    assert scene.pods == [], "it has not tried again yet"
    assert "ReplicaFailure" in scene.conditions("Deployment", "aim-chat")
    scene.after(1000)
    assert scene.pod.ready
    assert "ReplicaFailure" not in scene.conditions("Deployment", "aim-chat")


def test_a_changed_annotation_makes_it_try_at_once_and_rolls_nothing(scene: Scene) -> None:
    scene.script.refuse("aim-chat", QUOTA)
    scene.make(deployment())
    for seconds in (0, 10, 100, 100):
        scene.after(seconds)
    scene.script.allow("aim-chat")
    about = {"metadata": {"annotations": {"aim.silogen.ai/try-again": "1"}}}
    scene.store.patch(Address("Deployment", HOME, "aim-chat"), about, manager="ann")
    scene.after()
    assert scene.pod.ready
    assert len(scene.names("ReplicaSet")) == 1


def test_a_deadline_passes_and_is_forgotten_once_a_pod_is_ready(scene: Scene) -> None:
    scene.script.pods(
        "aim-chat", cannot_be_scheduled("0/1 nodes are available: 1 Insufficient amd.com/gpu.", until=900)
    )
    scene.make(deployment())
    scene.after()
    assert scene.conditions("Deployment", "aim-chat")["Available"][0] == "True", "one of one may be unavailable"
    scene.after(600)
    assert scene.conditions("Deployment", "aim-chat")["Progressing"][0] == "True"
    scene.after(1)
    assert scene.conditions("Deployment", "aim-chat")["Progressing"][:2] == ("False", "ProgressDeadlineExceeded")
    scene.after(298)
    assert scene.conditions("Deployment", "aim-chat")["Progressing"][0] == "False"
    assert scene.pod.scheduled is False
    scene.after(1)
    assert scene.pod.ready
    assert scene.conditions("Deployment", "aim-chat")["Progressing"][:2] == ("True", "NewReplicaSetAvailable")


def test_a_crash_after_the_rollout_leaves_it_complete(scene: Scene) -> None:
    scene.make(deployment())
    scene.after()
    scene.controllers.strike(Address("Pod", HOME, scene.pod.name), crashes(after=1))
    scene.after(1)
    assert not scene.pod.ready
    scene.after(3600)
    assert scene.conditions("Deployment", "aim-chat")["Progressing"][:2] == ("True", "NewReplicaSetAvailable")


def test_an_evicted_pod_stays_as_a_finished_one_and_is_replaced(scene: Scene) -> None:
    scene.script.pods("aim-chat", is_evicted("Usage of EmptyDir volume exceeds the limit. ", after=60), runs())
    scene.make(deployment())
    scene.after()
    scene.after(60)
    [finished] = [pod for pod in scene.pods if pod.phase == "Failed"]
    assert (finished.reason, finished.message) == ("Evicted", "Usage of EmptyDir volume exceeds the limit. ")
    [living] = counting(scene.pods, "aim-chat")
    assert (living.ready, living.restarts) == (True, 0)


def test_a_lost_node_makes_its_pod_unready_and_later_sends_it_away(scene: Scene) -> None:
    scene.script.grace = 60
    scene.script.pods("aim-chat", loses_its_node(after=10), runs())
    scene.make(deployment())
    scene.after()
    scene.after(10)
    assert (scene.pod.ready, scene.pod.deleting) == (False, False)
    scene.after(300)
    assert sorted((pod.deleting, pod.ready) for pod in scene.pods) == [(False, True), (True, False)]


def test_nobody_schedules_and_nobody_says_so(scene: Scene) -> None:
    scene.script.pods("aim-chat", nobody_schedules())
    scene.make(deployment())
    scene.after(3000)
    assert (scene.pod.scheduled, scene.pod.phase, scene.events()) == (None, "Pending", [])


def test_a_pod_waits_for_its_claim(scene: Scene) -> None:
    body = deployment()
    volume = {"name": "weights", "persistentVolumeClaim": {"claimName": "weights"}}
    body["spec"]["template"]["spec"]["volumes"] = [volume]
    scene.make(body)
    scene.after()
    assert scene.pod.unscheduled == '0/1 nodes are available: persistentvolumeclaim "weights" not found. not found'
    about = {"name": "weights", "namespace": HOME}
    scene.make({"apiVersion": "v1", "kind": "PersistentVolumeClaim", "metadata": about, "spec": {}})
    scene.after(5)
    assert scene.pod.ready
    scene.delete("PersistentVolumeClaim", "weights")
    assert scene.names("PersistentVolumeClaim") == ["weights"], "a pod mounts it"
    scene.delete("Deployment", "aim-chat")
    scene.after()
    assert scene.names("PersistentVolumeClaim") == []


def test_min_ready_seconds_count_where_a_scenario_wants_them_to(scene: Scene) -> None:
    scene.script.at_once = False
    scene.make(deployment())
    scene.after()
    assert "availableReplicas" not in scene.get("Deployment", "aim-chat")["status"]
    scene.after(5)
    assert scene.get("Deployment", "aim-chat")["status"]["availableReplicas"] == 1


def test_percentages_and_recreate(scene: Scene) -> None:
    body = deployment(replicas=4)
    body["spec"]["strategy"] = {"type": "Recreate"}
    scene.make(body)
    scene.after()
    scene.script.pods("aim-chat", runs(loads=10))
    body["spec"]["template"]["spec"]["containers"][0]["image"] = "aim:2"
    scene.change("Deployment", "aim-chat", template=body["spec"]["template"])
    scene.after()
    assert [pod.ready for pod in scene.pods] == [False] * 4
    scene.after(10)
    scene.change("Deployment", "aim-chat", strategy={"type": "RollingUpdate"})
    body["spec"]["template"]["spec"]["containers"][0]["image"] = "aim:3"
    scene.change("Deployment", "aim-chat", template=body["spec"]["template"])
    scene.after()
    assert sum(pod.ready for pod in scene.pods) == 3, "a quarter may be away"
    assert len(scene.pods) == 5, "and a quarter more be there"


def test_time_only_goes_on(scene: Scene) -> None:
    scene.after(5)
    with pytest.raises(ValueError, match="expected time to go on"):
        scene.after(-1)


def test_a_pod_that_stood_before_gets_the_fate_of_its_owner(scene: Scene) -> None:
    scene.make(
        {
            "apiVersion": "v1",
            "kind": "Pod",
            "metadata": {"name": "alone", "namespace": HOME},
            "spec": {"containers": []},
        }
    )
    scene.after()
    assert scene.get("Pod", "alone")["status"]["phase"] == "Running"
