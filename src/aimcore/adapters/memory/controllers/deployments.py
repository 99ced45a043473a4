"""Deployments and their ReplicaSets in memory: pods are made and replaced within maxSurge and maxUnavailable."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from math import ceil, floor
from typing import Any, Final

from aimcore.adapters.memory.controllers.podstatus import condition, rfc3339
from aimcore.adapters.memory.controllers.work import (
    Work,
    address_of,
    is_finished,
    is_leaving,
    is_ready,
    pod_name,
    reference,
)
from aimcore.adapters.memory.kinds import Manifest

__all__ = ["step_deployments"]

HASH: Final = "pod-template-hash"
LONGEST_PAUSE: Final = 1000
"""Seconds; a ReplicaSet whose pods are refused tries again after a pause that doubles up to this."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Rollout:
    """A Deployment, its ReplicaSet of now, and its living pods, those of now and those of before."""

    deployment: Manifest
    current: Manifest
    new: tuple[Manifest, ...]
    old: tuple[Manifest, ...]
    available: frozenset[str]

    @property
    def wanted(self) -> int:
        replicas = self.deployment["spec"].get("replicas")
        return 1 if replicas is None else int(replicas)


def step_deployments(work: Work) -> None:
    """Every Deployment comes one step nearer to what it wants."""
    for deployment in work.living("Deployment"):
        if not is_leaving(deployment):
            refusal = _scale(work, _seen(work, deployment))
            live = work.live(deployment)
            if live is not None:
                _say(work, _seen(work, live), refusal)


def _seen(work: Work, deployment: Manifest) -> _Rollout:
    current = _replica_set(work, deployment)
    pods = {one["metadata"]["name"]: _living(work.of(one, "Pod")) for one in work.of(deployment, "ReplicaSet")}
    new = pods.pop(current["metadata"]["name"])
    old = tuple(pod for each in pods.values() for pod in each)
    ready_for = 0 if work.script.at_once else int(deployment["spec"].get("minReadySeconds") or 0)
    available = frozenset(pod["metadata"]["uid"] for pod in (*new, *old) if _ready_since(pod, work.now) >= ready_for)
    return _Rollout(deployment=deployment, current=current, new=new, old=old, available=available)


def _living(pods: list[Manifest]) -> tuple[Manifest, ...]:
    return tuple(pod for pod in pods if not is_finished(pod) and not is_leaving(pod))


def _ready_since(pod: Manifest, now: int) -> int:
    """For how many seconds the pod is ready; -1 where it is not."""
    if not is_ready(pod):
        return -1
    [ready] = [one for one in pod["status"]["conditions"] if one["type"] == "Ready"]
    return now - int(datetime.fromisoformat(ready["lastTransitionTime"]).timestamp())


def _replica_set(work: Work, deployment: Manifest) -> Manifest:
    """The ReplicaSet of the template that stands, made where it is not there."""
    metadata, template = deployment["metadata"], deployment["spec"]["template"]
    tag = sha256(json.dumps(template, sort_keys=True).encode()).hexdigest()[:10]
    labels = {**((template.get("metadata") or {}).get("labels") or {}), HASH: tag}
    name = f"{metadata['name']}-{tag}"
    about = {**(template.get("metadata") or {}), "labels": labels}
    made = {
        "apiVersion": "apps/v1",
        "kind": "ReplicaSet",
        "metadata": {
            "name": name,
            "namespace": metadata["namespace"],
            "labels": labels,
            "ownerReferences": [reference(deployment)],
        },
        "spec": {"selector": {"matchLabels": labels}, "template": {**template, "metadata": about}},
    }
    return work.live(made) or work.store.create(made, manager="kube-controller-manager")


# --- scaling ----------------------------------------------------------------------------------------------------------


def _scale(work: Work, seen: _Rollout) -> str | None:
    """Makes and deletes pods; why the server let none in, if it did not."""
    surge, unavailable = _limits(seen)
    refusal = None
    room = seen.wanted + surge - len(seen.new) - len(seen.old)
    for _ in range(min(seen.wanted - len(seen.new), room)):
        refusal = _make(work, seen)
        if refusal is not None:
            break
    spare = len(seen.available) - (seen.wanted - unavailable)
    for pod in sorted(seen.old, key=lambda pod: pod["metadata"]["uid"] in seen.available):
        if pod["metadata"]["uid"] in seen.available:
            if spare <= 0:
                break
            spare -= 1
        work.delete(pod)
    surplus = sorted(seen.new, key=lambda pod: (pod["metadata"]["uid"] in seen.available, _age(work, pod)))
    for pod in surplus[: max(0, len(seen.new) - seen.wanted)]:
        work.delete(pod)
    return refusal


def _age(work: Work, pod: Manifest) -> int:
    life = work.lives.get(pod["metadata"]["uid"])
    return 0 if life is None else work.now - life[1]


def _make(work: Work, seen: _Rollout) -> str | None:
    deployment, current = seen.deployment, seen.current
    uid = current["metadata"]["uid"]
    refusal = work.script.refusal(address_of(deployment))
    tried, next_at, annotations = work.tries.get(uid, (0, work.now, {}))
    pressed = annotations != deployment["metadata"].get("annotations", {})
    held = refusal or (_held(deployment) if tried else None)
    if tried and work.now < next_at and not pressed:
        return held
    if refusal is None:
        work.tries.pop(uid, None)
        work.make_pod(current, current["spec"]["template"], address_of(deployment))
        return None
    pause = min(LONGEST_PAUSE, 2**tried)
    work.tries[uid] = tried + 1, work.now + pause, deployment["metadata"].get("annotations", {})
    return refusal


def _held(deployment: Manifest) -> str | None:
    """The refusal that its status still tells: a pod that may be let in by now is tried only when the pause is over."""
    conditions = (deployment.get("status") or {}).get("conditions", ())
    said = next((one.get("message", "") for one in conditions if one["type"] == "ReplicaFailure"), None)
    return None if said is None else said.partition(" is forbidden: ")[2]


def _limits(seen: _Rollout) -> tuple[int, int]:
    """MaxSurge and maxUnavailable as numbers of pods."""
    strategy = seen.deployment["spec"].get("strategy") or {}
    if strategy.get("type") == "Recreate":
        return (0 if seen.old else seen.wanted), seen.wanted
    rolling: Mapping[str, Any] = strategy.get("rollingUpdate") or {}
    surge = _number(rolling.get("maxSurge", "25%"), seen.wanted, up=True)
    unavailable = _number(rolling.get("maxUnavailable", "25%"), seen.wanted, up=False)
    return surge, unavailable if surge or unavailable else 1


def _number(value: int | str, of: int, *, up: bool) -> int:
    """A number of pods as it is said, or as a share of all.

    >>> _number("25%", 6, up=True), _number("25%", 6, up=False), _number(1, 6, up=True)
    (2, 1, 1)
    """
    if isinstance(value, int):
        return value
    share = of * int(value.rstrip("%")) / 100
    return ceil(share) if up else floor(share)


# --- status -----------------------------------------------------------------------------------------------------------


def _say(work: Work, seen: _Rollout, refusal: str | None) -> None:
    deployment = seen.deployment
    living = (*seen.new, *seen.old)
    available = len(seen.available)
    counts = {
        "replicas": len(living),
        "updatedReplicas": len(seen.new),
        "readyReplicas": sum(map(is_ready, living)),
        "availableReplicas": available,
        "unavailableReplicas": max(0, seen.wanted - available),
    }
    counts = {name: count for name, count in counts.items() if count}
    status: dict[str, Any] = {"observedGeneration": deployment["metadata"]["generation"], **counts}
    _, unavailable = _limits(seen)
    enough = available >= seen.wanted - unavailable
    conditions = [
        condition("Available", "True", "MinimumReplicasAvailable")
        if enough
        else condition("Available", "False", "MinimumReplicasUnavailable"),
        _progress(work, seen, counts),
    ]
    if refusal is not None:
        pod = pod_name(seen.current["metadata"]["name"], seen.current["metadata"]["uid"], 0)
        conditions.append(condition("ReplicaFailure", "True", "FailedCreate", f'pods "{pod}" is forbidden: {refusal}'))
    work.write_status(deployment, {**status, "conditions": conditions})


def _progress(work: Work, seen: _Rollout, counts: Mapping[str, int]) -> dict[str, Any]:
    """The condition Progressing: complete once and for all for a ReplicaSet, or under way, or too slow."""
    before = seen.deployment.get("status") or {}
    held: dict[str, Any] = next((one for one in before.get("conditions", ()) if one["type"] == "Progressing"), {})
    name = seen.current["metadata"]["name"]
    done = f'ReplicaSet "{name}" has successfully progressed.'
    if len(seen.new) == seen.wanted == len(seen.available) and not seen.old:
        return {**condition("Progressing", "True", "NewReplicaSetAvailable", done), **_updated(work, held, done)}
    if held.get("message") == done:
        return {key: value for key, value in held.items() if key != "lastTransitionTime"}
    moved = any(before.get(key, 0) != counts.get(key, 0) for key in ("replicas", "updatedReplicas", "readyReplicas"))
    since = int(datetime.fromisoformat(held["lastUpdateTime"]).timestamp()) if held and not moved else work.now
    if held.get("reason") == "ProgressDeadlineExceeded" and name in held["message"]:
        since = 0
    deadline = int(seen.deployment["spec"].get("progressDeadlineSeconds") or 600)
    if work.now - since > deadline:
        text = f'ReplicaSet "{name}" has timed out progressing.'
        return {**condition("Progressing", "False", "ProgressDeadlineExceeded", text), **_updated(work, held, text)}
    text = f'ReplicaSet "{name}" is progressing.'
    return {**condition("Progressing", "True", "ReplicaSetUpdated", text), "lastUpdateTime": rfc3339(since)}


def _updated(work: Work, held: Mapping[str, Any], message: str) -> dict[str, str]:
    same = held.get("message") == message and "lastUpdateTime" in held
    return {"lastUpdateTime": held["lastUpdateTime"] if same else rfc3339(work.now)}
