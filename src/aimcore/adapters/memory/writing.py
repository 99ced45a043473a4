"""What becomes of an object when it is written: which words are the server's, which the subresource's, which the writer's."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from aimcore.adapters.memory.kinds import Address, Manifest, Resource, resource_of
from aimcore.adapters.memory.managed import Managers, encoded
from aimcore.ports.errors import Conflict, Invalid

__all__ = [
    "Stamp",
    "Stored",
    "applicable",
    "born",
    "check_preconditions",
    "counted",
    "is_gone",
    "marked",
    "patched",
    "posted",
    "restored",
    "rewritten",
    "settled",
    "unwritten",
    "with_metadata",
]


class Stored:
    """One object: its body without `managedFields`, who owns what of it, and the manifest of both, built when asked for."""

    __slots__ = ("_manifest", "body", "managers", "resource")

    def __init__(self, resource: Resource, body: dict[str, Any], managers: Managers) -> None:
        self.resource = resource
        self.body = body
        self.managers = managers
        self._manifest: Manifest | None = None

    def manifest(self) -> Manifest:
        """All of it, as the API gives it out."""
        if self._manifest is None:
            metadata = self.body["metadata"]
            if self.managers:
                metadata = {**metadata, "managedFields": encoded(self.managers)}
            self._manifest = {**self.body, "metadata": metadata}
        return self._manifest

    @property
    def metadata(self) -> dict[str, Any]:
        """The body's metadata."""
        metadata: dict[str, Any] = self.body["metadata"]
        return metadata


_KEPT = (
    "name",
    "namespace",
    "uid",
    "resourceVersion",
    "generation",
    "creationTimestamp",
    "deletionTimestamp",
    "deletionGracePeriodSeconds",
)
_NEVER_APPLIED = frozenset({*_KEPT, "managedFields", "selfLink"})


class Stamp(NamedTuple):
    """What the server says of a new object."""

    uid: str
    time: str


def is_gone(body: Manifest) -> bool:
    """Whether a deletion that began has nothing left to wait for."""
    metadata = body["metadata"]
    waits = metadata.get("finalizers") or (body["kind"] == "Namespace" and body.get("spec", {}).get("finalizers"))
    return "deletionTimestamp" in metadata and not waits


def born(manifest: Manifest, resource: Resource, stamp: Stamp) -> dict[str, Any]:
    """The object that a POST of this manifest makes: no status where that is a subresource, the server's metadata its own.

    A node keeps its status: kubelets register with it.
    """
    given = {key: value for key, value in manifest["metadata"].items() if key not in _NEVER_APPLIED and value}
    given["name"] = manifest["metadata"]["name"]
    if resource.namespaced:
        given["namespace"] = manifest["metadata"]["namespace"]
    given["uid"] = stamp.uid
    given["creationTimestamp"] = stamp.time
    if resource.counted:
        given["generation"] = 1
    body = {**manifest, "metadata": given}
    if resource.status and resource.kind != "Node":
        body.pop("status", None)
    if resource.kind == "Namespace":
        given["labels"] = _labelled(given)
        body["spec"] = {**body.get("spec", {}), "finalizers": ["kubernetes"]}
        body["status"] = {"phase": "Active"}
    return body


def _labelled(metadata: Mapping[str, Any]) -> dict[str, Any]:
    """The labels of a namespace, which always has its name among them."""
    return {**metadata.get("labels", {}), "kubernetes.io/metadata.name": metadata["name"]}


def restored(manifest: Manifest, resource: Resource, uids: Mapping[Address, str], time: str) -> dict[str, Any]:
    """The object a manifest was read from, under its new uid; owner references follow the owners that `uids` holds."""
    given = manifest["metadata"]
    address = Address(resource.kind, given.get("namespace"), given["name"])
    metadata = {"creationTimestamp": time, **given, "uid": uids[address]}
    metadata.pop("managedFields", None)
    if resource.counted:
        metadata.setdefault("generation", 1)
    if given.get("ownerReferences"):
        metadata["ownerReferences"] = [_following(owner, address.namespace, uids) for owner in given["ownerReferences"]]
    return {**manifest, "metadata": metadata}


def _following(owner: Mapping[str, Any], namespace: str | None, uids: Mapping[Address, str]) -> Mapping[str, Any]:
    kind = resource_of({**owner, "metadata": {"namespace": namespace}}).kind
    near, far = Address(kind, namespace, owner["name"]), Address(kind, None, owner["name"])
    uid = uids.get(near) or uids.get(far)
    return {**owner, "uid": uid} if uid else owner


def check_preconditions(address: Address, live: Mapping[str, Any], wanted: Mapping[str, Any]) -> None:
    """Raise `Conflict` when a uid or version is wanted and another one stands."""
    for key in ("uid", "resourceVersion"):
        if wanted.get(key) and wanted[key] != live[key]:
            raise Conflict(f"{address} has {key} {live[key]!r}; expected {wanted[key]!r}")


def applicable(manifest: Manifest, resource: Resource, subresource: str) -> dict[str, Any]:
    """The part of an applied manifest that is the applier's to say, at this endpoint."""
    if subresource:
        return {"status": manifest["status"]} if "status" in manifest else {}
    out = dict(manifest)
    if resource.status:
        out.pop("status", None)
    metadata = {key: value for key, value in manifest["metadata"].items() if key not in _NEVER_APPLIED}
    if metadata:
        out["metadata"] = metadata
    else:
        del out["metadata"]
    del out["apiVersion"], out["kind"]
    return out


def rewritten(old: Manifest, new: Manifest, resource: Resource, subresource: str) -> dict[str, Any]:
    """What `old` becomes when `new` is written over it: the subresource changes the status and nothing else, the object
    everything else, and the server's metadata stays.
    """
    if subresource:
        body = dict(old)
        _keep(body, new, "status")
        return body
    body = dict(new)
    if resource.status:
        _keep(body, old, "status")
    before = old["metadata"]
    metadata = {key: value for key, value in new["metadata"].items() if key != "managedFields" and value}
    for key in _KEPT:
        _keep(metadata, before, key)
    if resource.kind == "Namespace":
        metadata["labels"] = _labelled(metadata)
    if metadata == before:
        metadata = before
    _refuse_new_finalizers(before, metadata)
    body["metadata"] = metadata
    return body


def unwritten(old: Manifest, new: Manifest) -> dict[str, Any]:
    """`new`, a status written over `old`, as it was sent: with labels and annotations that this endpoint does not write."""
    metadata = {key: value for key, value in new["metadata"].items() if key not in _NEVER_APPLIED and value}
    kept = {key: old["metadata"][key] for key in _KEPT if key in old["metadata"]}
    seen = {**old, "metadata": {**metadata, **kept}}
    _keep(seen, new, "status")
    return seen


def posted(manifest: Manifest) -> dict[str, Any]:
    """A manifest as a POST and a PUT are read: null is as if nothing was said."""
    said = ((name, member) for name, member in manifest.items() if member is not None)
    return {name: member if name == "metadata" else _spoken(member) for name, member in said}


def _spoken(value: Any) -> Any:
    """`value` without the members of objects that are null; itself where there are none, as mostly."""
    if not _has_null_member(value):
        return value
    if isinstance(value, dict):
        return {name: _spoken(member) for name, member in value.items() if member is not None}
    return [_spoken(item) for item in value]


def _has_null_member(value: Any) -> bool:
    if isinstance(value, dict):
        members = value.values()
        return None in members or any(_has_null_member(one) for one in members if isinstance(one, dict | list))
    return isinstance(value, list) and any(_has_null_member(one) for one in value if isinstance(one, dict | list))


def settled(body: dict[str, Any], resource: Resource) -> dict[str, Any]:
    """`body`, the outcome of an apply, as it is stored. Raises `Invalid` for a null in it that its definition refuses.

    A null stands where one was applied, and where the last member of a container went and the container did not.
    """
    if not resource.defined:
        return posted(body)
    for name, member in body.items():
        if name != "metadata" and (path := _null_in(member, name)) is not None:
            raise Invalid(f'{path}: Invalid value: "null": an apply may not empty it; leave it out instead')
    return body


def _null_in(value: Any, path: str) -> str | None:
    if value is None:
        return path
    inner: Iterable[tuple[str, Any]] = ()
    if isinstance(value, dict):
        inner = ((f"{path}.{name}", member) for name, member in value.items())
    elif isinstance(value, list):
        inner = ((f"{path}[{number}]", item) for number, item in enumerate(value))
    return next((found for step, member in inner if (found := _null_in(member, step)) is not None), None)


def counted(old: Manifest, body: dict[str, Any]) -> dict[str, Any]:
    """`body` with its generation moved on when anything but metadata and status differs from `old`."""
    if all(body.get(key) == old.get(key) for key in {*body, *old} - {"metadata", "status"}):
        return body
    generation = old["metadata"].get("generation", 0) + 1
    return {**body, "metadata": {**body["metadata"], "generation": generation}}


def _keep(into: dict[str, Any], source: Mapping[str, Any], key: str) -> None:
    if key in source:
        into[key] = source[key]
    else:
        into.pop(key, None)


def _refuse_new_finalizers(before: Mapping[str, Any], after: Mapping[str, Any]) -> None:
    if "deletionTimestamp" not in before:
        return
    new = set(after.get("finalizers", ())) - set(before.get("finalizers", ()))
    if new:
        raise Invalid(f"finalizers {sorted(new)} on an object that is being deleted; expected no new ones")


def marked(body: Manifest, time: str, finalizers: list[str]) -> dict[str, Any]:
    """The object once its deletion has begun: it waits for its finalizers, and its generation has moved."""
    out = with_metadata(body, "finalizers", finalizers)
    metadata = out["metadata"]
    if "deletionTimestamp" not in metadata:
        metadata |= {"deletionTimestamp": time, "deletionGracePeriodSeconds": 0}
        if metadata.get("generation"):
            metadata["generation"] += 1
    if body["kind"] == "Namespace":
        out["spec"] = {**body.get("spec", {}), "finalizers": body.get("spec", {}).get("finalizers") or ["kubernetes"]}
        out["status"] = {**body.get("status", {}), "phase": "Terminating"}
    return out


def with_metadata(body: Manifest, key: str, value: list[Any]) -> dict[str, Any]:
    """`body` with one list of its metadata replaced; an empty one goes."""
    metadata = {**body["metadata"], key: value}
    if not value:
        del metadata[key]
    return {**body, "metadata": metadata}


def patched(value: Any, patch: Any) -> Any:
    """`value` after a JSON merge patch (RFC 7396): null removes, mappings merge, everything else replaces.

    >>> patched({"a": 1, "b": {"c": 2, "d": 3}}, {"a": None, "b": {"c": 4}})
    {'b': {'c': 4, 'd': 3}}
    """
    if not isinstance(patch, Mapping):
        return _spoken(patch)
    out = dict(value) if isinstance(value, Mapping) else {}
    for key, member in patch.items():
        if member is None:
            out.pop(key, None)
        else:
            out[key] = patched(out.get(key), member)
    return out
