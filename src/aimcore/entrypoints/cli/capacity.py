"""`aimcore capacity`: which templates fit which nodes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import click

from aimcore.domain.hardware.usage import Amounts
from aimcore.domain.kinds.records import Template
from aimcore.domain.view.cache import ObjectCache
from aimcore.entrypoints.cli.asking import inputs_of, planned, settings_of
from aimcore.entrypoints.cli.call import Call
from aimcore.entrypoints.cli.looking import live_cluster, looks_there, namespace_of_context
from aimcore.entrypoints.cli.output import CommandFailed, Exit, answer, remark
from aimcore.entrypoints.library.fitting import room_left
from aimcore.entrypoints.present.capacity import capacity_data, capacity_outline
from aimcore.ports.errors import AccessDenied, PortError

__all__ = ["run"]


def run(call: Call) -> Exit:
    """Takes templates and nodes from where they were named, fits them, and says whether there is room for all."""
    templates, there = _worlds(call)
    nodes = sorted(there.nodes, key=lambda node: node.name)
    taken = _taken(call)
    if not nodes:
        raise click.UsageError(
            "no nodes: name a file with --nodes, as kubectl get nodes -o json writes it, or a --context"
        )
    defaults = settings_of(call).default_resources
    fitted = [
        (one, room_left(one, templates, nodes, taken, defaults=defaults))
        for one in templates
        if isinstance(one, Template)
    ]
    if not fitted:
        remark((), ["nothing to fit: there are no templates"])
    answer(
        call.output,
        data=lambda: capacity_data(fitted, nodes, taken),
        outline=lambda: capacity_outline(fitted, nodes, taken),
    )
    return Exit.WELL if all(any(room.replicas for room in rooms) for _, rooms in fitted) else Exit.ILL


def _on_cluster(call: Call) -> bool:
    """Whether nodes are those of a cluster: of one that was named, or of the current context where nothing else was."""
    return looks_there(call) and not (call.nodes and call.context is None and call.kubeconfig is None)


def _taken(call: Call) -> Mapping[str, Amounts]:
    """What pods have taken of the nodes of a cluster; of those in a file nothing is known."""
    if not _on_cluster(call):
        return {}
    from aimcore.entrypoints.wiring.live import usage  # noqa: PLC0415 - with a package that files never need

    try:
        return usage(kubeconfig=call.kubeconfig, context=call.context)
    except AccessDenied:
        remark(
            (),
            () if call.quiet else ["the pods of all namespaces may not be read: what they have taken is not counted"],
        )
        return {}
    except PortError as error:
        raise CommandFailed(str(error)) from error


def _worlds(call: Call) -> tuple[ObjectCache, ObjectCache]:
    """Where the templates are, and where the nodes."""
    on_cluster = _on_cluster(call)
    if on_cluster and call.nodes:
        raise click.UsageError("--nodes and a cluster exclude each other: nodes are looked at in one place")
    live = None
    if on_cluster:
        call = replace(call, namespace=call.namespace or namespace_of_context(call))
        live = live_cluster(call, None, call.namespace)
        remark((), () if call.quiet else live.notes)
        if not call.paths and not call.files:
            return live.cache, live.cache
    inputs_of(call)  # nodes alone are no manifests
    found = planned(replace(call, files=(*call.files, *call.nodes)), settings_of(call))
    remark(found.problems)
    if any(not problem.warning for problem in found.problems):
        raise SystemExit(Exit.WRONG_INPUT)
    return found.cache, found.cache if live is None else live.cache
