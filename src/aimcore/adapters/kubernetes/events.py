"""Condition changes as events that `kubectl describe` shows (STAT-4): written once, and missed rather than waited for."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

from aimcore.adapters.kubernetes.requests import Requests
from aimcore.adapters.kubernetes.resources import RESOURCES
from aimcore.adapters.kubernetes.store import ReadWarning
from aimcore.domain.kinds.conditions import Event
from aimcore.domain.kinds.ownership import MANAGER
from aimcore.domain.kinds.scope import Key
from aimcore.ports.errors import PortError

__all__ = ["EventWriter"]

NOTE_AT_MOST, REASON_AT_MOST, STEM_AT_MOST = 1024, 128, 200
_OF_THE_CLUSTER = "default"
"""The namespace where Kubernetes wants the events of objects that have none."""


class EventWriter:
    """Writes events; `token` is another word of lower-case letters and digits each time."""

    def __init__(
        self,
        requests: Requests,
        *,
        instance: str,
        token: Callable[[], str],
        report: Callable[[ReadWarning], None],
    ) -> None:
        self._requests = requests
        self._instance = instance[:REASON_AT_MOST]
        self._token = token
        self._report = report

    def write(self, key: Key, uid: str, event: Event, *, at: datetime) -> None:
        """One event about the object of this key and uid. A refusal is reported and raised to nobody."""
        resource = RESOURCES[key.api_kind]
        place = key.namespace or _OF_THE_CLUSTER
        about = {"apiVersion": resource.api_version, "kind": resource.kind, "name": key.name, "uid": uid}
        manifest = {
            "apiVersion": RESOURCES["Event"].api_version,
            "kind": "Event",
            "metadata": {"name": f"{key.name[:STEM_AT_MOST].rstrip('-.')}.{self._token()}", "namespace": place},
            "eventTime": at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
            "type": event.type.value,
            "reason": event.reason[:REASON_AT_MOST],
            "note": _cut(event.message),
            "action": "Reconcile",
            "regarding": {**about, "namespace": key.namespace} if key.namespace else about,
            "reportingController": MANAGER,
            "reportingInstance": self._instance,
        }
        try:
            self._requests.create(RESOURCES["Event"], manifest)
        except PortError as error:
            self._report(ReadWarning(f"an event of {key}", error))


def _cut(note: str) -> str:
    """At most 1,024 bytes of UTF-8, for that is what the server counts."""
    text = note.encode()
    if len(text) <= NOTE_AT_MOST:
        return note
    return text[: NOTE_AT_MOST - 3].decode(errors="ignore") + "..."
