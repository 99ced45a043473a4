"""The few manifests the cases speak of, and how they read what the cluster says of ownership."""

from __future__ import annotations

from typing import Any

from aimcore.adapters.memory.kinds import Address, Manifest

__all__ = ["address", "condition", "config_map", "model", "owned_by", "owner", "owners_of", "with_status"]

AIM = "aim.silogen.ai/v1alpha1"


def model(home: str, name: str = "llama", /, *, metadata: dict[str, Any] | None = None, **spec: Any) -> Manifest:
    """An AIMModel of an image, with these fields in its spec."""
    return {
        "apiVersion": AIM,
        "kind": "AIMModel",
        "metadata": {"name": name, "namespace": home, **(metadata or {})},
        "spec": {"image": "docker.io/amdenterpriseai/aim-llama:1", **spec},
    }


def with_status(manifest: Manifest, **status: Any) -> Manifest:
    """The same object, as a status writer applies it."""
    metadata = {key: manifest["metadata"][key] for key in ("name", "namespace")}
    return {"apiVersion": manifest["apiVersion"], "kind": manifest["kind"], "metadata": metadata, "status": status}


def condition(kind: str, value: str, reason: str = "Seen") -> dict[str, Any]:
    return {
        "type": kind,
        "status": value,
        "reason": reason,
        "message": "",
        "lastTransitionTime": "2026-01-01T00:00:00Z",
    }


def config_map(home: str, name: str, *owners: Manifest, **metadata: Any) -> Manifest:
    """A ConfigMap that belongs to these owners."""
    given = {"name": name, "namespace": home, **metadata}
    if owners:
        given["ownerReferences"] = list(owners)
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": given}


def owner(of: Manifest, *, blocking: bool = False) -> dict[str, Any]:
    """A reference to an object that the cluster returned."""
    metadata = of["metadata"]
    return {
        "apiVersion": of["apiVersion"],
        "kind": of["kind"],
        "name": metadata["name"],
        "uid": metadata["uid"],
        "blockOwnerDeletion": blocking,
    }


def address(manifest: Manifest) -> Address:
    return Address(manifest["kind"], manifest["metadata"].get("namespace"), manifest["metadata"]["name"])


def owned_by(manifest: Manifest) -> dict[tuple[str, str, str], Any]:
    """What each manager owns, by name, operation and subresource."""
    return {
        (entry["manager"], entry["operation"], entry.get("subresource", "")): entry["fieldsV1"]
        for entry in manifest["metadata"].get("managedFields", ())
    }


def owners_of(manifest: Manifest, *steps: str) -> set[str]:
    """The managers that own something at or under this path of `f:` and `k:` steps."""
    found = set()
    for (manager, _, _), fields in owned_by(manifest).items():
        node = fields
        for step in steps:
            node = None if node is None else node.get(step)
        if node is not None:
            found.add(manager)
    return found
