"""Why a model is as it is: what was read of it, the templates it wants and why, who uses it and what it hides."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from aimcore.domain.children.diff import is_derived, is_stale
from aimcore.domain.children.expansion import expand, is_custom
from aimcore.domain.decide.credentials import model_config
from aimcore.domain.decide.discovery import creates_templates
from aimcore.domain.hardware.requirements import inherit
from aimcore.domain.images.metadata import Deployment
from aimcore.domain.kinds.config import ConfigMissing, ResolvedConfig
from aimcore.domain.kinds.naming import custom_template_name, deployment_template_name
from aimcore.domain.kinds.records import CustomSpec, Model, Service, Template
from aimcore.domain.kinds.scope import Key, Scope
from aimcore.domain.view.cache import ObjectCache
from aimcore.domain.view.lookup import Found, find_model
from aimcore.domain.view.observed import Policy
from aimcore.entrypoints.present.outline import Entry, Section
from aimcore.entrypoints.present.references import config_data, config_section, key_data, keys_data
from aimcore.entrypoints.present.verdicts import condition_entries, reason, verdict, verdict_data, verdict_entry

__all__ = ["ModelReport", "model_data", "model_outline", "tell_model"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Children:
    """One template of the model: by which rule it is there, what it came from, and itself, if it stands."""

    name: str
    rule: str
    origin: str
    template: Template | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelReport:
    """All that is told of a model."""

    model: Model
    config: ResolvedConfig | ConfigMissing
    children: tuple[Children, ...]
    used_by: tuple[Key, ...]
    shadows: tuple[Key, ...]
    shadowed_by: tuple[Key, ...]


def tell_model(cache: ObjectCache, policy: Policy, model: Model) -> ModelReport:
    """The report of a model of a settled cache."""
    found = find_model(cache, model.key.namespace, model.key.name)
    things = list(cache)
    cluster = model.key.scope is Scope.CLUSTER
    return ModelReport(
        model=model,
        config=model_config(cache, policy, model),
        children=tuple(_children(things, model)),
        used_by=tuple(thing.key for thing in things if isinstance(thing, Service) and _uses(thing, model)),
        shadows=found.shadowed if isinstance(found, Found) else (),
        shadowed_by=tuple(
            thing.key
            for thing in things
            if isinstance(thing, Model) and cluster and thing.key.name == model.key.name and thing.key != model.key
        ),
    )


def _uses(service: Service, model: Model) -> bool:
    resolved = service.status.resolved_model if service.status else None
    return resolved is not None and resolved.uid == model.meta.uid


def _children(things: list[Any], model: Model) -> Iterator[Children]:
    """The templates the model wants, standing or not, then those that stand beside them."""
    live = {thing.key: thing for thing in things if isinstance(thing, Template) and _is_of(thing, model)}
    own = {key.name: thing for key, thing in live.items() if key.namespace == model.key.namespace}
    wanted = _wanted(model)
    for name, (rule, origin) in sorted(wanted.items()):
        yield Children(name=name, rule=rule, origin=origin, template=own.get(name))
    for key, template in sorted(live.items(), key=lambda pair: pair[0].sort_key):
        if template not in own.values() or key.name not in wanted:
            rule, origin = _beside(template)
            yield Children(name=key.name, rule=rule, origin=origin, template=template)


def _is_of(template: Template, model: Model) -> bool:
    resolved = template.status.resolved_model if template.status else None
    return resolved is not None and resolved.uid == model.meta.uid


def _wanted(model: Model) -> dict[str, tuple[str, str]]:
    """Rule and origin of every template the model wants, by name."""
    name = model.key.name
    wanted: dict[str, tuple[str, str]] = {}
    metadata = model.status.image_metadata if model.status else None
    if metadata is not None and creates_templates(model) and not is_custom(model):
        for deployment in metadata.model.recommended_deployments:
            wanted[deployment_template_name(name, deployment)] = ("TMPL-1", f"the image recommends {_told(deployment)}")
    custom = model.spec.custom or CustomSpec()
    for index, entry in enumerate(custom.templates):
        called = f" ({entry.name})" if entry.name else ""
        hardware = inherit(entry.hardware, custom.hardware)
        wanted[custom_template_name(name, entry, hardware)] = ("CUST-2", f"spec.custom.templates[{index}]{called}")
    for left in expand(model).templates.keys() - wanted.keys():
        wanted[left] = ("CUST-2", "spec.custom.hardware")
    return wanted


def _told(deployment: Deployment) -> str:
    gpus = f"{deployment.gpus}x {deployment.gpu_model}" if deployment.gpu_model else "no GPU model"
    return " ".join(filter(None, (gpus, deployment.metric, deployment.precision, deployment.profile_id)))


def _beside(template: Template) -> tuple[str, str]:
    if is_stale(template):
        return "TMPL-4", "no longer wanted, kept for the services that run it"
    if is_derived(template):
        return "SEL-4", "derived for a service"
    return "SEL-2", "written by hand"


# Data -------------------------------------------------------------------------------------------------------------------


def model_data(report: ModelReport) -> dict[str, Any]:
    """The report for programs."""
    model = report.model
    source = model.status.source_type if model.status else None
    return {
        "model": {
            **key_data(model.key),
            "uid": model.meta.uid,
            "sourceType": source.value if source else None,
            **verdict_data(model.status),
        },
        "runtimeConfig": config_data(report.config),
        "metadata": _metadata_data(model),
        "templates": [_children_data(model, one) for one in report.children],
        "usedBy": keys_data(report.used_by),
        "shadows": keys_data(report.shadows),
        "shadowedBy": keys_data(report.shadowed_by),
    }


def _metadata_data(model: Model) -> dict[str, Any]:
    status = model.status
    metadata = status.image_metadata if status else None
    resolved = status.resolved_image if status else None
    return {
        "source": _source(model),
        "image": model.spec.image,
        "digest": resolved.digest if resolved else None,
        "canonicalName": metadata.model.canonical_name if metadata else None,
        "recommendedDeployments": len(metadata.model.recommended_deployments) if metadata else None,
    }


def _source(model: Model) -> str | None:
    if is_custom(model):
        return "spec.modelSources"
    if model.spec.image_metadata is not None:
        return "spec.imageMetadata"
    return "image" if model.status and model.status.resolved_image else None


def _children_data(model: Model, one: Children) -> dict[str, Any]:
    status = one.template.status if one.template else None
    namespace = one.template.key.namespace if one.template else model.key.namespace
    return {
        "name": one.name,
        "namespace": namespace,
        "scope": (Scope.CLUSTER if namespace is None else Scope.NAMESPACE).value,
        "rule": one.rule,
        "origin": one.origin,
        "verdict": verdict(status) if one.template else None,
        "reason": reason(status),
    }


# In words ---------------------------------------------------------------------------------------------------------------


def model_outline(report: ModelReport) -> tuple[Section, ...]:
    """The report for people."""
    model = report.model
    return (
        Section(title="Model", entries=(verdict_entry(model),)),
        config_section(report.config),
        Section(title="Read", entries=(_read(model),)),
        Section(title="Templates", entries=tuple(map(_template, report.children))),
        Section(title="Conditions", entries=condition_entries(model.status)),
        Section(title="Used by", entries=tuple(Entry(text=str(key)) for key in report.used_by)),
        Section(title="Shadows", entries=tuple(Entry(text=str(key)) for key in report.shadows)),
        Section(title="Shadowed by", entries=tuple(Entry(text=str(key)) for key in report.shadowed_by)),
    )


def _read(model: Model) -> Entry:
    data = _metadata_data(model)
    told = {name: value for name, value in data.items() if value is not None and name != "source"}
    entries = tuple(Entry(label=name, text=str(value)) for name, value in told.items())
    return Entry(text=f"from {data['source']}" if data["source"] else "nothing", entries=entries)


def _template(one: Children) -> Entry:
    status = one.template.status if one.template else None
    notes = [f"{one.origin} [{one.rule}]"]
    if told := reason(status):
        notes.append(told)
    return Entry(label=verdict(status) if one.template else "wanted", text=one.name, notes=tuple(notes))
