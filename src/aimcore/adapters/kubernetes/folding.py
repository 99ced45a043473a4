"""How what the operator claimed by making an object becomes what it claims by applying it (OWN-4).

A POST claims as an update does, and an apply that leaves a field out gives up only what an apply has claimed. Without the
fold nothing that was posted could ever be taken away. Of Kubernetes' own kinds a POST claims the server's defaults, too; they
would count as ours for ever, and are left out of the fold by what was sent.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from aimcore.domain.kinds.ownership import MANAGER

__all__ = ["fold", "is_post"]

Entry = Mapping[str, Any]


def is_post(entry: Entry) -> bool:
    """Whether an entry of `managedFields` is what the operator claimed by a POST."""
    return _is_ours(entry) and entry.get("operation") == "Update"


def fold(manifest: Mapping[str, Any], sent: Mapping[str, Any] | None = None) -> Mapping[str, Any] | None:
    """The merge patch that folds the operator's claims on this very version into one; None when there is nothing to fold.

    With `sent`, what was posted, only what stands in it is claimed.
    """
    metadata = manifest["metadata"]
    entries = metadata.get("managedFields", [])
    if not any(is_post(entry) for entry in entries):
        return None
    ours = [entry for entry in entries if _is_ours(entry)]
    fields: Mapping[str, Any] = {}
    for entry in ours:
        fields = _union(fields, entry["fieldsV1"])
    if sent is not None:
        fields = _within(fields, sent)
    folded = {**ours[0], "operation": "Apply", "fieldsV1": fields}
    kept = [entry for entry in entries if not _is_ours(entry)]
    guard = {name: metadata[name] for name in ("uid", "resourceVersion")}
    return {"metadata": {**guard, "managedFields": [*kept, folded]}}


def _is_ours(entry: Entry) -> bool:
    return entry.get("manager") == MANAGER and not entry.get("subresource")


def _union(one: Mapping[str, Any], other: Mapping[str, Any]) -> Mapping[str, Any]:
    """What either tree claims. A node without anything below is claimed itself; with, the step `.` says so."""
    out = dict(one)
    for step, theirs in other.items():
        ours = out.get(step, theirs)
        both = ours or theirs
        if both and not (ours and theirs):
            out[step] = {**both, ".": {}}
        else:
            out[step] = _union(ours, theirs)
    return out


def _within(fields: Mapping[str, Any], sent: Any) -> dict[str, Any]:
    """Of a tree of claims the part that speaks of what was sent."""
    kept = {}
    for step, inside in fields.items():
        found, value = _sent(step, sent)
        if found:
            kept[step] = _within(inside, value)
    return kept


def _sent(step: str, sent: Any) -> tuple[bool, Any]:
    """Whether what a step of a claim leads to was sent, and what: `f:` a field, `k:` an entry of a list, `v:` a value."""
    sort, _, name = step.partition(":")
    if sort == "f" and isinstance(sent, Mapping):
        return name in sent, sent.get(name)
    if sort == "k" and isinstance(sent, list | tuple):
        keys: Mapping[str, Any] = json.loads(name)
        fitting = (one for one in sent if all(one.get(key, value) == value for key, value in keys.items()))
        entry = next(fitting, None)
        return entry is not None, entry
    if sort == "v" and isinstance(sent, list | tuple):
        return json.loads(name) in sent, None
    return step == ".", None
