"""What is told of one object: its word and the conditions it was told from, what it is, why it is no good news, how old it is."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from aimcore.domain.hardware.requirements import summary
from aimcore.domain.kinds.caches import Cache
from aimcore.domain.kinds.conditions import Condition, find_condition
from aimcore.domain.kinds.core import Child
from aimcore.domain.kinds.records import AimObject, Model, RuntimeConfig, Service, Template
from aimcore.domain.kinds.scope import Key
from aimcore.domain.kinds.statuses import AnyStatus, Verdict
from aimcore.domain.serving.masking import masked
from aimcore.domain.serving.observed import PodRecord
from aimcore.domain.serving.pods import is_ready
from aimcore.domain.view.observed import Policy, is_paused
from aimcore.entrypoints.present.outline import Entry
from aimcore.entrypoints.present.references import key_data

__all__ = [
    "BASE_IMAGE",
    "Status",
    "about",
    "bad_news",
    "condition",
    "condition_entries",
    "pausing",
    "place",
    "pods_ready",
    "reason",
    "thing_data",
    "verdict",
    "verdict_data",
    "verdict_entry",
    "word",
]

Status = AnyStatus


def verdict(status: Status | None) -> str:
    """The one word; a thing that nothing was decided on is Pending."""
    return (status.status if status else Verdict.PENDING).value


def condition(status: Status | None, kind: str) -> Condition | None:
    """The condition of that type, if it is there."""
    return None if status is None else find_condition(status.conditions, kind)


def reason(status: Status | None) -> str:
    """Why the word is what it is; empty where there is nothing to add."""
    ready = condition(status, "Ready")
    return ready.message if ready is not None else ""


def verdict_data(status: Status | None) -> dict[str, Any]:
    """The word and the conditions, for programs."""
    conditions = status.conditions if status else ()
    return {
        "status": verdict(status),
        "conditions": [
            {"type": one.type, "status": one.status.value, "reason": one.reason, "message": one.message}
            for one in conditions
        ],
    }


def condition_entries(status: Status | None) -> tuple[Entry, ...]:
    """Every condition, for people."""
    return tuple(
        Entry(label=f"{one.type}={one.status}", text=one.reason, notes=(one.message,) if one.message else ())
        for one in (status.conditions if status else ())
    )


def pausing(thing: AimObject) -> str:
    """What is said behind the name of a thing that somebody paused (OWN-3, RUN-15)."""
    return " (paused)" if is_paused(thing) else ""


def verdict_entry(thing: Model | Template | Service | Cache) -> Entry:
    """The word, the thing and the reason, for people."""
    told = reason(thing.status)
    return Entry(label=verdict(thing.status), text=f"{thing.key}{pausing(thing)}", notes=(told,) if told else ())


BASE_IMAGE = Policy().base_image
"""What a model runs in that names no image, where no setting says otherwise."""

_WELL = (Verdict.READY, Verdict.STARTING, Verdict.RUNNING)


def word(thing: AimObject) -> str:
    """How a thing is, in one word: a pod in those of kubectl; a child and a configuration have none."""
    if isinstance(thing, PodRecord):
        return _pod_word(thing)
    return "" if isinstance(thing, Child | RuntimeConfig) else verdict(thing.status)


def _pod_word(thing: PodRecord) -> str:
    pod = thing.spec
    if pod.deleting:
        return "Terminating"
    if pod.waiting is not None:
        return pod.waiting.reason
    if pod.scheduled is False:
        return "Unschedulable"
    return "Ready" if is_ready(pod) else pod.reason or pod.phase


def bad_news(thing: AimObject) -> tuple[str, ...]:
    """Why the word is no good news; what a pod says of its state, and how often its container was started anew."""
    if isinstance(thing, PodRecord):
        pod = thing.spec
        said = (pod.waiting.message if pod.waiting else pod.unscheduled or pod.message,)
        restarts = (f"{pod.restarts} {'restart' if pod.restarts == 1 else 'restarts'}",) if pod.restarts else ()
        return tuple(masked(one) for one in (*said, *restarts) if one)
    if isinstance(thing, Child | RuntimeConfig) or verdict(thing.status) in _WELL:
        return ()
    return tuple(filter(None, (reason(thing.status),)))


def place(key: Key) -> str:
    """Where it is: `ml-team/llama`, or the name alone of what is of the cluster."""
    return key.name if key.namespace is None else f"{key.namespace}/{key.name}"


def about(thing: AimObject, base_image: str = BASE_IMAGE) -> str:
    """The image of a model; hardware, metric and precision of a template; the template that a service runs, or a cache fills
    a volume for.
    """
    match thing:
        case Model():
            return thing.spec.image or f"{base_image} (base image)"
        case Template():
            said = (summary(thing.spec.hardware), thing.spec.metric, thing.spec.precision)
            return ", ".join(str(one) for one in said if one)
        case Service():
            return ", ".join(_of_service(thing))
        case Cache():
            return ", ".join(_of_cache(thing))
        case _:
            return ""


def _of_service(service: Service) -> Iterator[str]:
    if pods := pods_ready(service):
        yield f"{pods} pods ready"
    if service.status and service.status.resolved_template:
        yield f"runs {service.status.resolved_template.name}"


def _of_cache(cache: Cache) -> Iterator[str]:
    status = cache.status
    if status and status.progress and status.progress.percent is not None:
        yield f"{status.progress.percent} % there"
    if status and status.size is not None:
        yield str(status.size)
    if status and status.used_by:
        yield f"used by {', '.join(status.used_by)}"
    yield f"for {cache.spec.template_name}"


def pods_ready(service: Service) -> str:
    """How many pods are ready of those that are wanted, `1/2`; empty where there is no Deployment."""
    runtime = service.status.runtime if service.status else None
    wanted = 1 if service.spec.replicas is None else service.spec.replicas
    return "" if runtime is None else f"{runtime.ready_replicas}/{wanted}"


def thing_data(thing: AimObject) -> dict[str, Any]:
    """The same for programs."""
    head = {**key_data(thing.key), "uid": thing.meta.uid}
    if isinstance(thing, PodRecord):
        return {**head, "status": word(thing), "message": "; ".join(bad_news(thing))}
    if isinstance(thing, Child | RuntimeConfig):
        return head
    pods = {"ready": pods_ready(thing) or None} if isinstance(thing, Service) else {}
    paused = {"paused": True} if is_paused(thing) else {}
    return {**head, "about": about(thing), **pods, **paused, **verdict_data(thing.status)}
