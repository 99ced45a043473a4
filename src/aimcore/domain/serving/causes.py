"""Why pods are not ready, in the words of pods, Deployment and events: what is seen becomes findings (STAT-2)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from aimcore.domain.serving.deployment import DEADLINE_AFTER_STARTUP
from aimcore.domain.serving.masking import crash_text, masked
from aimcore.domain.serving.pods import (
    Ended,
    ObservedDeployment,
    ObservedPod,
    counting,
    is_finished,
    is_ready,
    owned,
)
from aimcore.domain.serving.reasons import Finding, Reason
from aimcore.domain.serving.sentences import (
    config_sentence,
    is_passing_pull,
    is_quota,
    pull_sentence,
    refusal_sentence,
    unschedulable_sentence,
)
from aimcore.domain.values.times import duration_text

__all__ = ["PodFindings", "Workload", "asks_for_events", "begins_within", "pod_findings"]

_CRASHES_FROM: Final = 3
_SILENT_AT_MOST: Final = 60
_MADE_WITHIN: Final = 30
"""Seconds after which a container that does not begin is stuck, or its image is large."""
_PULL_FAULTS: Final = frozenset(
    {"ErrImagePull", "ImagePullBackOff", "ErrImageNeverPull", "InvalidImageName", "RegistryUnavailable"}
)
_CONFIG_FAULTS: Final = frozenset({"CreateContainerConfigError", "CreateContainerError", "RunContainerError"})
_START_FAULTS: Final = frozenset({"StartError", "ContainerCannotRun"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Workload:
    """What is seen of a service's pods, and what it takes to read it.

    `revision` is the one that is wanted, `replicas` the number. `startup_timeout` and `grace` are the seconds that a
    container may take to start and to end. `now` is in seconds since 1970. With `crash_text` off no word of a container is
    shown.
    """

    deployment: ObservedDeployment | None
    pods: tuple[ObservedPod, ...] = ()
    revision: str = ""
    replicas: int = 1
    startup_timeout: int = 3600
    grace: int = 120
    scheduler: str | None = None
    now: int = 0
    crash_text: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class PodFindings:
    """What was found, how many pods are ready, and after how many seconds time alone would tell more (None: never)."""

    findings: tuple[Finding, ...]
    ready: int
    again_in: int | None = None


def pod_findings(seen: Workload) -> PodFindings:
    """All that the pods of a service say. A Deployment that is on its way out counts as none."""
    deployment = seen.deployment
    if deployment is None or deployment.deleting:
        message = "the Deployment is being made" if deployment is None else "the old Deployment is on its way out"
        return PodFindings(findings=(Finding(reason=Reason.CREATING_RUNTIME, message=message),), ready=0)
    pods = counting(seen.pods, deployment.name)
    leaving = [pod.name for pod in owned(seen.pods, deployment.name) if pod.deleting and not is_finished(pod)]
    each = [(pod, _cause(pod, seen, leaving=leaving)) for pod in pods if not is_ready(pod)]
    ready = [pod for pod in pods if is_ready(pod)]
    causes = [cause for _, cause in each]
    causes += _refused(deployment, leaving=leaving)
    causes += _deadline(seen, deployment, unready=[pod for pod, _ in each], causes=causes, ready=ready)
    causes += _counted(seen, deployment, ready=ready, causes=causes)
    return PodFindings(findings=tuple(causes), ready=len(ready), again_in=begins_within(pods, seen.now))


# One pod --------------------------------------------------------------------------------------------------------------


def _cause(pod: ObservedPod, seen: Workload, *, leaving: list[str]) -> Finding:
    """Why this pod is not ready: the first that applies."""
    waiting = pod.waiting.reason if pod.waiting else ""
    if waiting in _PULL_FAULTS:
        return _pull(pod)
    if waiting in _CONFIG_FAULTS or (pod.ended and pod.ended.reason in _START_FAULTS):
        return _found(Reason.CONTAINER_CONFIG_INVALID, pod, config_sentence(_told(pod)))
    if pod.ended and pod.restarts >= _CRASHES_FROM and pod.ended.seconds < seen.startup_timeout:
        return _crash(pod, pod.ended, seen=seen)
    if pod.scheduled is False:
        return _unplaced(pod, leaving=leaving)
    if pod.running or pod.ended:
        return _found(Reason.LOADING_MODEL, pod, _loading(pod, seen))
    if pod.scheduled is None and seen.now - pod.created >= _SILENT_AT_MOST:
        return _found(Reason.UNSCHEDULABLE, pod, _silent(seen))
    return _creating(pod)


def _found(reason: Reason, pod: ObservedPod, sentence: str) -> Finding:
    return Finding(reason=reason, message=f"pod {pod.name}: {sentence}")


def _told(pod: ObservedPod) -> str:
    """What the waiting reason says, else the end that came before it."""
    if pod.waiting and pod.waiting.reason in _CONFIG_FAULTS:
        return pod.waiting.message
    return pod.ended.message if pod.ended else ""


def _pull(pod: ObservedPod) -> Finding:
    message = pod.waiting.message if pod.waiting else ""
    reason = Reason.PULLING_IMAGE if is_passing_pull(message) else Reason.IMAGE_PULL_FAILED
    secrets = _event(pod, "FailedToRetrieveImagePullSecret")
    more = f"; {masked(secrets)}" if secrets else ""
    return _found(reason, pod, f"{pull_sentence(message)}{more}")


def _unplaced(pod: ObservedPod, *, leaving: list[str]) -> Finding:
    if leaving:
        return _found(Reason.CREATING_RUNTIME, pod, f"waits for the place of {leaving[0]}, which is ending")
    if pod.nominated:
        return _found(Reason.UNSCHEDULABLE, pod, "waits until pods of lower priority have made room")
    return _found(Reason.UNSCHEDULABLE, pod, unschedulable_sentence(pod.unscheduled))


def _silent(seen: Workload) -> str:
    return (
        f"no scheduler has said anything for {duration_text(_SILENT_AT_MOST)}; check that a scheduler "
        f"{seen.scheduler or 'default-scheduler'} runs (pod.schedulerName), and look at the events of the pod's claim"
    )


def _creating(pod: ObservedPod) -> Finding:
    pulling = next((event.reason for event in reversed(pod.events) if event.reason in {"Pulling", "Pulled"}), "")
    mount = _event(pod, "FailedMount")
    if pulling == "Pulling":
        return _found(Reason.PULLING_IMAGE, pod, "the image is being pulled, or waits for another on that node")
    if mount:
        return _found(Reason.CREATING_RUNTIME, pod, f"a volume cannot be mounted: {masked(mount)}")
    return _found(Reason.CREATING_RUNTIME, pod, "is being made")


def _event(pod: ObservedPod, reason: str) -> str:
    """The message of the newest event of that reason, empty where there is none."""
    return next((event.message for event in reversed(pod.events) if event.reason == reason), "")


# Containers that end --------------------------------------------------------------------------------------------------


def _crash(pod: ObservedPod, ended: Ended, *, seen: Workload) -> Finding:
    if ended.reason == "OOMKilled":
        what = "the container needed more memory than its limit; raise resources.limits.memory, in which shared memory counts"
        return _found(Reason.OUT_OF_MEMORY, pod, what)
    return _found(Reason.CONTAINER_CRASHES, pod, f"the container ends again and again, {_end(pod, ended, seen=seen)}")


def _end(pod: ObservedPod, ended: Ended, *, seen: Workload) -> str:
    killed = _event(pod, "Killing")
    probe = next((f"; its {name} probe failed" for name in ("startup", "liveness") if f"{name} probe" in killed), "")
    words = crash_text(ended.message) if seen.crash_text else ""
    return f"last with exit code {ended.exit_code} ({ended.reason}){probe}" + (f": {words}" if words else "")


def _is_killed_while_starting(pod: ObservedPod, seen: Workload) -> bool:
    """Whether the startup probe ended the run before: it ran as long as it may take to start, and not much longer."""
    if pod.ended is None or pod.started:
        return False
    longest = seen.startup_timeout + seen.grace + _SILENT_AT_MOST
    return seen.startup_timeout <= pod.ended.seconds <= longest


def _loading(pod: ObservedPod, seen: Workload) -> str:
    if _is_killed_while_starting(pod, seen):
        limit = duration_text(seen.startup_timeout)
        return f"it did not answer /health within {limit} and was started again; raise pod.startupTimeout"
    if pod.ended is None:
        return "runs and does not answer /health" if pod.started else "loads the model"
    if pod.ended.reason == "OOMKilled":
        return "was started again after it needed more memory than its limit"
    return f"was started again, {_end(pod, pod.ended, seen=seen)}"


# All pods together ----------------------------------------------------------------------------------------------------


def _refused(deployment: ObservedDeployment, *, leaving: list[str]) -> Iterator[Finding]:
    if deployment.refusal is None:
        return
    if leaving and is_quota(deployment.refusal):
        message = f"the next pod waits for the place of {leaving[0]}, which is ending"
        yield Finding(reason=Reason.CREATING_RUNTIME, message=message)
        return
    yield Finding(reason=Reason.PODS_REFUSED, message=f"no pod is made: {refusal_sentence(deployment.refusal)}")


def _deadline(
    seen: Workload,
    deployment: ObservedDeployment,
    *,
    unready: list[ObservedPod],
    causes: list[Finding],
    ready: list[ObservedPod],
) -> Iterator[Finding]:
    """The deadline counts where nothing is loading for the first time and no pod merely waits for a node."""
    loading = any(pod.running and not pod.started and not _is_killed_while_starting(pod, seen) for pod in unready)
    unplaced = any(cause.reason is Reason.UNSCHEDULABLE for cause in causes)
    if not deployment.deadline_passed or _lags(deployment) or loading or unplaced:
        return
    within = duration_text(seen.startup_timeout + DEADLINE_AFTER_STARTUP)
    why = f"; {causes[0].message}" if causes else ""
    if any(pod.revision != seen.revision for pod in ready):
        yield Finding(reason=Reason.ROLLOUT_STUCK, message=f"the new pods were not ready within {within}{why}")
    else:
        yield Finding(reason=Reason.PROGRESS_DEADLINE_EXCEEDED, message=f"not ready within {within}{why}")


def _counted(
    seen: Workload, deployment: ObservedDeployment, *, ready: list[ObservedPod], causes: list[Finding]
) -> Iterator[Finding]:
    """What the numbers say: a rollout that is under way, too few pods, none wanted, or none yet."""
    old = sum(pod.revision != seen.revision for pod in ready)
    if not seen.replicas:
        yield Finding(reason=Reason.SCALED_TO_ZERO, message="spec.replicas is 0")
    if ready and (old or _lags(deployment) or not seen.replicas):
        message = (
            f"{old} of {len(ready)} ready pods are of the revision before" if old else "the Deployment is changing"
        )
        yield Finding(reason=Reason.ROLLING_OUT, message=message)
    if 0 < len(ready) < seen.replicas:
        why = f"; {causes[0].message}" if causes else _evicted(seen, deployment)
        yield Finding(
            reason=Reason.REPLICAS_UNAVAILABLE, message=f"{len(ready)} of {seen.replicas} pods are ready{why}"
        )
    if not ready and not causes and seen.replicas:
        yield Finding(reason=Reason.CREATING_RUNTIME, message=f"the pods are being made{_evicted(seen, deployment)}")


def _evicted(seen: Workload, deployment: ObservedDeployment) -> str:
    """What the newest pod says that was evicted; without it nobody could tell why pods come and go."""
    gone = [pod for pod in owned(seen.pods, deployment.name) if is_finished(pod)]
    told = [(pod.created, pod.name, pod.message or _event(pod, "Evicted")) for pod in gone]
    last = max((one for one in told if one[2]), default=None)
    return f"; pod {last[1]} was evicted: {masked(last[2]).strip()}" if last else ""


def _lags(deployment: ObservedDeployment) -> bool:
    return deployment.observed_generation < deployment.generation


def begins_within(pods: Iterable[ObservedPod], now: int) -> int | None:
    """When time alone tells more of these pods: that no scheduler says anything, or that a container does not begin."""
    waits = [
        (_SILENT_AT_MOST if pod.scheduled is None else _MADE_WITHIN) - (now - pod.created)
        for pod in pods
        if not is_finished(pod) and pod.scheduled is not False and not pod.running and pod.ended is None
    ]
    return min((seconds for seconds in waits if seconds > 0), default=None)


# Causes that stand in events alone ------------------------------------------------------------------------------------


def asks_for_events(pod: ObservedPod, now: int) -> bool:
    """Whether what keeps a pod may stand in its events alone: a probe that kills it, a secret to pull with that is missing, a
    volume that cannot be mounted, an eviction that ended well. `now` is in seconds since 1970.
    """
    if is_finished(pod):
        return pod.phase == "Succeeded" and bool(pod.template_hash) and not pod.message
    if pod.ready or pod.deleting or pod.scheduled is not True:
        return False
    if pod.ended is not None or (pod.waiting is not None and pod.waiting.reason in _PULL_FAULTS):
        return True
    return not pod.running and now - pod.created >= _MADE_WITHIN
