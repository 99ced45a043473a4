"""`aimcore explain`: why a service or a model is as it is."""

from __future__ import annotations

from aimcore.domain.decide.service import explain_service
from aimcore.domain.kinds.records import Service
from aimcore.domain.kinds.scope import Kind
from aimcore.domain.view.cache import ObjectCache
from aimcore.domain.view.observed import Snapshot
from aimcore.entrypoints.cli.asking import planned, settings_of
from aimcore.entrypoints.cli.call import Call
from aimcore.entrypoints.cli.finding import Target, find_target, parse_target
from aimcore.entrypoints.cli.looking import live
from aimcore.entrypoints.cli.output import Exit, answer, remark
from aimcore.entrypoints.present.answers import Planned
from aimcore.entrypoints.present.model import model_data, model_outline, tell_model
from aimcore.entrypoints.present.pod import tell_pod
from aimcore.entrypoints.present.service import service_data, service_outline
from aimcore.entrypoints.settings import Settings

__all__ = ["run"]


def run(call: Call) -> Exit:
    """Plans, or looks at a cluster; explains the one thing, and says whether the input was right."""
    target = parse_target(call.target)
    settings = settings_of(call)
    if call.context is not None or call.kubeconfig is not None:
        seen = live(call, settings.namespace)
        remark((), () if call.quiet else seen.notes)
        _explain(call, target, settings, seen.cache)
        return Exit.WELL
    found = planned(call, settings)
    remark(found.problems, () if call.quiet else found.assumptions)
    _explain(call, target, settings, _as_found(found))
    wrong = any(not problem.warning for problem in found.problems)
    return Exit.WRONG_INPUT if wrong else Exit.WELL


def _as_found(found: Planned) -> ObjectCache:
    """The settled cluster without the Deployments that the plan made.

    Once a Deployment stands, its template is kept and no other is looked at (RUN-16); who asks about manifests asks why
    that template was chosen.
    """
    for change in found.settled.changes:
        if change.key.kind is Kind.DEPLOYMENT and change.action == "create":
            made = found.cache.find(change.key)
            if made is not None:
                found.cache.drop(made)
    return found.cache


def _explain(call: Call, target: Target, settings: Settings, cache: ObjectCache) -> None:
    thing = find_target(cache, target, settings.namespace)
    if isinstance(thing, Service):
        found = explain_service(Snapshot(view=cache, policy=settings.policy).of(thing))
        report = tell_pod(found)
        answer(
            call.output,
            data=lambda: service_data(thing, found.resolution, report=report),
            outline=lambda: service_outline(thing, found.resolution, report=report),
        )
    else:
        told = tell_model(cache, settings.policy, thing)
        answer(call.output, data=lambda: model_data(told), outline=lambda: model_outline(told))
