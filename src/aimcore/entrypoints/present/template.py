"""Why a template is as it is: its model, where it can run, what its weights are, and who uses it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from aimcore.domain.hardware.capacity import Room
from aimcore.domain.kinds.caches import Cache
from aimcore.domain.kinds.records import Service, Template
from aimcore.domain.kinds.scope import Key
from aimcore.domain.view.cache import ObjectCache
from aimcore.entrypoints.present.capacity import room_data, room_words
from aimcore.entrypoints.present.outline import Entry, Section
from aimcore.entrypoints.present.references import hardware_data, hardware_section, key_data, keys_data
from aimcore.entrypoints.present.sizes import sized_words
from aimcore.entrypoints.present.tree import caches_of
from aimcore.entrypoints.present.verdicts import condition_entries, verdict_data, verdict_entry

__all__ = ["TemplateReport", "tell_template", "template_data", "template_outline"]


@dataclass(frozen=True, slots=True, kw_only=True)
class TemplateReport:
    """All that is told of a template; `rooms` says for each node that is known how many replicas fit."""

    template: Template
    rooms: tuple[Room, ...]
    caches: tuple[Cache, ...]
    used_by: tuple[Key, ...]


def tell_template(cache: ObjectCache, template: Template, rooms: tuple[Room, ...]) -> TemplateReport:
    """The report of a template."""
    return TemplateReport(
        template=template,
        rooms=rooms,
        caches=tuple(caches_of(cache, template)),
        used_by=tuple(thing.key for thing in cache if isinstance(thing, Service) and _runs(thing, template)),
    )


def _runs(service: Service, template: Template) -> bool:
    resolved = service.status.resolved_template if service.status else None
    return resolved is not None and resolved.uid == template.meta.uid


def template_data(report: TemplateReport) -> dict[str, Any]:
    """The report for programs."""
    template = report.template
    model = template.status.resolved_model if template.status else None
    nodes = [room_data(room) for room in report.rooms]
    return {
        "template": {**key_data(template.key), "uid": template.meta.uid, **verdict_data(template.status)},
        "model": {"name": template.spec.model_name, "found": None if model is None else str(model)},
        "profile": {
            "metric": template.spec.metric,
            "precision": template.spec.precision,
            "type": template.spec.type,
            "profileId": template.spec.profile_id,
        },
        "hardware": hardware_data(template),
        "nodes": nodes,
        "caches": keys_data(one.key for one in report.caches),
        "usedBy": keys_data(report.used_by),
    }


def template_outline(report: TemplateReport) -> tuple[Section, ...]:
    """The report for people."""
    template = report.template
    status = template.status
    model = status.resolved_model if status else None
    profile = (template.spec.metric, template.spec.precision, template.spec.type, template.spec.profile_id)
    told = ", ".join(str(one) for one in profile if one)
    sources = status.model_sources if status else ()
    return (
        Section(title="Template", entries=(verdict_entry(template),)),
        Section(title="Model", entries=(Entry(text=str(model) if model else f"{template.spec.model_name}: none"),)),
        Section(title="Profile", entries=(Entry(text=told),) if told else ()),
        hardware_section(template),
        Section(title="Nodes", entries=tuple(Entry(text=one) for one in room_words(report.rooms))),
        Section(title="Weights", entries=tuple(Entry(text=one) for one in sized_words(sources))),
        Section(title="Caches", entries=tuple(verdict_entry(one) for one in report.caches)),
        Section(title="Conditions", entries=condition_entries(status)),
        Section(title="Used by", entries=tuple(Entry(text=str(key)) for key in report.used_by)),
    )
