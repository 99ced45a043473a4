"""The in-memory store as the cluster the loop knows: records in, changes out."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from typing import Any

from aimcore.adapters import wire
from aimcore.adapters.memory.fieldset import FieldSet, union
from aimcore.adapters.memory.kinds import Address, Manifest
from aimcore.adapters.memory.store import MemoryStore
from aimcore.adapters.memory.watching import Watch
from aimcore.domain.kinds.ownership import MANAGER, FieldClaim
from aimcore.domain.kinds.records import AimObject, Resource
from aimcore.domain.kinds.scope import Key
from aimcore.domain.view.plan import Delete, SetStatus
from aimcore.ports.cluster import Change, Gone, Put
from aimcore.ports.errors import AlreadyExists, Conflict, NotFound

__all__ = ["MemoryCluster"]

_OF_EACH_WRITE = frozenset({"resourceVersion", "managedFields"})


class MemoryCluster:
    """Keeps the promise of `ports.cluster.Cluster` on a `MemoryStore`.

    Children and pods are told of as an API server would select them, by their label; without `workloads` they are not.
    `unserved` are the kinds of children that this cluster has no definition of; nothing of them is told. `step` is
    called before changes are told: what Kubernetes does by itself, such as running pods.
    """

    def __init__(
        self,
        store: MemoryStore,
        *,
        workloads: bool = True,
        unserved: frozenset[str] = frozenset(),
        step: Callable[[], object] | None = None,
    ) -> None:
        self.unserved = unserved
        self._store = store
        self._workloads = workloads
        self._step = step
        self._strangers: set[Address] = set()
        self._watch: Watch | None = None
        self._read: dict[Address, tuple[Manifest, wire.WireObject]] = {}
        self._said: dict[Address, tuple[Manifest, Any]] = {}

    def changes(self) -> Iterable[Change]:
        """Everything that stands, the first time; what changed since, ever after, once the store's controllers rest."""
        if self._step is not None:
            self._step()
        self._store.collect()
        if self._watch is None:
            self._watch = self._store.watch(None, self._store.resource_version)
            return [Put(self._record(manifest)) for manifest in self._store.everything() if self._follows(manifest)]
        return [*self._told(self._watch), *self._noticed()]

    def create(self, thing: AimObject) -> None:
        """POST. The child of that name that stands already is told of from then on, whatever its labels, until it is gone."""
        try:
            self._store.create(wire.encode(thing), manager=MANAGER)
        except AlreadyExists:
            if thing.key.kind.is_manifest:
                self._strangers.add(_address(thing.key))
            raise

    def apply(self, thing: AimObject) -> None:
        """Server-side apply; what the operator once posted is its own to apply from now on (OWN-4)."""
        address = _address(thing.key)
        self._fold(address, self._store.get(address))
        self._store.apply(wire.encode(thing), manager=MANAGER)

    def set_status(self, write: SetStatus) -> None:
        """PUT of the status subresource."""
        address = _address(write.key)
        there = self._store.get(address)
        if there["metadata"]["uid"] != write.uid:
            raise Conflict(f"{write.key} is another object than the one decided on")
        status = wire.encode_status(write.key.kind, write.status)
        self._store.replace({**there, "status": status}, manager=MANAGER, subresource="status")
        self._said[address] = status, write.status

    def delete(self, write: Delete) -> None:
        """DELETE with uid and version."""
        self._store.delete(_address(write.key), uid=write.uid, resource_version=write.resource_version)

    def _told(self, watch: Watch) -> Iterator[Change]:
        """The last word on each object that changed."""
        last = {_place(event.manifest): event for event in watch.drain()}
        for address, event in last.items():
            if event.type != "DELETED" and self._follows(event.manifest):
                yield Put(self._record(event.manifest))
            elif address in self._read:
                thing = self._record(event.manifest)
                del self._read[address]
                yield Gone(thing)
            if event.type == "DELETED":
                self._strangers.discard(address)

    def _noticed(self) -> Iterator[Change]:
        """What has the name of a child and was not told of before."""
        for address in sorted(self._strangers - self._read.keys(), key=str):
            try:
                yield Put(self._record(self._store.get(address)))
            except NotFound:
                self._strangers.discard(address)

    def _follows(self, manifest: Manifest) -> bool:
        """Whether the operator reads an object of this manifest at all."""
        if wire.knows(manifest):
            return True
        labelled = wire.is_child(manifest) or wire.is_pod(manifest)
        wanted = self._workloads and manifest.get("kind") not in self.unserved
        return wanted and (labelled or _place(manifest) in self._strangers)

    def _record(self, manifest: Manifest) -> wire.WireObject:
        """The record of a manifest; after a status of ours, the one from before with that status."""
        address = _place(manifest)
        before, thing = self._read.get(address, (None, None))
        written, status = self._said.pop(address, (None, None))
        if (
            isinstance(thing, Resource)
            and status is not None
            and before is not None
            and manifest.get("status") is written
            and _differ_in_status_alone(before, manifest)
        ):
            thing = _saying(thing, manifest["metadata"], status)
        else:
            thing = wire.decode(manifest) if wire.knows(manifest) else wire.decode_stored(manifest)
        self._read[address] = manifest, thing
        return thing

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


def _place(manifest: Manifest) -> Address:
    metadata = manifest["metadata"]
    return Address(manifest["kind"], metadata.get("namespace"), metadata["name"])


def _address(key: Key) -> Address:
    return Address(key.api_kind, key.namespace, key.name)


def _differ_in_status_alone(old: Manifest, new: Manifest) -> bool:
    """Whether a write of the status is all that lies between the two: it leaves the very same spec."""
    before, after = old["metadata"], new["metadata"]
    names = (before.keys() | after.keys()) - _OF_EACH_WRITE
    return old.get("spec") is new.get("spec") and all(before.get(name) == after.get(name) for name in names)


def _saying(thing: AimObject, metadata: Manifest, status: Any) -> AimObject:
    claims = tuple(
        FieldClaim(manager=entry["manager"], fields=entry["fieldsV1"]) for entry in metadata.get("managedFields", ())
    )
    meta = replace(thing.meta, resource_version=metadata["resourceVersion"], claims=claims)
    return replace(thing, meta=meta, status=status)
