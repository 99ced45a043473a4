"""What stands on a cluster, as a list, as a tree, as names and as data: each thing with its word and what it is."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from aimcore.domain.hardware.requirements import summary
from aimcore.domain.kinds.core import Child
from aimcore.domain.kinds.ownership import controls
from aimcore.domain.kinds.records import AimObject, Model, Service, Template
from aimcore.domain.kinds.scope import GROUP, Key, Kind
from aimcore.domain.kinds.statuses import Verdict
from aimcore.domain.serving.masking import masked
from aimcore.domain.serving.names import child_name
from aimcore.domain.serving.observed import PodRecord
from aimcore.domain.serving.pods import ObservedPod, is_ready, owned
from aimcore.domain.view.cache import ObjectCache
from aimcore.entrypoints.present.outline import Entry, Section
from aimcore.entrypoints.present.references import key_data
from aimcore.entrypoints.present.verdicts import reason, verdict, verdict_data

__all__ = [
    "LISTED",
    "Branch",
    "about",
    "branch_data",
    "branch_of",
    "branch_outline",
    "list_data",
    "list_names",
    "list_outline",
]

LISTED = tuple(kind for kind in Kind if kind.is_aim and kind is not Kind.RUNTIME_CONFIG)
"""The kinds that are listed: those with a word of their own, which a configuration has not."""

_WELL = (Verdict.READY, Verdict.STARTING, Verdict.RUNNING)


@dataclass(frozen=True, slots=True, kw_only=True)
class Branch:
    """A thing, and those that are there because of it or run it."""

    thing: AimObject
    below: tuple[Branch, ...] = ()


# Lists ------------------------------------------------------------------------------------------------------------------


def list_outline(things: Iterable[AimObject]) -> tuple[Section, ...]:
    """The objects of each kind that is listed, under its title."""
    entries: dict[Kind, list[Entry]] = {kind: [] for kind in LISTED}
    for thing in things:
        entries[thing.key.kind].append(_entry(Branch(thing=thing)))
    return tuple(Section(title=f"{kind.word}s", entries=tuple(listed)) for kind, listed in entries.items())


def list_data(things: Iterable[AimObject]) -> dict[str, Any]:
    """The same for programs."""
    return {"items": [_data(thing) for thing in things]}


def list_names(things: Iterable[AimObject]) -> str:
    """A name a line, as kubectl takes it: `aimmodel.aim.silogen.ai/llama`."""
    return "".join(f"{thing.key.api_kind.lower()}.{GROUP}/{thing.key.name}\n" for thing in things)


# Trees ------------------------------------------------------------------------------------------------------------------


def branch_of(cache: ObjectCache, root: Model | Service) -> Branch:
    """A model with its templates, and those with the services that run them; a service with its model and its template.

    What a status speaks of by uid is what counts, as it does for the operator.
    """
    things = [thing for thing in cache if thing.key.kind in LISTED]
    if isinstance(root, Service):
        uids = {_model_uid(root), _template_uid(root)} - {""}
        chosen = (Branch(thing=one) for one in things if one.meta.uid in uids)
        return Branch(thing=root, below=(*chosen, *service_children(cache, root)))
    templates = (one for one in things if isinstance(one, Template) and _model_uid(one) == root.meta.uid)
    services = [one for one in things if isinstance(one, Service)]
    return Branch(thing=root, below=tuple(_run(template, services) for template in templates))


def service_children(cache: ObjectCache, service: Service) -> Iterator[Branch]:
    """What runs a service: its Deployment with the pods, its Service and its HTTPRoute, as far as they are there."""
    namespace, name = service.key.namespace, child_name(service.key.name)
    for kind in (Kind.DEPLOYMENT, Kind.NETWORK_SERVICE, Kind.HTTP_ROUTE):
        child = cache.child(kind, namespace, name)
        if child is None or not controls(service.meta.uid, child.meta.owners):
            continue
        pods = cache.pods_of(namespace or "", service.key.name) if kind is Kind.DEPLOYMENT else ()
        yield Branch(thing=child, below=tuple(Branch(thing=_pod(child, one)) for one in owned(pods, name)))


def _pod(deployment: Child, pod: ObservedPod) -> PodRecord:
    return PodRecord(key=Key(Kind.POD, deployment.key.namespace, pod.name), spec=pod)


def _run(template: Template, services: Iterable[Service]) -> Branch:
    runs = (one for one in services if _template_uid(one) == template.meta.uid)
    return Branch(thing=template, below=tuple(Branch(thing=one) for one in runs))


def _model_uid(thing: Template | Service) -> str:
    resolved = thing.status.resolved_model if thing.status else None
    return resolved.uid if resolved else ""


def _template_uid(service: Service) -> str:
    resolved = service.status.resolved_template if service.status else None
    return resolved.uid if resolved else ""


def branch_outline(branch: Branch) -> tuple[Section, ...]:
    """A branch as an outline, under the kind of its root."""
    return (Section(title=branch.thing.key.api_kind, entries=(_entry(branch),)),)


def branch_data(branch: Branch) -> dict[str, Any]:
    """The same for programs: each thing with what is `below` it."""
    return {**_data(branch.thing), "below": [branch_data(one) for one in branch.below]}


# Things -----------------------------------------------------------------------------------------------------------------


def _entry(branch: Branch) -> Entry:
    thing = branch.thing
    if isinstance(thing, Child | PodRecord):
        return Entry(
            label=_state(thing), text=str(thing.key), notes=_why(thing), entries=tuple(map(_entry, branch.below))
        )
    told = reason(thing.status) if verdict(thing.status) not in _WELL else ""
    return Entry(
        label=verdict(thing.status),
        text=_place(thing.key),
        notes=tuple(filter(None, (about(thing), told))),
        entries=tuple(_entry(one) for one in branch.below),
    )


def _state(thing: Child | PodRecord) -> str:
    """How a pod is, in the words of kubectl; a child has no word."""
    if isinstance(thing, Child):
        return ""
    pod = thing.spec
    if pod.deleting:
        return "Terminating"
    if pod.waiting is not None:
        return pod.waiting.reason
    if pod.scheduled is False:
        return "Unschedulable"
    return "Ready" if is_ready(pod) else pod.reason or pod.phase


def _why(thing: Child | PodRecord) -> tuple[str, ...]:
    """What a pod says of its state, and how often its container was started anew."""
    if isinstance(thing, Child):
        return ()
    pod = thing.spec
    said = (pod.waiting.message if pod.waiting else pod.unscheduled or pod.message,)
    restarts = (f"{pod.restarts} {'restart' if pod.restarts == 1 else 'restarts'}",) if pod.restarts else ()
    return tuple(masked(one) for one in (*said, *restarts) if one)


def _place(key: Key) -> str:
    return key.name if key.namespace is None else f"{key.namespace}/{key.name}"


def about(thing: AimObject) -> str:
    """The image of a model; hardware, metric and precision of a template; the template that a service runs."""
    match thing:
        case Model():
            return thing.spec.image or ""
        case Template():
            said = (summary(thing.spec.hardware), thing.spec.metric, thing.spec.precision)
            return ", ".join(str(word) for word in said if word)
        case Service():
            resolved = thing.status.resolved_template if thing.status else None
            pods = pods_ready(thing)
            return ", ".join(
                filter(None, (f"{pods} pods ready" if pods else "", f"runs {resolved.name}" if resolved else ""))
            )
        case _:
            return ""


def pods_ready(service: Service) -> str:
    """How many pods are ready of those that are wanted, `1/2`; empty where there is no Deployment."""
    runtime = service.status.runtime if service.status else None
    wanted = 1 if service.spec.replicas is None else service.spec.replicas
    return "" if runtime is None else f"{runtime.ready_replicas}/{wanted}"


def _data(thing: AimObject) -> dict[str, Any]:
    if isinstance(thing, Child | PodRecord):
        state = {"status": _state(thing), "message": "; ".join(_why(thing))} if isinstance(thing, PodRecord) else {}
        return {**key_data(thing.key), "uid": thing.meta.uid, **state}
    pods = {"ready": pods_ready(thing) or None} if isinstance(thing, Service) else {}
    return {**key_data(thing.key), "uid": thing.meta.uid, "about": about(thing), **pods, **verdict_data(thing.status)}
