"""`aimcore validate`: everything that is wrong with manifests, before a cluster says so."""

from __future__ import annotations

import click

from aimcore.entrypoints.cli.asking import inputs_of, settings_of
from aimcore.entrypoints.cli.call import Call
from aimcore.entrypoints.cli.output import Exit, answer
from aimcore.entrypoints.present.answers import problem_line
from aimcore.entrypoints.present.plan import problem_data
from aimcore.entrypoints.wiring import check

__all__ = ["run"]


def run(call: Call) -> Exit:
    """Checks, prints the problems, and says whether there are any but warnings."""
    settings = settings_of(call)
    checked = check(inputs_of(call), settings.namespace)
    if call.output == "table":
        click.echo("".join(f"{problem_line(problem)}\n" for problem in checked.problems), nl=False)
    else:
        problems = [problem_data(problem) for problem in checked.problems]
        answer(call.output, data=lambda: {"documents": checked.documents, "problems": problems}, outline=tuple)
    wrong = any(not problem.warning for problem in checked.problems)
    return Exit.WRONG_INPUT if wrong else Exit.WELL
