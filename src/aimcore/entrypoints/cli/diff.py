"""`aimcore diff`: what manifests would change on a cluster as it stands."""

from __future__ import annotations

from dataclasses import replace
from enum import IntEnum

import click

from aimcore.entrypoints.cli.asking import inputs_of, read, settings_of, source_of, troubles
from aimcore.entrypoints.cli.call import Call
from aimcore.entrypoints.cli.looking import live_cluster, namespace_of_context
from aimcore.entrypoints.cli.output import CommandFailed, answer, progress, remark
from aimcore.entrypoints.library.catalogue import catalogue_of
from aimcore.entrypoints.library.planning import diff
from aimcore.entrypoints.present.answers import Compared
from aimcore.entrypoints.present.difference import difference_data, difference_outline
from aimcore.ports.errors import PortError

__all__ = ["run"]


class Exit(IntEnum):
    """The codes of `kubectl diff`, which scripts know."""

    SAME = 0
    DIFFERENT = 1
    UNKNOWN = 2


class Untold(click.ClickException):
    """The difference cannot be told; the message says why."""

    exit_code = Exit.UNKNOWN


def run(call: Call) -> Exit:
    """Compares and shows."""
    try:
        compared = _compared(call)
    except CommandFailed as error:
        raise Untold(error.message) from error
    pending = (
        f"the operator has something to write there already ({compared.pending} objects): it does not run, or not with "
        "the settings that count here (--default-resources, --workloads, AIM_BASE_IMAGE)"
    )
    remark(compared.problems, () if call.quiet else [*compared.assumptions, *([pending] if compared.pending else ())])
    data = difference_data(compared)
    different = any(data[part] for part in ("created", "changed", "deleted"))
    if different or call.output != "table":
        answer(call.output, data=lambda: data, outline=lambda: difference_outline(compared, status=call.status))
    if any(not problem.warning for problem in compared.problems):
        return Exit.UNKNOWN
    return Exit.DIFFERENT if different else Exit.SAME


def _compared(call: Call) -> Compared:
    call = replace(call, namespace=call.namespace or namespace_of_context(call))
    inputs, settings, source = inputs_of(call), settings_of(call), source_of(call)
    live = live_cluster(call, None, call.namespace)
    try:
        with troubles(), progress() as tell:
            tell("reading manifests")
            after = read(inputs, settings)
            return diff(catalogue_of(live), after, settings=settings, images=source, progress=tell)
    except PortError as error:
        raise CommandFailed(str(error)) from error
