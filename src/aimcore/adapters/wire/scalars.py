"""Scalars, read strictly: `"false"` is no boolean, 5 is no text, true is no number."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from enum import StrEnum
from functools import lru_cache
from typing import Any, NoReturn, TypeVar

from aimcore.adapters.wire.codec import UNBOUNDED, Codec
from aimcore.adapters.wire.problem import UnreadableError, found, number_text
from aimcore.domain.errors import ParseError, quoted
from aimcore.domain.values.quantity import Quantity, parse_quantity

__all__ = ["INT64_MAX", "amount", "boolean", "choice", "integer", "matching", "one_of", "positive_amount", "text"]

E = TypeVar("E", bound=StrEnum)

QUANTITY_AT_MOST = 64
QUANTITY = r"^\+?([0-9]+(\.[0-9]*)?|\.[0-9]+)([KMGTPE]i|[numkMGTPE]|[eE][+-]?[0-9]+)?$"
POSITIVE = (
    r"^\+?([0-9]*[1-9][0-9]*(\.[0-9]*)?|[0-9]+\.[0-9]*[1-9][0-9]*|\.[0-9]*[1-9][0-9]*)"
    r"([KMGTPE]i|[numkMGTPE]|[eE][+-]?[0-9]+)?$"
)
INT32_MAX, INT64_MAX = 2**31 - 1, 2**63 - 1


def _same(value: Any) -> Any:
    return value


def text(
    *,
    at_least: int = 0,
    at_most: int | None = None,
    shaped: tuple[Callable[[str], bool], str] | None = None,
    parse: Callable[[str], object] | None = None,
    secret: bool = False,
) -> Codec[str]:
    """Text of that many characters, `shaped` as a test and what it expects ask; `parse` refuses by ParseError.

    A `secret` text is never shown.
    """
    most = UNBOUNDED if at_most is None else at_most
    fits, expected = shaped or (None, "")

    def wrong(value: str) -> NoReturn:
        shown = "text" if secret else quoted(value)
        if len(value) > most:
            raise UnreadableError(f"{shown} is too long; expected at most {at_most} characters")
        if len(value) < at_least:
            raise UnreadableError(f"{shown} is too short; expected {at_least} or more characters")
        raise UnreadableError(f"found {shown}; expected {expected}")

    def read(value: Any, _type: Any) -> str:
        if not isinstance(value, str):
            raise found(value, expected="text", shown=not secret)
        if not at_least <= len(value) <= most or (fits is not None and not fits(value)):
            wrong(value)
        if parse is not None:
            try:
                parse(value)
            except ParseError as error:
                raise UnreadableError(str(error)) from error
        return value

    schema: dict[str, Any] = {"type": "string"}
    schema |= {"minLength": at_least} if at_least else {}
    schema |= {"maxLength": at_most} if at_most is not None else {}
    return Codec(read=read, examine=read, write=_same, schema=schema)


def matching(
    pattern: str, expected: str, *, at_least: int = 0, at_most: int | None = None, secret: bool = False
) -> Codec[str]:
    """Text that matches a pattern as a whole."""
    matches = re.compile(pattern.removesuffix("$") + r"\Z").match
    shaped = (lambda value: matches(value) is not None, expected)
    codec = text(at_least=at_least, at_most=at_most, shaped=shaped, secret=secret)
    return replace(codec, schema={**codec.schema, "pattern": pattern})


def _read_boolean(value: Any, _type: Any) -> bool:
    if not isinstance(value, bool):
        raise found(value, expected="true or false", shown=True)
    return value


boolean: Codec[bool] = Codec(read=_read_boolean, examine=_read_boolean, write=_same, schema={"type": "boolean"})


def integer(*, at_least: int, at_most: int = INT32_MAX) -> Codec[int]:
    """A whole number between two others."""

    def read(value: Any, _type: Any) -> int:
        if isinstance(value, bool) or not isinstance(value, int):
            raise found(value, expected="a whole number", shown=True)
        if not at_least <= value <= at_most:
            limit = f"at most {at_most}" if value > at_most else f"at least {at_least}"
            raise UnreadableError(f"the number {number_text(value)} is out of range; expected {limit}")
        return value

    schema: dict[str, Any] = {"type": "integer", "minimum": at_least}
    if at_most == INT32_MAX:
        schema["format"] = "int32"
    elif at_most == INT64_MAX:
        schema["format"] = "int64"
    else:
        schema |= {"format": "int32", "maximum": at_most}
    return Codec(read=read, examine=read, write=_same, schema=schema)


def one_of(words: type[E], *only: E, older: Mapping[str, E] | None = None) -> Codec[E]:
    """One word of an enumeration, or of some of its words; an `older` word is read as what took its place."""
    known = {**{one.value: one for one in only or words}, **(older or {})}
    expected = f"one of {', '.join(known)}"

    def read(value: Any, _type: Any) -> E:
        if not isinstance(value, str) or value not in known:
            raise found(value, expected=expected, shown=True)
        return known[value]

    return Codec(read=read, examine=read, write=lambda one: one.value, schema={"type": "string", "enum": list(known)})


def choice(*words: str) -> Codec[str]:
    """One of these words, as text."""
    expected = f"one of {', '.join(words)}"

    def read(value: Any, _type: Any) -> str:
        if not isinstance(value, str) or value not in words:
            raise found(value, expected=expected, shown=True)
        return value

    return Codec(read=read, examine=read, write=_same, schema={"type": "string", "enum": list(words)})


def _quantity(pattern: str, lowest: int) -> Codec[Quantity]:
    matches = re.compile(pattern.removesuffix("$") + r"\Z").match
    range_said = "more than 0" if lowest else "0 or more"

    @lru_cache(maxsize=4096)  # a cache writes the same few amounts again and again
    def read_text(value: str) -> Quantity:
        if len(value) > QUANTITY_AT_MOST:
            raise UnreadableError(
                f"quantity {quoted(value)} is too long; expected at most {QUANTITY_AT_MOST} characters"
            )
        try:
            amount = parse_quantity(value)
        except ParseError as error:
            raise UnreadableError(str(error)) from error
        if not matches(value):
            raise UnreadableError(f"quantity {quoted(value)} is out of range; expected {range_said}")
        return amount

    def read(value: Any, _type: Any) -> Quantity:
        if isinstance(value, str):
            return read_text(value)
        if isinstance(value, bool) or not isinstance(value, int):
            raise found(value, expected="a quantity, as text or a whole number", shown=True)
        if not lowest <= value <= INT64_MAX:
            raise UnreadableError(f"the number {number_text(value)} is out of range; expected {range_said}")
        return Quantity.of(value)

    schema = {
        "x-kubernetes-int-or-string": True,
        "anyOf": [{"type": "integer"}, {"type": "string"}],
        "minimum": lowest,
        "maxLength": QUANTITY_AT_MOST,
        "pattern": pattern,
    }
    return Codec(read=read, examine=read, write=str, schema=schema)


amount: Codec[Quantity] = _quantity(QUANTITY, 0)
"""A quantity of nothing or more."""

positive_amount: Codec[Quantity] = _quantity(POSITIVE, 1)
"""A quantity of more than nothing."""
