"""Claims in memory: bound as the script says, and kept while a pod mounts them."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from aimcore.adapters.memory.controllers.work import Work, address_of, is_leaving
from aimcore.adapters.memory.kinds import Manifest

__all__ = ["step_claims"]

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
