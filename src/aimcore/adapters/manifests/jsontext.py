"""Text that is JSON is read as JSON, which is far quicker; whatever is doubtful in it is left to the YAML reader, which says what and where."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, NoReturn

from aimcore.adapters.manifests.limits import DEPTH_AT_MOST, Allowance
from aimcore.adapters.manifests.scalars import plain

__all__ = ["JsonValue", "read_json"]

SURROGATE: Final = re.compile(r"\\u[dD][89a-fA-F]")
SPACE: Final = re.compile(r"[ \t\r\n]*")


@dataclass(frozen=True, slots=True, kw_only=True)
class JsonValue:
    """One value of a stream, and the characters it was read from."""

    value: object
    start: int
    end: int


def read_json(text: str, allowance: Allowance) -> tuple[JsonValue, ...] | None:
    """The values of `text`, one after the other as `kubectl` takes them; None if it is no JSON, or is not beyond doubt.

    >>> [found.value for found in read_json('{"a": 1} {"a": 2}', Allowance())]
    [{'a': 1}, {'a': 2}]
    >>> read_json('{"a": 1, "a": 2}', Allowance()) is None
    True
    """
    if text.lstrip()[:1] != "{":
        return None
    nodes = text.count(",") + text.count("[") + text.count("{")
    if nodes > allowance.nodes:
        return None
    try:
        found = tuple(_values(text))
        if SURROGATE.search(text):
            # One without its twin is no text.
            json.dumps([each.value for each in found], ensure_ascii=False).encode()
    except (ValueError, RecursionError):
        return None
    if any(_too_deep(each.value) for each in found):
        return None
    allowance.nodes -= nodes
    return found


def _values(text: str) -> Iterator[JsonValue]:
    decoder = json.JSONDecoder(
        object_pairs_hook=_object, parse_int=_number, parse_float=_number, parse_constant=_refuse
    )
    at = _skip(text, 0)
    while at < len(text):
        value, end = decoder.raw_decode(text, at)
        if not isinstance(value, dict):
            _refuse(text)
        yield JsonValue(value=value, start=at, end=end)
        at = _skip(text, end)


def _skip(text: str, at: int) -> int:
    match = SPACE.match(text, at)
    return match.end() if match else at


def _object(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    return found if len(found) == len(pairs) else _refuse("")


def _number(text: str) -> float:
    value = plain(text)
    return value if isinstance(value, int | float) else _refuse(text)


def _refuse(text: str) -> NoReturn:
    raise ValueError(text)


def _too_deep(value: object) -> bool:
    level = [value]
    for _ in range(DEPTH_AT_MOST):
        level = [
            item
            for parent in level
            if isinstance(parent, dict | list)
            for item in (parent.values() if isinstance(parent, dict) else parent)
            if isinstance(item, dict | list)
        ]
        if not level:
            return False
    return True
