"""`aimcore convert`: manifests of the Go operator, as ours."""

from __future__ import annotations

import click

from aimcore.entrypoints.cli.asking import inputs_of
from aimcore.entrypoints.cli.call import Call
from aimcore.entrypoints.cli.output import Exit, remark
from aimcore.entrypoints.present.conversion import manifests_text, remark_line
from aimcore.entrypoints.wiring import convert

__all__ = ["run"]


def run(call: Call) -> Exit:
    """Converts, prints the manifests, says what became of their fields, and whether anything is lost."""
    found = convert(inputs_of(call))
    remark(found.problems)
    for one in found.remarks:
        click.echo(remark_line(one), err=True)
    click.echo(manifests_text(call.output, found.manifests), nl=False)
    if any(not problem.warning for problem in found.problems):
        return Exit.WRONG_INPUT
    return Exit.ILL if any(one.loses for one in found.remarks) else Exit.WELL
