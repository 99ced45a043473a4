"""Pods that serve a model, read for the few fields of their status that tell how they are (STAT-2)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from aimcore.adapters.wire.problem import UnreadableError
from aimcore.adapters.wire.workloads import meta_of_manifest
from aimcore.domain.caching.dryrun import CONTAINER as DRY_RUN
from aimcore.domain.caching.job import CONTAINER as DOWNLOAD
from aimcore.domain.kinds.ownership import CLAIM_LABEL, DRY_RUN_LABEL, SERVICE_LABEL
from aimcore.domain.kinds.records import Meta
from aimcore.domain.kinds.scope import Key, Kind
from aimcore.domain.serving.observed import PodRecord
from aimcore.domain.serving.pod import CONTAINER, REVISION
from aimcore.domain.serving.pods import Ended, ObservedPod, Waiting

__all__ = ["is_pod", "read_pod"]

_HASH = "pod-template-hash"
_Entry = Mapping[str, Any]


def is_pod(manifest: _Entry) -> bool:
    """Whether a manifest is of a pod that serves an AIMService, fills a claim or asks an image: a label of it says so."""
    metadata = manifest.get("metadata")
    labels = _object(metadata, "labels") if isinstance(metadata, dict) else {}
    ours = not labels.keys().isdisjoint((SERVICE_LABEL, CLAIM_LABEL, DRY_RUN_LABEL))
    return (manifest.get("apiVersion"), manifest.get("kind")) == ("v1", "Pod") and ours


def read_pod(manifest: _Entry) -> PodRecord:
    """The record of a pod. Annotations and field claims are not kept: there are many pods, and nobody writes to one."""
    metadata = _object(manifest, "metadata")
    name, namespace = metadata.get("name"), metadata.get("namespace")
    if not isinstance(name, str) or not isinstance(namespace, str):
        raise UnreadableError("has no name or no namespace", at=("metadata",))
    whole = meta_of_manifest({**metadata, "managedFields": ()})
    meta = Meta(
        uid=whole.uid,
        resource_version=whole.resource_version,
        labels=whole.labels,
        owners=whole.owners,
        deleting=whole.deleting,
    )
    return PodRecord(key=Key(Kind.POD, namespace, name), meta=meta, spec=_observed(manifest, name, meta))


def _observed(manifest: _Entry, name: str, meta: Meta) -> ObservedPod:
    metadata, status = _object(manifest, "metadata"), _object(manifest, "status")
    scheduled, ready = (_condition(status, kind) for kind in ("PodScheduled", "Ready"))
    container = next(
        (one for one in _list(status, "containerStatuses") if one.get("name") in (CONTAINER, DOWNLOAD, DRY_RUN)), {}
    )
    state, last = _object(container, "state"), _object(container, "lastState")
    waiting = state.get("waiting")
    return ObservedPod(
        name=name,
        created=_seconds(metadata.get("creationTimestamp")),
        controller=next((one.name for one in meta.owners if one.controller and one.kind == "ReplicaSet"), ""),
        template_hash=meta.labels.get(_HASH, ""),
        revision=_text(_object(metadata, "annotations"), REVISION),
        deleting=meta.deleting,
        phase=_text(status, "phase") or "Pending",
        reason=_text(status, "reason"),
        message=_text(status, "message"),
        scheduled=scheduled.get("status") == "True" if scheduled else None,
        unscheduled=_text(scheduled, "message") if scheduled.get("status") == "False" else "",
        nominated=bool(status.get("nominatedNodeName")),
        ready=ready.get("status") == "True",
        running=isinstance(state.get("running"), dict),
        started=container.get("started") is True,
        restarts=_number(container, "restartCount"),
        waiting=_waiting(waiting) if isinstance(waiting, dict) else None,
        ended=_ended(state.get("terminated")) or _ended(last.get("terminated")),
    )


def _waiting(waiting: _Entry) -> Waiting:
    return Waiting(reason=_text(waiting, "reason"), message=_text(waiting, "message"))


def _ended(terminated: object) -> Ended | None:
    if not isinstance(terminated, dict):
        return None
    began, ended = (_seconds(terminated.get(name)) for name in ("startedAt", "finishedAt"))
    return Ended(
        reason=_text(terminated, "reason"),
        exit_code=_number(terminated, "exitCode"),
        seconds=max(0, ended - began) if began and ended else 0,
        message=_text(terminated, "message"),
    )


def _condition(status: _Entry, kind: str) -> _Entry:
    return next((one for one in _list(status, "conditions") if one.get("type") == kind), {})


def _seconds(time: object) -> int:
    """Whole seconds since 1970 of a time in RFC 3339; 0 where there is none."""
    try:
        return int(datetime.fromisoformat(str(time)).timestamp())
    except (ValueError, OverflowError):
        return 0


def _object(entry: _Entry, name: str) -> _Entry:
    value = entry.get(name)
    return value if isinstance(value, dict) else {}


def _list(entry: _Entry, name: str) -> Iterator[_Entry]:
    value = entry.get(name)
    return (one for one in value if isinstance(one, dict)) if isinstance(value, list) else iter(())


def _text(entry: _Entry, name: str) -> str:
    value = entry.get(name)
    return value if isinstance(value, str) else ""


def _number(entry: _Entry, name: str) -> int:
    value = entry.get(name)
    return value if isinstance(value, int) else 0
