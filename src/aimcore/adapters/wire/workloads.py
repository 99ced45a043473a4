"""Children that are manifests, and pods: read for what decisions look at, written as the API takes them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from aimcore.adapters.wire.problem import UnreadableError, found
from aimcore.domain.kinds.core import Child
from aimcore.domain.kinds.ownership import FieldClaim, owner_of, reference_to
from aimcore.domain.kinds.records import Meta
from aimcore.domain.kinds.scope import Key, Kind

__all__ = ["CHILD_KINDS", "child_manifest", "meta_of_manifest", "read_child"]

CHILD_KINDS: Mapping[tuple[str, str], Kind] = {
    (kind.api_version, kind.api_name): kind for kind in Kind if kind.is_manifest
}
"""The kinds that children have, by version and name as a manifest spells them."""


def read_child(kind: Kind, manifest: Mapping[str, Any]) -> Child:
    """The child of a manifest that a server keeps."""
    metadata = _object(manifest, "metadata")
    name, namespace = metadata.get("name"), metadata.get("namespace")
    if not isinstance(name, str) or not isinstance(namespace, str):
        raise UnreadableError("has no name or no namespace", at=("metadata",))
    return Child(
        key=Key(kind, namespace, name),
        meta=meta_of_manifest(metadata),
        spec=_object(manifest, "spec"),
        status=_object(manifest, "status"),
        created=str(metadata.get("creationTimestamp") or ""),
    )


def meta_of_manifest(metadata: Mapping[str, Any]) -> Meta:
    """What a record keeps of the metadata of an object that is not of our group."""
    return Meta(
        uid=str(metadata.get("uid") or ""),
        generation=int(metadata.get("generation") or 1),
        resource_version=str(metadata.get("resourceVersion") or ""),
        labels=metadata.get("labels") or {},
        annotations=metadata.get("annotations") or {},
        owners=tuple(map(owner_of, metadata.get("ownerReferences") or ())),
        deleting=metadata.get("deletionTimestamp") is not None,
        claims=tuple(
            FieldClaim(manager=str(one.get("manager", "")), fields=one.get("fieldsV1") or {})
            for one in metadata.get("managedFields") or ()
            if not one.get("subresource")
        ),
    )


def child_manifest(child: Child) -> dict[str, Any]:
    """The manifest of a child, as it is created or applied: the version it was read in only where `meta` says one."""
    kind, meta = child.key.kind, child.meta
    metadata: dict[str, Any] = {"name": child.key.name, "namespace": child.key.namespace}
    said = {
        "uid": meta.uid,
        "resourceVersion": meta.resource_version,
        "labels": dict(meta.labels),
        "annotations": dict(meta.annotations),
        "ownerReferences": list(map(reference_to, meta.owners)),
    }
    metadata |= {name: value for name, value in said.items() if value}
    return {"apiVersion": kind.api_version, "kind": kind.api_name, "metadata": metadata, "spec": child.spec}


def _object(manifest: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    value = manifest.get(name)
    if value is not None and not isinstance(value, dict):
        raise UnreadableError(found(value, expected="an object").message, at=(name,))
    return value or {}
