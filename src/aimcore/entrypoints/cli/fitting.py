"""`aimcore capacity`: which templates fit which nodes."""

from __future__ import annotations

from dataclasses import replace

import click

from aimcore.domain.kinds.records import Template
from aimcore.domain.view.cache import ObjectCache
from aimcore.entrypoints.cli.asking import inputs_of, planned, settings_of
from aimcore.entrypoints.cli.call import Call
from aimcore.entrypoints.cli.looking import live_cluster, namespace_of
from aimcore.entrypoints.cli.output import Exit, answer, remark
from aimcore.entrypoints.library.fitting import fit
from aimcore.entrypoints.present.capacity import capacity_data, capacity_outline

__all__ = ["run"]


def run(call: Call) -> Exit:
    """Takes templates and nodes from where they were named, fits them, and says whether there is room for all."""
    templates, there = _worlds(call)
    nodes = sorted(there.nodes, key=lambda node: node.name)
    if not nodes:
        raise click.UsageError(
            "no nodes: name a file with --nodes, as kubectl get nodes -o json writes it, or a --context"
        )
    fitted = [
        (one, fit(one, templates, nodes, defaults=settings_of(call).default_resources))
        for one in templates
        if isinstance(one, Template)
    ]
    if not fitted:
        remark((), ["nothing to fit: there are no templates"])
    answer(call.output, data=lambda: capacity_data(fitted, nodes), outline=lambda: capacity_outline(fitted, nodes))
    return Exit.WELL if all(any(room.replicas for room in rooms) for _, rooms in fitted) else Exit.ILL


def _worlds(call: Call) -> tuple[ObjectCache, ObjectCache]:
    """Where the templates are, and where the nodes."""
    on_cluster = call.context is not None or call.kubeconfig is not None
    if on_cluster and call.nodes:
        raise click.UsageError("--nodes and a cluster exclude each other: nodes are looked at in one place")
    live = None
    if on_cluster:
        live = live_cluster(call, *((None,) if call.namespace is None else (None, namespace_of(call))))
        remark((), live.notes)
        if not call.paths and not call.files:
            return live.cache, live.cache
    inputs_of(call)  # nodes alone are no manifests
    found = planned(replace(call, files=(*call.files, *call.nodes)), settings_of(call))
    remark(found.problems)
    if any(not problem.warning for problem in found.problems):
        raise SystemExit(Exit.WRONG_INPUT)
    return found.cache, found.cache if live is None else live.cache
