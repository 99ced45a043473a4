"""What a service is told: each thing it needs with its reason, and the one word that follows (SEL-3, STAT-2)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from aimcore.domain.decide.conditions import (
    CACHE_READY,
    FIELDS_OWNED_BY_OTHERS,
    RESOLVED,
    ROUTING_READY,
    RUNTIME_READY,
    SERVICE_READY,
)
from aimcore.domain.decide.credentials import Asked, Credentials, effective_credentials
from aimcore.domain.decide.findings import ResolutionFinding, resolution_findings
from aimcore.domain.decide.owned import decide_owned
from aimcore.domain.decide.pods import Serving
from aimcore.domain.decide.resolution import Resolution, resolve_service
from aimcore.domain.decide.sharing import sharing_conditions
from aimcore.domain.decide.status import held_secrets, set_status, tries_taken_name
from aimcore.domain.decide.workload import WorkloadAnswer, decide_workload, unresolved_workload
from aimcore.domain.kinds.conditions import Condition
from aimcore.domain.kinds.records import Model, Service
from aimcore.domain.kinds.resources import MergedResources
from aimcore.domain.kinds.scope import Reference
from aimcore.domain.kinds.statuses import Endpoint, ServiceStatus, TemplateSelection, Verdict
from aimcore.domain.serving.deployment import cluster_url
from aimcore.domain.serving.names import selector_text
from aimcore.domain.serving.reasons import Finding, Reason
from aimcore.domain.serving.word import ServiceWord, service_word
from aimcore.domain.view.lookup import Found
from aimcore.domain.view.observed import Observed, rests
from aimcore.domain.view.plan import Plan

__all__ = ["ServiceAnswer", "decide_service", "explain_service"]

MOST_CANDIDATES = 64
ALL = 100
"""Percent."""
_BLOCKING = (Verdict.FAILED, Verdict.PENDING)
"""The words that stand in the way of Starting, the first that applies (STAT-2)."""


def decide_service(observed: Observed[Service]) -> Plan:
    """What follows for a service from all that stands. Nothing for one that is on its way out (OWN-3)."""
    if rests(observed):
        return Plan()
    resolution = resolve_service(observed)
    credentials = _credentials(observed, resolution)
    if credentials.unseen:
        return Plan(questions=credentials.unseen)
    owned = decide_owned(observed, resolution)
    findings = resolution_findings(observed, resolution, credentials)
    workload = _workload(observed, _serving(observed, resolution, findings, credentials))
    told = [*sharing_conditions(observed, resolution, credentials)]
    if contested := (*owned.contested, *workload.contested):
        told.append(FIELDS_OWNED_BY_OTHERS("Contested", ", ".join(contested)))
    status = replace(
        _status(observed, resolution, findings, told=tuple(told), workload=workload),
        effective_pull_secrets=credentials.pull_secrets,
    )
    dropped, beside = (*owned.dropped, *workload.dropped), (*owned.writes, *workload.writes)
    late = tries_taken_name(observed, SERVICE_READY, workload.writes)
    said = () if late else set_status(observed, status, rule="STAT-2", dropped=dropped, beside=beside)
    return Plan(
        writes=(*beside, *said),
        questions=(*(credentials.lookups if credentials.lack else ()), *workload.questions),
        assumed=credentials.assumed,
        requeue_after=workload.requeue_after,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceAnswer:
    """What a person is told who asks why a service gets what it gets.

    `serving` is what its pods are made from; None where something stands in the way of resolving, or workloads are off.
    """

    resolution: Resolution
    workload: WorkloadAnswer
    serving: Serving | None = None


def explain_service(observed: Observed[Service]) -> ServiceAnswer:
    """The same resolution and workload as `decide_service` has, and nothing to write."""
    resolution = resolve_service(observed)
    credentials = _credentials(observed, resolution)
    serving = _serving(observed, resolution, resolution_findings(observed, resolution, credentials), credentials)
    return ServiceAnswer(resolution=resolution, workload=_workload(observed, serving), serving=serving)


def _credentials(observed: Observed[Service], resolution: Resolution) -> Credentials:
    asked = _asked(observed.subject, resolution)
    return effective_credentials(observed.view, observed.policy, asked=asked, config=resolution.settings)


def _asked(service: Service, resolution: Resolution) -> Asked:
    """What service, template and model say about pulling, in this order (RUN-3)."""
    template = resolution.template
    model = resolution.model.thing if isinstance(resolution.model, Found) else None
    specs = (service.spec, template and template.spec, model and model.spec)
    secrets = (name for spec in specs if spec for name in spec.image_pull_secrets)
    return Asked(
        namespace=service.key.namespace or "",
        pull_secrets=tuple(dict.fromkeys(secrets)),
        service_account_name=service.spec.service_account_name
        or (template.spec.service_account_name if template else None),
        held=held_secrets(service, resolution.config),
    )


def _serving(
    observed: Observed[Service],
    resolution: Resolution,
    findings: tuple[ResolutionFinding, ...],
    credentials: Credentials,
) -> Serving | None:
    """What the pods are made from; None where anything stands in the way of resolving, or workloads are off."""
    resolved = observed.policy.workloads and not any(finding.verdict for finding in findings)
    if not resolved or resolution.template is None or not isinstance(resolution.model, Found):
        return None
    return Serving(
        service=observed.subject,
        model=resolution.model.thing,
        template=resolution.template,
        config=resolution.settings,
        credentials=credentials,
    )


def _workload(observed: Observed[Service], serving: Serving | None) -> WorkloadAnswer:
    """What follows for the pods; where anything stands in the way of resolving, they are left as they are (RUN-1)."""
    if not observed.policy.workloads:
        return WorkloadAnswer()
    return unresolved_workload(observed) if serving is None else decide_workload(observed, serving)


# Status ---------------------------------------------------------------------------------------------------------------


def _status(
    observed: Observed[Service],
    resolution: Resolution,
    findings: tuple[ResolutionFinding, ...],
    *,
    told: tuple[Condition, ...],
    workload: WorkloadAnswer,
) -> ServiceStatus:
    said = {finding.verdict: finding.condition for finding in reversed(findings)}
    blocked = next((said[word] for word in _BLOCKING if word in said), None)
    word = _word(observed, blocked, workload)
    model, ran = _kept(observed, resolution)
    template = resolution.template if blocked is None else None
    routing = workload.routing
    runs = workload.runtime is not None
    return ServiceStatus(
        status=word.verdict,
        conditions=(*(finding.condition for finding in findings), *told, *_summary(word, blocked, workload)),
        resolved_runtime_config=resolution.settings.reference,
        resolved_model=model,
        resolved_template=Reference.to(template.key, template.meta.uid) if template else ran,
        resolved_resources=_resources_told(resolution, workload) if blocked is None else None,
        template_selection=_selection(resolution),
        runtime=workload.runtime,
        cache=workload.cache,
        routing=None if routing is None else routing.status,
        endpoint=_endpoint(observed.subject, resolution, workload) if runs else None,
        selector=selector_text(observed.subject.key.name) if runs else None,
    )


def _word(observed: Observed[Service], blocked: Condition | None, workload: WorkloadAnswer) -> ServiceWord:
    """The one word, out of what stands in the way of resolving and what was found of the workload (STAT-2)."""
    findings = list(workload.findings)
    if blocked is not None:
        findings.insert(0, Finding(reason=Reason(blocked.reason), message=blocked.message))
    elif not observed.policy.workloads:
        message = "everything is resolved; the operator runs with workloads off, so nothing is started"
        findings.insert(0, Finding(reason=Reason.WORKLOADS_OFF, message=message))
    return service_word(findings, ready=workload.ready)


def _resources_told(resolution: Resolution, workload: WorkloadAnswer) -> MergedResources | None:
    """The resources of the pod, defaults included, where one was made; else those that were resolved."""
    return workload.pod.resources if workload.pod is not None else resolution.resources


def _endpoint(service: Service, resolution: Resolution, workload: WorkloadAnswer) -> Endpoint:
    model = resolution.model.thing if isinstance(resolution.model, Found) else None
    names = tuple(source.model_id for source in model.spec.model_sources) if model else ()
    status = workload.routing.status if workload.routing else None
    return Endpoint(
        cluster=cluster_url(service.key.namespace or "", service.key.name),
        external=status.url if status else None,
        models=names or _canonical(model),
    )


def _canonical(model: Model | None) -> tuple[str, ...]:
    metadata = model.status.image_metadata if model and model.status else None
    name = metadata.model.canonical_name if metadata else None
    return (name,) if name else ()


def _kept(observed: Observed[Service], resolution: Resolution) -> tuple[Reference | None, Reference | None]:
    """The model, and the template last run of it: remembered until another takes its place (STAT-2, TMPL-4)."""
    before = observed.subject.status
    held = (before.resolved_model, before.resolved_template) if before else (None, None)
    match resolution.model:
        case None:
            return held
        case Found(thing=model):
            same = held[0] is not None and held[0].uid == model.meta.uid
            return Reference.to(model.key, model.meta.uid), held[1] if same else None
        case _:
            return None, None


def _summary(word: ServiceWord, blocked: Condition | None, workload: WorkloadAnswer) -> Iterator[Condition]:
    """`Resolved`, `CacheReady`, `RuntimeReady`, `RoutingReady` and `Ready`; one for a part that is not there is left out (STAT-3)."""
    if blocked is None:
        yield RESOLVED("Resolved")
    else:
        yield RESOLVED(blocked.reason, blocked.message)
    if workload.cache is not None:
        whole = workload.cache.percent == ALL
        yield CACHE_READY("CacheReady" if whole else "NotReady", workload.cache.name)
    if workload.runtime is not None:
        runtime = workload.runtime
        counted = f"{runtime.ready_replicas} of {runtime.replicas} pods are ready"
        yield RUNTIME_READY("RuntimeReady" if workload.ready else "NotReady", counted)
    if workload.routing is not None and workload.routing.on:
        found = next(iter(workload.routing.findings), None)
        if found is None:
            yield ROUTING_READY("RoutingReady", (workload.routing.status and workload.routing.status.path) or "")
        else:
            yield ROUTING_READY(found.reason, found.message)
    yield SERVICE_READY(word.reason, word.message)


def _selection(resolution: Resolution) -> TemplateSelection | None:
    selection, template = resolution.selection, resolution.template
    if not selection.candidates and template is None:
        return None
    return TemplateSelection(
        chosen=template.key.name if template else None, candidates=selection.candidates[:MOST_CANDIDATES]
    )
