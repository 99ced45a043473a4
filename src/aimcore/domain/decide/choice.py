"""Which template a service runs: the one its pods were made from, the one that is named, or the one that is selected (SEL, RUN-16)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import assert_never

from aimcore.domain.children.diff import is_same
from aimcore.domain.children.expansion import is_custom
from aimcore.domain.decide.availability import Extra
from aimcore.domain.decide.conditions import METADATA_EXTRACTED
from aimcore.domain.decide.health import template_healths
from aimcore.domain.decide.progress import TemplateProgress, template_progress
from aimcore.domain.decide.selection import Criteria, Option, Selection, select
from aimcore.domain.decide.templates import belongs, templates_of
from aimcore.domain.hardware.requirements import Gpu, Hardware
from aimcore.domain.kinds.conditions import ConditionStatus, find_condition
from aimcore.domain.kinds.config import ResolvedConfig
from aimcore.domain.kinds.core import Child
from aimcore.domain.kinds.naming import derived_template_name
from aimcore.domain.kinds.ownership import controls
from aimcore.domain.kinds.records import Model, Overrides, Service, Template, TemplateSpec
from aimcore.domain.kinds.scope import Key, Kind, Reference
from aimcore.domain.kinds.statuses import Candidate
from aimcore.domain.serving.names import child_name
from aimcore.domain.serving.origin import Origin, choice_digest, read_origin
from aimcore.domain.view.lookup import Found, Missing, find_template
from aimcore.domain.view.observed import Observed

__all__ = [
    "NO_PROGRESS",
    "NotOfModel",
    "Step",
    "TemplateChoice",
    "choose_template",
    "standing_origin",
    "unread_cause",
]

NO_PROGRESS = TemplateProgress()


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One thing that was decided: by which rule, and what came out."""

    rule: str
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NotOfModel:
    """The named template stands, and belongs to another model (SEL-1)."""

    template: Template


@dataclass(frozen=True, slots=True, kw_only=True)
class TemplateChoice:
    """What is said of the template, as far as it goes: what is None was not reached (`Resolution` says what each means)."""

    named: Found[Template] | Missing | NotOfModel | None = None
    derived: Template | None = None
    selection: Selection = Selection()
    progress: TemplateProgress = NO_PROGRESS
    template: Template | None = None
    lost: Reference | None = None


def choose_template(
    observed: Observed[Service], model: Model, config: ResolvedConfig, trace: list[Step]
) -> TemplateChoice:
    """The template for a service of this model and configuration; what was decided is added to the trace."""
    spec = observed.subject.spec
    kept = _kept(observed, model, config, trace)
    if kept is not None:
        return kept
    name = spec.template_name or model.spec.default_service_template
    if name is None:
        progress = template_progress(observed, model)
        selection = _select(observed, model, config, progress)
        trace.append(Step(rule="SEL-2", message=f"template: {_told(selection)}"))
        return TemplateChoice(selection=selection, progress=progress, template=selection.chosen)
    by = "the service" if spec.template_name else f"{model.key}"
    named = _named(observed, model, name)
    match named:
        case Found(thing=template):
            trace.append(Step(rule="SEL-1", message=f"template: {template.key}, named by {by}"))
            return _with_overrides(observed, named, trace)
        case NotOfModel(template=template):
            message = f"template: {template.key}, named by {by}, does not belong to the model"
            trace.append(Step(rule="SEL-1", message=message))
        case Missing(looked=looked):
            sought = ", ".join(map(str, looked))
            trace.append(Step(rule="SEL-1", message=f"template: none; {by} names {name}; looked for {sought}"))
            return TemplateChoice(named=named, progress=template_progress(observed, model))
        case _:
            assert_never(named)
    return TemplateChoice(named=named)


def _kept(
    observed: Observed[Service], model: Model, config: ResolvedConfig, trace: list[Step]
) -> TemplateChoice | None:
    """The template that the Deployment was made from, where nothing opened the choice again (RUN-16)."""
    service, view = observed.subject, observed.view
    if service.spec.template_name is not None or service.spec.overrides != Overrides():
        return None
    origin = standing_origin(observed)
    if origin is None or origin.choice != choice_digest(service.spec, model):
        return None
    made_from = origin.template
    template = view.template(made_from.namespace, made_from.name)
    state = "" if template else ", which is gone"
    trace.append(Step(rule="RUN-16", message=f"template: {made_from}, that its pods were made from{state}"))
    if template is None:
        return TemplateChoice(lost=made_from)
    if model.spec.default_service_template is not None:
        return TemplateChoice(template=template)
    selection = _select(observed, model, config, template_progress(observed, model))
    return TemplateChoice(selection=_as_kept(selection, template), template=template)


def _as_kept(selection: Selection, template: Template) -> Selection:
    """What selection says now, of a choice that stands: which would be chosen is told, and why it is not (SEL-3)."""
    if selection.chosen is template:
        return selection
    mine, scope = template.key.name, template.key.scope

    def told(one: Candidate) -> Candidate:
        if (one.name, one.scope) == (mine, scope):
            return replace(one, stage="chosen", reason="the pods were made from it")
        if one.stage == "chosen":
            return replace(one, stage="kept", reason=f"would be chosen now, but the pods were made from {mine}")
        return one

    return Selection(chosen=template, candidates=tuple(map(told, selection.candidates)))


def standing_origin(observed: Observed[Service]) -> Origin | None:
    """What the service's own Deployment says it was made from; None where there is none, or it does not say."""
    deployment = _own_deployment(observed)
    return None if deployment is None else read_origin(deployment.meta.annotations)


def _own_deployment(observed: Observed[Service]) -> Child | None:
    """The service's own Deployment; one that is on its way out is none any more."""
    service = observed.subject
    if not observed.policy.workloads:
        return None
    found = observed.view.child(Kind.DEPLOYMENT, service.key.namespace, child_name(service.key.name))
    mine = found is not None and controls(service.meta.uid, found.meta.owners) and not found.meta.deleting
    return found if mine else None


def _told(selection: Selection) -> str:
    chosen, count = selection.chosen, len(selection.candidates)
    if chosen is None:
        return f"none of {count} candidates" + (", several tie" if selection.tied else "")
    return f"{chosen.key} of {count} candidates, {selection.candidates[0].reason}"


def _named(observed: Observed[Service], model: Model, name: str) -> Found[Template] | Missing | NotOfModel:
    found = find_template(observed.view, observed.subject.key.namespace or "", name)
    if isinstance(found, Found) and not belongs(observed.view, found.thing, model):
        return NotOfModel(template=found.thing)
    return found


def unread_cause(model: Model) -> str:
    """Why the image of the model could not be read so far, as its status says it; empty where it says nothing of the kind."""
    told = find_condition(model.status.conditions, METADATA_EXTRACTED.name) if model.status else None
    return f"; {told.message}" if told is not None and told.status is ConditionStatus.FALSE else ""


def _select(observed: Observed[Service], model: Model, config: ResolvedConfig, progress: TemplateProgress) -> Selection:
    """The choice among the model's templates by the facts of this snapshot; what was chosen before is no fact (SEL-5)."""
    service, view = observed.subject, observed.view
    criteria = Criteria(
        allow_unoptimized=bool(service.spec.allow_unoptimized) or is_custom(model),
        overrides=service.spec.overrides,
        inventory=view.inventory,
        extra=_extra(observed, model, config),
        awaited=f"{model.key} is still making its templates{unread_cause(model)}" if progress.coming else None,
    )
    candidates = templates_of(view, service.key.namespace or "", model)
    options = (
        Option(template=one, health=health, unwanted=one.meta.uid in progress.unwanted)
        for one, health in template_healths(candidates, view, observed.policy)
    )
    return select(options, criteria)


def _extra(observed: Observed[Service], model: Model, config: ResolvedConfig) -> Extra:
    """What the pods of the service take and tolerate, whatever its template; who makes no pods asks for neither (RUN-15)."""
    if not observed.policy.workloads:
        return Extra(model=model.spec.resources)
    said = (observed.subject.spec.pod, *(spec.pod for _, spec in config.layers))
    return Extra(
        model=model.spec.resources,
        defaults=observed.policy.default_resources,
        tolerations=tuple(toleration for pod in said for toleration in pod.tolerations or ()),
    )


def _with_overrides(observed: Observed[Service], named: Found[Template], trace: list[Step]) -> TemplateChoice:
    """The named template itself, or the one derived from it by the service's overrides (SEL-4)."""
    service, overrides, base = observed.subject, observed.subject.spec.overrides, named.thing
    if overrides == Overrides():
        return TemplateChoice(named=named, template=base)
    key = Key(Kind.TEMPLATE, service.key.namespace, derived_template_name(service.key.name, base.key, overrides))
    wanted = Template(key=key, spec=_overridden(base.spec, overrides))
    there = observed.view.template(key.namespace, key.name)
    mine = there is not None and controls(service.meta.uid, there.meta.owners) and is_same(wanted, there)
    trace.append(Step(rule="SEL-4", message=f"overrides: {key} derived from {base.key}"))
    return TemplateChoice(named=named, derived=wanted, template=there if mine else None)


def _overridden(spec: TemplateSpec, overrides: Overrides) -> TemplateSpec:
    hardware = spec.hardware or Hardware()
    gpu = hardware.gpu or Gpu()
    if overrides.gpu_model:
        gpu = replace(gpu, models=(overrides.gpu_model,))
    if overrides.gpu_count is not None:
        gpu = replace(gpu, requests=overrides.gpu_count)
    return replace(
        spec,
        metric=overrides.metric or spec.metric,
        precision=overrides.precision or spec.precision,
        hardware=replace(hardware, gpu=gpu) if gpu != Gpu() else spec.hardware,
    )
