"""Jobs, claims and routes in memory: how each ends, and with which words."""

from __future__ import annotations

from typing import Any

import pytest

from aimcore.adapters.memory.controllers import ClaimFate, GatewayAnswer
from aimcore.adapters.memory.controllers.fates import cannot_be_pulled, ends, is_evicted
from aimcore.adapters.memory.kinds import Address
from aimcore.domain.kinds.core import Child
from aimcore.domain.kinds.scope import Key, Kind
from aimcore.domain.serving.observed import observed_route
from aimcore.ports.errors import AccessDenied
from tests.unit.adapters.memory.controllers.scene import HOME, Scene, job


@pytest.fixture
def scene() -> Scene:
    return Scene()


def phases(scene: Scene) -> list[str]:
    return sorted(pod["status"]["phase"] for pod in scene.store.list("Pod")[0])


def test_without_a_script_a_job_completes_at_once(scene: Scene) -> None:
    scene.make(job())
    scene.after()
    assert scene.conditions("Job", "get-1") == dict.fromkeys(
        ("SuccessCriteriaMet", "Complete"), ("True", "CompletionsReached", "Reached expected number of succeeded pods")
    )
    assert scene.get("Job", "get-1")["status"]["succeeded"] == 1
    assert phases(scene) == ["Succeeded"]
    assert not scene.after(3600)


def test_a_job_fails_twice_and_then_the_node_is_full(scene: Scene) -> None:
    scene.script.pods("get-*", ends(10, after=5), ends(10, after=5), ends(28, after=5, message='{"cause": "DiskFull"}'))
    scene.make(job())
    scene.after()
    assert scene.get("Job", "get-1")["status"]["active"] == 1
    scene.after(5)
    assert scene.get("Job", "get-1")["status"]["failed"] == 1
    scene.after(9)
    assert phases(scene) == ["Failed"]
    scene.after(1)
    assert phases(scene) == ["Failed", "Running"]
    scene.after(5)
    scene.after(20)
    scene.after(5)
    status, reason, message = scene.conditions("Job", "get-1")["Failed"]
    assert (status, reason) == ("True", "PodFailurePolicy")
    assert message.startswith("Container get for pod ml/get-1-")
    assert message.endswith("failed with exit code 28 matching FailJob rule at index 0")
    ended = [pod["status"]["containerStatuses"][0]["state"]["terminated"] for pod in scene.store.list("Pod")[0]]
    assert {one["exitCode"]: one.get("message") for one in ended} == {10: None, 28: '{"cause": "DiskFull"}'}
    assert not scene.after(3600), "over is over"


def test_too_many_failures_end_a_job(scene: Scene) -> None:
    scene.script.pods("get-*", ends(10))
    scene.make(job(backoffLimit=2))
    for seconds in (0, 10, 20):
        scene.after(seconds)
    assert scene.conditions("Job", "get-1")["Failed"][1:] == (
        "BackoffLimitExceeded",
        "Job has reached the specified backoff limit",
    )
    assert len(phases(scene)) == 3


def test_failures_and_then_success(scene: Scene) -> None:
    scene.script.pods("get-1", ends(10), ends(10), ends(0))
    scene.make(job())
    for seconds in (0, 10, 20):
        scene.after(seconds)
    assert "Complete" in scene.conditions("Job", "get-1")
    assert scene.get("Job", "get-1")["status"]["failed"] == 2


def test_an_eviction_by_a_drain_is_not_counted(scene: Scene) -> None:
    scene.script.pods("get-1", is_evicted("drained", by_api=True), ends(0))
    scene.make(job(backoffLimit=0))
    scene.after()
    assert "Complete" in scene.conditions("Job", "get-1")


def test_a_job_whose_pods_are_refused_says_so_in_an_event_alone(scene: Scene) -> None:
    scene.script.refuse("get-*", "exceeded quota: pods")
    scene.make(job())
    scene.after()
    scene.after(60)
    told = 'Error creating: pods "get-1-xxxxx" is forbidden: exceeded quota: pods'
    assert scene.events() == [("Job", "FailedCreate", told)]
    assert scene.conditions("Job", "get-1") == {}
    scene.script.allow("get-*")
    scene.after(59)
    assert scene.names("Pod") == []
    scene.after(1)
    assert phases(scene) == ["Succeeded"]


def test_a_job_whose_image_is_bad_never_fails_by_itself(scene: Scene) -> None:
    scene.script.pods("get-1", cannot_be_pulled("not found"))
    scene.make(job())
    scene.after()
    scene.after(10_000)
    assert scene.get("Job", "get-1")["status"]["active"] == 1
    assert scene.conditions("Job", "get-1") == {}


def test_a_deadline_a_suspension_and_the_end_of_what_is_kept(scene: Scene) -> None:
    scene.script.pods("get-1", ends(0, after=100))
    scene.make(job(activeDeadlineSeconds=50, ttlSecondsAfterFinished=30, suspend=True))
    scene.after()
    assert scene.conditions("Job", "get-1")["Suspended"][:2] == ("True", "JobSuspended")
    assert scene.names("Pod") == []
    scene.change("Job", "get-1", suspend=False)
    scene.after()
    assert phases(scene) == ["Running"]
    scene.after(50)
    assert scene.conditions("Job", "get-1")["Failed"][1] == "DeadlineExceeded"
    assert scene.names("Pod") == []
    scene.after(29)
    assert scene.names("Job") == ["get-1"]
    scene.after(1)
    assert scene.names("Job") == []


# --- claims -----------------------------------------------------------------------------------------------------------


def claim(name: str = "weights") -> dict[str, Any]:
    spec = {"accessModes": ["ReadWriteMany"], "resources": {"requests": {"storage": "5Gi"}}}
    about = {"name": name, "namespace": HOME}
    return {"apiVersion": "v1", "kind": "PersistentVolumeClaim", "metadata": about, "spec": spec}


def test_a_claim_is_bound_at_once_or_later_or_never(scene: Scene) -> None:
    text = 'storageclass.storage.k8s.io "fast" not found'
    scene.script.claim("late", ClaimFate(bound_after=30, reason="WaitForFirstConsumer", note="waiting"))
    scene.script.claim("never", ClaimFate(bound_after=None, reason="ProvisioningFailed", note=text))
    for name in ("soon", "late", "never"):
        scene.make(claim(name))
    scene.after()

    def told() -> dict[str, str]:
        return {one["metadata"]["name"]: one["status"]["phase"] for one in scene.store.list("PersistentVolumeClaim")[0]}

    assert told() == {"soon": "Bound", "late": "Pending", "never": "Pending"}
    scene.after(30)
    assert told() == {"soon": "Bound", "late": "Bound", "never": "Pending"}
    assert ("PersistentVolumeClaim", "ProvisioningFailed", text) in scene.events()
    assert scene.get("PersistentVolumeClaim", "soon")["status"]["capacity"] == {"storage": "5Gi"}
    assert not scene.after(3600)


def test_a_claim_may_be_refused(scene: Scene) -> None:
    scene.script.forbid("weights", "exceeded quota: storage")
    with pytest.raises(AccessDenied, match='persistentvolumeclaims "weights" is forbidden: exceeded quota: storage'):
        scene.make(claim())
    scene.script.allow("weights")
    scene.make(claim())


# --- routes -----------------------------------------------------------------------------------------------------------


def route(scene: Scene) -> Child:
    manifest = scene.get("HTTPRoute", "aim-chat")
    return Child(key=Key(Kind.HTTP_ROUTE, HOME, "aim-chat"), spec=manifest["spec"], status=manifest.get("status"))


def answers(scene: Scene) -> list[tuple[str, str, str, int | None]]:
    return [
        (parent.ref.name, one.type, one.status.value, one.observed_generation)
        for parent in observed_route(route(scene)).parents
        for one in parent.conditions
    ]


def test_gateways_answer_for_the_routes_that_name_them(scene: Scene) -> None:
    scene.script.gateway("silent", GatewayAnswer(silent=True))
    scene.script.gateway("closed", GatewayAnswer(accepted=False, message="no listener"))
    parents = [{"name": name} for name in ("open", "silent", "closed")]
    about = {"name": "aim-chat", "namespace": HOME}
    scene.make(
        {
            "apiVersion": "gateway.networking.k8s.io/v1",
            "kind": "HTTPRoute",
            "metadata": about,
            "spec": {"parentRefs": parents},
        }
    )
    scene.after()
    assert answers(scene) == [
        ("open", "Accepted", "True", 1),
        ("open", "ResolvedRefs", "True", 1),
        ("closed", "Accepted", "False", 1),
        ("closed", "ResolvedRefs", "True", 1),
    ]
    assert not scene.after(60)
    scene.script.gateway("open", GatewayAnswer(silent=True))
    scene.script.gateway("closed", GatewayAnswer(resolved=False))
    scene.change("HTTPRoute", "aim-chat", hostnames=["chat.test"])
    scene.after()
    assert answers(scene) == [
        ("open", "Accepted", "True", 1),
        ("open", "ResolvedRefs", "True", 1),
        ("closed", "Accepted", "True", 2),
        ("closed", "ResolvedRefs", "False", 2),
    ]
    scene.store.delete(Address("HTTPRoute", HOME, "aim-chat"))
    assert not scene.after() or scene.names("HTTPRoute") == []
