"""Label selectors and field selectors: text becomes a question that every object can answer."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from aimcore.adapters.memory.apiserver.columns import at
from aimcore.adapters.memory.apiserver.endpoints import Endpoint
from aimcore.adapters.memory.apiserver.refusals import bad_request
from aimcore.adapters.memory.kinds import Manifest
from aimcore.domain.errors import quoted
from aimcore.domain.values.kubenames import is_label_value, is_qualified_name

__all__ = ["Selector", "selector_of"]

Selector = Callable[[Manifest], bool]
Labels = Mapping[str, str]

_KEY = r"\s*+(?P<key>[A-Za-z0-9._/-]++)\s*+"
_SET = re.compile(_KEY + r"(?<=\s)(?P<word>in|notin)\s*+\((?P<values>[^()]*+)\)\s*+")
_EQUAL = re.compile(_KEY + r"(?P<sign>==|=|!=)\s*+(?P<value>[^\s,()=!]*+)\s*+")
_EXISTS = re.compile(r"\s*+(?P<no>!?)" + _KEY)
_FIELD = re.compile(r"\s*+(?P<key>[A-Za-z.]++)\s*+(?P<sign>==|=|!=)(?P<value>[^,]*+)")


def selector_of(endpoint: Endpoint, labels: str, fields: str) -> Selector:
    """Whether an object is meant by both selectors; an empty one means all. Raises `Refusal`."""
    asked = [*_labels(labels), *_fields(fields, endpoint)]
    return lambda manifest: all(one(manifest) for one in asked)


def _labels(text: str) -> Iterator[Selector]:
    position = 0
    while position < len(text.rstrip()):
        for form, made in ((_SET, _among), (_EQUAL, _equal), (_EXISTS, _exists)):
            match = form.match(text, position)
            if match and match.end() < len(text) and text[match.end()] != ",":
                match = None
            if match:
                yield made(match)
                position = match.end() + 1
                break
        else:
            raise bad_request(f"unable to parse requirement: {quoted(text[position:])} is no requirement")


def _on_labels(question: Callable[[Labels], bool]) -> Selector:
    return lambda manifest: question(at(manifest, "metadata", "labels") or {})


def _key(match: re.Match[str]) -> str:
    if not is_qualified_name(match["key"]):
        raise bad_request(f"unable to parse requirement: key: Invalid value: {quoted(match['key'])}")
    return match["key"]


def _among(match: re.Match[str]) -> Selector:
    key, wanted = _key(match), match["word"] == "in"
    values = {value.strip() for value in match["values"].split(",")}
    return _on_labels(lambda labels: (labels.get(key) in values) == wanted)


def _equal(match: re.Match[str]) -> Selector:
    key, value, wanted = _key(match), match["value"], match["sign"] != "!="
    if not is_label_value(value):
        raise bad_request(f"unable to parse requirement: values[0][{key}]: Invalid value: {quoted(value)}")
    return _on_labels(lambda labels: (labels.get(key) == value) == wanted)


def _exists(match: re.Match[str]) -> Selector:
    key, wanted = _key(match), not match["no"]
    return _on_labels(lambda labels: (key in labels) == wanted)


def _fields(text: str, endpoint: Endpoint) -> Iterator[Selector]:
    for part in filter(None, text.split(",")):
        match = _FIELD.fullmatch(part)
        if match is None:
            raise bad_request(f"invalid selector: {quoted(text)}; can't understand {quoted(part)}")
        if match["key"] not in ("metadata.name", "metadata.namespace", *endpoint.fields):
            raise bad_request(f"field label not supported: {match['key']}")
        yield _field(match["key"].split("."), match["value"], wanted=match["sign"] != "!=")


def _field(path: list[str], value: str, *, wanted: bool) -> Selector:
    def holds(manifest: Manifest) -> bool:
        return (_text(at(manifest, *path)) == value) == wanted

    return holds


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return "" if value is None else str(value)
