"""What the cluster does by itself: dependents follow their owners, and what is in a namespace follows the namespace.

Pure: a look at all objects gives the next steps, in order; the store takes them and looks again until there are none.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Literal, NamedTuple

from aimcore.adapters.memory.kinds import KINDS, Address, Manifest

__all__ = ["FOREGROUND", "ORPHAN", "Delete", "DropFinalizer", "DropOwners", "Propagation", "Step", "steps"]

Propagation = Literal["Background", "Foreground", "Orphan"]
FOREGROUND = "foregroundDeletion"
ORPHAN = "orphan"


class Delete(NamedTuple):
    """Begin the deletion of an object that must still be the one of this uid."""

    address: Address
    uid: str
    propagation: Propagation


class DropOwners(NamedTuple):
    """Take the owner references to these uids from an object."""

    address: Address
    uids: frozenset[str]


class DropFinalizer(NamedTuple):
    """Take one finalizer from an object; the last one lets it go."""

    address: Address
    finalizer: str


Step = Delete | DropOwners | DropFinalizer


class _World:
    """All objects by where they are and by whom they name as owner."""

    def __init__(self, objects: Iterable[tuple[Address, Manifest]]) -> None:
        self.objects = dict(objects)
        self.dependents: dict[str, list[tuple[Address, Mapping[str, Any]]]] = {}
        self.inside: dict[str, list[Address]] = {}
        for address, body in self.objects.items():
            for owner in body["metadata"].get("ownerReferences", ()):
                self.dependents.setdefault(owner["uid"], []).append((address, owner))
            if address.namespace is not None:
                self.inside.setdefault(address.namespace, []).append(address)

    def owner(self, dependent: Address, reference: Mapping[str, Any]) -> Manifest | Literal["unknown"] | None:
        """The object an owner reference means; None when it is gone; "unknown" when no such kind can be looked up.

        A namespaced owner is looked for in the dependent's own namespace and nowhere else, so a reference across
        namespaces means an owner that is gone.
        """
        kind = reference["kind"]
        served = KINDS.get(kind)
        if served is None or served.api_version.partition("/")[0] != reference["apiVersion"].partition("/")[0]:
            return "unknown"
        if served.namespaced and dependent.namespace is None:
            return "unknown"
        found = self.objects.get(Address(kind, dependent.namespace if served.namespaced else None, reference["name"]))
        return found if found is not None and found["metadata"]["uid"] == reference["uid"] else None


def steps(objects: Iterable[tuple[Address, Manifest]]) -> Iterator[Step]:
    """What has to happen next, in the order of `objects`; nothing when the cluster is at rest."""
    world = _World(objects)
    for address, body in world.objects.items():
        metadata = body["metadata"]
        if "deletionTimestamp" in metadata:
            yield from _going(world, address, metadata)
        elif metadata.get("ownerReferences"):
            yield from _owned(world, address, metadata)


def _going(world: _World, address: Address, metadata: Mapping[str, Any]) -> Iterator[Step]:
    dependents = world.dependents.get(metadata["uid"], [])
    finalizers = metadata.get("finalizers", ())
    if address.kind == "Namespace":
        inside = world.inside.get(address.name, [])
        for content in inside:
            meta = world.objects[content]["metadata"]
            if "deletionTimestamp" not in meta:
                yield Delete(content, meta["uid"], "Background")
        if not inside:
            yield DropFinalizer(address, "kubernetes")
    if ORPHAN in finalizers:
        for dependent, _ in dependents:
            yield DropOwners(dependent, frozenset({metadata["uid"]}))
        yield DropFinalizer(address, ORPHAN)
    elif FOREGROUND in finalizers and not any(owner.get("blockOwnerDeletion") for _, owner in dependents):
        yield DropFinalizer(address, FOREGROUND)


def _owned(world: _World, address: Address, metadata: Mapping[str, Any]) -> Iterator[Step]:
    live = 0
    leaving: set[str] = set()
    waited_for = False
    for reference in metadata["ownerReferences"]:
        owner = world.owner(address, reference)
        if owner is None:
            leaving.add(reference["uid"])
        elif owner != "unknown" and _waits(owner["metadata"]):
            leaving.add(reference["uid"])
            waited_for = True
        else:
            live += 1
    if live and leaving:
        yield DropOwners(address, frozenset(leaving))
    elif not live:
        has_dependents = bool(world.dependents.get(metadata["uid"]))
        yield Delete(address, metadata["uid"], _policy(metadata, foreground=waited_for and has_dependents))


def _waits(owner: Mapping[str, Any]) -> bool:
    return "deletionTimestamp" in owner and FOREGROUND in owner.get("finalizers", ())


def _policy(metadata: Mapping[str, Any], *, foreground: bool) -> Propagation:
    finalizers = metadata.get("finalizers", ())
    if ORPHAN in finalizers:
        return "Orphan"
    return "Foreground" if foreground or FOREGROUND in finalizers else "Background"
