"""What hangs together, as a tree: each thing with those that are there because of it, or use it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from aimcore.domain.kinds.caches import Cache
from aimcore.domain.kinds.core import Child
from aimcore.domain.kinds.ownership import controls
from aimcore.domain.kinds.records import AimObject, Model, Service, Template
from aimcore.domain.kinds.scope import Key, Kind, Scope
from aimcore.domain.serving.names import child_name
from aimcore.domain.serving.observed import PodRecord
from aimcore.domain.serving.pods import ObservedPod, owned
from aimcore.domain.view.cache import ObjectCache
from aimcore.entrypoints.present.outline import Entry, Section
from aimcore.entrypoints.present.verdicts import about, bad_news, pausing, place, thing_data, word

__all__ = ["Branch", "branch_data", "branch_of", "branch_outline", "cache_of", "caches_of", "services_on"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Branch:
    """A thing, and those that are there because of it or run it."""

    thing: AimObject
    below: tuple[Branch, ...] = ()


def branch_of(cache: ObjectCache, root: Model | Service | Template | Cache) -> Branch:
    """A model with its templates; those with their caches and the services that run them; a cache with its claim, its Jobs
    and the services that use it; a service with its model, its template, its cache and what runs it.

    What a status speaks of by uid is what counts, as it does for the operator.
    """
    match root:
        case Model():
            templates = (one for one in cache if isinstance(one, Template) and _model_uid(one) == root.meta.uid)
            return Branch(thing=root, below=tuple(_of_template(cache, template) for template in templates))
        case Template():
            return _of_template(cache, root)
        case Cache():
            return _of_cache(cache, root)
        case Service():
            uids = {_model_uid(root), _template_uid(root)} - {""}
            chosen = (Branch(thing=one) for one in cache if one.meta.uid in uids)
            return Branch(thing=root, below=(*chosen, *_weights(cache, root), *_children(cache, root)))


def _of_template(cache: ObjectCache, template: Template) -> Branch:
    caches = (_of_cache(cache, one) for one in caches_of(cache, template))
    runs = (one for one in cache if isinstance(one, Service) and _template_uid(one) == template.meta.uid)
    return Branch(thing=template, below=(*caches, *(Branch(thing=one) for one in runs)))


def caches_of(cache: ObjectCache, template: Template) -> Iterator[Cache]:
    """The caches that fill a volume for a template: of a template of the cluster those of every namespace."""
    for one in cache:
        if not isinstance(one, Cache) or one.spec.template_name != template.key.name:
            continue
        far = one.spec.template_scope is Scope.CLUSTER
        if template.key.namespace == (None if far else one.key.namespace):
            yield one


def _of_cache(cache: ObjectCache, one: Cache) -> Branch:
    namespace = one.key.namespace or ""
    claim = cache.child(Kind.CLAIM, namespace, one.status.claim) if one.status and one.status.claim else None
    jobs = cache.jobs_of(namespace, claim.key.name) if claim else ()
    filling = () if claim is None else (Branch(thing=claim, below=tuple(_of_job(cache, job) for job in jobs)),)
    return Branch(thing=one, below=(*filling, *(Branch(thing=service) for service in services_on(cache, one))))


def _of_job(cache: ObjectCache, job: Child) -> Branch:
    return Branch(thing=job, below=tuple(Branch(thing=_pod(job, pod)) for pod in cache.pods_of_job(job.meta.uid)))


def services_on(cache: ObjectCache, one: Cache) -> tuple[Service, ...]:
    """The services that use a cache: those that its status names, and those that name it."""
    named = one.status.used_by if one.status else ()
    services = (thing for thing in cache if isinstance(thing, Service) and thing.key.namespace == one.key.namespace)
    return tuple(thing for thing in services if thing.key.name in named or _cache_name(thing) == one.key.name)


def _cache_name(service: Service) -> str:
    return service.status.cache.name if service.status and service.status.cache else ""


def cache_of(cache: ObjectCache, service: Service) -> Cache | None:
    """The cache that a service uses, or waits for."""
    used = cache.get(Kind.CACHE, service.key.namespace, _cache_name(service))
    return used if isinstance(used, Cache) else None


def _weights(cache: ObjectCache, service: Service) -> Iterator[Branch]:
    used = cache_of(cache, service)
    if used is not None:
        yield Branch(thing=used)


def _children(cache: ObjectCache, service: Service) -> Iterator[Branch]:
    """What runs a service: its Deployment with the pods, its Service and its HTTPRoute, as far as they are there."""
    namespace, name = service.key.namespace, child_name(service.key.name)
    for kind in (Kind.DEPLOYMENT, Kind.NETWORK_SERVICE, Kind.HTTP_ROUTE):
        child = cache.child(kind, namespace, name)
        if child is None or not controls(service.meta.uid, child.meta.owners):
            continue
        pods = cache.pods_of(namespace or "", service.key.name) if kind is Kind.DEPLOYMENT else ()
        yield Branch(thing=child, below=tuple(Branch(thing=_pod(child, one)) for one in owned(pods, name)))


def _pod(parent: Child, pod: ObservedPod) -> PodRecord:
    return PodRecord(key=Key(Kind.POD, parent.key.namespace, pod.name), spec=pod)


def _model_uid(thing: Template | Service) -> str:
    resolved = thing.status.resolved_model if thing.status else None
    return resolved.uid if resolved else ""


def _template_uid(service: Service) -> str:
    resolved = service.status.resolved_template if service.status else None
    return resolved.uid if resolved else ""


# As it is shown ---------------------------------------------------------------------------------------------------------


def branch_outline(branch: Branch) -> tuple[Section, ...]:
    """A branch as an outline, under the kind of its root."""
    entries = (_entry(branch.thing, "", branch.below),)
    return (Section(title=branch.thing.key.api_kind, entries=entries),)


def branch_data(branch: Branch) -> dict[str, Any]:
    """The same for programs: each thing with what is `below` it."""
    return {**thing_data(branch.thing), "below": [branch_data(one) for one in branch.below]}


def _entry(thing: AimObject, kind: str, below: Iterable[Branch]) -> Entry:
    return Entry(
        label=word(thing),
        text=f"{kind} {place(thing.key)}{pausing(thing)}".strip(),
        notes=tuple(filter(None, (about(thing), *bad_news(thing)))),
        entries=tuple(_entry(one.thing, one.thing.key.api_kind, one.below) for one in below),
    )
