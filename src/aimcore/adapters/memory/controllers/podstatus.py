"""The status that a kubelet and a scheduler write for a pod in a state."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from aimcore.adapters.memory.controllers.fates import End, PodState
from aimcore.adapters.memory.kinds import Manifest

__all__ = ["condition", "pod_status", "rfc3339", "written"]


def rfc3339(seconds: int) -> str:
    """Seconds since 1970 as manifests have them.

    >>> rfc3339(0)
    '1970-01-01T00:00:00Z'
    """
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def condition(kind: str, status: str, reason: str = "", message: str = "") -> dict[str, Any]:
    """One condition; what is empty is left out, and `written` gives it its time."""
    said = {"type": kind, "status": status, "reason": reason, "message": message}
    return {name: value for name, value in said.items() if value}


def written(status: Manifest, before: Manifest, now: int) -> dict[str, Any]:
    """The status with the times of its conditions: one whose status did not change keeps its time."""
    held = {one["type"]: one for one in before.get("conditions", ())}
    conditions = []
    for one in status.get("conditions", ()):
        old = held.get(one["type"])
        kept = old.get("lastTransitionTime") if old is not None and old["status"] == one["status"] else None
        conditions.append({**one, "lastTransitionTime": kept or rfc3339(now)})
    return {**status, "conditions": conditions} if conditions else dict(status)


def pod_status(pod: Manifest, state: PodState, *, born: int) -> dict[str, Any]:
    """The status of a pod that began its life at `born`, in seconds since 1970, without times of conditions."""
    status: dict[str, Any] = {"phase": state.phase, "startTime": rfc3339(born)}
    status |= {name: value for name, value in (("reason", state.reason), ("message", state.message)) if value}
    conditions = list(_conditions(state))
    if conditions:
        status["conditions"] = conditions
    if state.scheduled:
        containers = pod["spec"].get("containers", ())
        status["containerStatuses"] = [_container(one, state, born) for one in containers]
    return status


def _conditions(state: PodState) -> Iterator[dict[str, Any]]:
    if state.disrupted:
        yield condition("DisruptionTarget", "True", "EvictionByEvictionAPI", "Eviction API: evicting")
    if state.scheduled is False:
        yield condition("PodScheduled", "False", "Unschedulable", state.unscheduled)
    if not state.scheduled:
        return
    yield condition("PodScheduled", "True")
    yield condition("Initialized", "True")
    if state.lost:
        yield condition("Ready", "False", "NodeNotReady")
    elif state.ready:
        yield condition("Ready", "True")
    else:
        yield condition("Ready", "False", "ContainersNotReady", "containers with unready status: [aim]")


def _container(container: Manifest, state: PodState, born: int) -> dict[str, Any]:
    said: dict[str, Any] = {
        "name": container["name"],
        "image": container.get("image", ""),
        "ready": state.ready or state.lost,
        "started": state.started,
        "restartCount": state.restarts,
        "state": {},
        "lastState": {},
    }
    if state.ended is not None:
        said["state"] = _terminated(state.ended, born)
    elif state.waiting is not None:
        reason, message = state.waiting
        said["state"] = {"waiting": {"reason": reason, **({"message": message} if message else {})}}
    elif state.since is not None:
        said["state"] = {"running": {"startedAt": rfc3339(born + state.since)}}
    if state.last is not None:
        said["lastState"] = _terminated(state.last, born)
    return said


def _terminated(end: End, born: int) -> dict[str, Any]:
    times = {"startedAt": rfc3339(born + end.began), "finishedAt": rfc3339(born + end.ended)}
    message = {"message": end.message} if end.message else {}
    return {"terminated": {"exitCode": end.exit_code, "reason": end.reason, **message, **times}}
