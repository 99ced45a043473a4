"""Containers that start and end, Deployments that take too long, and the numbers: as a real node told them."""

from __future__ import annotations

from typing import Any

import pytest

from aimcore.domain.kinds.diagnostics import ObjectEvent
from aimcore.domain.kinds.statuses import Verdict
from aimcore.domain.serving.causes import Workload, pod_findings
from aimcore.domain.serving.pods import (
    Ended,
    ObservedDeployment,
    ObservedPod,
    Runtime,
    Waiting,
    counting,
    is_ready,
    is_settled,
    runtime_of,
)
from aimcore.domain.serving.reasons import Reason
from aimcore.domain.serving.word import ServiceWord, service_word
from tests.unit.domain.serving.builders import NOW, deployment, pod, ready_pod, seen

BACK_OFF = Waiting(reason="CrashLoopBackOff", message="back-off 20s restarting failed container=aim pod=x")
LATE = deployment(deadline_passed=True)


def word(workload: Workload) -> ServiceWord:
    found = pod_findings(workload)
    return service_word(found.findings, ready=found.ready)


def says(workload: Workload, verdict: Verdict, reason: Reason, *parts: str) -> None:
    said = word(workload)
    assert (said.verdict, said.reason) == (verdict, reason), said.message
    for part in parts:
        assert part in said.message


def crashed(reason: str = "Error", code: int = 1, *, seconds: int = 3, message: str = "", **fields: Any) -> ObservedPod:
    """A pod whose container ended and waits for its restart, for the third time unless said otherwise."""
    end = Ended(reason=reason, exit_code=code, seconds=seconds, message=message)
    usual: dict[str, Any] = {"waiting": BACK_OFF, "ended": end, "restarts": 3, "phase": "Running"}
    return pod(**(usual | fields))


def loading(**fields: Any) -> ObservedPod:
    usual: dict[str, Any] = {"phase": "Running", "running": True}
    return pod(**(usual | fields))


# Crashes --------------------------------------------------------------------------------------------------------------


@pytest.mark.rule("STAT-2")
@pytest.mark.parametrize(
    ("fallen", "reason", "sentence"),
    [
        pytest.param(
            crashed(message="Traceback\nValueError: no such profile"),
            Reason.CONTAINER_CRASHES,
            "last with exit code 1 (Error): Traceback\nValueError: no such profile",
            id="an error with its last words",
        ),
        pytest.param(crashed("Completed", 0), Reason.CONTAINER_CRASHES, "exit code 0 (Completed)", id="done too early"),
        pytest.param(
            crashed("OOMKilled", 137), Reason.OUT_OF_MEMORY, "raise resources.limits.memory", id="out of memory"
        ),
        pytest.param(
            crashed(waiting=None), Reason.CONTAINER_CRASHES, "exit code 1", id="between its end and the back-off"
        ),
        pytest.param(
            crashed(waiting=None, running=True), Reason.CONTAINER_CRASHES, "exit code 1", id="while it loads once more"
        ),
        pytest.param(
            crashed(
                "Error",
                143,
                events=(
                    ObjectEvent(reason="Killing", message="Container aim failed liveness probe, will be restarted"),
                ),
            ),
            Reason.CONTAINER_CRASHES,
            "exit code 143 (Error); its liveness probe failed",
            id="killed by its liveness probe",
        ),
    ],
)
def test_a_container_that_ends_again_and_again(fallen: ObservedPod, reason: Reason, sentence: str) -> None:
    says(seen(fallen), Verdict.FAILED, reason, "pod aim-chat-5f-a: ", sentence)


@pytest.mark.rule("STAT-2", "SEC-1")
def test_the_last_words_are_masked_and_can_be_left_out() -> None:
    fallen = crashed(message="using hf_Canary1 of https://me:Canary2@hub")
    assert "Canary" not in word(seen(fallen)).message
    assert word(seen(fallen, crash_text=False)).message.endswith("last with exit code 1 (Error)")


@pytest.mark.rule("STAT-2")
@pytest.mark.parametrize(
    ("fallen", "sentence"),
    [
        pytest.param(crashed(restarts=2), "was started again, last with exit code 1 (Error)", id="only twice so far"),
        pytest.param(
            crashed("OOMKilled", 137, restarts=1),
            "was started again after it needed more memory",
            id="once out of memory",
        ),
        pytest.param(
            crashed(seconds=90_000, restarts=9), ": was started again, last with", id="after a day of good service"
        ),
        pytest.param(
            crashed("Completed", 0, seconds=3600),
            "it did not answer /health within 1h and was started again; raise pod.startupTimeout",
            id="ended by its startup probe",
        ),
        pytest.param(
            crashed("Error", 137, seconds=3720, waiting=None, running=True),
            "it did not answer /health within 1h",
            id="ended by its startup probe after draining",
        ),
        pytest.param(loading(), "loads the model", id="for the first time"),
        pytest.param(loading(started=True), "runs and does not answer /health", id="started once, and silent"),
        pytest.param(
            crashed(seconds=3650, started=True, running=True, waiting=None),
            ": was started again, last with",
            id="started since",
        ),
    ],
)
def test_a_container_that_loads(fallen: ObservedPod, sentence: str) -> None:
    says(seen(fallen), Verdict.STARTING, Reason.LOADING_MODEL, sentence)


# Evictions ------------------------------------------------------------------------------------------------------------


@pytest.mark.rule("STAT-2")
@pytest.mark.parametrize(
    "gone",
    [
        pytest.param(
            pod(
                "z",
                phase="Failed",
                reason="Evicted",
                message='Usage of EmptyDir volume "tmp" exceeds the limit "16Mi". ',
            ),
            id="told by the pod",
        ),
        pytest.param(
            pod(
                "z",
                phase="Succeeded",
                events=(
                    ObjectEvent(reason="Evicted", message='Usage of EmptyDir volume "tmp" exceeds the limit "16Mi". '),
                ),
            ),
            id="told by an event alone",
        ),
    ],
)
def test_a_pod_that_was_evicted_is_told_of_and_does_not_count(gone: ObservedPod) -> None:
    sentence = '; pod aim-chat-5f-z was evicted: Usage of EmptyDir volume "tmp" exceeds the limit "16Mi".'
    says(seen(gone), Verdict.STARTING, Reason.CREATING_RUNTIME, f"the pods are being made{sentence}")
    says(
        seen(gone, ready_pod(), replicas=2),
        Verdict.DEGRADED,
        Reason.REPLICAS_UNAVAILABLE,
        f"1 of 2 pods are ready{sentence}",
    )
    says(seen(gone, ready_pod()), Verdict.RUNNING, Reason.RUNNING)


@pytest.mark.rule("STAT-2")
def test_the_newest_eviction_is_told() -> None:
    old = pod("y", phase="Failed", message="old", created=NOW - 9)
    new = pod("b", phase="Failed", message="new", created=NOW - 1)
    silent = pod("c", phase="Succeeded", created=NOW)
    says(seen(old, new, silent), Verdict.STARTING, Reason.CREATING_RUNTIME, "pod aim-chat-5f-b was evicted: new")


# Whose pods count -----------------------------------------------------------------------------------------------------


@pytest.mark.rule("STAT-2")
@pytest.mark.parametrize(
    "other",
    [
        pytest.param(ready_pod(controller=""), id="made by hand"),
        pytest.param(ready_pod(controller="other-5f"), id="of another Deployment"),
        pytest.param(ready_pod(template_hash=""), id="without a hash"),
        pytest.param(ready_pod(deleting=True), id="on its way out"),
        pytest.param(ready_pod(phase="Succeeded"), id="finished"),
        pytest.param(ready_pod(ready=False), id="not ready"),
    ],
)
def test_only_living_pods_of_our_own_count_as_ready(other: ObservedPod) -> None:
    assert pod_findings(seen(other)).ready == 0
    assert not [one for one in counting([other], "aim-chat") if is_ready(one)]
    assert word(seen(other)).verdict is Verdict.STARTING


@pytest.mark.rule("STAT-2")
def test_a_pod_on_its_way_out_is_not_ready_though_it_says_so() -> None:
    assert [
        is_ready(ready_pod(**fields)) for fields in (dict[str, Any](), {"deleting": True}, {"phase": "Failed"})
    ] == [
        True,
        False,
        False,
    ]


@pytest.mark.rule("STAT-2", "RUN-11")
def test_the_runtime_is_counted() -> None:
    pods = [ready_pod("a"), ready_pod("b", revision="old"), loading(), ready_pod("d", deleting=True)]
    assert runtime_of(pods, deployment="aim-chat", revision="new") == Runtime(
        name="aim-chat", replicas=3, ready_replicas=2, updated_replicas=2, revision="new"
    )


@pytest.mark.rule("RUN-14")
@pytest.mark.parametrize(
    ("stands", "pods", "replicas", "settled"),
    [
        pytest.param(deployment(), [ready_pod()], 1, True, id="all ready"),
        pytest.param(deployment(), [ready_pod()], 2, False, id="one of two"),
        pytest.param(deployment(), [ready_pod("a"), ready_pod("b", revision="old")], 2, False, id="one of before"),
        pytest.param(deployment(), [], 0, True, id="none wanted"),
        pytest.param(deployment(), [ready_pod(revision="old")], 0, False, id="none wanted, one of before"),
        pytest.param(deployment(generation=3), [ready_pod()], 1, False, id="not looked at yet"),
        pytest.param(deployment(deleting=True), [ready_pod()], 1, False, id="on its way out"),
        pytest.param(deployment(), [ready_pod("a"), loading()], 1, True, id="one that loads beside"),
    ],
)
def test_when_a_rollout_is_through(
    stands: ObservedDeployment, pods: list[ObservedPod], replicas: int, *, settled: bool
) -> None:
    assert is_settled(stands, pods, revision="new", replicas=replicas) is settled


@pytest.mark.rule("STAT-2")
def test_a_deployment_that_is_not_there_yet_or_on_its_way_out() -> None:
    says(seen(deployment=None), Verdict.STARTING, Reason.CREATING_RUNTIME, "the Deployment is being made")
    going = seen(ready_pod(), deployment=deployment(deleting=True))
    says(going, Verdict.STARTING, Reason.CREATING_RUNTIME, "the old Deployment is on its way out")


# The deadline ---------------------------------------------------------------------------------------------------------


@pytest.mark.rule("STAT-2")
@pytest.mark.parametrize(
    ("workload", "verdict", "reason", "sentence"),
    [
        pytest.param(
            seen(pod(), deployment=LATE),
            Verdict.FAILED,
            Reason.PROGRESS_DEADLINE_EXCEEDED,
            "not ready within 1h10m; pod aim-chat-5f-a: is being made",
            id="a container that is not made",
        ),
        pytest.param(
            seen(deployment=LATE),
            Verdict.FAILED,
            Reason.PROGRESS_DEADLINE_EXCEEDED,
            "not ready within 1h10m",
            id="no pod",
        ),
        pytest.param(
            seen(deployment=deployment(deadline_passed=True, refusal="exceeded quota: q")),
            Verdict.FAILED,
            Reason.PROGRESS_DEADLINE_EXCEEDED,
            "not ready within 1h10m; no pod is made: exceeded quota: q",
            id="refused pods",
        ),
        pytest.param(
            seen(crashed("Completed", 0, seconds=3600), deployment=LATE),
            Verdict.FAILED,
            Reason.PROGRESS_DEADLINE_EXCEEDED,
            "raise pod.startupTimeout",
            id="ended by the startup probe, waiting",
        ),
        pytest.param(
            seen(crashed("Completed", 0, seconds=3600, running=True, waiting=None), deployment=LATE),
            Verdict.FAILED,
            Reason.PROGRESS_DEADLINE_EXCEEDED,
            "raise pod.startupTimeout",
            id="ended by the startup probe, loading once more",
        ),
        pytest.param(
            seen(loading(), deployment=LATE),
            Verdict.STARTING,
            Reason.LOADING_MODEL,
            "loads the model",
            id="one that waited for a GPU and loads now",
        ),
        pytest.param(
            seen(pod(scheduled=False, unscheduled="0/1 nodes are available: 1 Insufficient cpu"), deployment=LATE),
            Verdict.STARTING,
            Reason.UNSCHEDULABLE,
            "Insufficient cpu",
            id="one that waits for a node",
        ),
        pytest.param(
            seen(pod(), deployment=deployment(deadline_passed=True, generation=3)),
            Verdict.STARTING,
            Reason.CREATING_RUNTIME,
            "is being made",
            id="the deadline of the generation before",
        ),
        pytest.param(
            seen(pod(), ready_pod(revision="old"), deployment=LATE),
            Verdict.DEGRADED,
            Reason.ROLLOUT_STUCK,
            "the new pods were not ready within 1h10m; pod aim-chat-5f-a: is being made",
            id="a rollout beside old pods",
        ),
        pytest.param(
            seen(pod(), ready_pod(), deployment=LATE, replicas=2),
            Verdict.DEGRADED,
            Reason.PROGRESS_DEADLINE_EXCEEDED,
            "not ready within 1h10m",
            id="a second pod",
        ),
        pytest.param(
            seen(pod(scheduled=False, unscheduled="1 Insufficient cpu"), ready_pod(revision="old"), deployment=LATE),
            Verdict.DEGRADED,
            Reason.UNSCHEDULABLE,
            "Insufficient cpu",
            id="a surge without room",
        ),
    ],
)
def test_what_the_deadline_means(workload: Workload, verdict: Verdict, reason: Reason, sentence: str) -> None:
    says(workload, verdict, reason, sentence)


# The numbers ----------------------------------------------------------------------------------------------------------


@pytest.mark.rule("STAT-2")
@pytest.mark.parametrize(
    ("workload", "verdict", "reason", "sentence"),
    [
        pytest.param(seen(ready_pod()), Verdict.RUNNING, Reason.RUNNING, "all pods are ready", id="all ready"),
        pytest.param(
            seen(ready_pod(), loading(), replicas=2),
            Verdict.DEGRADED,
            Reason.REPLICAS_UNAVAILABLE,
            "1 of 2 pods are ready; pod aim-chat-5f-a: loads the model",
            id="fewer than wanted",
        ),
        pytest.param(
            seen(ready_pod(), crashed(), replicas=2),
            Verdict.DEGRADED,
            Reason.CONTAINER_CRASHES,
            "exit code 1",
            id="a cause comes before the numbers",
        ),
        pytest.param(
            seen(ready_pod("x"), ready_pod("y", revision="old"), replicas=2),
            Verdict.DEGRADED,
            Reason.ROLLING_OUT,
            "1 of 2 ready pods are of the revision before",
            id="a pod of the revision before",
        ),
        pytest.param(
            seen(ready_pod(), deployment=deployment(generation=3)),
            Verdict.DEGRADED,
            Reason.ROLLING_OUT,
            "the Deployment is changing",
            id="a Deployment that the server has not looked at",
        ),
        pytest.param(
            seen(ready_pod(), replicas=0), Verdict.DEGRADED, Reason.ROLLING_OUT, "is changing", id="on its way to zero"
        ),
        pytest.param(seen(replicas=0), Verdict.PENDING, Reason.SCALED_TO_ZERO, "spec.replicas is 0", id="at zero"),
        pytest.param(seen(), Verdict.STARTING, Reason.CREATING_RUNTIME, "the pods are being made", id="none yet"),
        pytest.param(
            seen(ready_pod("x"), ready_pod("y")), Verdict.RUNNING, Reason.RUNNING, "", id="one more than wanted"
        ),
    ],
)
def test_what_the_numbers_say(workload: Workload, verdict: Verdict, reason: Reason, sentence: str) -> None:
    says(workload, verdict, reason, sentence)


@pytest.mark.rule("STAT-2")
def test_the_order_in_which_pods_are_listed_says_nothing() -> None:
    pods = (crashed(), pod("b"), ready_pod())
    assert word(seen(*pods)) == word(seen(*pods[::-1]))
