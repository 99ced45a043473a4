"""A closer look at one object: its events, for causes that stand in no status."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from aimcore.adapters.kubernetes.requests import Requests
from aimcore.adapters.kubernetes.resources import RESOURCES, Source
from aimcore.domain.kinds.events import ObjectEvent
from aimcore.domain.kinds.scope import Key

__all__ = ["KubernetesEvents"]

EVENTS_AT_MOST, MESSAGE_AT_MOST = 100, 2048


class KubernetesEvents:
    """Keeps the promise of `ports.events`. A server keeps events for an hour."""

    def __init__(self, requests: Requests) -> None:
        self._requests = requests

    def of(self, key: Key, uid: str) -> tuple[ObjectEvent, ...]:
        """As the port says."""
        about = {"kind": key.api_kind, "name": key.name, **({"uid": uid} if uid else {})}
        fields = ",".join(f"regarding.{name}={value}" for name, value in about.items())
        found = self._requests.select(Source(RESOURCES["Event"], key.namespace), fields, limit=EVENTS_AT_MOST)
        events = sorted((one for one in found if isinstance(one, dict)), key=_last_seen)
        return tuple(
            ObjectEvent(reason=str(one.get("reason") or ""), message=str(one.get("note") or "")[:MESSAGE_AT_MOST])
            for one in events
        )


def _last_seen(event: Mapping[str, Any]) -> str:
    """The second when it was seen last, RFC 3339; events of one second keep their order."""
    series = event.get("series")
    repeated = series.get("lastObservedTime") if isinstance(series, dict) else None
    times = (repeated, event.get("deprecatedLastTimestamp"), event.get("eventTime"))
    return str(next(filter(None, times), ""))[:19]
