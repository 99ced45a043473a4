"""`aimcore plan`: what the operator would make of manifests."""

from __future__ import annotations

import click

from aimcore.entrypoints.cli.asking import planned, settings_of
from aimcore.entrypoints.cli.call import Call
from aimcore.entrypoints.cli.output import Exit, answer, remark
from aimcore.entrypoints.present.answers import Planned
from aimcore.entrypoints.present.plan import plan_data, plan_names, plan_outline

__all__ = ["run"]


def run(call: Call) -> Exit:
    """Plans, prints, and says how it ended."""
    found = planned(call, settings_of(call))
    remark(found.problems, found.assumptions)
    if call.output == "name":
        click.echo("".join(f"{name}\n" for name in plan_names(found)), nl=False)
    else:
        answer(call.output, data=lambda: plan_data(found), outline=lambda: plan_outline(found))
    return _ending(found)


def _ending(found: Planned) -> Exit:
    """What was wrong to begin with comes before what could not be written, and that before ill health."""
    errors = [problem for problem in found.problems if not problem.warning]
    if any(problem.file for problem in errors):
        return Exit.WRONG_INPUT
    if errors:
        return Exit.NOT_DONE
    return Exit.ILL if found.is_ill else Exit.WELL
