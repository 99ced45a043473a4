"""What is served: every kind the store knows, under its group and version, as its definition or Kubernetes presents it."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from aimcore.adapters.memory.apiserver.columns import NAME, Column, printed
from aimcore.adapters.memory.apiserver.corecolumns import EVENT_COLUMNS, WORKLOAD_COLUMNS, core_columns
from aimcore.adapters.memory.kinds import KINDS, Manifest, Resource
from aimcore.adapters.memory.minors import NEWEST
from aimcore.domain.kinds.scope import Kind

__all__ = ["Endpoint", "Endpoints", "as_core", "as_kept", "endpoints_of", "settled"]

_NAMES = {
    "regarding": "involvedObject",
    "note": "message",
    "reportingController": "reportingComponent",
    "deprecatedSource": "source",
    "deprecatedFirstTimestamp": "firstTimestamp",
    "deprecatedLastTimestamp": "lastTimestamp",
    "deprecatedCount": "count",
}
_BACK = {core: kept for kept, core in _NAMES.items()}


def as_core(event: Manifest) -> dict[str, Any]:
    """The event as `v1` has it.

    >>> as_core({"apiVersion": "events.k8s.io/v1", "kind": "Event", "note": "all is well"})
    {'apiVersion': 'v1', 'kind': 'Event', 'message': 'all is well'}
    """
    return _renamed(event, _NAMES, "v1")


def as_kept(event: Manifest) -> dict[str, Any]:
    """The event as `events.k8s.io/v1` has it."""
    return _renamed(event, _BACK, "events.k8s.io/v1")


def _renamed(event: Manifest, names: Mapping[str, str], version: str) -> dict[str, Any]:
    return {names.get(name, name): value for name, value in event.items()} | {"apiVersion": version}


def settled(secret: Manifest) -> Manifest:
    """The Secret with its `stringData` among its data.

    >>> settled({"kind": "Secret", "stringData": {"token": "hf_x"}})
    {'kind': 'Secret', 'data': {'token': 'aGZfeA=='}}
    """
    plain = secret.get("stringData")
    if not isinstance(plain, dict):
        return secret
    out: dict[str, Any] = {name: value for name, value in secret.items() if name != "stringData"}
    encoded = {name: b64encode(str(value).encode("utf-8", "replace")).decode() for name, value in plain.items()}
    out["data"] = {**(out.get("data") or {}), **encoded}
    return out


Change = Callable[[Manifest], Manifest]


def _as_it_is(manifest: Manifest) -> Manifest:
    return manifest


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """One resource as it is served. `shown` makes of what is kept what is served, and `kept` the other way round."""

    api_version: str
    resource: Resource
    singular: str
    columns: tuple[Column, ...]
    short: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    fields: tuple[str, ...] = ()
    schema: Mapping[str, Any] | None = None
    shown: Change = _as_it_is
    kept: Change = _as_it_is

    @property
    def kind(self) -> str:
        """`AIMModel`."""
        return self.resource.kind

    @property
    def plural(self) -> str:
        """`aimmodels`."""
        return self.resource.plural

    @property
    def group(self) -> str:
        """`aim.silogen.ai`; empty for Kubernetes' core."""
        return self.api_version.rpartition("/")[0]

    @property
    def qualified(self) -> str:
        """`aimmodels.aim.silogen.ai`."""
        return f"{self.plural}.{self.group}" if self.group else self.plural

    @property
    def custom(self) -> bool:
        """Whether a definition made it."""
        return self.schema is not None


Endpoints = Mapping[tuple[str, str], Endpoint]
"""By version and plural name: `("aim.silogen.ai/v1alpha1", "aimmodels")`."""

_SHORT = {"ConfigMap": ("cm",), "Event": ("ev",), "ReplicaSet": ("rs",)} | {
    kind.api_name: (kind.short,) for kind in Kind if kind.short and not kind.is_aim
}
_FIELDS = {
    "Secret": ("type",),
    "Namespace": ("status.phase",),
    "Node": ("spec.unschedulable",),
    "Pod": ("spec.nodeName", "status.phase"),
}
_ABOUT = ("kind", "namespace", "name", "uid", "apiVersion", "resourceVersion", "fieldPath")


def endpoints_of(definitions: Iterable[Manifest], *, minor: int = NEWEST) -> Endpoints:
    """All that is served by this minor, with what the CustomResourceDefinitions say of their kinds."""
    defined = {one["spec"]["names"]["kind"]: one["spec"] for one in definitions}
    found = [_custom(KINDS[kind], spec) for kind, spec in defined.items()]
    found += [_core(resource, minor) for kind, resource in KINDS.items() if "silogen" not in resource.api_version]
    found.append(
        Endpoint(
            api_version="v1",
            resource=KINDS["Event"],
            singular="event",
            short=_SHORT["Event"],
            columns=EVENT_COLUMNS,
            fields=(*(f"involvedObject.{name}" for name in _ABOUT), "reason", "reportingComponent", "type"),
            shown=as_core,
            kept=as_kept,
        )
    )
    return {(one.api_version, one.plural): one for one in found}


def _custom(resource: Resource, spec: Mapping[str, Any]) -> Endpoint:
    names, [version] = spec["names"], spec["versions"]
    return Endpoint(
        api_version=resource.api_version,
        resource=resource,
        singular=names["singular"],
        short=tuple(names.get("shortNames", ())),
        categories=tuple(names.get("categories", ())),
        columns=(NAME, *map(printed, version.get("additionalPrinterColumns", ()))),
        schema=version["schema"]["openAPIV3Schema"],
    )


def _core(resource: Resource, minor: int) -> Endpoint:
    kind = resource.kind
    is_event = kind == "Event"
    return Endpoint(
        api_version=resource.api_version,
        resource=resource,
        singular=kind.lower(),
        short=_SHORT.get(kind, ()),
        columns=tuple(_of_core(column) for column in EVENT_COLUMNS)
        if is_event
        else WORKLOAD_COLUMNS.get(kind) or core_columns(kind, minor),
        fields=tuple(f"regarding.{name}" for name in _ABOUT) if is_event else _FIELDS.get(kind, ()),
        kept=settled if kind == "Secret" else _as_it_is,
    )


def _of_core(column: Column) -> Column:
    """The column of an event, for the other version of it."""
    return replace(column, cell=lambda event, now: column.cell(as_core(event), now))
