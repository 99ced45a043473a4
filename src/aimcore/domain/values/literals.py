"""Text written as JSON or as Python literals becomes plain values, in linear time and bounded depth (LABEL-3, LABEL-5).

JSON comes first, so that an apostrophe inside a text survives; then a scanner of our own for what `repr` of plain Python
values writes. Both give `str`, `int`, `float`, `bool`, `None`, `list` and `dict`; a tuple reads as a list. Both are a
little kinder than their grammars: control characters may stand raw inside a string, and the scanner knows JSON's words.
"""

from __future__ import annotations

import json
import math
import re
from dataclasses import dataclass

from aimcore.domain.errors import ParseError, quoted

__all__ = ["MOST_NESTING", "RepeatedKey", "parse_values"]

MOST_NESTING = 16
LONGEST_INT = 20
MOST_CODE_POINT = 0x10FFFF


@dataclass(frozen=True, slots=True, kw_only=True)
class RepeatedKey:
    """Stands where an object was written that gives one key twice: nobody can say which value was meant."""

    key: str


def parse_values(text: str) -> list[object]:
    r"""The comma-separated values of `text`, as JSON or, failing that, as Python literals.

    >>> parse_values('{"count": 8}, null')
    [{'count': 8}, None]
    >>> parse_values("[{'text': 'it\\'s', 'on': True}]")
    [[{'text': "it's", 'on': True}]]

    Raises `ParseError` for text that is neither, and for nesting beyond 16.
    """
    try:
        return _parse_json(text)
    except _UnreadableError as error:
        not_json = error
    try:
        if '"' not in text and "\\" not in text:
            # Every apostrophe is a quote then: most images' labels are JSON but for that.
            return _parse_json(text.replace("'", '"'))
    except _UnreadableError:
        pass
    try:
        return _Scanner(text).values_until("", depth=0)
    except _UnreadableError as error:
        furthest = max(not_json, error, key=lambda failure: failure.position)
    raise ParseError("value", text, problem=furthest.problem(text), expected=furthest.expected)


class _UnreadableError(Exception):
    """Reading stopped at `position`. Of two attempts the one that came further knows better what is wrong."""

    def __init__(self, position: int, expected: str = "JSON or Python literals") -> None:
        super().__init__(position, expected)
        self.position = position
        self.expected = expected

    def problem(self, text: str) -> str:
        if self.position >= len(text):
            return "ends too early"
        return f"cannot be read from {quoted(text[self.position : self.position + 20])} (character {self.position + 1})"


def _too_deep(position: int) -> _UnreadableError:
    return _UnreadableError(position, f"at most {MOST_NESTING} levels of nesting")


def _as_object(pairs: list[tuple[str, object]]) -> dict[str, object] | RepeatedKey:
    fields = dict(pairs)
    if len(fields) == len(pairs):
        return fields
    last = {key: place for place, (key, _) in enumerate(pairs)}
    return RepeatedKey(key=next(key for place, (key, _) in enumerate(pairs) if last[key] != place))


def _as_number(digits: str) -> int | float:
    """A whole number; one too long to count anything becomes a float, because `int` refuses thousands of digits."""
    return int(digits) if len(digits) <= LONGEST_INT else float(digits)


# JSON

_DECODER = json.JSONDecoder(object_pairs_hook=_as_object, parse_int=_as_number, strict=False)
_STRING_OR_BRACKET = re.compile(r'"[^"\\]*+(?:\\.[^"\\]*+)*+"?|[\[\]{}]', re.DOTALL)
_STEP = {"[": 1, "{": 1, "]": -1, "}": -1}


def _parse_json(text: str) -> list[object]:
    _check_nesting(text)
    try:
        values: list[object] = _DECODER.decode(f"[{text}]")
    except json.JSONDecodeError as error:
        raise _UnreadableError(error.pos - 1) from None
    return values


def _check_nesting(text: str) -> None:
    """Refuse what would lead the decoder, which recurses, deeper than it may go."""
    if text.count("[") + text.count("{") <= MOST_NESTING:
        return
    depth = 0
    for found in _STRING_OR_BRACKET.finditer(text):
        depth += _STEP.get(found[0], 0)
        if depth > MOST_NESTING:
            raise _too_deep(found.start())


# Python literals

_TOKEN = re.compile(
    r"""[ \t\r\n\f]*+
    (                                                                         # one token; empty at the end
      '[^'\\]*+(?:\\.[^'\\]*+)*+'
    | "[^"\\]*+(?:\\.[^"\\]*+)*+"
    | [+-]?(?:(?:0|[1-9][0-9]*+)(?:\.[0-9]*+)?|\.[0-9]++)(?:[eE][+-]?[0-9]++)?(?![\w.])
    | (?:True|False|None|true|false|null|NaN|-?Infinity)\b
    | [\[\](){},:]
    | \Z
    )""",
    re.DOTALL | re.VERBOSE,
)
_WORDS = {
    "True": True,
    "False": False,
    "None": None,
    "true": True,
    "false": False,
    "null": None,
    "NaN": math.nan,
    "Infinity": math.inf,
    "-Infinity": -math.inf,
}
_SPACE = " \t\r\n\f"
_CLOSING = {"[": "]", "(": ")"}

_ESCAPE = re.compile(r"\\(?:([0-7]{1,3})|x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|(.))", re.DOTALL)
_ESCAPED = {
    "\n": "",
    "\\": "\\",
    "'": "'",
    '"': '"',
    "a": "\a",
    "b": "\b",
    "f": "\f",
    "n": "\n",
    "r": "\r",
    "t": "\t",
    "v": "\v",
}


class _Scanner:
    """Reads Python literals left to right, each character once; recursion ends at the nesting that is allowed."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.start = 0
        self.end = 0

    def token(self) -> str:
        """The next token, empty at the end; `start` is where it stands."""
        found = _TOKEN.match(self.text, self.end)
        if found is None:
            space = len(self.text) - self.end - len(self.text[self.end :].lstrip(_SPACE))
            raise _UnreadableError(self.end + space)
        self.start, self.end = found.span(1)
        return found[1]

    def values_until(self, close: str, *, depth: int) -> list[object]:
        """The values up to `close`; a comma may trail."""
        values: list[object] = []
        while (token := self.token()) != close:
            values.append(self.value(token, depth=depth))
            if (token := self.token()) == close:
                break
            self.expect(token, ",")
        return values

    def fields(self, *, depth: int) -> dict[str, object] | RepeatedKey:
        """The fields of a dict whose brace was read; its keys are strings, as in JSON."""
        pairs: list[tuple[str, object]] = []
        while (token := self.token()) != "}":
            if token[:1] not in {"'", '"'}:
                raise _UnreadableError(self.start)
            key = self.string(token)
            self.expect(self.token(), ":")
            pairs.append((key, self.value(self.token(), depth=depth)))
            if (token := self.token()) == "}":
                break
            self.expect(token, ",")
        return _as_object(pairs)

    def value(self, token: str, *, depth: int) -> object:
        """The value that begins with `token`, `depth` levels down."""
        first = token[:1]
        if first in {"'", '"'}:
            return self.string(token)
        if first in {"[", "(", "{"}:
            if depth == MOST_NESTING:
                raise _too_deep(self.start)
            if first == "{":
                return self.fields(depth=depth + 1)
            return self.values_until(_CLOSING[first], depth=depth + 1)
        if token in _WORDS:
            return _WORDS[token]
        if token == "" or first in "]),:}":
            raise _UnreadableError(self.start)
        return _as_number(token) if token.lstrip("+-").isdecimal() else float(token)

    def expect(self, token: str, mark: str) -> None:
        if token != mark:
            raise _UnreadableError(self.start)

    def string(self, token: str) -> str:
        """The text of a string token, its escapes resolved."""
        body = token[1:-1]
        return _ESCAPE.sub(self.unescaped, body) if "\\" in body else body

    def unescaped(self, escape: re.Match[str]) -> str:
        """What an escape stands for, an unknown one for itself; a character by name needs a table, and is refused."""
        octal, other = escape.groups()
        if other is not None:
            if other in "xuUN":
                raise _UnreadableError(self.start)
            return _ESCAPED.get(other, escape[0])
        digits = escape[0][2:]
        code = int(octal, 8) if octal is not None else int(digits, 16)
        if code > MOST_CODE_POINT:
            raise _UnreadableError(self.start)
        return chr(code)
