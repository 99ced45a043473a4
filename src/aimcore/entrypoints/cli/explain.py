"""`aimcore explain`: why a service, a model, a template or a cache is as it is."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from aimcore.entrypoints.cli.asking import planned, settings_of
from aimcore.entrypoints.cli.call import Call
from aimcore.entrypoints.cli.looking import finding, live, looks_there, namespace_of_context
from aimcore.entrypoints.cli.output import Exit, answer, remark
from aimcore.entrypoints.library.catalogue import Catalogue, catalogue_of
from aimcore.entrypoints.library.explaining import explain
from aimcore.entrypoints.library.finding import TYPES, parse_target
from aimcore.entrypoints.present.answers import Planned
from aimcore.entrypoints.settings import Settings

__all__ = ["run"]


def run(call: Call) -> Exit:
    """Plans, or looks at a cluster; explains the one thing, and says whether the input was right."""
    call = _joined(call)
    with finding():
        parse_target(call.target)
    settings = settings_of(call)
    if looks_there(call):
        namespace = settings.namespace or namespace_of_context(call)
        seen = live(call, namespace)
        remark((), () if call.quiet else seen.notes)
        _explain(call, settings, catalogue_of(seen), namespace)
        return Exit.WELL
    found = planned(call, settings)
    remark(found.problems, () if call.quiet else found.assumptions)
    _explain(call, settings, found, settings.namespace)
    wrong = any(not problem.warning for problem in found.problems)
    return Exit.WRONG_INPUT if wrong else Exit.WELL


def _joined(call: Call) -> Call:
    """`service chat` is `service/chat`, as for kubectl, where there is no file of that name."""
    if "/" in call.target or call.target.lower() not in TYPES or not call.paths or Path(call.paths[0]).exists():
        return call
    name, *paths = call.paths
    return replace(call, target=f"{call.target}/{name}", paths=tuple(paths))


def _explain(call: Call, settings: Settings, source: Catalogue | Planned, namespace: str | None) -> None:
    with finding():
        told = explain(source, call.target, namespace=namespace, settings=settings)
    answer(call.output, data=lambda: told.data, outline=lambda: told.outline)
