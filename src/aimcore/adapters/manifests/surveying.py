"""One walk over a document's events finds where everything in it stands."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any, Final

import yaml

from aimcore.adapters.manifests.events import is_merge, key_text, loader_of, scalar
from aimcore.adapters.manifests.limits import DEPTH_AT_MOST, NODES_AT_MOST
from aimcore.adapters.manifests.paths import Spot
from aimcore.domain.errors import ParseError

__all__ = ["survey"]

# What JSON allows inside its texts and YAML does not; replaced one for one, so that every position stays.
NOT_YAML: Final = re.compile(r"\\u[dD][89a-fA-F][0-9a-fA-F]{2}|[\x7f-\x84\x86-\x9f\ufffe\uffff]|\t")


def survey(text: str) -> Spot:
    """The spot of the document in `text`, and in it those of all its fields and items, as far as the text can be read.

    Merged and aliased fields stand where they are written; of two fields of one name the first counts.
    """
    return _Surveyor(text).root()


class _LostError(Exception):
    """The document is too deep or too large to be surveyed any further."""


class _Surveyor:
    """Walks a document's events once for the spots; what is broken ends the survey early, with the spots found so far."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._source = _as_yaml(text) if text.lstrip()[:1] == "{" else text
        self._next: Callable[[], Any] = yaml.StreamEndEvent
        self._anchors: dict[str, Spot] = {}
        self._left = NODES_AT_MOST
        self._depth = 0

    def root(self) -> Spot:
        root = Spot(0)
        try:
            self._next = loader_of(self._source).get_event
            event: Any = self._next()
            while isinstance(event, yaml.StreamStartEvent | yaml.DocumentStartEvent):
                event = self._next()
            root.index = event.start_mark.index
            self._fill(root, event)
        except (yaml.YAMLError, _LostError):
            pass
        return root

    def _fill(self, spot: Spot, event: Any) -> None:
        self._left -= 1
        if self._left < 0 or self._depth > DEPTH_AT_MOST:
            raise _LostError
        kind = event.__class__
        if kind is yaml.AliasEvent:
            spot.children = self._anchors[event.anchor].children if event.anchor in self._anchors else None
            return
        if event.anchor is not None:
            self._anchors[event.anchor] = spot
        if kind is not yaml.ScalarEvent:
            children: dict[str | int, Spot] = {}
            spot.children = children
            self._depth += 1
            (self._fields if kind is yaml.MappingStartEvent else self._items)(children)
            self._depth -= 1

    def _items(self, children: dict[str | int, Spot]) -> None:
        while (event := self._next()).__class__ is not yaml.SequenceEndEvent:
            children[len(children)] = item = Spot(event.start_mark.index)
            self._fill(item, event)

    def _fields(self, children: dict[str | int, Spot]) -> None:
        own: set[str] = set()
        event: Any
        while (event := self._next()).__class__ is not yaml.MappingEndEvent:
            found = Spot(event.start_mark.index)
            if event.__class__ is not yaml.ScalarEvent:
                raise _LostError
            merges = is_merge(event)
            if not merges and (key := self._key(event)) is not None and key not in own:
                own.add(key)
                children[key] = found
            self._fill(found, self._next())
            if merges:
                self._merge(children, found)

    def _merge(self, children: dict[str | int, Spot], merged: Spot) -> None:
        inside = merged.children or {}
        for source in reversed([*inside.values()] if 0 in inside else [merged]):
            self._left -= len(source.children or ())
            children.update(source.children or {})

    def _key(self, event: Any) -> str | None:
        try:
            if self._source is self._text:
                return key_text(scalar(event))
            return str(json.loads(self._text[event.start_mark.index : event.end_mark.index]))
        except (ParseError, ValueError):
            return str(event.value)


def _as_yaml(text: str) -> str:
    """JSON with what YAML refuses replaced, character for character; the very same object where there is nothing to replace."""
    return NOT_YAML.sub(lambda match: "\\u0020" if len(match[0]) > 1 else " ", text) if NOT_YAML.search(text) else text
