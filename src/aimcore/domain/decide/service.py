"""What a service is told: each thing it needs with its reason, and the one word that follows (SEL-3, STAT-2)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import assert_never

from aimcore.domain.children.diff import is_derived
from aimcore.domain.decide.credentials import Asked, Credentials, effective_credentials
from aimcore.domain.decide.health import can_run, template_health
from aimcore.domain.decide.owned import decide_owned
from aimcore.domain.decide.resolution import (
    ModelAnswer,
    NameConflict,
    NotOfModel,
    Resolution,
    ToCreate,
    resolve_service,
)
from aimcore.domain.decide.selection import Option, is_unfit
from aimcore.domain.decide.sharing import sharing_conditions
from aimcore.domain.decide.status import config_condition, false, held_secrets, ready_condition, set_status, true
from aimcore.domain.kinds.conditions import Condition
from aimcore.domain.kinds.config import ConfigMissing, ResolvedConfig
from aimcore.domain.kinds.ownership import controls
from aimcore.domain.kinds.records import Model, Service, Template
from aimcore.domain.kinds.resources import MergedResources
from aimcore.domain.kinds.scope import Key, Reference
from aimcore.domain.kinds.statuses import ServiceStatus, TemplateSelection, Verdict
from aimcore.domain.view.lookup import Ambiguous, Found, Missing
from aimcore.domain.view.observed import PAUSED, Observed, is_paused, rests
from aimcore.domain.view.plan import Plan

__all__ = ["decide_service"]

MOST_CANDIDATES = 64
_BLOCKING = (Verdict.FAILED, Verdict.PENDING, Verdict.DEGRADED)
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
    asked = Asked(
        namespace=service.key.namespace or "",
        pull_secrets=service.spec.image_pull_secrets,
        service_account_name=service.spec.service_account_name,
        held=held_secrets(service, resolution.config),
    )
    credentials = effective_credentials(view, observed.policy, asked=asked, config=config)
    if credentials.unseen:
        return Plan(questions=credentials.unseen)
    owned = decide_owned(observed, resolution, config)
    told = [*sharing_conditions(observed, resolution, credentials)]
    if owned.contested:
        told.append(true("FieldsOwnedByOthers", "Contested", ", ".join(owned.contested)))
    status = replace(
        _status(observed, resolution, _findings(observed, resolution, credentials), tuple(told)),
        effective_pull_secrets=credentials.pull_secrets,
    )
    return Plan(
        writes=(*owned.writes, *set_status(observed, status, rule="STAT-2", dropped=owned.dropped)),
        questions=credentials.lookups if credentials.lack else (),
        assumed=credentials.assumed,
    )


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
            message = f"{key} exists and is not this service's" + ("; waiting for its deletion" if inline else "")
            verdict = Verdict.PENDING if inline else Verdict.FAILED
            return _Finding(condition=false(kind, "NameConflict", message), verdict=verdict)
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
                return "TemplatePending", f"{message}; {model.key} is still making its templates", Verdict.PENDING
            return "TemplateMissing", message, Verdict.FAILED
        case NotOfModel(template=other):
            return "TemplateNotOfModel", _not_of_model(other, model), Verdict.FAILED
        case Found() if template is None and resolution.derived is not None:
            return _derived_reason(observed, resolution.derived.key)
        case _:
            pass
    if selection.awaited:
        return "TemplatePending", selection.awaited, Verdict.PENDING
    if selection.tied:
        names = " and ".join(one.key.name for one in selection.tied)
        message = f"nothing ranks {names} apart; name one by spec.template.name"
        return "TemplateSelectionAmbiguous", message, Verdict.FAILED
    if template is not None and (resolution.named is None or can_run(template, observed.view, observed.policy)):
        return "TemplateResolved", str(template.key), None
    bad = _went_bad(observed, resolution, model)
    return (
        "NoTemplateAvailable",
        _none_available(observed, resolution, model),
        Verdict.DEGRADED if bad else Verdict.PENDING,
    )


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
        return f"{template.key} is {template_health(template, observed.view, observed.policy).verdict}"
    candidates = resolution.selection.candidates
    if not candidates:
        return f"{model.key} has no templates; it is {model.status.status if model.status else 'not observed yet'}"
    first = candidates[0]
    return f"none of the templates ({len(candidates)}) can be run; {first.name} {first.reason}"


def _went_bad(observed: Observed[Service], resolution: Resolution, model: Model) -> bool:
    """Whether the service ran a template of this model that is gone or can no longer be run (STAT-2)."""
    status = observed.subject.status
    if status is None or status.resolved_template is None or status.resolved_model is None:
        return False
    if status.resolved_model.uid != model.meta.uid:
        return False
    ran = observed.view.template(status.resolved_template.namespace, status.resolved_template.name)
    if ran is None or ran.meta.uid != status.resolved_template.uid:
        return resolution.template is None
    meant = resolution.template is None or resolution.template.key == ran.key
    health = template_health(ran, observed.view, observed.policy)
    option = Option(template=ran, health=health, unwanted=ran.meta.uid in resolution.progress.unwanted)
    return meant and is_unfit(option, observed.view.inventory)


def _resources(resources: MergedResources) -> _Finding:
    if resources.problems:
        condition = false("ResourcesResolved", "ResourcesInvalid", "; ".join(resources.problems))
        return _Finding(condition=condition, verdict=Verdict.FAILED)
    return _Finding(condition=true("ResourcesResolved", "ResourcesResolved"))


# Status ---------------------------------------------------------------------------------------------------------------


def _status(
    observed: Observed[Service], resolution: Resolution, findings: tuple[_Finding, ...], told: tuple[Condition, ...]
) -> ServiceStatus:
    said = {finding.verdict: finding.condition for finding in reversed(findings)}
    verdict = next((word for word in _BLOCKING if word in said), Verdict.STARTING)
    resolved = verdict is Verdict.STARTING
    model, ran = _kept(observed, resolution)
    template = resolution.template if resolved else None
    return ServiceStatus(
        status=verdict,
        conditions=(*(finding.condition for finding in findings), *told, *_summary(verdict, said)),
        resolved_runtime_config=None if isinstance(resolution.config, ConfigMissing) else resolution.config.reference,
        resolved_model=model,
        resolved_template=Reference.to(template.key, template.meta.uid) if template else ran,
        resolved_resources=resolution.resources if resolved else None,
        template_selection=_selection(resolution),
    )


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


def _summary(verdict: Verdict, said: dict[Verdict | None, Condition]) -> tuple[Condition, Condition]:
    """`Resolved` and `Ready`: everything found is not yet anything running (STAT-2, KIND-11)."""
    if verdict is Verdict.STARTING:
        message = "everything is resolved; workloads are not managed by this version"
        return true("Resolved", "Resolved"), false("Ready", "WorkloadNotManaged", message)
    why = said[verdict]
    return false("Resolved", why.reason, why.message), ready_condition(verdict, f"{why.reason}: {why.message}")


def _selection(resolution: Resolution) -> TemplateSelection | None:
    selection, template = resolution.selection, resolution.template
    if not selection.candidates and template is None:
        return None
    return TemplateSelection(
        chosen=template.key.name if template else None, candidates=selection.candidates[:MOST_CANDIDATES]
    )
