"""What manifests would change on a cluster as it stands: applied to its likeness in memory, under the operator's loop."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from aimcore.adapters.kubernetes.reading import READ
from aimcore.adapters.manifests import Problem
from aimcore.adapters.memory.cluster import MemoryCluster
from aimcore.adapters.memory.store import MemoryStore
from aimcore.domain.view.cache import ObjectCache
from aimcore.entrypoints.loop import Loop
from aimcore.entrypoints.present.answers import Compared
from aimcore.entrypoints.settings import Settings
from aimcore.entrypoints.wiring.changes import address_of, changed_objects
from aimcore.entrypoints.wiring.input import Manifests
from aimcore.entrypoints.wiring.live import Live
from aimcore.entrypoints.wiring.world import (
    LAST_APPLIED,
    UNBOUNDED,
    Asking,
    Gate,
    epoch,
    fixed_uid,
    refused,
    shown,
)
from aimcore.ports.errors import PortError

__all__ = ["compare"]

APPLIER = "kubectl"
_APPLIED_BEFORE = "kubectl-client-side-apply"

Manifest = Mapping[str, Any]


def compare(
    taken: Manifests, settings: Settings, *, live: Live, asking: Asking, progress: Callable[[str], object]
) -> Compared:
    """The difference that applying the manifests would make, once the operator has done its part.

    They are applied as `kubectl apply --server-side --force-conflicts` would. Raises `NotSettledError` where the loop does
    not come to rest, and what `opened` does.
    """
    seen = [manifest for manifest in taken.manifests if manifest["kind"] in READ]
    unseen = [manifest for manifest in taken.manifests if manifest["kind"] not in READ]
    store, gate = _likeness(live, unseen)
    progress(f"comparing {len(seen)} manifests with {len(live.manifests)} objects")
    with asking(taken.manifests) as askers:
        loop = Loop(
            cluster=MemoryCluster(store, workloads=settings.workloads, unserved=live.unserved),
            clock=epoch,
            ask=askers.images,
            size=askers.sizes,
            policy=settings.policy,
            cache=ObjectCache(nodes_known=live.cache.nodes_known),
        )
        pending = loop.settle().changes
        gate.closed = True
        before = _all(store)
        problems = tuple(_applied(store, seen))
        settled = loop.settle()
    after = _all(store)
    return Compared(
        changed=tuple(changed_objects(before, after)),
        pending=len(pending),
        problems=(*taken.problems, *problems, *map(refused, settled.refusals)),
        assumptions=(*live.notes, *_not_compared(unseen)),
    )


def _likeness(live: Live, beside: Iterable[Manifest]) -> tuple[MemoryStore, Gate]:
    """The cluster in memory, under its own uids, and beside it what nobody may ask it for."""
    standing = (*live.manifests, *_replica_sets(live.manifests))
    uids = {address_of(manifest): str(manifest["metadata"]["uid"]) for manifest in standing}
    gate = Gate()
    store = MemoryStore(epoch, uid=lambda at: uids.get(at) or fixed_uid(at), admit=gate, history=UNBOUNDED)
    store.load([*map(_as_applied, standing), *(one for one in beside if address_of(one) not in uids)])
    return store, gate


def _replica_sets(manifests: Iterable[Manifest]) -> Iterator[Manifest]:
    """The owners of pods, which nobody has to be allowed to read: without them the pods would be garbage."""
    owners = {
        owner["uid"]: (manifest["metadata"]["namespace"], owner)
        for manifest in manifests
        for owner in manifest["metadata"].get("ownerReferences", ())
        if manifest["kind"] == "Pod" and owner["kind"] == "ReplicaSet"
    }
    for namespace, owner in owners.values():
        about = {"name": owner["name"], "namespace": namespace, "uid": owner["uid"]}
        yield {"apiVersion": owner["apiVersion"], "kind": owner["kind"], "metadata": about}


def _as_applied(manifest: Manifest) -> Manifest:
    """The manifest with the claims of a client-side apply turned into those of a server-side one, as kubectl does it, and
    without what that apply keeps for itself.
    """
    metadata = _without_last_applied(manifest)["metadata"]
    claims = [
        {**claim, "manager": APPLIER, "operation": "Apply"} if claim.get("manager") == _APPLIED_BEFORE else claim
        for claim in metadata.get("managedFields", ())
    ]
    return {**manifest, "metadata": {**metadata, "managedFields": claims}}


def _without_last_applied(manifest: Manifest) -> Manifest:
    metadata = {**manifest["metadata"]}
    left = {name: value for name, value in metadata.pop("annotations", {}).items() if name != LAST_APPLIED}
    return {**manifest, "metadata": {**metadata, "annotations": left} if left else metadata}


def _as_written(manifest: Manifest) -> Manifest:
    """The manifest as its author would write it: a dump of the cluster names a version, and the likeness counts its own."""
    written = _without_last_applied(manifest)
    metadata = {name: value for name, value in written["metadata"].items() if name != "resourceVersion"}
    return {**written, "metadata": metadata}


def _applied(store: MemoryStore, manifests: Iterable[Manifest]) -> Iterator[Problem]:
    """Applies them all; those that the cluster would refuse are problems."""
    for manifest in manifests:
        try:
            store.apply(_as_written(manifest), manager=APPLIER, force=True)
        except PortError as error:
            message = f"{_told(manifest)} would not be taken: {error}"
            yield Problem(file="", line=0, column=0, path="$", message=message, rule="OWN-4")


def _not_compared(manifests: Sequence[Manifest]) -> Iterator[str]:
    if manifests:
        yield f"taken for present and not compared: {', '.join(map(_told, manifests))}"


def _all(store: MemoryStore) -> list[Manifest]:
    store.collect()
    return [shown(manifest) for manifest in store.everything()]


def _told(manifest: Manifest) -> str:
    at = address_of(manifest)
    return f"{at.kind} {'/'.join(filter(None, (at.namespace, at.name)))}"
