"""Why a service gets what it gets: the resolution of the domain, as data and in words, and nothing beside it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from aimcore.domain.decide.choice import NotOfModel
from aimcore.domain.decide.resolution import ModelAnswer, NameConflict, Resolution, ToCreate
from aimcore.domain.kinds.records import Model, Service, Template
from aimcore.domain.kinds.resources import MergedResources
from aimcore.domain.kinds.statuses import Candidate
from aimcore.domain.values.layering import Layered
from aimcore.domain.values.quantity import Quantity
from aimcore.domain.view.lookup import Ambiguous, Found, Missing
from aimcore.entrypoints.present.layers import resources_data, told_beaten, told_value
from aimcore.entrypoints.present.outline import Entry, Section
from aimcore.entrypoints.present.pod import PodReport, pod_data, pod_sections, rollout_data
from aimcore.entrypoints.present.references import (
    config_data,
    config_section,
    hardware_data,
    hardware_section,
    key_data,
    keys_data,
)
from aimcore.entrypoints.present.verdicts import verdict_data, verdict_entry

__all__ = ["service_data", "service_outline"]

CHOSEN = "chosen"


# Data -------------------------------------------------------------------------------------------------------------------


def service_data(service: Service, resolution: Resolution, *, report: PodReport | None = None) -> dict[str, Any]:
    """The explanation for programs; what was not reached is null."""
    resources = _resources_of(resolution, report)
    return {
        "service": {**key_data(service.key), **verdict_data(service.status)},
        "runtimeConfig": config_data(resolution.config),
        "model": None if resolution.model is None else _model_data(resolution.model),
        "template": _template_data(resolution),
        "resources": None if resources is None else resources_data(resources),
        "hardware": hardware_data(resolution.template),
        "pod": None if report is None else pod_data(report),
        "rollout": None if report is None else rollout_data(report),
        "trace": [{"rule": step.rule, "message": step.message} for step in resolution.trace],
    }


def _resources_of(resolution: Resolution, report: PodReport | None) -> MergedResources | None:
    """The resources of the pod, defaults included, where there is one; else those that were resolved."""
    return resolution.resources if report is None or report.pod is None else report.pod.resources


def _model_data(answer: ModelAnswer) -> dict[str, Any]:
    match answer:
        case Found(thing=model, shadowed=shadowed):
            return {**_live(model), "answer": "found", "shadows": keys_data(shadowed)}
        case Missing(looked=looked):
            return {"answer": "missing", "looked": keys_data(looked)}
        case Ambiguous(things=models):
            return {"answer": "several", "models": [_live(model) for model in models]}
        case ToCreate(model=model, narrowed=narrowed):
            return {**key_data(model.key), "answer": "toCreate", "narrowed": bool(narrowed)}
        case NameConflict(key=key):
            return {**key_data(key), "answer": "taken"}


def _live(thing: Model | Template) -> dict[str, Any]:
    return {**key_data(thing.key), "uid": thing.meta.uid}


def _template_data(resolution: Resolution) -> dict[str, Any]:
    template = resolution.template
    return {
        CHOSEN: template.key.name if template else None,
        "named": None if resolution.named is None else _named_data(resolution.named),
        "candidates": [_candidate_data(one) for one in resolution.selection.candidates],
    }


def _named_data(named: Found[Template] | Missing | NotOfModel) -> dict[str, Any]:
    match named:
        case Found(thing=template, shadowed=shadowed):
            return {**_live(template), "answer": "found", "shadows": keys_data(shadowed)}
        case Missing(looked=looked):
            return {"answer": "missing", "looked": keys_data(looked)}
        case NotOfModel(template=template):
            return {**_live(template), "answer": "notOfModel", "model": template.spec.model_name}


def _candidate_data(one: Candidate) -> dict[str, str]:
    return {
        "name": one.name,
        "scope": one.scope.value,
        "verdict": one.verdict,
        "stage": one.stage,
        "reason": one.reason,
    }


# In words ---------------------------------------------------------------------------------------------------------------


def service_outline(
    service: Service, resolution: Resolution, *, report: PodReport | None = None
) -> tuple[Section, ...]:
    """The explanation for people."""
    return (
        Section(title="Service", entries=(verdict_entry(service),)),
        config_section(resolution.config),
        Section(title="Model", entries=() if resolution.model is None else (_model(resolution.model),)),
        Section(title="Template", entries=tuple(_template(resolution))),
        Section(title="Resources", entries=tuple(_resources(_resources_of(resolution, report)))),
        hardware_section(resolution.template),
        *(() if report is None else pod_sections(report)),
        Section(title="Trace", entries=tuple(Entry(label=step.rule, text=step.message) for step in resolution.trace)),
    )


def _model(answer: ModelAnswer) -> Entry:
    match answer:
        case Found(thing=model, shadowed=shadowed):
            return Entry(text=str(model.key), notes=tuple(f"shadows {key}" for key in shadowed))
        case Missing(looked=looked):
            return Entry(text="none", notes=tuple(f"looked for {key}" for key in looked))
        case Ambiguous(things=models):
            return Entry(text="several answer", entries=tuple(Entry(text=str(model.key)) for model in models))
        case ToCreate(model=model):
            return Entry(text=f"{model.key}, to be created")
        case NameConflict(key=key):
            return Entry(text=f"none: the name of {key} is held by somebody else's object")


def _template(resolution: Resolution) -> Iterator[Entry]:
    template = resolution.template
    if resolution.model is None:
        return
    if not resolution.selection.candidates:
        yield Entry(label=CHOSEN, text=str(template.key) if template else "none")
    for one in resolution.selection.candidates:
        passed = "" if one.stage == CHOSEN else f"{one.stage}: "
        label = CHOSEN if one.stage == CHOSEN else "passed over"
        yield Entry(label=label, text=one.name, notes=(f"{passed}{one.reason}",))


def _resources(resources: MergedResources | None) -> Iterator[Entry]:
    if resources is None:
        return
    for title, side in (("requests", resources.requests), ("limits", resources.limits)):
        yield Entry(text=title, entries=tuple(_amount(name, side) for name in sorted(side)))
    for problem in resources.problems:
        yield Entry(text=problem)


def _amount(name: str, side: Mapping[str, Layered[Quantity]]) -> Entry:
    value = side[name]
    alone = Layered(value=value.value, layer=value.layer)
    return Entry(
        label=name, text=told_value(alone), notes=tuple(f"over {told_beaten(one)}" for one in value.passed_over)
    )
