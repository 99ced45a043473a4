"""`aimcore get`: what stands on a cluster, and how it is."""

from __future__ import annotations

from typing import Final

import click

from aimcore.domain.errors import quoted
from aimcore.domain.kinds.records import Model, Service, Template
from aimcore.entrypoints.cli.call import Call
from aimcore.entrypoints.cli.looking import live, namespace_of
from aimcore.entrypoints.cli.output import Exit, answer, remark
from aimcore.entrypoints.present.objects import Thing, list_data, list_names, list_outline

__all__ = ["run"]

KINDS: Final[dict[str, tuple[type[Thing], ...]]] = {
    **dict.fromkeys(("all", "aim"), (Model, Template, Service)),
    **dict.fromkeys(("models", "model"), (Model,)),
    **dict.fromkeys(("templates", "template"), (Template,)),
    **dict.fromkeys(("services", "service"), (Service,)),
}


def run(call: Call) -> Exit:
    """Looks and lists."""
    if call.target not in KINDS:
        raise click.UsageError(f"{quoted(call.target)} is no kind; expected models, templates, services or all")
    seen = live(call, namespace_of(call))
    remark((), seen.notes)
    things = [thing for thing in seen.cache if isinstance(thing, KINDS[call.target])]
    if not things:
        where = "any namespace" if call.all_namespaces else f"namespace {namespace_of(call)} or of the cluster"
        remark((), [f"nothing of {call.target} in {where}"])
    if call.output == "name":
        click.echo(list_names(things), nl=False)
    elif things or call.output != "table":
        answer(call.output, data=lambda: list_data(things), outline=lambda: list_outline(things))
    return Exit.WELL
