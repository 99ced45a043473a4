"""A closer look at one object: its events, for causes that stand in no status."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from aimcore.adapters.kubernetes.requests import Requests
from aimcore.adapters.kubernetes.resources import RESOURCES, Source
from aimcore.domain.kinds.scope import Key
from aimcore.domain.serving.pods import PodEvent

__all__ = ["events_of"]

EVENTS_AT_MOST, MESSAGE_AT_MOST = 100, 2048


def events_of(requests: Requests, key: Key, uid: str) -> tuple[PodEvent, ...]:
    """The events of the object of this key and uid, oldest first: at most 100, as a server keeps them for an hour.

    It is for one Job, claim or pod that is stuck. Raises a `PortError` where they cannot be read.
    """
    fields = ",".join((f"regarding.kind={key.api_kind}", f"regarding.name={key.name}", f"regarding.uid={uid}"))
    found = requests.select(Source(RESOURCES["Event"], key.namespace), fields, limit=EVENTS_AT_MOST)
    events = sorted((one for one in found if isinstance(one, dict)), key=_last_seen)
    return tuple(
        PodEvent(reason=str(one.get("reason") or ""), message=str(one.get("note") or "")[:MESSAGE_AT_MOST])
        for one in events
    )


def _last_seen(event: Mapping[str, Any]) -> str:
    """The second when it was seen last, RFC 3339; events of one second keep their order."""
    series = event.get("series")
    repeated = series.get("lastObservedTime") if isinstance(series, dict) else None
    times = (repeated, event.get("deprecatedLastTimestamp"), event.get("eventTime"))
    return str(next(filter(None, times), ""))[:19]
