"""Scheduler and kubelet in memory: each pod lives as its fate says, and a deleted one ends after its grace."""

from __future__ import annotations

from datetime import datetime

from aimcore.adapters.memory.controllers.fates import PodState
from aimcore.adapters.memory.controllers.podstatus import pod_status
from aimcore.adapters.memory.controllers.work import GRACE, Work, address_of, is_finished, is_leaving
from aimcore.adapters.memory.kinds import Address, Manifest
from aimcore.ports.errors import NotFound

__all__ = ["step_pods"]


def step_pods(work: Work) -> None:
    """Every pod moves on to what it is now."""
    for pod in work.living("Pod"):
        if is_leaving(pod):
            _end(work, pod)
        elif not is_finished(pod):
            _live(work, pod)


def _live(work: Work, pod: Manifest) -> None:
    uid = pod["metadata"]["uid"]
    if uid not in work.lives:  # one that a scenario began with
        work.lives[uid] = work.script.fate(_owner(pod), 0), work.now
    fate, born = work.lives[uid]
    missing = _missing_claim(work, pod)
    if missing is not None:
        work.lives[uid] = fate, work.now
        state = PodState(scheduled=False, unscheduled=missing)
    else:
        state = fate(work.now - born)
    if state.scheduled and not pod["spec"].get("nodeName"):
        pod = work.store.replace(
            {**pod, "spec": {**pod["spec"], "nodeName": work.script.node}}, manager="kube-scheduler"
        )
    work.write_status(pod, pod_status(pod, state, born=born), manager="kubelet")
    for reason, note in state.events:
        work.tell(pod, reason, note)
    live = work.live(pod)
    if state.leaving and live is not None:
        work.delete(live)


def _owner(pod: Manifest) -> Address:
    owners = pod["metadata"].get("ownerReferences") or [{"kind": "", "name": pod["metadata"]["name"]}]
    return Address(owners[0]["kind"], pod["metadata"]["namespace"], owners[0]["name"])


def _missing_claim(work: Work, pod: Manifest) -> str | None:
    """Why a volume of the pod cannot be used yet, as the scheduler words it."""
    for volume in pod["spec"].get("volumes", ()):
        name = (volume.get("persistentVolumeClaim") or {}).get("claimName")
        if not name:
            continue
        try:
            claim = work.store.get(Address("PersistentVolumeClaim", pod["metadata"]["namespace"], name))
        except NotFound:
            return f'0/1 nodes are available: persistentvolumeclaim "{name}" not found. not found'
        if is_leaving(claim) and not pod["spec"].get("nodeName"):
            return f'0/1 nodes are available: persistentvolumeclaim "{name}" is being deleted. not found'
        if (claim.get("status") or {}).get("phase") != "Bound":
            return "0/1 nodes are available: pod has unbound immediate PersistentVolumeClaims. not found"
    return None


def _end(work: Work, pod: Manifest) -> None:
    """A pod on its way out goes when its grace is over; one whose node is lost stays."""
    began = int(datetime.fromisoformat(pod["metadata"]["deletionTimestamp"]).timestamp())
    left = [name for name in pod["metadata"].get("finalizers", ()) if name != GRACE]
    if work.now >= began + work.script.grace or is_finished(pod):
        work.store.patch(address_of(pod), {"metadata": {"finalizers": left or None}}, manager="kubelet")
