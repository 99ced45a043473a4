"""Gateways in memory: each says of a route that names it whether it takes it, as the script says."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from aimcore.adapters.memory.controllers.podstatus import condition, written
from aimcore.adapters.memory.controllers.work import Work, is_leaving
from aimcore.adapters.memory.kinds import Manifest

__all__ = ["step_routes"]

CONTROLLER: Final = "gateway.test/controller"


def step_routes(work: Work) -> None:
    """Every route hears from its gateways, for its generation of now."""
    for route in work.living("HTTPRoute"):
        if not is_leaving(route):
            held = (route.get("status") or {}).get("parents", ())
            parents = [_parent(work, route, ref, held) for ref in route["spec"].get("parentRefs", ())]
            told = [one for one in parents if one is not None]
            if told or held:
                work.write_status(route, {"parents": told}, manager=CONTROLLER)


def _parent(
    work: Work, route: Manifest, ref: Mapping[str, Any], held: list[Mapping[str, Any]]
) -> Mapping[str, Any] | None:
    before = next((one for one in held if one.get("parentRef") == ref), {})
    answer = work.script.answer(str(ref.get("name")))
    if answer.silent:
        return before or None
    generation = route["metadata"]["generation"]
    accepted = _said("Accepted", "Accepted" if answer.accepted else answer.reason or "NotAllowedByListeners")
    resolved = _said("ResolvedRefs", "ResolvedRefs" if answer.resolved else answer.reason or "BackendNotFound")
    conditions = [{**one, "message": answer.message, "observedGeneration": generation} for one in (accepted, resolved)]
    return {"parentRef": ref, "controllerName": CONTROLLER, **written({"conditions": conditions}, before, work.now)}


def _said(kind: str, reason: str) -> dict[str, Any]:
    return condition(kind, "True" if reason == kind else "False", reason)
