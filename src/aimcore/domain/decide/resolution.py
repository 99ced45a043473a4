"""A service becomes one answer: configuration, model, template, resources, and the trace of how (LOOK, SEL, RES)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import assert_never

from aimcore.domain.children.creation import auto_model, inline_model
from aimcore.domain.decide.availability import template_layers
from aimcore.domain.decide.checks import spec_faults
from aimcore.domain.decide.choice import NO_PROGRESS, NotOfModel, Step, choose_template
from aimcore.domain.decide.progress import TemplateProgress
from aimcore.domain.decide.selection import Selection
from aimcore.domain.decide.templates import profile_of
from aimcore.domain.errors import Fault
from aimcore.domain.hardware.requirements import Gpu
from aimcore.domain.kinds.config import ConfigMissing, ResolvedConfig, in_force
from aimcore.domain.kinds.ownership import controls
from aimcore.domain.kinds.records import (
    Model,
    ModelByImage,
    ModelByRef,
    ModelInline,
    Service,
    Template,
)
from aimcore.domain.kinds.resources import MergedResources, Resources, merge_resources
from aimcore.domain.kinds.scope import Key, Reference
from aimcore.domain.values.image import ImageReference, parse_image
from aimcore.domain.values.layering import Layer
from aimcore.domain.view.lookup import (
    Ambiguous,
    Found,
    Missing,
    find_config,
    find_model,
    find_model_of_image,
)
from aimcore.domain.view.observed import Observed

__all__ = [
    "ModelAnswer",
    "NameConflict",
    "Resolution",
    "ToCreate",
    "resolve_service",
    "resource_layers",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class ToCreate:
    """The model is not there; this is the one to make."""

    model: Model
    narrowed: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class NameConflict:
    """The name of the model to make is held by an object that is not it (OWN-2)."""

    key: Key


ModelAnswer = Found[Model] | Missing | Ambiguous[Model] | ToCreate | NameConflict


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

    @property
    def settings(self) -> ResolvedConfig:
        """The configuration in force."""
        return in_force(self.config)


def resolve_service(observed: Observed[Service]) -> Resolution:
    """The answer for the service on this snapshot."""
    service = observed.subject
    config = find_config(observed.view, _namespace(service), service.spec.runtime_config_name)
    faults = spec_faults(service)
    trace = [_config_step(config), *(Step(rule=it.rule, message=f"{it.path}: {it.message}") for it in faults)]
    if faults or (isinstance(config, ConfigMissing) and config.named):
        return Resolution(config=config, faults=faults, trace=tuple(trace))
    answer, inline = _find(observed, in_force(config))
    trace.append(_model_step(service, answer))
    if not isinstance(answer, Found):
        return Resolution(config=config, model=answer, inline=inline, trace=tuple(trace))
    choice = choose_template(observed, answer.thing, in_force(config), trace)
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
