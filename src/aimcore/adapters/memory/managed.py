"""Who owns which field: the entries of `managedFields`, and how an update or an apply moves them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from aimcore.adapters.memory.fieldset import FieldSet, difference, intersection, paths, union
from aimcore.adapters.memory.kinds import PLAIN, Manifest, Resource, Shape
from aimcore.adapters.memory.merge import claims, compare, everything, merge, named, remove
from aimcore.ports.errors import Conflict, Contested

__all__ = [
    "Application",
    "Claim",
    "Manager",
    "Managers",
    "as_found",
    "before_first_apply",
    "claimed_at_birth",
    "decoded",
    "encoded",
    "handed_in",
    "same",
    "track_apply",
    "track_update",
]

_SYSTEM = frozenset(
    {"name", "namespace", "creationTimestamp", "selfLink", "uid", "generation", "managedFields", "resourceVersion"}
)
"""What of the metadata is the server's own, or the object's name: nobody owns it."""

_NAME: FieldSet = {"f:metadata": {"f:name": {}}}
"""What every apply says: the metadata is never without the name."""

_UNOWNED = frozenset({"apiVersion", "kind"})


class Manager(NamedTuple):
    """Who writes: one entry stands for each. `operation` is `Apply` or `Update`, `subresource` empty or `status`."""

    operation: str
    name: str
    subresource: str
    api_version: str


class Claim(NamedTuple):
    """What a manager owns, and when that last changed with a change of the object."""

    fields: FieldSet
    time: str | None


Managers = Mapping[Manager, Claim]


def decoded(entries: Sequence[Mapping[str, Any]]) -> Managers | None:
    """The claims a client wrote down; None when one of them cannot be read, which is then as if nothing was said."""
    out: dict[Manager, Claim] = {}
    for entry in entries:
        readable = entry.get("operation") in ("Apply", "Update") and entry.get("fieldsType") == "FieldsV1"
        if not readable or not entry.get("apiVersion"):
            return None
        who = Manager(entry["operation"], entry.get("manager", ""), entry.get("subresource", ""), entry["apiVersion"])
        out[who] = Claim(entry.get("fieldsV1", {}), entry.get("time"))
    return out


def encoded(managers: Managers) -> list[dict[str, Any]]:
    """The claims as `metadata.managedFields` lists them: applies first, then by time and name."""
    out = []
    for who, claim in sorted(managers.items(), key=lambda pair: (pair[0].operation, pair[1].time or "", pair[0])):
        entry = {
            "apiVersion": who.api_version,
            "fieldsType": "FieldsV1",
            "fieldsV1": claim.fields,
            "manager": who.name,
            "operation": who.operation,
        }
        if who.subresource:
            entry["subresource"] = who.subresource
        if claim.time is not None:
            entry["time"] = claim.time
        out.append(entry)
    return out


def claimed_at_birth(manifest: Manifest, shape: Shape) -> FieldSet:
    """What whoever POSTs this manifest owns: every field of it, but for the server's own."""
    out: dict[str, Any] = {}
    for name, member in manifest.items():
        if name == "metadata":
            own = {key: value for key, value in member.items() if key not in _SYSTEM}
            inner = dict(everything(own, shape.fields[name]))
            inner.pop(".", None)
            if inner:
                out["f:metadata"] = inner
        elif name not in _UNOWNED:
            out["f:" + name] = everything(member, shape.fields.get(name, PLAIN))
    return out


def as_found(body: Manifest, resource: Resource, time: str) -> Managers:
    """Who must have written an object that comes without claims: the operator where its label says so, else kubectl."""
    label = body["metadata"].get("labels", {}).get("app.kubernetes.io/managed-by")
    name = "aim-operator" if label == "aim-operator" else "kubectl"
    return {Manager("Update", name, "", resource.api_version): Claim(claimed_at_birth(body, resource.shape), time)}


def before_first_apply(manifest: Manifest, applier: Manager, shape: Shape, time: str) -> Managers:
    """Who owns an object that nobody claims when it is applied to: a manager of before that, so that nothing is lost."""
    fields = claimed_at_birth(manifest, shape)
    return {applier._replace(operation="Update", name="before-first-apply"): Claim(fields, time)} if fields else {}


def handed_in(old: Manifest, new: Manifest, managers: Managers) -> Managers:
    """The claims an update starts from: those that stand, or those that the client wrote; `[{}]` forgets them all."""
    entries = new["metadata"].get("managedFields")
    if entries is None or entries is old["metadata"].get("managedFields"):
        return managers
    if entries == [{}]:
        return {}
    return decoded(entries) or managers


def same(managers: Managers, before: Managers) -> bool:
    """Whether the same managers claim the same; when they last did is no difference."""
    return managers is before or (
        managers.keys() == before.keys() and all(claim.fields == before[who].fields for who, claim in managers.items())
    )


def track_update(
    managers: Managers, pair: tuple[Manifest, Manifest], shape: Shape, by: tuple[Manager, str]
) -> Managers:
    """The claims after an update from the first of `pair` to the second by a manager at a time.

    It takes what it added or changed from everybody; what it removed is nobody's.
    """
    who, time = by
    changes = compare(*pair, shape)
    taken = union(changes.added, changes.modified)
    out = _yielded(managers, taken, changes.removed)
    if taken:
        before = out.get(who)
        out[who] = Claim(taken if before is None else union(before.fields, taken), time)
    return out


def _yielded(managers: Managers, taken: FieldSet, removed: FieldSet) -> dict[Manager, Claim]:
    out = {}
    for manager, claim in managers.items():
        left = difference(difference(claim.fields, taken), removed)
        if left:
            out[manager] = claim if left is claim.fields else Claim(left, claim.time)
    return out


class Application(NamedTuple):
    """One apply: the manifest without what is not the applier's to say, whose it is, when, and whether it takes by force."""

    manifest: Manifest
    who: Manager
    time: str
    force: bool


def track_apply(
    managers: Managers, live: dict[str, Any], application: Application, shape: Shape
) -> tuple[dict[str, Any], Managers]:
    """The merged manifest and the claims after an apply.

    What the manager claimed last time, claims no more, and nobody else claims, goes. A field it would change that others
    claim is a `Conflict`, unless by force: then they lose it. The same value is shared.
    """
    manifest, who, time, force = application
    claimed = claims(manifest, shape)
    merged = merge(live, manifest, shape)
    last = managers.get(who)
    if last is not None and difference(last.fields, claimed):
        owned = union(claimed, _NAME)
        for manager, claim in managers.items():
            owned = owned if manager == who else union(owned, claim.fields)
        merged = _pruned(merged, last.fields, owned, shape)
    changes = compare(live, merged, shape)
    taken = union(changes.added, changes.modified)
    others = {manager: claim for manager, claim in managers.items() if manager != who}
    if not force:
        _refuse_contested(others, taken)
    out = _yielded(others, taken, changes.removed)
    if claimed:
        out[who] = Claim(claimed, time if merged != live else last and last.time)
    return merged, out


def _refuse_contested(others: Managers, taken: FieldSet) -> None:
    contested = sorted(
        Contested(path, manager.name)
        for manager, claim in others.items()
        for path in paths(intersection(claim.fields, taken))
    )
    if contested:
        fields = ", ".join(f"{path} of {manager!r}" for path, manager in contested)
        raise Conflict(f"apply would change fields that others own: {fields}", tuple(contested))


def _pruned(merged: dict[str, Any], last: FieldSet, owned: FieldSet, shape: Shape) -> dict[str, Any]:
    """`merged` without what `last` holds, what is `owned` now put back, and what was never in `last` too."""
    whole = named(claims(merged, shape), shape)
    without = remove(merged, named(last, shape), shape)
    left = named(claims(without, shape), shape)
    unowned = difference(difference(whole, left), named(owned, shape))
    kept = named(claims(remove(merged, unowned, shape), shape), shape)
    gone = intersection(difference(whole, kept), named(last, shape))
    pruned: dict[str, Any] = remove(merged, gone, shape)
    return pruned
