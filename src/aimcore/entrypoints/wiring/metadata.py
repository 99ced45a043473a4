"""What the metadata of objects that are not ours must be like for a cluster to keep them: names, labels, owners, finalizers."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from aimcore.domain.errors import Fault

__all__ = ["metadata_faults"]

OWNER = ("apiVersion", "kind", "name", "uid")
OBJECTS = ("spec", "status")


def metadata_faults(manifest: Mapping[str, Any], *, namespaced: bool) -> Iterator[Fault]:
    """Everything wrong around the content of an object whose content is not ours to judge."""
    metadata = manifest["metadata"]
    if metadata.get("namespace") and not namespaced:
        yield _fault("namespace", "an object of the cluster has no namespace; expected none")
    for name in ("labels", "annotations"):
        value = metadata.get(name)
        if isinstance(value, dict):
            for key, one in value.items():
                if not isinstance(one, str):
                    yield _fault(f"{name}[{json.dumps(key)}]", "is no text; expected quotes around it")
        elif value is not None:
            yield _fault(name, "is no mapping of texts; expected one")
    if not _texts(metadata.get("finalizers")):
        yield _fault("finalizers", "is no list of texts; expected names of finalizers")
    owners = metadata.get("ownerReferences")
    if owners is not None and not (isinstance(owners, list) and all(map(_owner, owners))):
        yield _fault("ownerReferences", f"is no list of owners; expected {', '.join(OWNER)} of each")
    if not isinstance(metadata.get("deletionTimestamp"), str | None):
        yield _fault("deletionTimestamp", "is no text; expected a time as RFC 3339 has it")
    for name in OBJECTS:
        if not isinstance(manifest.get(name), dict | None):
            yield Fault(path=f"$.{name}", message="is no mapping; expected one", rule="KIND")


def _texts(value: object) -> bool:
    return value is None or (isinstance(value, list) and all(isinstance(one, str) for one in value))


def _owner(value: object) -> bool:
    return isinstance(value, dict) and all(isinstance(value.get(name), str) for name in OWNER)


def _fault(name: str, message: str) -> Fault:
    return Fault(path=f"$.metadata.{name}", message=message, rule="KIND")
