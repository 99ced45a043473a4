"""`aimcore explain`: why a service or a model is as it is."""

from __future__ import annotations

from aimcore.domain.objects import Service
from aimcore.domain.observed import Observed
from aimcore.domain.resolution import resolve_service
from aimcore.entrypoints.cli.asking import planned, settings_of
from aimcore.entrypoints.cli.call import Call
from aimcore.entrypoints.cli.finding import find_target, parse_target
from aimcore.entrypoints.cli.output import Exit, answer, remark
from aimcore.entrypoints.present.model import model_data, model_outline, tell_model
from aimcore.entrypoints.present.service import service_data, service_outline

__all__ = ["run"]


def run(call: Call) -> Exit:
    """Plans, explains the one thing, and says whether the input was right."""
    target = parse_target(call.target)
    settings = settings_of(call)
    found = planned(call, settings)
    remark(found.problems, found.assumptions)
    thing = find_target(found.catalogue, target, settings.namespace)
    if isinstance(thing, Service):
        observed = Observed(subject=thing, catalogue=found.catalogue, policy=settings.policy)
        resolution = resolve_service(observed)
        answer(
            call.output,
            data=lambda: service_data(thing, resolution),
            outline=lambda: service_outline(thing, resolution),
        )
    else:
        story = tell_model(found.catalogue, settings.policy, thing)
        answer(call.output, data=lambda: model_data(story), outline=lambda: model_outline(story))
    wrong = any(not problem.warning for problem in found.problems)
    return Exit.WRONG_INPUT if wrong else Exit.WELL
