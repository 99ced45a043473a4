"""Resolve a service: the model and template it gets, every value with the layer that said it, and the trace of how."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from aimcore.domain.decide.choice import Step
from aimcore.domain.decide.credentials import Credentials
from aimcore.domain.decide.pods import Serving
from aimcore.domain.decide.resolution import Resolution, resolve_service
from aimcore.domain.decide.workload import decide_workload
from aimcore.domain.kinds.records import Service
from aimcore.domain.kinds.scope import Key
from aimcore.domain.kinds.statuses import Candidate
from aimcore.domain.serving.pod import Pod
from aimcore.domain.values.layering import Layered
from aimcore.domain.values.quantity import Quantity
from aimcore.domain.view.lookup import Ambiguous, Found
from aimcore.domain.view.observed import Observed, Snapshot
from aimcore.domain.weights.sources import EnvVar
from aimcore.entrypoints.library.catalogue import Catalogue
from aimcore.entrypoints.library.finding import find_target, service_target
from aimcore.entrypoints.library.views import View, view_of
from aimcore.entrypoints.present.answers import Planned
from aimcore.entrypoints.present.verdicts import reason, verdict
from aimcore.entrypoints.settings import Settings

__all__ = ["ServiceResolution", "resolve", "resolve_in"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceResolution:
    """What a service gets, and why.

    `status` is the one word of its status, and `reason` the sentence beside it. `model` and `template` are None where none
    was found; `ambiguous` are the models of which nobody can say which is meant. `candidates` are all templates that were
    considered, each with the stage it was passed over at and why. `requests`, `limits` (quantities) and `env` (the variables
    of the container) are what the pod gets; `config` is what the runtime configurations say. Each value knows its layer and
    what it was preferred to. `trace` says step by step which rule decided what.
    """

    service: Key
    status: str
    reason: str
    model: Key | None = None
    template: Key | None = None
    ambiguous: tuple[Key, ...] = ()
    candidates: tuple[Candidate, ...] = ()
    requests: Mapping[str, Layered[Quantity]] = field(default_factory=dict)
    limits: Mapping[str, Layered[Quantity]] = field(default_factory=dict)
    env: Mapping[str, Layered[EnvVar]] = field(default_factory=dict)
    config: Mapping[str, Layered[object]] = field(default_factory=dict)
    trace: tuple[Step, ...] = ()


def resolve(source: Catalogue | Planned, service: str, *, settings: Settings | None = None) -> ServiceResolution:
    """The resolution of the service `NAMESPACE/NAME`, or of `NAME` where there is but one of it.

    A catalogue of manifests is planned first, without images, by those `settings`; that of a cluster is resolved as it
    stands. Raises `NotThereError` and `SeveralError`.
    """
    return resolve_in(view_of(source, settings), service)


def resolve_in(view: View, service: str) -> ServiceResolution:
    """The same on objects that are there already."""
    target, namespace = service_target(service)
    thing = find_target(view.cache, target, namespace)
    if not isinstance(thing, Service):
        raise TypeError(f"{thing.key} is no service")
    observed = Snapshot(view=view.as_asked(thing), policy=view.policy).of(thing)
    found = resolve_service(observed)
    pod = _pod(observed, found)
    resources = found.resources if pod is None else pod.resources
    return ServiceResolution(
        service=thing.key,
        status=verdict(thing.status),
        reason=reason(thing.status),
        model=found.model.thing.key if isinstance(found.model, Found) else None,
        template=None if found.template is None else found.template.key,
        ambiguous=tuple(one.key for one in found.model.things) if isinstance(found.model, Ambiguous) else (),
        candidates=found.selection.candidates,
        requests={} if resources is None else resources.requests,
        limits={} if resources is None else resources.limits,
        env={} if pod is None else pod.env.variables,
        config=found.settings.values,
        trace=found.trace,
    )


def _pod(observed: Observed[Service], found: Resolution) -> Pod | None:
    """The pod that would run; None where nothing is to run. What it is pulled with plays no part in its values."""
    if not observed.policy.workloads or found.template is None or not isinstance(found.model, Found):
        return None
    serving = Serving(
        service=observed.subject,
        model=found.model.thing,
        template=found.template,
        config=found.settings,
        credentials=Credentials(namespace=observed.subject.key.namespace or ""),
    )
    return decide_workload(observed, serving).pod
