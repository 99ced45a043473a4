"""Whole manifests: which kind each is, what it becomes, what is wrong with it, and what may change."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from cattrs import ClassValidationError

from aimcore.adapters.wire.codec import SPELLINGS, Codec
from aimcore.adapters.wire.core import CORE, CoreObject, odd_amounts
from aimcore.adapters.wire.envelope import Envelope, envelope_of, meta_of, metadata_of
from aimcore.adapters.wire.kinds import CODECS
from aimcore.adapters.wire.opened import PRESERVE
from aimcore.adapters.wire.pods import is_pod, read_pod
from aimcore.adapters.wire.problem import CANNOT_READ, Finding, UnreadableError, findings, found, in_order
from aimcore.adapters.wire.routing import nearly_routing
from aimcore.adapters.wire.rules import looks_like_endpoint
from aimcore.adapters.wire.workloads import CHILD_KINDS, child_manifest, read_child
from aimcore.domain.errors import Fault, InvalidManifestError
from aimcore.domain.kinds.core import Child
from aimcore.domain.kinds.ownership import MANAGED_BY, MANAGER
from aimcore.domain.kinds.records import AimObject
from aimcore.domain.kinds.scope import GROUP, VERSION, Key, Kind, Scope
from aimcore.domain.values.nearness import did_you_mean

__all__ = [
    "WireObject",
    "admit",
    "decode",
    "decode_stored",
    "encode",
    "encode_status",
    "faults",
    "is_child",
    "is_pod",
    "knows",
]

Manifest = Mapping[str, Any]
WireObject = AimObject | CoreObject

API_VERSION = f"{GROUP}/{VERSION}"
CORE_VERSION = "v1"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Form:
    """One kind of the API: how its manifests are read and written, and the record that comes of them."""

    kind: Kind
    manifest: Codec[Envelope]
    status: Codec[Any]
    make: Callable[..., AimObject]


def _forms() -> Iterator[tuple[str, _Form]]:
    for kind, row in CODECS.items():
        for scope, spelling in kind.spellings:
            namespaced = scope is Scope.NAMESPACE
            codec = envelope_of(row.spec, row.status, namespaced=namespaced, spec_needed=row.spec_needed)
            yield spelling.kind, _Form(kind=kind, manifest=codec, status=row.status, make=row.make)


FORMS: Mapping[str, _Form] = dict(_forms())
"""Every kind of ours, by the name the API has for it."""


# --- reading ----------------------------------------------------------------------------------------------------------


def knows(manifest: Manifest) -> bool:
    """Whether a manifest is for `decode` to read or to refuse: of our group, or of the few kinds of Kubernetes it needs.

    >>> knows({"apiVersion": "aim.silogen.ai/v2", "kind": "AIMModel"}), knows({"apiVersion": "apps/v1", "kind": "Deployment"})
    (True, False)
    """
    version = manifest.get("apiVersion")
    ours = isinstance(version, str) and version.partition("/")[0] == GROUP
    return ours or _core_reader(manifest) is not None


def is_child(manifest: Manifest) -> bool:
    """Whether a manifest is of a kind that children have, and carries the operator's label: what it follows of a cluster."""
    labels = (manifest.get("metadata") or {}).get("labels") or {}
    return _child_kind(manifest) is not None and labels.get(MANAGED_BY) == MANAGER


def _child_kind(manifest: Manifest) -> Kind | None:
    return CHILD_KINDS.get((str(manifest.get("apiVersion")), str(manifest.get("kind"))))


def decode(manifest: Manifest) -> WireObject:
    """The record of a manifest, or an InvalidManifestError with everything that is wrong with it.

    Nothing unknown is left out silently: an unknown field is an error as it is to a strict API server. A status is not
    its author's, though: what is unknown in it is left out, one that still cannot be read is none, and `faults` warns.
    """
    try:
        if (read := _core_reader(manifest)) is not None:
            return read(manifest)
        form = _form(manifest)
        return _record(form, form.manifest.read(manifest, None))
    except CANNOT_READ:
        wrong = tuple(fault for fault in faults(manifest) if not fault.warning)
        if wrong:
            raise InvalidManifestError(wrong) from None
        return _with_readable_status(_form(manifest), manifest)


def decode_stored(manifest: Manifest) -> WireObject:
    """As `decode`, of what an API server keeps: its definitions may be newer, and fields that they added are left out."""
    if (child := _child_kind(manifest)) is not None:
        return _stored(lambda: read_child(child, manifest), manifest)
    if (manifest.get("apiVersion"), manifest.get("kind")) == (Kind.POD.api_version, Kind.POD.api_name):
        return _stored(lambda: read_pod(manifest), manifest)
    try:
        form = _form(manifest)
        return _record(form, form.manifest.read(manifest, None))
    except CANNOT_READ:
        kind = manifest.get("kind")
        known = FORMS.get(kind) if isinstance(kind, str) and manifest.get("apiVersion") == API_VERSION else None
        return decode(manifest if known is None else _pruned(manifest, known.manifest.schema))


def _stored(read: Callable[[], AimObject], manifest: Manifest) -> AimObject:
    try:
        return read()
    except UnreadableError as error:
        raise InvalidManifestError(in_order(findings(error, SPELLINGS), manifest)) from error


def _core_reader(manifest: Manifest) -> Callable[[Manifest], CoreObject] | None:
    """How to read an object of Kubernetes' own, None if it is none of those that `decode` reads."""
    if not isinstance(manifest, dict):
        raise found(manifest, expected="an object")
    version, kind = manifest.get("apiVersion"), manifest.get("kind")
    return CORE.get(kind) if version == CORE_VERSION and isinstance(kind, str) else None


def _form(manifest: Manifest) -> _Form:
    version, kind = manifest.get("apiVersion"), manifest.get("kind")
    if version != API_VERSION:
        raise UnreadableError(found(version, expected=API_VERSION, shown=True).message, at=("apiVersion",))
    if not isinstance(kind, str) or kind not in FORMS:
        near = did_you_mean(kind, FORMS) if isinstance(kind, str) else ""
        message = found(kind, expected=f"one of {', '.join(FORMS)}{near}", shown=True).message
        raise UnreadableError(message, at=("kind",))
    return FORMS[kind]


def _record(form: _Form, envelope: Envelope) -> AimObject:
    metadata = envelope.metadata
    key = Key(form.kind, metadata.namespace, metadata.name)
    return form.make(key=key, meta=meta_of(metadata), spec=envelope.spec, status=envelope.status)


def _with_readable_status(form: _Form, manifest: Manifest) -> AimObject:
    spoken = _spoken(manifest)
    status = _pruned(spoken.pop("status", None), form.status.schema)
    envelope = form.manifest.read(spoken, None)
    try:
        return _record(form, replace(envelope, status=form.status.read(status, None)))
    except CANNOT_READ:
        return _record(form, envelope)


def _spoken(value: Any) -> Any:
    """`value` without any null in any object of it."""
    if isinstance(value, dict):
        return {name: _spoken(one) for name, one in value.items() if one is not None}
    return [_spoken(one) for one in value] if isinstance(value, list) else value


def _pruned(value: Any, schema: Mapping[str, Any]) -> Any:
    """`value` without the fields that its schema does not name, as an API server stores it."""
    if isinstance(value, dict) and "properties" in schema:
        known = schema["properties"]
        kept = value.keys() if schema.get(PRESERVE) else value.keys() & known.keys()
        return {name: _pruned(one, known.get(name, {})) for name, one in value.items() if name in kept}
    if isinstance(value, dict) and "additionalProperties" in schema:
        return {name: _pruned(one, schema["additionalProperties"]) for name, one in value.items()}
    if isinstance(value, list) and "items" in schema:
        return [_pruned(one, schema["items"]) for one in value]
    return value


# --- judging ----------------------------------------------------------------------------------------------------------


def faults(manifest: Manifest) -> tuple[Fault, ...]:
    """Everything that is wrong with a manifest, and the warnings, in document order; empty when all is well."""
    return in_order((*_errors(manifest), *looks_like_endpoint(manifest), *nearly_routing(manifest)), manifest)


def _errors(manifest: Manifest) -> Iterator[Finding]:
    try:
        if (read := _core_reader(manifest)) is not None:
            read(manifest)
            yield from odd_amounts(manifest)
        elif _unreadable(manifest):
            _form(manifest).manifest.examine(manifest, None)
    except (UnreadableError, ClassValidationError) as error:
        for finding in findings(error, SPELLINGS):
            # A status of ours is made anew; that of a node is all we have of it.
            harmless = finding.steps[:1] == ("status",) and _core_reader(manifest) is None
            yield replace(finding, warning=harmless)


def admit(old: Manifest | None, new: Manifest) -> tuple[Fault, ...]:
    """Why an API server with our definitions would refuse `new`, in place of `old` if there is one; empty if it would not.

    It says nothing of manifests that are not of our group.
    """
    if new.get("apiVersion") != API_VERSION or (old is not None and _differs_in_status_alone(old, new)):
        return ()
    wrong = tuple(fault for fault in faults(new) if not fault.warning) if _unreadable(new) else ()
    return wrong + tuple(_changed(old, new)) if old is not None else wrong


def _differs_in_status_alone(old: Manifest, new: Manifest) -> bool:
    """Whether what a person writes is the very same: a status refuses nothing, and most writes are of one."""
    before, after = old["metadata"], new["metadata"]
    same = all(before.get(name) == after.get(name) for name in ("labels", "annotations", "ownerReferences"))
    return same and old.get("spec") is new.get("spec")


def _unreadable(manifest: Manifest) -> bool:
    try:
        _form(manifest).manifest.read(manifest, None)
    except CANNOT_READ:
        return True
    return False


def _changed(old: Manifest, new: Manifest) -> Iterator[Fault]:
    form = FORMS.get(str(new.get("kind")))
    immutable = None if form is None else CODECS[form.kind].immutable
    if immutable is None:
        return
    before, after = old.get("spec"), new.get("spec")
    if isinstance(before, dict) and isinstance(after, dict):
        for name in immutable.fields:
            if before.get(name) != after.get(name):
                yield Fault(path=f"$.spec.{name}", message=immutable.message(name), rule=immutable.rule)


# --- writing ----------------------------------------------------------------------------------------------------------


def encode(thing: AimObject) -> dict[str, Any]:
    """The manifest of a record: quantities in their canonical text, nothing that was not said."""
    if isinstance(thing, Child):
        return child_manifest(thing)
    form = FORMS[thing.key.api_kind]
    envelope = Envelope(
        api_version=API_VERSION,
        kind=thing.key.api_kind,
        metadata=metadata_of(thing.key, thing.meta),
        spec=thing.spec,
        status=thing.status,
    )
    manifest: dict[str, Any] = form.manifest.write(envelope)
    return manifest


def encode_status(kind: Kind, status: Any) -> dict[str, Any]:
    """A status as an object of that kind carries it."""
    written: dict[str, Any] = CODECS[kind].status.write(status)
    return written
