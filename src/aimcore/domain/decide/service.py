"""What a service is told: each thing it needs with its reason, and the one word that follows (SEL-3, STAT-2)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import assert_never

from aimcore.domain.children.diff import is_derived
from aimcore.domain.decide.credentials import Asked, Credentials, effective_credentials
from aimcore.domain.decide.health import can_run, template_health
from aimcore.domain.decide.owned import decide_owned
from aimcore.domain.decide.pods import Serving
from aimcore.domain.decide.resolution import (
    ModelAnswer,
    NameConflict,
    NotOfModel,
    Resolution,
    ToCreate,
    resolve_service,
    standing_origin,
    unread_cause,
)
from aimcore.domain.decide.sharing import sharing_conditions
from aimcore.domain.decide.status import config_condition, false, held_secrets, set_status, true
from aimcore.domain.decide.workload import WorkloadAnswer, decide_workload, unresolved_workload
from aimcore.domain.kinds.conditions import Condition
from aimcore.domain.kinds.config import NO_CONFIG, ConfigMissing, ResolvedConfig
from aimcore.domain.kinds.ownership import controls
from aimcore.domain.kinds.records import Model, Service, Template
from aimcore.domain.kinds.resources import MergedResources
from aimcore.domain.kinds.scope import Key, Reference
from aimcore.domain.kinds.statuses import Endpoint, ServiceStatus, TemplateSelection, Verdict
from aimcore.domain.serving.deployment import cluster_url
from aimcore.domain.serving.names import selector_text
from aimcore.domain.serving.reasons import Finding, Reason
from aimcore.domain.serving.word import ServiceWord, service_word
from aimcore.domain.view.lookup import Ambiguous, Found, Missing
from aimcore.domain.view.observed import PAUSED, Observed, is_paused, rests
from aimcore.domain.view.plan import Plan

__all__ = ["ServiceAnswer", "decide_service", "explain_service"]

MOST_CANDIDATES = 64
ALL = 100
"""Percent."""
_BLOCKING = (Verdict.FAILED, Verdict.PENDING)
"""The words that stand in the way of Starting, the first that applies (STAT-2)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Finding:
    """A condition, and the word it alone would make of the service; None when it stands in no way."""

    condition: Condition
    verdict: Verdict | None = None


def decide_service(observed: Observed[Service]) -> Plan:
    """What follows for a service from all that stands. Nothing for one that is on its way out (OWN-3)."""
    service, view = observed.subject, observed.view
    if rests(observed):
        return Plan()
    resolution = resolve_service(observed)
    config = ResolvedConfig() if isinstance(resolution.config, ConfigMissing) else resolution.config
    credentials = effective_credentials(view, observed.policy, asked=_asked(service, resolution), config=config)
    if credentials.unseen:
        return Plan(questions=credentials.unseen)
    owned = decide_owned(observed, resolution, config)
    findings = _findings(observed, resolution, credentials)
    workload = _workload(observed, _serving(observed, resolution, findings, credentials))
    told = [*sharing_conditions(observed, resolution, credentials)]
    if contested := (*owned.contested, *workload.contested):
        told.append(true("FieldsOwnedByOthers", "Contested", ", ".join(contested)))
    status = replace(
        _status(observed, resolution, findings, told=tuple(told), workload=workload),
        effective_pull_secrets=credentials.pull_secrets,
    )
    dropped = (*owned.dropped, *workload.dropped)
    return Plan(
        writes=(*owned.writes, *workload.writes, *set_status(observed, status, rule="STAT-2", dropped=dropped)),
        questions=credentials.lookups if credentials.lack else (),
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
    config = NO_CONFIG if isinstance(resolution.config, ConfigMissing) else resolution.config
    credentials = effective_credentials(
        observed.view, observed.policy, asked=_asked(observed.subject, resolution), config=config
    )
    serving = _serving(observed, resolution, _findings(observed, resolution, credentials), credentials)
    return ServiceAnswer(resolution=resolution, workload=_workload(observed, serving), serving=serving)


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
    observed: Observed[Service], resolution: Resolution, findings: tuple[_Finding, ...], credentials: Credentials
) -> Serving | None:
    """What the pods are made from; None where anything stands in the way of resolving, or workloads are off."""
    config = resolution.config
    resolved = observed.policy.workloads and not any(finding.verdict for finding in findings)
    if not resolved or resolution.template is None or not isinstance(resolution.model, Found):
        return None
    return Serving(
        service=observed.subject,
        model=resolution.model.thing,
        template=resolution.template,
        config=NO_CONFIG if isinstance(config, ConfigMissing) else config,
        credentials=credentials,
    )


def _workload(observed: Observed[Service], serving: Serving | None) -> WorkloadAnswer:
    """What follows for the pods; where anything stands in the way of resolving, they are left as they are (RUN-1)."""
    if not observed.policy.workloads:
        return WorkloadAnswer()
    return unresolved_workload(observed) if serving is None else decide_workload(observed, serving)


# Findings -------------------------------------------------------------------------------------------------------------


def _findings(observed: Observed[Service], resolution: Resolution, credentials: Credentials) -> tuple[_Finding, ...]:
    found = [_config(resolution, credentials)]
    if resolution.faults:
        message = "; ".join(f"{fault.path}: {fault.message}" for fault in resolution.faults)
        found.append(_Finding(condition=false("SpecValid", "SpecInvalid", message), verdict=Verdict.FAILED))
    if resolution.model is not None:
        found.append(_model(resolution.model, inline=resolution.inline is not None))
    if isinstance(resolution.model, Found):
        found.append(_template(observed, resolution, resolution.model.thing))
    if resolution.resources is not None:
        found.append(_resources(resolution.resources))
    return tuple(found)


def _config(resolution: Resolution, credentials: Credentials) -> _Finding:
    named = isinstance(resolution.config, ConfigMissing) and resolution.config.named
    condition = config_condition(resolution.config, credentials)
    return _Finding(condition=condition, verdict=Verdict.FAILED if named else None)


def _model(answer: ModelAnswer, *, inline: bool) -> _Finding:
    kind = "ModelResolved"
    match answer:
        case Found(thing=model, shadowed=shadowed):
            hides = f", shadows {', '.join(map(str, shadowed))}" if shadowed else ""
            return _Finding(condition=true(kind, "ModelResolved", f"{model.key}{hides}{_paused(model)}"))
        case Missing(looked=looked):
            message = f"no such model; looked for {', '.join(map(str, looked))}"
            return _Finding(condition=false(kind, "ModelMissing", message), verdict=Verdict.FAILED)
        case Ambiguous(things=models):
            names = ", ".join(str(model.key) for model in models)
            message = f"several models have this image: {names}; name one by spec.model.ref"
            return _Finding(condition=false(kind, "MultipleModelsFound", message), verdict=Verdict.FAILED)
        case ToCreate(model=model):
            message = f"{model.key} is being created"
            return _Finding(condition=false(kind, "ModelPending", message), verdict=Verdict.PENDING)
        case NameConflict(key=key):
            message = f"{key} exists and is not this service's"
            if inline:
                waits = f"{message}; waiting for its deletion"
                return _Finding(condition=false(kind, "ModelPending", waits), verdict=Verdict.PENDING)
            return _Finding(condition=false(kind, "NameConflict", message), verdict=Verdict.FAILED)
        case _:
            assert_never(answer)


def _template(observed: Observed[Service], resolution: Resolution, model: Model) -> _Finding:
    reason, message, verdict = _template_reason(observed, resolution, model)
    told = true if verdict is None else false
    paused = "" if verdict is None else _paused(model)
    return _Finding(condition=told("TemplateResolved", reason, f"{message}{paused}"), verdict=verdict)


def _template_reason(
    observed: Observed[Service], resolution: Resolution, model: Model
) -> tuple[str, str, Verdict | None]:
    template, selection = resolution.template, resolution.selection
    match resolution.named:
        case Missing(looked=looked):
            message = f"the named template is missing; looked for {', '.join(map(str, looked))}"
            if resolution.progress.coming:
                return (
                    "TemplatePending",
                    f"{message}; {model.key} is still making its templates{unread_cause(model)}",
                    Verdict.PENDING,
                )
            return "TemplateMissing", message, Verdict.FAILED
        case NotOfModel(template=other):
            return "TemplateNotOfModel", _not_of_model(other, model), Verdict.FAILED
        case Found() if template is None and resolution.derived is not None:
            return _derived_reason(observed, resolution.derived.key)
        case _:
            pass
    if resolution.lost is not None:
        return "TemplateMissing", f"{resolution.lost}, that its pods were made from, is gone", Verdict.FAILED
    if selection.awaited:
        return "TemplatePending", selection.awaited, Verdict.PENDING
    if selection.tied:
        names = " and ".join(one.key.name for one in selection.tied)
        message = f"nothing ranks {names} apart; name one by spec.template.name"
        return "TemplateSelectionAmbiguous", message, Verdict.FAILED
    if template is not None and _is_runnable(observed, resolution, template):
        return "TemplateResolved", str(template.key), None
    return "NoTemplateAvailable", _none_available(observed, resolution, model), Verdict.PENDING


def _is_runnable(observed: Observed[Service], resolution: Resolution, template: Template) -> bool:
    """Whether the template is taken as it is: one that was selected, or runs already, was judged before (RUN-16)."""
    chosen = resolution.named is None
    return chosen or standing_origin(observed) is not None or can_run(template, observed.view, observed.policy)


def _paused(model: Model) -> str:
    """That nothing of the model changes for now, and what to do about it (OWN-3)."""
    return f"; {model.key} is paused: take the annotation {PAUSED} away to go on" if is_paused(model) else ""


def _not_of_model(template: Template, model: Model) -> str:
    if is_derived(template):
        return f"{template.key} was derived for one service; name the template it came from"
    return f"{template.key} is of the model {template.spec.model_name} as seen from there, which is not {model.key}"


def _derived_reason(observed: Observed[Service], key: Key) -> tuple[str, str, Verdict]:
    there = observed.view.template(key.namespace, key.name)
    if there is None:
        return "TemplatePending", f"{key} is being created", Verdict.PENDING
    if controls(observed.subject.meta.uid, there.meta.owners):
        return "TemplatePending", f"{key} is being replaced, as the template it came from was", Verdict.PENDING
    return "NameConflict", f"{key} exists and is not this service's", Verdict.FAILED


def _none_available(observed: Observed[Service], resolution: Resolution, model: Model) -> str:
    template = resolution.template
    if template is not None:
        health = template_health(template, observed.view, observed.policy)
        return f"{template.key} is {': '.join(filter(None, (health.verdict, health.message)))}"
    if not (candidates := resolution.selection.candidates):
        word = model.status.status if model.status else "not observed yet"
        return f"{model.key} has no templates; it is {word}{unread_cause(model)}"
    first = candidates[0]
    return f"none of the templates ({len(candidates)}) can be run; {first.name} {first.reason}"


def _resources(resources: MergedResources) -> _Finding:
    if resources.problems:
        condition = false("ResourcesResolved", "ResourcesInvalid", "; ".join(resources.problems))
        return _Finding(condition=condition, verdict=Verdict.FAILED)
    return _Finding(condition=true("ResourcesResolved", "ResourcesResolved"))


# Status ---------------------------------------------------------------------------------------------------------------


def _status(
    observed: Observed[Service],
    resolution: Resolution,
    findings: tuple[_Finding, ...],
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
        resolved_runtime_config=None if isinstance(resolution.config, ConfigMissing) else resolution.config.reference,
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
        yield true("Resolved", "Resolved")
    else:
        yield false("Resolved", blocked.reason, blocked.message)
    if workload.cache is not None:
        whole = workload.cache.percent == ALL
        yield (true if whole else false)("CacheReady", "CacheReady" if whole else "NotReady", workload.cache.name)
    if workload.runtime is not None:
        runtime = workload.runtime
        counted = f"{runtime.ready_replicas} of {runtime.replicas} pods are ready"
        yield (
            true("RuntimeReady", "RuntimeReady", counted)
            if workload.ready
            else false("RuntimeReady", "NotReady", counted)
        )
    if workload.routing is not None and workload.routing.on:
        found = next(iter(workload.routing.findings), None)
        if found is None:
            yield true("RoutingReady", "RoutingReady", (workload.routing.status and workload.routing.status.path) or "")
        else:
            yield false("RoutingReady", found.reason, found.message)
    told = true if word.verdict is Verdict.RUNNING else false
    yield told("Ready", word.reason, word.message)


def _selection(resolution: Resolution) -> TemplateSelection | None:
    selection, template = resolution.selection, resolution.template
    if not selection.candidates and template is None:
        return None
    return TemplateSelection(
        chosen=template.key.name if template else None, candidates=selection.candidates[:MOST_CANDIDATES]
    )
