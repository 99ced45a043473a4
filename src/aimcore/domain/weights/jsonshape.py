"""JSON of our own that comes back from outside is read strictly: an unknown or missing key is an error that says where."""

from __future__ import annotations

import json
from typing import Any

from aimcore.domain.errors import ParseError

__all__ = ["Shape", "parse_shape"]


class Shape:
    """One JSON object of a document, its members read by name and type; ParseError for what is not as asked."""

    def __init__(self, what: str, value: object, *, at: str) -> None:
        if not isinstance(value, dict):
            raise ParseError(what, at, problem="is not an object", expected="a JSON object")
        self._what, self._value, self._at = what, value, at

    def text(self, name: str, *, default: str | None = None) -> str:
        """A text; without `default` it must be there."""
        value = self._value.get(name, default)
        if not isinstance(value, str):
            raise self._wrong(name, "a text")
        return value

    def number(self, name: str) -> int:
        """A whole number that is not negative."""
        value = self._value.get(name)
        if not isinstance(value, int) or isinstance(value, bool) or value < 0:
            raise self._wrong(name, "a whole number that is not negative")
        return value

    def texts(self, name: str) -> tuple[str, ...]:
        """A list of texts, empty where it is absent."""
        value = self._value.get(name, [])
        if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
            raise self._wrong(name, "a list of texts")
        return tuple(value)

    def items(self, name: str) -> tuple[Any, ...]:
        """A list of anything."""
        value = self._value.get(name)
        if not isinstance(value, list):
            raise self._wrong(name, "a list")
        return tuple(value)

    def shapes(self, name: str) -> tuple[Shape, ...]:
        """A list of objects."""
        at = f"{self._at}.{name}"
        return tuple(Shape(self._what, one, at=f"{at}[{index}]") for index, one in enumerate(self.items(name)))

    def shape(self, name: str) -> Shape:
        """An object, empty where it is absent."""
        return Shape(self._what, self._value.get(name, {}), at=f"{self._at}.{name}")

    def mapping(self, name: str) -> tuple[tuple[str, str], ...]:
        """An object of texts, sorted by name, empty where it is absent."""
        value = self._value.get(name, {})
        if not isinstance(value, dict) or not all(isinstance(one, str) for one in value.values()):
            raise self._wrong(name, "an object of texts")
        return tuple(sorted(value.items()))

    def only(self, *names: str) -> None:
        """ParseError for a member that is none of these."""
        for name in self._value:
            if name not in names:
                problem = "is not a member of this object"
                raise ParseError(self._what, f"{self._at}.{name}", problem=problem, expected=", ".join(names))

    def _wrong(self, name: str, expected: str) -> ParseError:
        problem = "is of another type" if name in self._value else "is missing"
        return ParseError(self._what, f"{self._at}.{name}", problem=problem, expected=expected)


def parse_shape(what: str, text: str) -> Shape:
    """The object that a whole document is; the document itself is not quoted in errors."""
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        raise ParseError(what, "$", problem="is not JSON", expected="one JSON object") from None
    return Shape(what, value, at="$")
