"""`aimcore explain`: why a service or a model is as it is."""

from __future__ import annotations

from aimcore.domain.decide.resolution import resolve_service
from aimcore.domain.kinds.records import Service
from aimcore.domain.view.cache import ObjectCache
from aimcore.domain.view.observed import Snapshot
from aimcore.entrypoints.cli.asking import planned, settings_of
from aimcore.entrypoints.cli.call import Call
from aimcore.entrypoints.cli.finding import Target, find_target, parse_target
from aimcore.entrypoints.cli.looking import live
from aimcore.entrypoints.cli.output import Exit, answer, remark
from aimcore.entrypoints.present.model import model_data, model_outline, tell_model
from aimcore.entrypoints.present.service import service_data, service_outline
from aimcore.entrypoints.settings import Settings

__all__ = ["run"]


def run(call: Call) -> Exit:
    """Plans, or looks at a cluster; explains the one thing, and says whether the input was right."""
    target = parse_target(call.target)
    settings = settings_of(call)
    if call.context is not None or call.kubeconfig is not None:
        seen = live(call, settings.namespace)
        remark((), seen.notes)
        _explain(call, target, settings, seen.cache)
        return Exit.WELL
    found = planned(call, settings)
    remark(found.problems, found.assumptions)
    _explain(call, target, settings, found.cache)
    wrong = any(not problem.warning for problem in found.problems)
    return Exit.WRONG_INPUT if wrong else Exit.WELL


def _explain(call: Call, target: Target, settings: Settings, cache: ObjectCache) -> None:
    thing = find_target(cache, target, settings.namespace)
    if isinstance(thing, Service):
        resolution = resolve_service(Snapshot(view=cache, policy=settings.policy).of(thing))
        answer(
            call.output,
            data=lambda: service_data(thing, resolution),
            outline=lambda: service_outline(thing, resolution),
        )
    else:
        report = tell_model(cache, settings.policy, thing)
        answer(call.output, data=lambda: model_data(report), outline=lambda: model_outline(report))
