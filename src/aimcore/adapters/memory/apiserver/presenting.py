"""How an object or a list is given out: whole, as its metadata alone, or as the rows of a table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Literal

from aimcore.adapters.memory.apiserver.endpoints import Endpoint
from aimcore.adapters.memory.apiserver.paging import Page
from aimcore.adapters.memory.apiserver.refusals import Refusal
from aimcore.adapters.memory.kinds import Manifest

__all__ = ["Form", "form_of", "listed", "presented"]

Form = Literal["Whole", "Metadata", "Table"]
_META = "meta.k8s.io/v1"
_AS: Mapping[str, Form] = {
    "Table": "Table",
    "PartialObjectMetadata": "Metadata",
    "PartialObjectMetadataList": "Metadata",
}


def form_of(accept: str) -> Form:
    """The first form among those a client accepts that is served. Raises `Refusal` (406) when none is.

    >>> form_of("application/json;as=Table;v=v1;g=meta.k8s.io,application/json")
    'Table'
    >>> form_of("application/vnd.kubernetes.protobuf,application/json"), form_of("")
    ('Whole', 'Whole')
    """
    for wish in filter(None, (one.strip() for one in accept.split(","))):
        media, *rest = (part.strip() for part in wish.split(";"))
        said = dict(part.partition("=")[::2] for part in rest)
        if media not in ("application/json", "application/*", "*/*"):
            continue
        if "as" not in said:
            return "Whole"
        if said["as"] in _AS and (said.get("g"), said.get("v")) == ("meta.k8s.io", "v1"):
            return _AS[said["as"]]
    if not accept.strip():
        return "Whole"
    message = "only the following media types are accepted: application/json"
    raise Refusal(406, "NotAcceptable", message)


def presented(manifest: Manifest, endpoint: Endpoint, form: Form, include: str = "") -> Manifest:
    """One object; `include` says what a table's row holds beside its cells: `None`, `Metadata` or `Object`."""
    shown = endpoint.shown(manifest)
    if form == "Whole":
        return shown
    if form == "Metadata":
        return _metadata(shown)
    version = {"resourceVersion": shown["metadata"]["resourceVersion"]}
    return _table(endpoint, version, [shown], include)


def listed(page: Page, endpoint: Endpoint, form: Form, include: str = "") -> Manifest:
    """A page of a list."""
    metadata: dict[str, Any] = {"resourceVersion": page.version}
    if page.more:
        metadata |= {"continue": page.more, "remainingItemCount": page.left}
    shown = [endpoint.shown(one) for one in page.items]
    if form == "Table":
        return _table(endpoint, metadata, shown, include)
    if form == "Metadata":
        named = {"kind": "PartialObjectMetadataList", "apiVersion": _META}
        return {**named, "metadata": metadata, "items": [_metadata(one) for one in shown]}
    return {"kind": f"{endpoint.kind}List", "apiVersion": endpoint.api_version, "metadata": metadata, "items": shown}


def _metadata(manifest: Manifest) -> Manifest:
    return {"kind": "PartialObjectMetadata", "apiVersion": _META, "metadata": manifest["metadata"]}


def _table(endpoint: Endpoint, metadata: Manifest, items: Sequence[Manifest], include: str) -> Manifest:
    now = datetime.now(UTC)
    return {
        "kind": "Table",
        "apiVersion": _META,
        "metadata": metadata,
        "columnDefinitions": [column.head() for column in endpoint.columns],
        "rows": [_row(endpoint, one, now, include) for one in items],
    }


def _row(endpoint: Endpoint, manifest: Manifest, now: datetime, include: str) -> Manifest:
    cells = [column.cell(manifest, now) for column in endpoint.columns]
    beside = {"None": None, "Object": manifest}.get(include, _metadata(manifest))
    return {"cells": cells, "object": beside}
