"""A service becomes one answer: configuration, model, template, resources, and the trace of how (LOOK, SEL, RES)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import assert_never

from aimcore.domain.children.creation import auto_model, inline_model
from aimcore.domain.children.diff import is_same
from aimcore.domain.children.expansion import is_custom
from aimcore.domain.decide.availability import template_layers
from aimcore.domain.decide.checks import spec_faults
from aimcore.domain.decide.discovery import METADATA_EXTRACTED
from aimcore.domain.decide.health import template_health
from aimcore.domain.decide.progress import TemplateProgress, template_progress
from aimcore.domain.decide.selection import Criteria, Option, Selection, select
from aimcore.domain.decide.templates import belongs, profile_of, templates_of
from aimcore.domain.errors import Fault
from aimcore.domain.hardware.requirements import Gpu, Hardware
from aimcore.domain.kinds.conditions import ConditionStatus, find_condition
from aimcore.domain.kinds.config import ConfigMissing, ResolvedConfig
from aimcore.domain.kinds.core import Child
from aimcore.domain.kinds.naming import derived_template_name
from aimcore.domain.kinds.ownership import controls
from aimcore.domain.kinds.records import (
    Model,
    ModelByImage,
    ModelByRef,
    ModelInline,
    Overrides,
    Service,
    Template,
    TemplateSpec,
)
from aimcore.domain.kinds.resources import MergedResources, Resources, merge_resources
from aimcore.domain.kinds.scope import Key, Kind, Reference
from aimcore.domain.kinds.statuses import Candidate
from aimcore.domain.serving.names import child_name
from aimcore.domain.serving.origin import Origin, choice_digest, read_origin
from aimcore.domain.values.image import ImageReference, parse_image
from aimcore.domain.values.layering import Layer
from aimcore.domain.view.lookup import (
    Ambiguous,
    Found,
    Missing,
    find_config,
    find_model,
    find_model_of_image,
    find_template,
)
from aimcore.domain.view.observed import Observed

__all__ = [
    "ModelAnswer",
    "NameConflict",
    "NotOfModel",
    "Resolution",
    "Step",
    "ToCreate",
    "own_deployment",
    "resolve_service",
    "resource_layers",
    "standing_origin",
    "unread_cause",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class ToCreate:
    """The model is not there; this is the one to make."""

    model: Model
    narrowed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class NameConflict:
    """The name of the model to make is held by an object that is not it (OWN-2)."""

    key: Key


@dataclass(frozen=True, slots=True, kw_only=True)
class NotOfModel:
    """The named template stands, and belongs to another model (SEL-1)."""

    template: Template


NO_PROGRESS = TemplateProgress()
ModelAnswer = Found[Model] | Missing | Ambiguous[Model] | ToCreate | NameConflict


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One thing that was decided: by which rule, and what came out."""

    rule: str
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Resolution:
    """The whole answer for a service, as far as it goes: what is None was not reached.

    `named` is the template asked for by name, or why it is not to be had; `derived` is the template to make of it
    where the service overrides parts of it; `template` is the one to run. `progress` is how far the model has got with
    its templates, where that counts. `lost` is the template that its Deployment was made from and that is gone (RUN-16).
    """

    config: ResolvedConfig | ConfigMissing
    faults: tuple[Fault, ...] = ()
    model: ModelAnswer | None = None
    inline: Model | None = None
    named: Found[Template] | Missing | NotOfModel | None = None
    derived: Template | None = None
    selection: Selection = Selection()
    progress: TemplateProgress = NO_PROGRESS
    template: Template | None = None
    lost: Reference | None = None
    resources: MergedResources | None = None
    trace: tuple[Step, ...] = ()


def resolve_service(observed: Observed[Service]) -> Resolution:
    """The answer for the service on this snapshot."""
    service = observed.subject
    config = find_config(observed.view, _namespace(service), service.spec.runtime_config_name)
    faults = spec_faults(service)
    trace = [_config_step(config), *(Step(rule=it.rule, message=f"{it.path}: {it.message}") for it in faults)]
    if faults or (isinstance(config, ConfigMissing) and config.named):
        return Resolution(config=config, faults=faults, trace=tuple(trace))
    answer, inline = _find(observed, ResolvedConfig() if isinstance(config, ConfigMissing) else config)
    trace.append(_model_step(service, answer))
    if not isinstance(answer, Found):
        return Resolution(config=config, model=answer, inline=inline, trace=tuple(trace))
    choice = _choose(observed, answer.thing, trace)
    return Resolution(
        config=config,
        model=answer,
        inline=inline,
        named=choice.named,
        derived=choice.derived,
        selection=choice.selection,
        progress=choice.progress,
        template=choice.template,
        lost=choice.lost,
        resources=None if choice.template is None else _merge(service, choice.template, answer.thing, trace),
        trace=tuple(trace),
    )


def _namespace(service: Service) -> str:
    return service.key.namespace or ""


def _config_step(config: ResolvedConfig | ConfigMissing) -> Step:
    if isinstance(config, ResolvedConfig):
        return Step(rule="CONF-1", message=f"runtime config: {config.reference}")
    looked = ", ".join(map(str, config.looked))
    return Step(rule="CONF-2", message=f"runtime config {config.name}: none; looked for {looked}")


# Model ----------------------------------------------------------------------------------------------------------------


def _find(observed: Observed[Service], config: ResolvedConfig) -> tuple[ModelAnswer, Model | None]:
    """The model the service asks for, and the inline one it wants when it brings its own."""
    service, view = observed.subject, observed.view
    match service.spec.model:
        case ModelByRef(ref=name):
            return find_model(view, _namespace(service), name), None
        case ModelByImage(image=text):
            return _find_by_image(observed, parse_image(text), config), None
        case ModelInline() as wanted:
            inline = inline_model(observed, wanted, config)
            there = view.model(inline.key.namespace, inline.key.name)
            if there is None:
                return ToCreate(model=inline), inline
            mine = controls(service.meta.uid, there.meta.owners)
            return Found(thing=there) if mine else NameConflict(key=inline.key), inline
        case wanted:
            assert_never(wanted)


def _find_by_image(observed: Observed[Service], image: ImageReference, config: ResolvedConfig) -> ModelAnswer:
    found = find_model_of_image(observed.view, _namespace(observed.subject), image.identity)
    if found is not None:
        return found
    creation = auto_model(observed, image, config)
    key = creation.model.key
    if observed.view.model(key.namespace, key.name) is not None:
        return NameConflict(key=key)
    return ToCreate(model=creation.model, narrowed=creation.narrowed)


def _model_step(service: Service, answer: ModelAnswer) -> Step:
    rule = {ModelByRef: "LOOK-1", ModelByImage: "LOOK-4", ModelInline: "AUTO-4"}[type(service.spec.model)]
    match answer:
        case Found(thing=model, shadowed=shadowed):
            hides = f"; shadows {', '.join(map(str, shadowed))}" if shadowed else ""
            return Step(rule=rule, message=f"model: {model.key}{hides}")
        case Missing(looked=looked):
            return Step(rule="LOOK-2", message=f"model: none; looked for {', '.join(map(str, looked))}")
        case Ambiguous(things=models):
            return Step(rule=rule, message=f"model: several answer, {', '.join(str(model.key) for model in models)}")
        case ToCreate(model=model):
            return Step(rule="AUTO-1" if rule == "LOOK-4" else rule, message=f"model: {model.key}, to be created")
        case NameConflict(key=key):
            return Step(rule="OWN-2", message=f"model: the name of {key} is held by somebody else's object")
        case _:
            assert_never(answer)


# Template -------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class _Choice:
    """What a resolution says of the template."""

    named: Found[Template] | Missing | NotOfModel | None = None
    derived: Template | None = None
    selection: Selection = Selection()
    progress: TemplateProgress = NO_PROGRESS
    template: Template | None = None
    lost: Reference | None = None


def _choose(observed: Observed[Service], model: Model, trace: list[Step]) -> _Choice:
    spec = observed.subject.spec
    kept = _kept(observed, model, trace)
    if kept is not None:
        return kept
    name = spec.template_name or model.spec.default_service_template
    if name is None:
        progress = template_progress(observed, model)
        selection = _select(observed, model, progress)
        trace.append(Step(rule="SEL-2", message=f"template: {_told(selection)}"))
        return _Choice(selection=selection, progress=progress, template=selection.chosen)
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
            return _Choice(named=named, progress=template_progress(observed, model))
        case _:
            assert_never(named)
    return _Choice(named=named)


def _kept(observed: Observed[Service], model: Model, trace: list[Step]) -> _Choice | None:
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
        return _Choice(lost=made_from)
    if model.spec.default_service_template is not None:
        return _Choice(template=template)
    selection = _select(observed, model, template_progress(observed, model))
    return _Choice(selection=_as_kept(selection, template), template=template)


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
    deployment = own_deployment(observed)
    return None if deployment is None else read_origin(deployment.meta.annotations)


def own_deployment(observed: Observed[Service]) -> Child | None:
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
    found = find_template(observed.view, _namespace(observed.subject), name)
    if isinstance(found, Found) and not belongs(observed.view, found.thing, model):
        return NotOfModel(template=found.thing)
    return found


def unread_cause(model: Model) -> str:
    """Why the image of the model could not be read so far, as its status says it; empty where it says nothing of the kind."""
    told = find_condition(model.status.conditions, METADATA_EXTRACTED) if model.status else None
    return f"; {told.message}" if told is not None and told.status is ConditionStatus.FALSE else ""


def _select(observed: Observed[Service], model: Model, progress: TemplateProgress) -> Selection:
    """The choice among the model's templates by the facts of this snapshot; what was chosen before is no fact (SEL-5)."""
    service, view = observed.subject, observed.view
    criteria = Criteria(
        allow_unoptimized=bool(service.spec.allow_unoptimized) or is_custom(model),
        overrides=service.spec.overrides,
        inventory=view.inventory,
        resources=model.spec.resources,
        awaited=f"{model.key} is still making its templates{unread_cause(model)}" if progress.coming else None,
    )
    options = (
        Option(
            template=one,
            health=template_health(one, view, observed.policy),
            unwanted=one.meta.uid in progress.unwanted,
        )
        for one in templates_of(view, _namespace(service), model)
    )
    return select(options, criteria)


def _with_overrides(observed: Observed[Service], named: Found[Template], trace: list[Step]) -> _Choice:
    """The named template itself, or the one derived from it by the service's overrides (SEL-4)."""
    service, overrides, base = observed.subject, observed.subject.spec.overrides, named.thing
    if overrides == Overrides():
        return _Choice(named=named, template=base)
    key = Key(Kind.TEMPLATE, service.key.namespace, derived_template_name(service.key.name, base.key, overrides))
    wanted = Template(key=key, spec=_overridden(base.spec, overrides))
    there = observed.view.template(key.namespace, key.name)
    mine = there is not None and controls(service.meta.uid, there.meta.owners) and is_same(wanted, there)
    trace.append(Step(rule="SEL-4", message=f"overrides: {key} derived from {base.key}"))
    return _Choice(named=named, derived=wanted, template=there if mine else None)


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


# Resources ------------------------------------------------------------------------------------------------------------


def _merge(service: Service, template: Template, model: Model, trace: list[Step]) -> MergedResources:
    hardware = template.spec.hardware
    gpu = (hardware.gpu if hardware else None) or Gpu()
    said = resource_layers(service, template, model)
    count = profile_of(template.spec).gpu_count
    merged = merge_resources(said, gpu_count=count, resource_name=gpu.resource_name)
    told = "; ".join(merged.problems) or f"{len(merged.requests)} requests, {len(merged.limits)} limits"
    trace.append(Step(rule="RES-3" if merged.problems else "RES-1", message=f"resources: {told}"))
    return merged


def resource_layers(service: Service, template: Template, model: Model) -> tuple[tuple[Layer, Resources], ...]:
    """What each layer says of resources, the strongest first (RES-1)."""
    layers = ((Layer.SERVICE, service.spec.resources), *template_layers(template.spec, model.spec.resources))
    return tuple((layer, one) for layer, one in layers if one.requests or one.limits or one.claims)
