"""What is known of an object in memory beside its status: the events of its controllers, and what a pod writes, as the script says."""

from __future__ import annotations

from aimcore.adapters.memory.controllers.work import Work
from aimcore.adapters.memory.kinds import Address, Manifest
from aimcore.adapters.memory.store import MemoryStore
from aimcore.domain.kinds.diagnostics import ObjectEvent
from aimcore.domain.kinds.scope import Key
from aimcore.ports.errors import AccessDenied, Invalid

__all__ = ["MemoryEvents", "MemoryLogs"]


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


BYTES_AT_MOST = 2**20


class MemoryLogs:
    """Keeps the promise of `ports.logs`. `allowed` is False for an operator that has no right to logs."""

    def __init__(self, work: Work, *, allowed: bool = True) -> None:
        self._work = work
        self._allowed = allowed

    def tail(self, namespace: str, pod: str, container: str, *, lines: int) -> str:
        """As the port says."""
        if not self._allowed:
            raise AccessDenied(f'pods "{pod}" is forbidden: User "aim-operator" cannot get resource "pods/log"')
        work = self._work
        found = work.store.get(Address("Pod", namespace, pod))
        if container not in [one["name"] for one in found["spec"].get("containers", ())]:
            raise Invalid(f"container {container} is not valid for pod {pod}")
        if not _has_begun(found, container):
            raise Invalid(f'container "{container}" in pod "{pod}" is waiting to start: ContainerCreating')
        _, born = work.lives[found["metadata"]["uid"]]
        text = "".join(work.script.written(found, work.now - born).splitlines(keepends=True)[-lines:])
        return text.encode()[:BYTES_AT_MOST].decode(errors="replace")


def _has_begun(pod: Manifest, container: str) -> bool:
    statuses = (pod.get("status") or {}).get("containerStatuses", ())
    states = [one.get("state") or {} for one in statuses if one["name"] == container]
    return any("running" in state or "terminated" in state for state in states)
