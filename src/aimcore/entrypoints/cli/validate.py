"""`aimcore validate`: everything that is wrong with manifests, before a cluster says so."""

from __future__ import annotations

import click

from aimcore import __version__
from aimcore.entrypoints.cli.asking import inputs_of, settings_of
from aimcore.entrypoints.cli.call import Call
from aimcore.entrypoints.cli.output import Exit
from aimcore.entrypoints.present.answers import Checked, problem_line
from aimcore.entrypoints.present.checked import checked_line
from aimcore.entrypoints.present.data import json_text, yaml_text
from aimcore.entrypoints.present.plan import problem_data
from aimcore.entrypoints.present.reports import github_text, junit_text, sarif_data
from aimcore.entrypoints.wiring import check

__all__ = ["run"]


def run(call: Call) -> Exit:
    """Checks, prints the problems, and says whether there are any but warnings, or nothing at all where something is required."""
    settings = settings_of(call)
    checked = check(inputs_of(call), settings.namespace)
    click.echo(_text(call.output, checked), nl=False)
    if not call.quiet:
        click.echo(checked_line(checked), err=True)
    missing = call.require_any and not checked.objects
    wrong = missing or any(not problem.warning for problem in checked.problems)
    return Exit.WRONG_INPUT if wrong else Exit.WELL


def _text(form: str, checked: Checked) -> str:
    match form:
        case "json" | "yaml":
            problems = [problem_data(problem) for problem in checked.problems]
            counts = {"documents": checked.documents, "objects": checked.objects, "files": len(checked.files)}
            data = {**counts, "skipped": checked.skipped, "problems": problems}
            return json_text(data) if form == "json" else yaml_text(data)
        case "sarif":
            return json_text(sarif_data(checked, __version__))
        case "junit":
            return junit_text(checked)
        case "github":
            return github_text(checked)
        case _:
            return "".join(f"{problem_line(problem)}\n" for problem in checked.problems)
