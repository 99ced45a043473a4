"""Assertions on a catalogue: what its services resolve to, that nothing failed, that it fits, that a change changes no choice."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from fnmatch import fnmatchcase
from typing import Any

from aimcore.domain.hardware.nodes import Node
from aimcore.domain.kinds.records import Service
from aimcore.domain.kinds.statuses import Verdict
from aimcore.entrypoints.library.catalogue import Catalogue, load
from aimcore.entrypoints.library.fitting import fit
from aimcore.entrypoints.library.resolving import ServiceResolution, resolve_in
from aimcore.entrypoints.library.views import View, contents_in, view_of
from aimcore.entrypoints.present.answers import Planned, problem_line
from aimcore.testing.violations import demand
from aimcore.testing.world import Run, World

__all__ = ["assert_fits", "assert_nothing_failed", "assert_resolves", "assert_same_choice"]

Source = World | Run | Planned | Catalogue
ILL = (Verdict.FAILED.value, Verdict.DEGRADED.value)


def assert_resolves(
    source: Source, service: str, *, template: str | None = None, model: str | None = None
) -> ServiceResolution:
    """That the service `NAMESPACE/NAME` gets this template and this model, and returns its resolution.

    Both are names or patterns, `llama-*-mi300x-lat-*`; without one, that it gets any. The message of a failure tells what it
    gets instead, each candidate with why it was passed over, and the trace.
    """
    __tracebackhide__ = True
    found = resolve_in(_view(source), service)
    demand(f"expected {found.service} to resolve", [*_mismatches(found, template=template, model=model)])
    return found


def _mismatches(found: ServiceResolution, *, template: str | None, model: str | None) -> Iterator[str]:
    wrong = [
        f"{what}: {actual or 'none'}, expected {expected or 'one'}"
        for what, expected, actual in (
            ("model", model, "" if found.model is None else found.model.name),
            ("template", template, "" if found.template is None else found.template.name),
        )
        if not actual or not fnmatchcase(actual, expected or "*")
    ]
    if not wrong:
        return
    yield from wrong
    yield f"status: {found.status}{f', {found.reason}' if found.reason else ''}"
    yield from (f"candidate {one.name}: {one.stage}: {one.reason}" for one in found.candidates)
    yield from (f"{step.rule}: {step.message}" for step in found.trace)


def assert_nothing_failed(source: Source) -> None:
    """That no manifest is wrong, and no model, template or service is Failed or Degraded; the message tells each with its reason."""
    __tracebackhide__ = True
    demand("expected nothing to fail", [*_failures(source)])


def _failures(source: Source) -> Iterator[str]:
    if isinstance(source, Planned | Catalogue):
        yield from (problem_line(problem) for problem in source.problems if not problem.warning)
    for item in contents_in(_view(source)):
        if item.status in ILL:
            yield f"{item.key} is {item.status}: {item.reason}"


def assert_fits(source: Source, nodes: str | os.PathLike[str] | Iterable[Mapping[str, Any]] | None = None) -> None:
    """That the nodes have room for every service, each for itself, with all its replicas.

    `nodes` is a file as `kubectl get nodes -o yaml` writes it, or manifests; without it they are the nodes of the catalogue.
    What a service itself asks for beyond its template is not counted.
    """
    view = _view(source)
    there = sorted(_nodes(view, nodes), key=lambda node: node.name)
    demand(
        "expected every service to fit",
        [line for one in view.cache if isinstance(one, Service) for line in _lack(view, one, there)],
    )


def _nodes(view: View, nodes: str | os.PathLike[str] | Iterable[Mapping[str, Any]] | None) -> tuple[Node, ...]:
    if nodes is None:
        return view.cache.nodes
    catalogue = load(nodes) if isinstance(nodes, str | os.PathLike) else load(*nodes)
    return view_of(catalogue).cache.nodes


def _lack(view: View, service: Service, nodes: list[Node]) -> Iterator[str]:
    found = resolve_in(view, f"{service.key.namespace}/{service.key.name}")
    template = None if found.template is None else view.cache.find(found.template)
    if template is None:
        yield f"{service.key} runs no template: {found.reason}"
        return
    rooms = fit(template, view.cache, nodes)
    wanted = 1 if service.spec.replicas is None else service.spec.replicas
    room = sum(one.replicas for one in rooms)
    if room < wanted:
        yield f"{service.key}: {wanted} wanted of template {template.key.name}, room for {room}"
        yield from (f"node {one.node}: {one.lacking or f'room for {one.replicas}'}" for one in rooms)
        if not rooms:
            yield "there are no nodes"


def assert_same_choice(before: Source, after: Source) -> None:
    """That every service that is in both has the same model and the same template in both."""
    old, new = (dict(_choices(_view(one))) for one in (before, after))
    lines = (line for name in old.keys() & new.keys() for line in _change(old[name], new[name]))
    demand("expected every service to keep its choice", sorted(lines))


def _choices(view: View) -> Iterator[tuple[str, ServiceResolution]]:
    for thing in view.cache:
        if isinstance(thing, Service):
            name = f"{thing.key.namespace}/{thing.key.name}"
            yield name, resolve_in(view, name)


def _change(old: ServiceResolution, new: ServiceResolution) -> Iterator[str]:
    for what, before, after in (("model", old.model, new.model), ("template", old.template, new.template)):
        if before != after:
            why = next(
                (f" ({one.stage}: {one.reason})" for one in new.candidates if before and one.name == before.name), ""
            )
            yield f"{new.service}: {what} {before or 'none'} becomes {after or 'none'}{why}"


def _view(source: Source) -> View:
    if isinstance(source, World):
        return _view(source.settle())
    if isinstance(source, Run):
        return View(cache=source.loop.cache, policy=source.world.policy)
    return view_of(source)
