"""What the controllers of a cluster in memory told of one object."""

from __future__ import annotations

from aimcore.adapters.memory.store import MemoryStore
from aimcore.domain.kinds.events import ObjectEvent
from aimcore.domain.kinds.scope import Key
from aimcore.ports.errors import AccessDenied

__all__ = ["MemoryEvents"]


class MemoryEvents:
    """Keeps the promise of `ports.events`. `allowed` is False for an operator that has no right to events."""

    def __init__(self, store: MemoryStore, *, allowed: bool = True) -> None:
        self._store = store
        self._allowed = allowed

    def of(self, key: Key, uid: str) -> tuple[ObjectEvent, ...]:
        """As the port says."""
        if not self._allowed:
            raise AccessDenied('events.events.k8s.io is forbidden: User "aim-operator" cannot list resource "events"')
        about = {"kind": key.api_kind, "name": key.name, **({"uid": uid} if uid else {})}
        found = [
            one for one in self._store.list("Event", key.namespace)[0] if about.items() <= one["regarding"].items()
        ]
        return tuple(
            ObjectEvent(reason=one["reason"], message=one["note"])
            for one in sorted(found, key=lambda one: one["eventTime"])
        )
