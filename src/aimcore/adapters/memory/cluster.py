"""The in-memory store as the cluster the loop knows: records in, changes out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from aimcore.adapters import wire
from aimcore.adapters.memory.fieldset import FieldSet, union
from aimcore.adapters.memory.kinds import Address, Manifest
from aimcore.adapters.memory.store import MemoryStore
from aimcore.adapters.memory.watching import Watch
from aimcore.domain.objects import Model, Template
from aimcore.domain.ownership import MANAGER
from aimcore.domain.plan import Delete, SetStatus
from aimcore.domain.scope import Key
from aimcore.ports.cluster import Change, Gone, Put
from aimcore.ports.errors import Conflict

__all__ = ["MemoryCluster"]


class MemoryCluster:
    """Keeps the promise of `ports.cluster.Cluster` on a `MemoryStore`."""

    def __init__(self, store: MemoryStore) -> None:
        self._store = store
        self._watch: Watch | None = None

    def changes(self) -> Iterable[Change]:
        """Everything that stands, the first time; what changed since, ever after, once the store's controllers rest."""
        self._store.collect()
        if self._watch is None:
            self._watch = self._store.watch(None, self._store.resource_version)
            return [Put(wire.decode(manifest)) for manifest in self._store.everything() if wire.knows(manifest)]
        return list(_told(self._watch))

    def create(self, thing: Model | Template) -> None:
        """POST."""
        self._store.create(wire.encode(thing), manager=MANAGER)

    def apply(self, thing: Model | Template) -> None:
        """Server-side apply; what the operator once posted is its own to apply from now on (OWN-4)."""
        address = _address(thing.key)
        self._fold(address, self._store.get(address))
        self._store.apply(wire.encode(thing), manager=MANAGER)

    def set_status(self, write: SetStatus) -> None:
        """PUT of the status subresource."""
        there = self._store.get(_address(write.key))
        if there["metadata"]["uid"] != write.uid:
            raise Conflict(f"{write.key} is another object than the one decided on")
        body = {**there, "status": wire.encode_status(write.status)}
        self._store.replace(body, manager=MANAGER, subresource="status")

    def delete(self, write: Delete) -> None:
        """DELETE with uid and version."""
        self._store.delete(_address(write.key), uid=write.uid, resource_version=write.resource_version)

    def _fold(self, address: Address, there: Manifest) -> None:
        """Turns what the operator claimed by POST into what it claims by apply, so that apply may also leave it out."""
        entries = there["metadata"].get("managedFields", ())
        ours = [entry for entry in entries if entry["manager"] == MANAGER and not entry.get("subresource")]
        if not any(entry["operation"] == "Update" for entry in ours):
            return
        fields: FieldSet = {}
        for entry in ours:
            fields = union(fields, entry["fieldsV1"])
        folded = {**ours[0], "operation": "Apply", "fieldsV1": fields}
        kept = [entry for entry in entries if entry not in ours]
        version = there["metadata"]["resourceVersion"]
        patch = {"metadata": {"resourceVersion": version, "managedFields": [*kept, folded]}}
        self._store.patch(address, patch, manager=MANAGER)


def _told(watch: Watch) -> Iterator[Change]:
    """The last word on each object that changed."""
    last = {}
    for event in watch.drain():
        metadata = event.manifest["metadata"]
        last[event.manifest["kind"], metadata.get("namespace"), metadata["name"]] = event
    for event in last.values():
        if wire.knows(event.manifest):
            thing = wire.decode(event.manifest)
            yield Gone(thing) if event.type == "DELETED" else Put(thing)


def _address(key: Key) -> Address:
    return Address(key.api_kind, key.namespace, key.name)
