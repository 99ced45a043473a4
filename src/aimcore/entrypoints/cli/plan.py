"""`aimcore plan`: what the operator would make of manifests."""

from __future__ import annotations

from collections.abc import Iterator

import click

from aimcore.entrypoints.cli.asking import planned, settings_of
from aimcore.entrypoints.cli.call import Call
from aimcore.entrypoints.cli.output import Exit, answer, remark
from aimcore.entrypoints.present.answers import FailOn, Planned
from aimcore.entrypoints.present.manifests import manifests_yaml, object_names
from aimcore.entrypoints.present.plan import plan_data, plan_outline

__all__ = ["run"]


def run(call: Call) -> Exit:
    """Plans, prints, and says how it ended."""
    found = planned(call, settings_of(call))
    remark(found.problems, () if call.quiet else (*found.assumptions, *_left_out(call, found)))
    match call.output:
        case "name":
            click.echo(object_names(found.objects), nl=False)
        case "yaml":
            click.echo(manifests_yaml(found.objects), nl=False)
        case _:
            answer(call.output, data=lambda: plan_data(found), outline=lambda: plan_outline(found))
    if call.require_any and not any(thing.key.kind.is_aim for thing in found.cache):
        return Exit.WRONG_INPUT
    return _ending(found, _threshold(call))


def _left_out(call: Call, found: Planned) -> Iterator[str]:
    """What the YAML has not, though it was given."""
    secrets = sum(one["kind"] == "Secret" for one in found.objects)
    if call.output == "yaml" and secrets:
        yield f"{secrets} {'secret is' if secrets == 1 else 'secrets are'} left out: what secrets hold is not shown"


def _threshold(call: Call) -> FailOn:
    """From which word on the plan fails; whoever wants to be strict and names none gets the strictest."""
    if call.fail_on is not None:
        return FailOn(call.fail_on)
    return FailOn.PROGRESSING if call.strict else FailOn.DEGRADED


def _ending(found: Planned, fail_on: FailOn) -> Exit:
    """What was wrong to begin with comes before what could not be written, and that before ill health."""
    errors = [problem for problem in found.problems if not problem.warning]
    if any(problem.file for problem in errors):
        return Exit.WRONG_INPUT
    if errors:
        return Exit.NOT_DONE
    return Exit.ILL if found.is_worse_than(fail_on) else Exit.WELL
