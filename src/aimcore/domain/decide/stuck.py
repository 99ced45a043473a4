"""What stands in events alone: asked for one object that is stuck, and put into the sentence that tells of it (STAT-2, CACHE-9)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Final

from aimcore.domain.caching.claim import is_bound
from aimcore.domain.decide.conditions import VOLUME_READY
from aimcore.domain.kinds.conditions import Condition, ConditionType
from aimcore.domain.kinds.core import Child
from aimcore.domain.kinds.diagnostics import ObjectEvent, newest
from aimcore.domain.kinds.scope import Key, Kind
from aimcore.domain.serving.causes import asks_for_events, begins_within
from aimcore.domain.serving.masking import masked
from aimcore.domain.serving.pods import ObservedPod
from aimcore.domain.serving.sentences import refusal_sentence
from aimcore.domain.values.times import seconds_of
from aimcore.domain.view.observed import Observed
from aimcore.domain.view.plan import ReadEvents

__all__ = ["MountFault", "Stuck", "mount_fault", "refused_job", "unbound_claim", "with_events"]

STUCK_AFTER: Final = 30
"""Seconds for which a claim may wait for its volume before its events are asked for."""
_REFUSES: Final = frozenset({"ProvisioningFailed", "FailedBinding"})
_WAITS: Final = frozenset({"ExternalProvisioning", "WaitForFirstConsumer", "WaitForPodScheduled"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Stuck:
    """What is told of an object, what is asked to tell more, and after how many seconds time alone would say more."""

    condition: Condition
    questions: tuple[ReadEvents, ...] = ()
    requeue_after: int | None = None


def _asked(observed: Observed[Any], child: Child) -> tuple[ReadEvents, tuple[ObjectEvent, ...]]:
    question = ReadEvents(child.key, child.meta.uid)
    return question, observed.answer(question) or ()


def refused_job(observed: Observed[Any], job: Child, told_by: ConditionType) -> Stuck:
    """That a Job has no pod, and why the server lets none in; `told_by` is the condition that tells it."""
    question, events = _asked(observed, job)
    told = newest(events, {"FailedCreate"})
    why = (
        ": " + refusal_sentence(told.message)
        if told
        else "; a quota or an admission rule refuses it: look at the events of the Job"
    )
    return Stuck(condition=told_by("JobBlocked", f"Job {job.key.name} has no pod{why}"), questions=(question,))


def unbound_claim(observed: Observed[Any], claim: Child, wanted: str) -> Stuck:
    """Whether a claim has its volume; `wanted` says of which class and access mode."""
    if is_bound(claim):
        return Stuck(condition=VOLUME_READY("VolumeReady", claim.key.name))
    told = f"{claim.key} has no volume yet ({wanted})"
    advice = "set storage.defaultStorageClassName or storage.accessMode in the runtime config"
    silent = VOLUME_READY("VolumePending", f"{told}; where the class refuses, its events say so: {advice}")
    age = seconds_of(observed.now) - seconds_of(claim.created) if claim.created else 0
    if age < STUCK_AFTER:
        return Stuck(condition=silent, requeue_after=STUCK_AFTER - age)
    question, events = _asked(observed, claim)
    refusal, waits = newest(events, _REFUSES), newest(events, _WAITS)
    if refusal is not None:
        message = f"{told}: {masked(refusal.message)}; {advice}"
        return Stuck(condition=VOLUME_READY("ProvisioningFailed", message), questions=(question,))
    if waits is not None:
        message = f"{told}: {masked(waits.message)}; {advice}"
        return Stuck(condition=VOLUME_READY("VolumePending", message), questions=(question,))
    return Stuck(condition=silent, questions=(question,))


@dataclass(frozen=True, slots=True, kw_only=True)
class MountFault:
    """Why a volume cannot be mounted, empty where it can or nobody knows yet; what is asked, and when time tells more."""

    why: str = ""
    questions: tuple[ReadEvents, ...] = ()
    requeue_after: int | None = None


def mount_fault(observed: Observed[Any], namespace: str, pods: tuple[ObservedPod, ...]) -> MountFault:
    """What keeps the first of these pods whose container does not begin."""
    seen, questions = with_events(observed, namespace, pods)
    why = next((_mount(pod) for pod in seen if not pod.running and _mount(pod)), "")
    return MountFault(why=why, questions=questions, requeue_after=begins_within(pods, seconds_of(observed.now)))


def _mount(pod: ObservedPod) -> str:
    told = newest(pod.events, {"FailedMount", "FailedAttachVolume"})
    return f"FailedMount: pod {pod.name}: {masked(told.message)}" if told else ""


def with_events(
    observed: Observed[Any], namespace: str, pods: tuple[ObservedPod, ...]
) -> tuple[tuple[ObservedPod, ...], tuple[ReadEvents, ...]]:
    """The pods, of which the first that is stuck has its events, and the question for them."""
    now = seconds_of(observed.now)
    stuck = next((pod for pod in sorted(pods, key=lambda pod: pod.name) if asks_for_events(pod, now)), None)
    if stuck is None:
        return pods, ()
    question = ReadEvents(Key(Kind.POD, namespace, stuck.name))
    told = replace(stuck, events=observed.answer(question) or ())
    return tuple(told if pod is stuck else pod for pod in pods), (question,)
