"""The API of a cluster in memory: the verbs, on plain manifests, with Kubernetes' semantics.

Manifests are shared, not copied: whoever hands one over gives it up, and whoever gets one leaves it as it is. Nothing in
here changes a manifest; every write makes a new one that shares what stayed the same.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from copy import copy
from typing import Any, Literal
from uuid import uuid4

from aimcore.adapters.memory.collect import (
    FOREGROUND,
    ORPHAN,
    Delete,
    DropFinalizer,
    DropOwners,
    Propagation,
    Step,
    steps,
)
from aimcore.adapters.memory.kinds import Address, Manifest, Resource, resource_of
from aimcore.adapters.memory.managed import (
    Application,
    Claim,
    Manager,
    Managers,
    as_found,
    before_first_apply,
    claimed_at_birth,
    decoded,
    handed_in,
    same,
    track_apply,
    track_update,
)
from aimcore.adapters.memory.merge import claims
from aimcore.adapters.memory.minors import NEWEST, Minor
from aimcore.adapters.memory.watching import Change, Entry, History, Watch
from aimcore.adapters.memory.writing import (
    Stamp,
    Stored,
    applicable,
    born,
    check_preconditions,
    counted,
    is_gone,
    marked,
    patched,
    posted,
    restored,
    rewritten,
    settled,
    with_metadata,
)
from aimcore.ports.errors import AccessDenied, AlreadyExists, Conflict, Invalid, NotFound

__all__ = ["MemoryStore", "Subresource"]

Subresource = Literal["", "status"]
_COLLECTOR = "kube-controller-manager"


def _any(_old: Manifest | None, _new: Manifest) -> None:
    """Admit everything."""


def _nothing() -> None:
    """What stood before a new object."""


class MemoryStore:
    """A cluster in memory.

    `clock` tells the time as RFC 3339 text. `uid` names a new object, at random unless told otherwise. `admit` is asked
    before anything is stored, with what was (None at creation) and what is to be, and refuses by raising `Invalid`.
    Owners, dependents and namespaces settle when `collect` is called, as a cluster's controllers do in their own time.
    `minor` is the release of Kubernetes that is followed where releases differ: 34 for 1.34.
    """

    def __init__(
        self,
        clock: Callable[[], str],
        *,
        uid: Callable[[Address], str] = lambda _: str(uuid4()),
        admit: Callable[[Manifest | None, Manifest], None] = _any,
        history: int = 10_000,
        minor: int = NEWEST,
    ) -> None:
        self.minor = minor
        self._clock = clock
        self._uid = uid
        self._admit = admit
        self._objects: dict[str, dict[Address, Stored]] = {}
        self._version = 0
        self._settled = 0
        self._history = History(history)

    # --- reading ---

    @property
    def resource_version(self) -> str:
        """The version of the last change; unchanged for as long as nothing is."""
        return str(self._version)

    def get(self, address: Address) -> Manifest:
        """The object there. Raises `NotFound`."""
        return self._find(address).manifest()

    def list(
        self, kind: str, namespace: str | None = None, labels: Mapping[str, str] | None = None
    ) -> tuple[tuple[Manifest, ...], str]:
        """The objects of a kind by namespace and name, of one namespace or all, that carry these labels; and the version
        to watch from.
        """
        wanted = (labels or {}).items()
        found = sorted(
            (address.namespace or "", address.name, stored)
            for address, stored in self._objects.get(kind, {}).items()
            if namespace in (None, address.namespace) and wanted <= stored.metadata.get("labels", {}).items()
        )
        return tuple(stored.manifest() for _, _, stored in found), self.resource_version

    def everything(self) -> tuple[Manifest, ...]:
        """Every object there is, by kind, namespace and name."""
        return tuple(manifest for kind in sorted(self._objects) for manifest in self.list(kind)[0])

    def watch(self, kind: str | None, resource_version: str) -> Watch:
        """The changes of a kind (None: of all) after a version. Raises `Expired` when they are not kept any more."""
        return Watch(self._history, kind, int(resource_version))

    # --- writing ---

    def create(self, manifest: Manifest, *, manager: str) -> Manifest:
        """POST. Raises `AlreadyExists`, `NotFound` or `AccessDenied` for a namespace that is not there or going away, and
        `Invalid`. A given status is dropped where status is a subresource, but for that of a node.
        """
        resource, address = self._addressed(manifest)
        self._require_namespace(address)
        if address in self._objects.get(address.kind, {}):
            raise AlreadyExists(f"{address} exists already")
        now = self._clock()
        body = born(posted(manifest), resource, Stamp(self._uid(address), now))
        who = Manager("Update", manager, "", resource.api_version)
        return self._add(address, resource, body, {who: Claim(claimed_at_birth(body, resource.shape), now)})

    def replace(self, manifest: Manifest, *, manager: str, subresource: Subresource = "") -> Manifest:
        """PUT. `metadata.resourceVersion` must be the one that stands, and `uid`, if given, too: else `Conflict`."""
        resource, address = self._addressed(manifest)
        old = self._find(address)
        if resource.counted and not manifest["metadata"].get("resourceVersion"):
            raise Invalid(f"an update of {address} has no resourceVersion; expected the one it was read with")
        who = Manager("Update", manager, subresource, resource.api_version)
        return self._update(address, posted(manifest), who, old)

    def patch(self, address: Address, patch: Manifest, *, manager: str, subresource: Subresource = "") -> Manifest:
        """PATCH with a JSON merge patch. A uid or resourceVersion in it is a precondition: `Conflict` when it differs.
        A given `managedFields` replaces the claims, and `[{}]` forgets them all.
        """
        old = self._find(address)
        who = Manager("Update", manager, subresource, old.resource.api_version)
        return self._update(address, patched(old.manifest(), patch), who, old)

    def apply(
        self, manifest: Manifest, *, manager: str, force: bool = False, subresource: Subresource = ""
    ) -> Manifest:
        """Server-side apply: the manifest is all that this manager wants to say of the object.

        Creates what is not there, unless the manifest names a uid (`Conflict`) or the subresource (`NotFound`). Raises
        `Conflict`, naming the contested fields, when it would change what others own, unless by force.
        """
        resource, address = self._addressed(manifest)
        who = Manager("Apply", manager, subresource, resource.api_version)
        old = self._objects.get(address.kind, {}).get(address)
        if old is None:
            return self._apply_new(address, manifest, who)
        check_preconditions(address, old.metadata, manifest["metadata"])
        now = self._clock()
        managers = old.managers or before_first_apply(
            applicable(old.body, resource, subresource), who, resource.shape, now
        )
        said = Minor(self.minor).said(manifest, resource, subresource)
        merged, managers = track_apply(managers, old.body, Application(said, who, now, force), resource.shape)
        body = rewritten(old.body, settled(merged, resource), resource, subresource)
        return self._keep(address, old, body, managers)

    def delete(
        self,
        address: Address,
        *,
        uid: str | None = None,
        resource_version: str | None = None,
        propagation: Propagation = "Background",
    ) -> None:
        """DELETE. Raises `NotFound`, and `Conflict` when uid or version are given and differ.

        An object with finalizers stays, marked, until the last of them goes; dependents follow at `collect`.
        """
        old = self._find(address)
        wanted = {"uid": uid, "resourceVersion": resource_version}
        check_preconditions(address, old.metadata, wanted)
        finalizers = [name for name in old.metadata.get("finalizers", ()) if name not in (FOREGROUND, ORPHAN)]
        finalizers += {"Foreground": [FOREGROUND], "Orphan": [ORPHAN], "Background": []}[propagation]
        body = marked(old.body, self._clock(), finalizers)
        if is_gone(body):
            self._drop(address, old)
        else:
            self._keep(address, old, body, old.managers)

    def load(self, manifests: Iterable[Manifest]) -> tuple[str, ...]:
        """Put manifests in as they are, status, generation and finalizers included; returns the namespaces that had to be
        made for them, in order.

        Uids are given anew, and owner references among the loaded follow them. `managedFields` stand if given; else all is
        the operator's where its label says so, and kubectl's where not. Raises `AlreadyExists` for two of one name.
        """
        entering = [(*self._addressed(manifest), manifest) for manifest in manifests]
        uids: dict[Address, str] = {}
        for _, address, _ in entering:
            if address in uids or address in self._objects.get(address.kind, {}):
                raise AlreadyExists(f"{address} exists already")
            uids[address] = self._uid(address)
        needed = {_namespace(address.namespace) for address in uids if address.namespace is not None}
        made = sorted(address.name for address in needed - uids.keys() - self._objects.get("Namespace", {}).keys())
        for name in made:
            self.create({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}}, manager="kubectl")
        now = self._clock()
        for resource, address, manifest in entering:
            body = restored(manifest, resource, uids, now)
            given = decoded(manifest["metadata"].get("managedFields", ()))
            self._add(address, resource, body, given or as_found(body, resource, now))
        return tuple(made)

    def collect(self) -> None:
        """Let the cluster's own controllers run until they are at rest: garbage collection, and namespaces that go."""
        while self._settled != self._version:
            version = self._version
            everything = sorted(
                ((address, stored.body) for objects in self._objects.values() for address, stored in objects.items()),
                key=lambda pair: (pair[0].kind, pair[0].namespace or "", pair[0].name),
            )
            for step in list(steps(everything)):
                self._take(step)
            if self._version == version:
                self._settled = version

    def dry_run(self) -> MemoryStore:
        """This cluster apart: what is written to it stays in it, and nobody watches. Dry runs are tried there."""
        apart = copy(self)
        objects = {kind: dict(live) for kind, live in self._objects.items()}
        vars(apart).update(_objects=objects, _history=History(1))
        return apart

    # --- inside ---

    def _addressed(self, manifest: Manifest) -> tuple[Resource, Address]:
        resource = resource_of(manifest)
        metadata = manifest.get("metadata", {})
        name, namespace = metadata.get("name"), metadata.get("namespace")
        if not name or bool(namespace) != resource.namespaced:
            expected = "a name and a namespace" if resource.namespaced else "a name and no namespace"
            raise Invalid(f"{resource.kind} has name {name!r} and namespace {namespace!r}; expected {expected}")
        return resource, Address(resource.kind, namespace, name)

    def _find(self, address: Address) -> Stored:
        stored = self._objects.get(address.kind, {}).get(address)
        if stored is None:
            raise NotFound(f"{address} does not exist")
        return stored

    def _require_namespace(self, address: Address) -> None:
        if address.namespace is None:
            return
        if "deletionTimestamp" in self._find(_namespace(address.namespace)).metadata:
            raise AccessDenied(f"{address} cannot be made: the namespace is being deleted")

    def _apply_new(self, address: Address, manifest: Manifest, who: Manager) -> Manifest:
        if who.subresource:
            raise NotFound(f"{address} does not exist")
        if manifest["metadata"].get("uid"):
            raise Conflict(f"{address} of uid {manifest['metadata']['uid']!r} does not exist")
        self._require_namespace(address)
        resource, now = resource_of(manifest), self._clock()
        body = settled(born(manifest, resource, Stamp(self._uid(address), now)), resource)
        fields = claims(applicable(manifest, resource, ""), resource.shape)
        return self._add(address, resource, body, {who: Claim(fields, now)} if fields else {})

    def _update(self, address: Address, new: Manifest, who: Manager, old: Stored) -> Manifest:
        check_preconditions(address, old.metadata, new["metadata"])
        managers = old.managers if who.subresource else handed_in(old.manifest(), new, old.managers)
        body, seen = Minor(self.minor).update(old, new, who.subresource)
        if managers:
            managers = track_update(managers, (old.body, seen), old.resource.shape, (who, self._clock()))
        return self._keep(address, old, body, managers)

    def _add(self, address: Address, resource: Resource, body: dict[str, Any], managers: Managers) -> Manifest:
        self._admit(None, body)
        return self._put(address, Stored(resource, body, managers), "ADDED")

    def _keep(self, address: Address, old: Stored, body: dict[str, Any], managers: Managers) -> Manifest:
        if body == old.body and same(managers, old.managers):
            return old.manifest()
        if old.resource.counted:
            body = counted(old.body, body)
        self._admit(old.body, body)
        new = Stored(old.resource, body, managers)
        if is_gone(body):
            self._drop(address, new)
            return new.manifest()
        return self._put(address, new, "MODIFIED")

    def _put(self, address: Address, stored: Stored, what: Change) -> Manifest:
        self._version += 1
        stored.body = {**stored.body, "metadata": {**stored.metadata, "resourceVersion": str(self._version)}}
        objects = self._objects.setdefault(address.kind, {})
        old, objects[address] = objects.get(address), stored
        before = _nothing if old is None else old.manifest
        self._history.record(Entry(self._version, address.kind, what, stored.manifest, before))
        return stored.manifest()

    def _drop(self, address: Address, stored: Stored) -> None:
        last = Stored(stored.resource, stored.body, stored.managers)
        self._put(address, last, "DELETED")
        del self._objects[address.kind][address]

    def _take(self, step: Step) -> None:
        """One step of the cluster's controllers; what it speaks of may have gone in a step before."""
        old = self._objects.get(step.address.kind, {}).get(step.address)
        if old is None:
            return
        who = Manager("Update", _COLLECTOR, "", old.resource.api_version)
        match step:
            case Delete():
                self.delete(step.address, uid=step.uid, propagation=step.propagation)
            case DropOwners():
                left = [owner for owner in old.metadata.get("ownerReferences", ()) if owner["uid"] not in step.uids]
                self._update(step.address, with_metadata(old.body, "ownerReferences", left), who, old)
            case DropFinalizer(finalizer="kubernetes"):
                body = {**old.body, "spec": {**old.body.get("spec", {}), "finalizers": []}}
                self._drop(step.address, old) if is_gone(body) else None
            case DropFinalizer():
                left = [name for name in old.metadata.get("finalizers", ()) if name != step.finalizer]
                self._update(step.address, with_metadata(old.body, "finalizers", left), who, old)


def _namespace(name: str) -> Address:
    return Address("Namespace", None, name)
