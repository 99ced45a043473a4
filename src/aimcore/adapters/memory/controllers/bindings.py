"""Claims and routes in memory: bound and taken as the script says, and a claim is kept while a pod mounts it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from aimcore.adapters.memory.controllers.podstatus import condition, written
from aimcore.adapters.memory.controllers.work import Work, address_of, is_leaving
from aimcore.adapters.memory.kinds import Manifest

__all__ = ["step_claims", "step_routes"]

PROTECTION: Final = "kubernetes.io/pvc-protection"


def step_claims(work: Work) -> None:
    """Every claim is bound, waits, or goes once nobody mounts it; a finished pod mounts it, too."""
    for claim in work.all("PersistentVolumeClaim"):
        finalizers = claim["metadata"].get("finalizers", [])
        if is_leaving(claim):
            if PROTECTION in finalizers and not _is_mounted(work, claim):
                left = [name for name in finalizers if name != PROTECTION]
                work.store.patch(
                    address_of(claim), {"metadata": {"finalizers": left or None}}, manager="kube-controller-manager"
                )
            continue
        if PROTECTION not in finalizers:
            claim = work.store.patch(  # noqa: PLW2901 - it is the same claim, protected
                address_of(claim), {"metadata": {"finalizers": [*finalizers, PROTECTION]}}, manager="kube-apiserver"
            )
        _bind(work, claim)


def _bind(work: Work, claim: Manifest) -> None:
    metadata, spec = claim["metadata"], claim.get("spec") or {}
    resources = spec.get("resources")
    asked = (resources.get("requests") or {}) if isinstance(resources, dict) else {}
    status = claim.get("status") or {}
    fate = work.script.claim_fate(metadata["name"])
    age = work.now - int(datetime.fromisoformat(metadata["creationTimestamp"]).timestamp())
    if status.get("phase") == "Bound":
        if status.get("capacity") != asked and age >= fate.grown_after:
            work.write_status(claim, {**status, "capacity": asked})
        return
    if fate.bound_after is None or age < fate.bound_after:
        work.write_status(claim, {"phase": "Pending"})
        if fate.reason:
            work.tell(claim, fate.reason, fate.note)
        return
    volume = {"spec": {"volumeName": spec.get("volumeName") or f"pvc-{metadata['uid']}"}}
    bound = work.store.patch(address_of(claim), volume, manager="kube-controller-manager")
    work.write_status(bound, {"phase": "Bound", "accessModes": spec.get("accessModes", []), "capacity": asked})


def _is_mounted(work: Work, claim: Manifest) -> bool:
    name = claim["metadata"]["name"]
    return any(
        (volume.get("persistentVolumeClaim") or {}).get("claimName") == name
        for pod in work.living("Pod")
        if pod["metadata"]["namespace"] == claim["metadata"]["namespace"]
        for volume in pod["spec"].get("volumes", ())
    )


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
