"""What surrounds a spec: kind, name, and what the API server keeps about an object (KIND-1, KIND-2)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Any

from aimcore.adapters.wire.codec import Codec, many, mapping, record
from aimcore.adapters.wire.codec import field as spelt
from aimcore.adapters.wire.rule import Rule
from aimcore.adapters.wire.scalars import INT64_MAX, boolean, integer, text
from aimcore.adapters.wire.sharing import shared
from aimcore.adapters.wire.vocabulary import TEXT
from aimcore.domain.kinds.ownership import FieldClaim, Owner
from aimcore.domain.kinds.records import Meta
from aimcore.domain.kinds.scope import Key
from aimcore.domain.values.kubenames import is_dns1123_label, is_dns1123_subdomain, is_label_value, is_qualified_name

__all__ = ["Envelope", "Metadata", "envelope_of", "meta_of", "metadata_of"]

EPOCH = "1970-01-01T00:00:00Z"
_NONE: Mapping[str, str] = {}


@dataclass(frozen=True, slots=True, kw_only=True)
class _OwnerReference:
    """One entry of `metadata.ownerReferences`."""

    api_version: str
    kind: str
    name: str
    uid: str
    controller: bool | None = None
    block_owner_deletion: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class _ManagedFields:
    """One entry of `metadata.managedFields`."""

    manager: str = ""
    operation: str | None = None
    api_version: str | None = None
    time: str | None = None
    fields_type: str | None = None
    fields_v1: Mapping[str, Any] = field(default_factory=dict)
    subresource: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Metadata:
    """`metadata` as the API has it. What no decision looks at is taken and not kept."""

    name: str
    namespace: str | None = None
    uid: str = ""
    resource_version: str = ""
    generation: int = 1
    labels: Mapping[str, str] = field(default_factory=dict)
    annotations: Mapping[str, str] = field(default_factory=dict)
    owner_references: tuple[_OwnerReference, ...] = ()
    deletion_timestamp: str | None = None
    managed_fields: tuple[_ManagedFields, ...] = ()
    creation_timestamp: object = None
    deletion_grace_period_seconds: object = None
    finalizers: object = None
    generate_name: object = None
    self_link: object = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Envelope:
    """A manifest, with its spec and status read."""

    api_version: str
    kind: str
    metadata: Metadata
    spec: Any = None
    status: Any = None


def _as_it_is(value: Any, _type: Any = None) -> Any:
    return value


_ANYTHING: Codec[Any] = Codec(read=_as_it_is, examine=_as_it_is, write=_as_it_is, schema={})
_LABELS = shared(
    mapping(
        text(shaped=(is_label_value, "at most 63 letters, digits, '-', '_' and '.'")),
        named=(is_qualified_name, "a name such as app or example.com/app"),
    )
)
_ANNOTATIONS = mapping(TEXT, named=(is_qualified_name, "a name such as note or example.com/note"))
_OWNERS = shared(
    many(
        record(
            _OwnerReference,
            "OWN-1",
            api_version=TEXT,
            kind=TEXT,
            name=TEXT,
            uid=TEXT,
            controller=boolean,
            block_owner_deletion=boolean,
        )
    )
)
_MANAGED = many(
    record(
        _ManagedFields,
        "OWN-4",
        manager=TEXT,
        operation=TEXT,
        api_version=TEXT,
        time=TEXT,
        fields_type=TEXT,
        fields_v1=spelt(mapping(_ANYTHING), name="fieldsV1"),
        subresource=TEXT,
    )
)
_NAMESPACE = shared(text(shaped=(is_dns1123_label, "a DNS label: at most 63 lower-case letters, digits and '-'")))
_PLACELESS = (
    Rule(
        id="KIND-2",
        message="an object of the cluster has no namespace; expected none",
        at="namespace",
        is_met=lambda metadata: "namespace" not in metadata,
    ),
)


def _metadata_codec(*, namespaced: bool) -> Codec[Metadata]:
    return record(
        Metadata,
        "KIND-2",
        rules=() if namespaced else _PLACELESS,
        name=text(shaped=(is_dns1123_subdomain, "a DNS name: lower-case letters, digits, '-' and '.'")),
        namespace=spelt(_NAMESPACE, needed=namespaced),
        uid=TEXT,
        resource_version=TEXT,
        generation=integer(at_least=0, at_most=INT64_MAX),
        labels=_LABELS,
        annotations=_ANNOTATIONS,
        owner_references=_OWNERS,
        deletion_timestamp=TEXT,
        managed_fields=_MANAGED,
        creation_timestamp=_ANYTHING,
        deletion_grace_period_seconds=_ANYTHING,
        finalizers=_ANYTHING,
        generate_name=_ANYTHING,
        self_link=_ANYTHING,
    )


_METADATA = {namespaced: _metadata_codec(namespaced=namespaced) for namespaced in (True, False)}


def envelope_of(spec: Codec[Any], status: Codec[Any], *, namespaced: bool, spec_needed: bool) -> Codec[Envelope]:
    """The manifest of one kind."""
    return record(
        Envelope,
        "KIND-1",
        api_version=TEXT,
        kind=TEXT,
        metadata=_METADATA[namespaced],
        spec=spelt(spec, needed=spec_needed),
        status=_unless_empty(status),
    )


def _unless_empty(status: Codec[Any]) -> Codec[Any]:
    """A status, or None for `{}`: scaffolds leave that behind, and it says nothing."""
    return replace(
        status,
        read=lambda value, _type: None if value == {} else status.read(value, None),
        examine=lambda value, _type: None if value == {} else status.examine(value, None),
    )


def meta_of(metadata: Metadata) -> Meta:
    """What a record keeps of its metadata, beside the key."""
    return Meta(
        uid=metadata.uid,
        generation=metadata.generation,
        resource_version=metadata.resource_version,
        labels=metadata.labels,
        annotations=metadata.annotations or _NONE,
        owners=_owners(metadata.owner_references),
        deleting=metadata.deletion_timestamp is not None,
        claims=tuple([FieldClaim(manager=one.manager, fields=one.fields_v1) for one in metadata.managed_fields]),
    )


@lru_cache(maxsize=2048)  # the templates of a model have the same
def _owners(references: tuple[_OwnerReference, ...]) -> tuple[Owner, ...]:
    return tuple(
        Owner(api_version=one.api_version, kind=one.kind, name=one.name, uid=one.uid, controller=bool(one.controller))
        for one in references
    )


def metadata_of(key: Key, meta: Meta) -> Metadata:
    """The metadata that says what a record keeps; a deletion whose time is not kept is dated to the epoch."""
    return Metadata(
        name=key.name,
        namespace=key.namespace,
        uid=meta.uid,
        resource_version=meta.resource_version,
        generation=meta.generation,
        labels=meta.labels,
        annotations=meta.annotations,
        owner_references=tuple(
            _OwnerReference(
                api_version=one.api_version,
                kind=one.kind,
                name=one.name,
                uid=one.uid,
                controller=one.controller,
                block_owner_deletion=False,
            )
            for one in meta.owners
        ),
        deletion_timestamp=EPOCH if meta.deleting else None,
        managed_fields=tuple(
            _ManagedFields(manager=one.manager, fields_type="FieldsV1", fields_v1=one.fields) for one in meta.claims
        ),
    )
