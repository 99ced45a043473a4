"""How an object or a list is given out: whole, as its metadata alone, or as rows of a table; a list in pages of one moment, or it is gone (410)."""

from __future__ import annotations

import base64
import binascii
import secrets
import time
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Literal, NamedTuple

from aimcore.adapters.memory.apiserver.endpoints import Endpoint
from aimcore.adapters.memory.apiserver.refusals import Refusal, bad_request, gone
from aimcore.adapters.memory.kinds import Manifest

__all__ = ["Form", "Page", "Pages", "form_of", "listed", "presented"]

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


_LISTS_AT_MOST = 64
_SECONDS = 300.0
_EXPIRED = (
    "The provided continue parameter is too old to display a consistent list result. "
    "You must start a new list without the continue parameter."
)


class Page(NamedTuple):
    """A part of a list: its objects, the version of the whole, how to ask for the next part, and how much is left."""

    items: Sequence[Manifest]
    version: str
    more: str = ""
    left: int = 0


class _Rest(NamedTuple):
    items: Sequence[Manifest]
    version: str
    about: str
    until: float


class Pages:
    """What is left of lists that were begun: the newest of them, for five minutes."""

    def __init__(self) -> None:
        self._rests: OrderedDict[str, _Rest] = OrderedDict()

    def first(self, items: Sequence[Manifest], version: str, limit: int, about: str) -> Page:
        """The first page of a list; `about` says which list it is."""
        return self._page(_Rest(items, version, about, time.monotonic() + _SECONDS), limit)

    def next(self, token: str, limit: int, about: str) -> Page:
        """The page that a token asks for. Raises `Refusal` for one that is none (400), or too old (410)."""
        try:
            key = base64.urlsafe_b64decode(token.encode()).decode("ascii")
        except (binascii.Error, UnicodeError) as error:
            raise bad_request("invalid continue token: continue key is not valid") from error
        if len(key) != 16:
            raise bad_request("invalid continue token: continue key is not valid")
        rest = self._rests.get(key)
        if rest is None or rest.about != about or rest.until < time.monotonic():
            raise gone(_EXPIRED)
        return self._page(rest, limit)

    def _page(self, rest: _Rest, limit: int) -> Page:
        if not 0 < limit < len(rest.items):
            return Page(rest.items, rest.version)
        key = secrets.token_hex(8)
        self._rests[key] = rest._replace(items=rest.items[limit:])
        while len(self._rests) > _LISTS_AT_MOST:
            self._rests.popitem(last=False)
        token = base64.urlsafe_b64encode(key.encode()).decode()
        return Page(rest.items[:limit], rest.version, token, len(rest.items) - limit)
