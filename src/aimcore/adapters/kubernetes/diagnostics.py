"""What an API server knows of an object beside its status: its events, and from kubelets the end of a pod's log."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from aimcore.adapters.kubernetes.requests import At, Requests
from aimcore.adapters.kubernetes.resources import RESOURCES, Source
from aimcore.domain.kinds.diagnostics import ObjectEvent
from aimcore.domain.kinds.scope import Key

__all__ = ["KubernetesEvents", "KubernetesLogs"]

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


BYTES_AT_MOST: Final = 2**20


class KubernetesLogs:
    """Keeps the promise of `ports.logs`."""

    def __init__(self, requests: Requests) -> None:
        self._requests = requests

    def tail(self, namespace: str, pod: str, container: str, *, lines: int) -> str:
        """As the port says."""
        at = At(RESOURCES["Pod"], namespace, pod)
        text = self._requests.log(at, container=container, tailLines=lines, limitBytes=BYTES_AT_MOST)
        return text[:BYTES_AT_MOST].decode(errors="replace")
