"""What is seen of a service's Deployment and pods: the few fields of their status that tell how it is (STAT-2).

Times are whole seconds since 1970, as the adapter read them from RFC 3339.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from aimcore.domain.kinds.diagnostics import ObjectEvent

__all__ = [
    "Ended",
    "ObservedDeployment",
    "ObservedPod",
    "Runtime",
    "Waiting",
    "counting",
    "is_finished",
    "is_ready",
    "is_settled",
    "owned",
    "runtime_of",
]

FINISHED = frozenset({"Succeeded", "Failed"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """`containerStatuses[aim].state.waiting`."""

    reason: str
    message: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """`state.terminated`, else `lastState.terminated`, of the container: how it ended, and after how many seconds."""

    reason: str
    exit_code: int
    seconds: int
    message: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ObservedPod:
    """One pod that carries our label.

    `controller` is the name of the ReplicaSet in its owner references, `template_hash` its label `pod-template-hash`,
    `revision` our annotation. `scheduled` is the condition PodScheduled, None where there is none; `unscheduled` its
    message. `ready` is the condition Ready. `running` and `started` are of the container. `events` are told where somebody
    asked for them, oldest first.
    """

    name: str
    created: int = 0
    controller: str = ""
    template_hash: str = ""
    revision: str = ""
    deleting: bool = False
    phase: str = "Pending"
    reason: str = ""
    message: str = ""
    scheduled: bool | None = None
    unscheduled: str = ""
    nominated: bool = False
    ready: bool = False
    running: bool = False
    started: bool = False
    restarts: int = 0
    waiting: Waiting | None = None
    ended: Ended | None = None
    events: tuple[ObjectEvent, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ObservedDeployment:
    """The service's Deployment. `refusal` is the message of a true condition ReplicaFailure, None where there is none;
    `deadline_passed` whether Progressing is False for ProgressDeadlineExceeded. `annotations` are its own (RUN-13).
    """

    name: str
    uid: str = ""
    deleting: bool = False
    generation: int = 1
    observed_generation: int = 0
    annotations: Mapping[str, str] = field(default_factory=dict)
    refusal: str | None = None
    deadline_passed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Runtime:
    """`status.runtime`: counted pods, ready ones, those of the wanted revision, and which revision that is."""

    name: str
    replicas: int
    ready_replicas: int
    updated_replicas: int
    revision: str


def is_finished(pod: ObservedPod) -> bool:
    """Whether the pod has ended for good: evicted, or done."""
    return pod.phase in FINISHED


def is_ready(pod: ObservedPod) -> bool:
    """Whether the pod answers: its condition Ready is true, and it is not on its way out."""
    return pod.ready and not pod.deleting and not is_finished(pod)


def owned(pods: Iterable[ObservedPod], deployment: str) -> tuple[ObservedPod, ...]:
    """The pods of the Deployment's own ReplicaSets, by name. A ReplicaSet is called after its Deployment and its hash."""
    mine = (pod for pod in pods if pod.template_hash and pod.controller == f"{deployment}-{pod.template_hash}")
    return tuple(sorted(mine, key=lambda pod: pod.name))


def counting(pods: Iterable[ObservedPod], deployment: str) -> tuple[ObservedPod, ...]:
    """The pods that count: of our own ReplicaSets, neither finished nor terminating."""
    return tuple(pod for pod in owned(pods, deployment) if not pod.deleting and not is_finished(pod))


def is_settled(deployment: ObservedDeployment, pods: Iterable[ObservedPod], *, revision: str, replicas: int) -> bool:
    """Whether a rollout is through: the server has seen the newest Deployment, and all ready pods are of this revision.

    There are as many of them as are wanted; none may be wanted (RUN-14).
    """
    ready = [pod for pod in counting(pods, deployment.name) if is_ready(pod)]
    seen = not deployment.deleting and deployment.observed_generation >= deployment.generation
    return seen and len(ready) >= replicas and all(pod.revision == revision for pod in ready)


def runtime_of(pods: Iterable[ObservedPod], *, deployment: str, revision: str) -> Runtime:
    """The pods counted. The Deployment's own numbers are not read: they lag, and say available where no pod is ready."""
    counted = counting(pods, deployment)
    return Runtime(
        name=deployment,
        replicas=len(counted),
        ready_replicas=sum(is_ready(pod) for pod in counted),
        updated_replicas=sum(pod.revision == revision for pod in counted),
        revision=revision,
    )
