"""What stands on a cluster, as a list, as a tree, as names and as data: each thing with its word and what it is."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from aimcore.domain.hardware.requirements import summary
from aimcore.domain.kinds.records import Model, Service, Template
from aimcore.domain.kinds.scope import GROUP, Key
from aimcore.domain.kinds.statuses import Verdict
from aimcore.domain.view.cache import ObjectCache
from aimcore.entrypoints.present.outline import Entry, Section
from aimcore.entrypoints.present.references import key_data
from aimcore.entrypoints.present.verdicts import reason, verdict, verdict_data

__all__ = [
    "Branch",
    "Thing",
    "about",
    "branch_data",
    "branch_of",
    "branch_outline",
    "list_data",
    "list_names",
    "list_outline",
]

Thing = Model | Template | Service

_WELL = (Verdict.READY, Verdict.STARTING)


@dataclass(frozen=True, slots=True, kw_only=True)
class Branch:
    """A thing, and those that are there because of it or run it."""

    thing: Thing
    below: tuple[Branch, ...] = ()


# Lists ------------------------------------------------------------------------------------------------------------------


def list_outline(things: Iterable[Thing]) -> tuple[Section, ...]:
    """Models, templates and services, each under its title."""
    entries: dict[str, list[Entry]] = {"Models": [], "Templates": [], "Services": []}
    for thing in things:
        entries[_title(thing)].append(_entry(Branch(thing=thing)))
    return tuple(Section(title=title, entries=tuple(listed)) for title, listed in entries.items())


def list_data(things: Iterable[Thing]) -> dict[str, Any]:
    """The same for programs."""
    return {"items": [_data(thing) for thing in things]}


def list_names(things: Iterable[Thing]) -> str:
    """A name a line, as kubectl takes it: `aimmodel.aim.silogen.ai/llama`."""
    return "".join(f"{thing.key.api_kind.lower()}.{GROUP}/{thing.key.name}\n" for thing in things)


def _title(thing: Thing) -> str:
    match thing:
        case Model():
            return "Models"
        case Template():
            return "Templates"
        case Service():
            return "Services"


# Trees ------------------------------------------------------------------------------------------------------------------


def branch_of(cache: ObjectCache, root: Model | Service) -> Branch:
    """A model with its templates, and those with the services that run them; a service with its model and its template.

    What a status speaks of by uid is what counts, as it does for the operator.
    """
    things = [thing for thing in cache if isinstance(thing, Thing)]
    if isinstance(root, Service):
        uids = {_model_uid(root), _template_uid(root)} - {""}
        return Branch(thing=root, below=tuple(Branch(thing=one) for one in things if one.meta.uid in uids))
    templates = (one for one in things if isinstance(one, Template) and _model_uid(one) == root.meta.uid)
    services = [one for one in things if isinstance(one, Service)]
    return Branch(thing=root, below=tuple(_run(template, services) for template in templates))


def _run(template: Template, services: Iterable[Service]) -> Branch:
    runs = (one for one in services if _template_uid(one) == template.meta.uid)
    return Branch(thing=template, below=tuple(Branch(thing=one) for one in runs))


def _model_uid(thing: Template | Service) -> str:
    resolved = thing.status.resolved_model if thing.status else None
    return resolved.uid if resolved else ""


def _template_uid(service: Service) -> str:
    resolved = service.status.resolved_template if service.status else None
    return resolved.uid if resolved else ""


def branch_outline(branch: Branch) -> tuple[Section, ...]:
    """A branch as an outline, under the kind of its root."""
    return (Section(title=branch.thing.key.api_kind, entries=(_entry(branch),)),)


def branch_data(branch: Branch) -> dict[str, Any]:
    """The same for programs: each thing with what is `below` it."""
    return {**_data(branch.thing), "below": [branch_data(one) for one in branch.below]}


# Things -----------------------------------------------------------------------------------------------------------------


def _entry(branch: Branch) -> Entry:
    thing = branch.thing
    told = reason(thing.status) if verdict(thing.status) not in _WELL else ""
    return Entry(
        label=verdict(thing.status),
        text=_place(thing.key),
        notes=tuple(filter(None, (about(thing), told))),
        entries=tuple(_entry(one) for one in branch.below),
    )


def _place(key: Key) -> str:
    return key.name if key.namespace is None else f"{key.namespace}/{key.name}"


def about(thing: Thing) -> str:
    """The image of a model; hardware, metric and precision of a template; the template that a service runs."""
    match thing:
        case Model():
            return thing.spec.image or ""
        case Template():
            said = (summary(thing.spec.hardware), thing.spec.metric, thing.spec.precision)
            return ", ".join(str(word) for word in said if word)
        case Service():
            resolved = thing.status.resolved_template if thing.status else None
            return f"runs {resolved.name}" if resolved else ""


def _data(thing: Thing) -> dict[str, Any]:
    return {**key_data(thing.key), "uid": thing.meta.uid, "about": about(thing), **verdict_data(thing.status)}
