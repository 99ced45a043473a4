"""An event is one object in two versions of the API: `events.k8s.io/v1`, in which it is kept, and `v1`, which kubectl reads."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from aimcore.adapters.memory.kinds import Manifest

__all__ = ["as_core", "as_kept"]

_NAMES = {
    "regarding": "involvedObject",
    "note": "message",
    "reportingController": "reportingComponent",
    "deprecatedSource": "source",
    "deprecatedFirstTimestamp": "firstTimestamp",
    "deprecatedLastTimestamp": "lastTimestamp",
    "deprecatedCount": "count",
}
_BACK = {core: kept for kept, core in _NAMES.items()}


def as_core(event: Manifest) -> dict[str, Any]:
    """The event as `v1` has it.

    >>> as_core({"apiVersion": "events.k8s.io/v1", "kind": "Event", "note": "all is well"})
    {'apiVersion': 'v1', 'kind': 'Event', 'message': 'all is well'}
    """
    return _renamed(event, _NAMES, "v1")


def as_kept(event: Manifest) -> dict[str, Any]:
    """The event as `events.k8s.io/v1` has it."""
    return _renamed(event, _BACK, "events.k8s.io/v1")


def _renamed(event: Manifest, names: Mapping[str, str], version: str) -> dict[str, Any]:
    return {names.get(name, name): value for name, value in event.items()} | {"apiVersion": version}
