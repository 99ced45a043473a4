"""What the controllers share: the store, the script, the time, and what they remember of the pods they made."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from hashlib import sha256
from typing import Any, Final

from aimcore.adapters.memory.controllers.fates import Fate
from aimcore.adapters.memory.controllers.podstatus import rfc3339, written
from aimcore.adapters.memory.controllers.script import Script
from aimcore.adapters.memory.kinds import Address, Manifest
from aimcore.adapters.memory.store import MemoryStore
from aimcore.domain.kinds.ownership import MANAGED_BY
from aimcore.domain.kinds.ownership import MANAGER as OPERATOR
from aimcore.ports.errors import NotFound

__all__ = ["GRACE", "Work", "address_of", "is_finished", "is_leaving", "is_ready", "pod_name", "reference"]

GRACE: Final = "kubernetes.test/grace"
"""The finalizer that keeps a deleted pod for as long as its containers take to end."""
MANAGER: Final = "kube-controller-manager"


class Work:
    """One step of all controllers works on it; `now` is in seconds since 1970."""

    def __init__(self, store: MemoryStore, script: Script) -> None:
        self.store = store
        self.script = script
        self.now = 0
        self.lives: dict[str, tuple[Fate, int]] = {}
        self.made: dict[str, int] = {}
        self.tries: dict[str, tuple[int, int, Manifest]] = {}
        self._told: set[tuple[str, str, str]] = set()
        self._owned: dict[str, tuple[str, dict[str, list[Manifest]]]] = {}

    def all(self, kind: str) -> tuple[Manifest, ...]:
        """Every object of a kind, by namespace and name."""
        return self.store.list(kind)[0]

    def living(self, kind: str) -> Iterator[Manifest]:
        """Those of a kind that come to life, as the script says, by namespace and name."""
        for one in self.all(kind):
            if self.script.strangers or one["metadata"].get("labels", {}).get(MANAGED_BY) == OPERATOR:
                yield one

    def of(self, owner: Manifest, kind: str) -> list[Manifest]:
        """The objects of a kind whose controller this is, by name. All of a kind are looked through once for each version."""
        version, found = self._owned.get(kind, ("", {}))
        if version != self.store.resource_version:
            found = {}
            for one in self.all(kind):
                for owned_by in one["metadata"].get("ownerReferences", ()):
                    if owned_by.get("controller"):
                        found.setdefault(owned_by["uid"], []).append(one)
            self._owned[kind] = self.store.resource_version, found
        return found.get(owner["metadata"]["uid"], [])

    def write_status(self, manifest: Manifest, status: Mapping[str, Any], manager: str = MANAGER) -> None:
        """Puts a status there if it differs."""
        before = manifest.get("status") or {}
        made = written(status, before, self.now)
        if made != before:
            self.store.replace({**manifest, "status": made}, manager=manager, subresource="status")

    def make_pod(self, owner: Manifest, template: Mapping[str, Any], fated: Address) -> None:
        """A pod of a ReplicaSet or Job, from its template; its fate is told by what it comes of."""
        metadata, uid = owner["metadata"], owner["metadata"]["uid"]
        about = template.get("metadata") or {}
        counted = uid if fated.kind == "Job" else str(fated)  # a Deployment's ReplicaSets count together
        fate = self.script.fate(fated, self.made.get(counted, 0))
        manifest = {
            "apiVersion": "v1",
            "kind": "Pod",
            "metadata": {
                "name": self._name(metadata["name"], uid),
                "namespace": metadata["namespace"],
                "labels": about.get("labels") or {},
                "annotations": about.get("annotations") or {},
                "ownerReferences": [reference(owner)],
                "finalizers": [GRACE] if self.script.grace else [],
            },
            "spec": template.get("spec") or {},
        }
        self.made[counted] = self.made.get(counted, 0) + 1
        pod = self.store.create(manifest, manager=MANAGER)
        self.lives[pod["metadata"]["uid"]] = fate, self.now

    def _name(self, stem: str, uid: str) -> str:
        """A name that no pod of this owner had before."""
        number = self.made[f"names of {uid}"] = self.made.get(f"names of {uid}", 0) + 1
        return pod_name(stem, uid, number)

    def delete(self, manifest: Manifest) -> None:
        """DELETE, unless it is on its way out already."""
        if not is_leaving(manifest):
            self.store.delete(address_of(manifest), uid=manifest["metadata"]["uid"])

    def tell(self, about: Manifest, reason: str, note: str) -> None:
        """An event about an object; one that was told before is not told again."""
        metadata = about["metadata"]
        said = metadata["uid"], reason, note
        if said in self._told:
            return
        self._told.add(said)
        name = f"{metadata['name'][:200]}.{sha256('/'.join(said).encode()).hexdigest()[:16]}"
        regarding = {"apiVersion": about["apiVersion"], "kind": about["kind"]}
        regarding |= {key: metadata[key] for key in ("name", "namespace", "uid")}
        event = {
            "apiVersion": "events.k8s.io/v1",
            "kind": "Event",
            "metadata": {"name": name, "namespace": metadata["namespace"]},
            "eventTime": rfc3339(self.now),
            "type": "Normal" if reason in ("Pulling", "WaitForFirstConsumer", "ExternalProvisioning") else "Warning",
            "reason": reason,
            "note": note,
            "regarding": regarding,
            "reportingController": MANAGER,
        }
        self.store.create(event, manager=MANAGER)

    def live(self, manifest: Manifest) -> Manifest | None:
        """The object as it is now, None where it is gone."""
        try:
            return self.store.get(address_of(manifest))
        except NotFound:
            return None


def pod_name(stem: str, uid: str, number: int) -> str:
    """The name of a pod: that of its owner and five letters that follow from the owner's uid and the pod's number.

    >>> pod_name("get-1", "u", 1) == pod_name("get-1", "u", 1) != pod_name("get-1", "u", 2)
    True
    """
    return f"{stem[:57]}-{sha256(f'{uid}/{number}'.encode()).hexdigest()[:5]}"


def reference(owner: Manifest) -> dict[str, Any]:
    """The reference of a child to its controller."""
    metadata = owner["metadata"]
    return {
        "apiVersion": owner["apiVersion"],
        "kind": owner["kind"],
        "name": metadata["name"],
        "uid": metadata["uid"],
        "controller": True,
        "blockOwnerDeletion": True,
    }


def address_of(manifest: Manifest) -> Address:
    """Where an object is."""
    metadata = manifest["metadata"]
    return Address(manifest["kind"], metadata.get("namespace"), metadata["name"])


def is_leaving(manifest: Manifest) -> bool:
    """Whether its deletion has begun."""
    return "deletionTimestamp" in manifest["metadata"]


def is_finished(pod: Manifest) -> bool:
    """Whether a pod has ended for good."""
    return (pod.get("status") or {}).get("phase") in ("Succeeded", "Failed")


def is_ready(pod: Manifest) -> bool:
    """Whether a pod answers."""
    conditions = (pod.get("status") or {}).get("conditions", ())
    return any(one["type"] == "Ready" and one["status"] == "True" for one in conditions)
