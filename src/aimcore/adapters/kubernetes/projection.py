"""What a server says of an object becomes what is kept of it: the record, and of its field claims those that are asked for."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

from aimcore.adapters import wire
from aimcore.adapters.kubernetes.folding import is_post
from aimcore.adapters.kubernetes.resources import Resource
from aimcore.domain.errors import InvalidManifestError
from aimcore.domain.kinds.core import Child
from aimcore.domain.kinds.ownership import FieldClaim
from aimcore.domain.kinds.records import Model, Template
from aimcore.ports.errors import BadAnswer

__all__ = ["ObjectPath", "Seen", "place_of", "project", "version_of"]

ObjectPath = tuple[str, str | None, str]
"""The kind, namespace and name of an object."""

_Path = tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """One object as a server told of it. `thing` is why it cannot be read, when it cannot.

    `posted` says that the operator made it and has not applied it since: its claims are still those of an update (OWN-4).
    """

    place: ObjectPath
    uid: str
    version: str
    thing: wire.WireObject | InvalidManifestError
    posted: bool = False


def project(resource: Resource, manifest: Any) -> Seen:
    """The projection of a manifest, whose kind a list may leave out. Raises `BadAnswer` when it says not even what it is of."""
    place, version = place_of(resource, manifest), version_of(manifest)
    metadata = manifest["metadata"]
    entries = [entry for entry in metadata.get("managedFields") or () if isinstance(entry, dict)]
    kept = {field: value for field, value in metadata.items() if field != "managedFields"}
    typed = {"apiVersion": resource.api_version, "kind": resource.kind, "metadata": kept}
    return Seen(
        place=place,
        uid=str(metadata.get("uid", "")),
        version=version,
        thing=_read({**manifest, **typed}, entries),
        posted=any(is_post(entry) for entry in entries),
    )


def place_of(resource: Resource, manifest: Any) -> ObjectPath:
    """Where the object of a manifest is. Raises `BadAnswer` where it does not say."""
    metadata = manifest.get("metadata") if isinstance(manifest, dict) else None
    name = metadata.get("name") if isinstance(metadata, dict) else None
    if not isinstance(metadata, dict) or not isinstance(name, str) or not name:
        raise BadAnswer(f"one of {resource.plural} without a name")
    namespace = metadata.get("namespace") if resource.namespaced else None
    if resource.namespaced and not isinstance(namespace, str):
        raise BadAnswer(f"one of {resource.plural} without a namespace")
    return resource.kind, namespace, name


def version_of(manifest: Any) -> str:
    """The resource version of a manifest. Raises `BadAnswer` without one."""
    metadata = manifest.get("metadata") if isinstance(manifest, dict) else None
    version = metadata.get("resourceVersion") if isinstance(metadata, dict) else None
    if not isinstance(version, str) or not version:
        raise BadAnswer("an object without a resource version")
    return version


def _read(manifest: dict[str, Any], entries: list[dict[str, Any]]) -> wire.WireObject | InvalidManifestError:
    try:
        thing = wire.decode_stored(manifest)
    except InvalidManifestError as error:
        return error
    if isinstance(thing, Model | Template) and entries:
        return replace(thing, meta=replace(thing.meta, claims=_claims(entries)))
    if isinstance(thing, Child) and entries:
        return replace(thing, meta=replace(thing.meta, claims=_whole_claims(entries)))
    return thing


def _claims(entries: Iterable[dict[str, Any]]) -> tuple[FieldClaim, ...]:
    """What is claimed of the spec and the labels: a status is the operator's, and of the rest it wants nothing."""
    claimed = []
    for entry in entries:
        tree = entry.get("fieldsV1")
        if isinstance(tree, dict) and not entry.get("subresource") and (paths := tuple(_paths(tree))):
            claimed.append((str(entry.get("manager", "")), paths))
    return _claims_of(tuple(claimed))


def _whole_claims(entries: Iterable[dict[str, Any]]) -> tuple[FieldClaim, ...]:
    """All that is claimed of a child but for its status: a child is compared field by field."""
    return tuple(
        FieldClaim(manager=str(entry.get("manager", "")), fields=tree)
        for entry in entries
        if isinstance(tree := entry.get("fieldsV1"), dict) and not entry.get("subresource")
    )


def _paths(tree: Mapping[str, Any]) -> Iterator[_Path]:
    """The labels, the fields of the spec, and the items of its keyed lists: as deep as decisions look."""
    for label in _below(_below(tree, "f:metadata"), "f:labels"):
        yield "f:metadata", "f:labels", label
    for field, inside in _below(tree, "f:spec").items():
        if field != ".":
            yield "f:spec", field
        for item in inside if isinstance(inside, dict) else ():
            if item.startswith("k:"):
                yield "f:spec", field, item


def _below(tree: Mapping[str, Any], step: str) -> Mapping[str, Any]:
    node = tree.get(step)
    return node if isinstance(node, dict) else {}


@lru_cache(maxsize=2048)  # what the operator makes is claimed in a few ways only, whatever their number
def _claims_of(claimed: tuple[tuple[str, tuple[_Path, ...]], ...]) -> tuple[FieldClaim, ...]:
    return tuple(_claim(manager, paths) for manager, paths in claimed)


def _claim(manager: str, paths: tuple[_Path, ...]) -> FieldClaim:
    fields: dict[str, Any] = {}
    for path in paths:
        node = fields
        for step in path:
            node = node.setdefault(step, {})
    return FieldClaim(manager=manager, fields=fields)
