"""Each situation that was recorded on a real node, as the Deployment, its pods and their events said it there."""

from __future__ import annotations

from typing import Any

import pytest

from aimcore.domain.kinds.diagnostics import ObjectEvent
from aimcore.domain.kinds.statuses import Verdict
from aimcore.domain.serving.causes import Workload, pod_findings
from aimcore.domain.serving.pods import Ended, Waiting
from aimcore.domain.serving.reasons import Reason
from aimcore.domain.serving.word import ServiceWord, service_word
from tests.unit.domain.serving.builders import NOW, deployment, pod, ready_pod, seen

FORBIDDEN = 'pods "aim-chat-5f-x" is forbidden: '
TAIL = ". no new claims to deallocate, preemption: 0/1 nodes are available: 1 "
PULL = 'failed to pull and unpack image "r/i:1": '
HEAD = f"{PULL}failed to resolve image: unexpected status from HEAD request to https://r/v2/i: "


def word(workload: Workload) -> ServiceWord:
    found = pod_findings(workload)
    return service_word(found.findings, ready=found.ready)


def says(workload: Workload, verdict: Verdict, reason: Reason, *parts: str) -> None:
    said = word(workload)
    assert (said.verdict, said.reason) == (verdict, reason), said.message
    for part in parts:
        assert part in said.message


def refused(message: str, **fields: Any) -> Workload:
    return seen(deployment=deployment(refusal=FORBIDDEN + message, **fields))


def unplaced(why: str, **fields: Any) -> Workload:
    return seen(pod(scheduled=False, unscheduled=f"0/1 nodes are available: {why}", **fields))


def waits(reason: str, message: str = "", **fields: Any) -> Workload:
    return seen(pod(waiting=Waiting(reason=reason, message=message), **fields))


def ended(reason: str = "Error", code: int = 1, *, seconds: int = 3, message: str = "") -> Ended:
    return Ended(reason=reason, exit_code=code, seconds=seconds, message=message)


# 1. No pod is made ----------------------------------------------------------------------------------------------------


@pytest.mark.rule("STAT-2", "RUN-7", "RUN-9")
@pytest.mark.parametrize(
    ("message", "advice"),
    [
        pytest.param(
            "exceeded quota: q, requested: requests.amd.com/gpu=1, used: requests.amd.com/gpu=2, limited: 2",
            "raise the quota, or ask for less in resources",
            id="a quota is used up",
        ),
        pytest.param(
            "failed quota: q: must specify limits.memory for: aim", "set resources", id="a quota wants limits"
        ),
        pytest.param(
            "maximum memory usage per Container is 100Mi, but limit is 2Gi",
            "set resources within the LimitRange",
            id="a limit range",
        ),
        pytest.param(
            'violates PodSecurity "restricted:latest": runAsNonRoot != true (pod or container "aim" must set ...)',
            "set pod.containerSecurityContext: {runAsNonRoot: true, runAsUser: ..., capabilities: {drop: [ALL]}}",
            id="pod security",
        ),
        pytest.param(
            'error looking up service account ml/x: serviceaccount "x" not found',
            "set serviceAccountName",
            id="the account",
        ),
        pytest.param("no PriorityClass with name p was found", "set pod.priorityClassName", id="the priority class"),
        pytest.param('pod rejected: RuntimeClass "r" not found', "set pod.runtimeClassName", id="the runtime class"),
        pytest.param("an admission webhook said no", "no pod is made: an admission webhook said no", id="a webhook"),
    ],
)
def test_pods_that_are_refused(message: str, advice: str) -> None:
    says(refused(message), Verdict.STARTING, Reason.PODS_REFUSED, f"no pod is made: {message}", advice)
    assert "aim-chat-5f-x" not in word(refused(message)).message


@pytest.mark.rule("STAT-2", "RUN-12")
def test_a_quota_that_the_pod_before_still_holds_is_no_fault() -> None:
    quota = deployment(refusal=f"{FORBIDDEN}exceeded quota: q")
    says(
        seen(ready_pod(deleting=True), deployment=quota),
        Verdict.STARTING,
        Reason.CREATING_RUNTIME,
        "waits for the place of aim-chat-5f-r, which is ending",
    )
    other = deployment(refusal=f"{FORBIDDEN}no PriorityClass with name p was found")
    says(seen(ready_pod(deleting=True), deployment=other), Verdict.STARTING, Reason.PODS_REFUSED)


# 2. The pod is not placed ---------------------------------------------------------------------------------------------


@pytest.mark.rule("STAT-2")
@pytest.mark.parametrize(
    ("why", "shown", "advice"),
    [
        pytest.param(
            f"1 Insufficient amd.com/gpu{TAIL}No preemption victims found for incoming pod.",
            "1 Insufficient amd.com/gpu",
            "what fits is taken; free it",
            id="GPUs are busy",
        ),
        pytest.param(
            f"1 Insufficient amd.com/gpu{TAIL}Preemption is not helpful for scheduling.",
            "1 Insufficient amd.com/gpu",
            "no node is big enough",
            id="more GPUs than any node has",
        ),
        pytest.param(
            "1 Insufficient memory. preemption: 0/1 ...", "1 Insufficient memory", "what fits is taken", id="memory"
        ),
        pytest.param(
            f"1 node(s) didn't match Pod's node affinity/selector{TAIL}Preemption is not helpful for scheduling.",
            "1 node(s) didn't match Pod's node affinity/selector",
            "no node is what template, pod.nodeSelector and pod.affinity ask for",
            id="affinity or selector",
        ),
        pytest.param(
            f"1 node(s) didn't match pod affinity rules{TAIL}x",
            "1 node(s) didn't match pod affinity rules",
            "its volume is ReadWriteOnce and on another node",
            id="the node of the volume",
        ),
        pytest.param(
            f"1 node(s) were unschedulable{TAIL}Preemption is not helpful for scheduling.",
            "1 node(s) were unschedulable",
            "the nodes are cordoned; uncordon one",
            id="cordoned",
        ),
        pytest.param(
            f"1 node(s) had untolerated taint(s){TAIL}x",
            "1 node(s) had untolerated taint(s)",
            "set pod.tolerations",
            id="taint",
        ),
        pytest.param(
            'persistentvolumeclaim "c" not found. not found',
            'persistentvolumeclaim "c" not found',
            "create the claim",
            id="no claim",
        ),
        pytest.param(
            'persistentvolumeclaim "c" is being deleted. not found',
            'persistentvolumeclaim "c" is being deleted',
            "wait until the claim is gone",
            id="a claim on its way out",
        ),
        pytest.param(
            "pod has unbound immediate PersistentVolumeClaims. not found",
            "pod has unbound immediate PersistentVolumeClaims",
            "look at the events of the claim",
            id="a claim without a volume",
        ),
        pytest.param(
            f"1 node(s) didn't match PersistentVolume's node affinity{TAIL}x",
            "1 node(s) didn't match PersistentVolume's node affinity",
            "its volume is on another node",
            id="a volume on another node",
        ),
        pytest.param(
            "1 node(s) unavailable due to PersistentVolumeClaim with ReadWriteOncePod access mode already in-use by another pod",
            "ReadWriteOncePod",
            "another pod uses the volume",
            id="a volume for one pod",
        ),
        pytest.param(
            f"1 Insufficient amd.com/gpu, 2 node(s) had untolerated taint(s){TAIL}Preemption is not helpful, "
            "2 No preemption victims found",
            "2 node(s) had untolerated taint(s)",
            "what fits is taken",
            id="several ways at once",
        ),
        pytest.param("1 of a new kind", "1 of a new kind", "", id="what nobody has seen"),
    ],
)
def test_pods_that_are_not_placed(why: str, shown: str, advice: str) -> None:
    says(
        unplaced(why),
        Verdict.STARTING,
        Reason.UNSCHEDULABLE,
        "pod aim-chat-5f-a: 0/1 nodes are available: ",
        shown,
        advice,
    )
    message = word(unplaced(why)).message
    assert "reemption" not in message
    assert ". not found" not in message


@pytest.mark.rule("STAT-2")
def test_a_pod_that_makes_room_by_its_priority() -> None:
    workload = unplaced("1 Insufficient amd.com/gpu.", nominated=True)
    says(workload, Verdict.STARTING, Reason.UNSCHEDULABLE, "waits until pods of lower priority have made room")


@pytest.mark.rule("STAT-2", "RUN-12")
def test_a_successor_that_waits_for_the_gpu_of_the_pod_before_is_no_fault() -> None:
    waiting = pod(scheduled=False, unscheduled="0/1 nodes are available: 1 Insufficient amd.com/gpu.")
    says(
        seen(waiting, ready_pod(deleting=True)),
        Verdict.STARTING,
        Reason.CREATING_RUNTIME,
        "waits for the place of aim-chat-5f-r, which is ending",
    )


@pytest.mark.rule("STAT-2")
@pytest.mark.parametrize(
    ("age", "reason", "again"),
    [
        pytest.param(5, Reason.CREATING_RUNTIME, 55, id="at first"),
        pytest.param(59, Reason.CREATING_RUNTIME, 1, id="just before a minute"),
        pytest.param(60, Reason.UNSCHEDULABLE, None, id="after a minute"),
    ],
)
def test_a_scheduler_that_says_nothing(age: int, reason: Reason, again: int | None) -> None:
    workload = seen(pod(scheduled=None, created=NOW - age), scheduler="mine")
    says(workload, Verdict.STARTING, reason)
    assert pod_findings(workload).again_in == again
    if reason is Reason.UNSCHEDULABLE:
        says(
            workload,
            Verdict.STARTING,
            reason,
            "no scheduler has said anything for 1m; check that a scheduler mine runs",
        )
        unnamed = seen(pod(scheduled=None, created=NOW - age))
        says(unnamed, Verdict.STARTING, reason, "a scheduler default-scheduler runs", "the events of the pod's claim")


# 4. The container does not start --------------------------------------------------------------------------------------


@pytest.mark.rule("STAT-2")
@pytest.mark.parametrize(
    ("events", "reason", "sentence"),
    [
        pytest.param((), Reason.CREATING_RUNTIME, "is being made", id="nobody asked for events"),
        pytest.param((("Pulling", "x"),), Reason.PULLING_IMAGE, "the image is being pulled", id="the image is pulled"),
        pytest.param((("Pulling", "x"), ("Pulled", "x")), Reason.CREATING_RUNTIME, "is being made", id="it was pulled"),
        pytest.param(
            (("FailedMount", "first"), ("FailedMount", 'MountVolume.SetUp failed for volume "pv" : why')),
            Reason.CREATING_RUNTIME,
            'a volume cannot be mounted: MountVolume.SetUp failed for volume "pv" : why',
            id="a volume cannot be mounted",
        ),
    ],
)
def test_containers_that_are_being_made(events: tuple[tuple[str, str], ...], reason: Reason, sentence: str) -> None:
    told = tuple(ObjectEvent(reason=name, message=text) for name, text in events)
    says(waits("ContainerCreating", events=told), Verdict.STARTING, reason, f"pod aim-chat-5f-a: {sentence}")


@pytest.mark.rule("STAT-2")
@pytest.mark.parametrize(
    ("message", "advice"),
    [
        pytest.param(
            f"rpc error: code = NotFound desc = {PULL}failed to resolve image: r/i:1: not found",
            "the registry has no such image",
            id="no such tag",
        ),
        pytest.param(
            f"{PULL}failed to resolve image: pull access denied, repository does not exist or may require authorization: "
            "authorization failed: no basic auth credentials",
            "check that imagePullSecrets",
            id="no credentials",
        ),
        pytest.param(f"{HEAD}401 Unauthorized", "check that imagePullSecrets", id="wrong credentials"),
        pytest.param(
            f"{PULL}failed to authorize: failed to fetch oauth token: x",
            "check that imagePullSecrets",
            id="a token server",
        ),
        pytest.param(f"{HEAD}403 Forbidden", "check that imagePullSecrets", id="forbidden"),
        pytest.param(
            f'{PULL}failed to do request: Head "https://r": dial tcp: lookup r: no such host',
            "check its name",
            id="no such host",
        ),
        pytest.param(
            f'{PULL}failed to do request: Head "https://r": dial tcp 10.0.0.1:443: connect: connection refused',
            "cannot reach the registry",
            id="nobody listens",
        ),
        pytest.param(
            f'{PULL}failed to do request: Head "https://r": http: server gave HTTP response to HTTPS client',
            "speaks plain HTTP",
            id="plain HTTP",
        ),
    ],
)
def test_images_that_cannot_be_pulled(message: str, advice: str) -> None:
    first = waits("ErrImagePull", message)
    says(first, Verdict.FAILED, Reason.IMAGE_PULL_FAILED, "failed to pull and unpack image", advice)
    later = waits("ImagePullBackOff", f'Back-off pulling image "r/i:1": ErrImagePull: {message}')
    assert word(later) == word(first)


@pytest.mark.rule("STAT-2")
@pytest.mark.parametrize(
    "message",
    [
        pytest.param(f"{HEAD}429 Too Many Requests", id="a rate limit"),
        pytest.param(f"{HEAD}500 Internal Server Error", id="a fault of the registry"),
        pytest.param(f'{PULL}failed to do request: Head "https://r": dial tcp: lookup r: i/o timeout', id="a timeout"),
        pytest.param(f'{PULL}failed to do request: Head "https://r": EOF', id="a connection that broke"),
    ],
)
def test_a_registry_that_only_has_a_bad_moment(message: str) -> None:
    says(waits("ImagePullBackOff", message), Verdict.STARTING, Reason.PULLING_IMAGE, "failed to pull and unpack image")


@pytest.mark.rule("STAT-2")
def test_an_image_that_nobody_may_pull_and_a_secret_that_is_missing() -> None:
    never = 'Container image "r/i:1" is not present with pull policy of Never'
    says(
        waits("ErrImageNeverPull", never),
        Verdict.FAILED,
        Reason.IMAGE_PULL_FAILED,
        never,
        "load the image onto the nodes",
    )
    secrets = "Unable to retrieve some image pull secrets (s); attempting to pull the image may not succeed."
    events = (ObjectEvent(reason="FailedToRetrieveImagePullSecret", message=secrets),)
    denied = waits("ErrImagePull", f"{PULL}no basic auth credentials", events=events)
    says(denied, Verdict.FAILED, Reason.IMAGE_PULL_FAILED, "check that imagePullSecrets", secrets)


@pytest.mark.rule("STAT-2")
@pytest.mark.parametrize(
    ("reason", "message", "advice"),
    [
        pytest.param("CreateContainerConfigError", 'secret "s" not found', "create the secret", id="no secret"),
        pytest.param("CreateContainerConfigError", "couldn't find key k in Secret ml/s", "add the key", id="no key"),
        pytest.param(
            "CreateContainerConfigError", 'configmap "c" not found', "create the config map", id="no config map"
        ),
        pytest.param(
            "CreateContainerConfigError",
            'container has runAsNonRoot and image will run as root (pod: "x", container: aim)',
            "set pod.containerSecurityContext.runAsUser",
            id="an image that is root",
        ),
        pytest.param(
            "RunContainerError",
            'failed to create containerd task: exec: "x": stat x: no such file or directory',
            "it is not an AIM image",
            id="no such command",
        ),
    ],
)
def test_containers_that_cannot_be_configured(reason: str, message: str, advice: str) -> None:
    says(waits(reason, message), Verdict.FAILED, Reason.CONTAINER_CONFIG_INVALID, message, advice)


@pytest.mark.rule("STAT-2")
def test_a_command_that_is_missing_stays_so_while_it_waits_for_the_restart() -> None:
    missing = ended("StartError", 128, message='exec: "x": stat x: no such file or directory')
    for waiting in (Waiting(reason="CrashLoopBackOff", message="back-off 10s restarting"), None):
        workload = seen(pod(waiting=waiting, ended=missing, restarts=1))
        says(workload, Verdict.FAILED, Reason.CONTAINER_CONFIG_INVALID, "it is not an AIM image")
