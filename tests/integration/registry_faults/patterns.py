"""Where a regular expression could match one text in two ways: the only way for one to take more than linear time.

A pattern is unambiguous when no repetition that may give characters back can be left by a character that would also begin
another round of it, and no alternatives inside a repetition begin alike (it is LL(1)). A possessive repetition gives nothing
back, so only its inside is judged. This is stricter than need be: what it passes is linear, what it refuses may be.
"""

from __future__ import annotations

import importlib
import pkgutil
import re
from collections.abc import Iterator
from typing import Any

__all__ = ["ambiguities", "patterns_of"]

_ALPHABET = frozenset(map(chr, (*range(0x180), 0x2028, 0xD800, 0xDFFF, 0xFFFD, 0x1F600)))
_parser: Any = importlib.import_module("re._parser")
_REPEATS = frozenset({"MAX_REPEAT", "MIN_REPEAT", "POSSESSIVE_REPEAT"})
_UNBOUNDED = 1000  # what is repeated more often than this counts as without end

Chars = frozenset[str]


def patterns_of(package: str) -> Iterator[tuple[str, re.Pattern[Any]]]:
    """Every pattern that a module of the package holds, by `module.NAME`."""
    root = importlib.import_module(package)
    for found in pkgutil.walk_packages(root.__path__, f"{package}."):
        if found.name.endswith("__main__"):
            continue
        module = importlib.import_module(found.name)
        for name, value in vars(module).items():
            if isinstance(value, re.Pattern):
                yield f"{found.name}.{name}", value


def ambiguities(pattern: re.Pattern[Any]) -> list[str]:
    """What of a pattern could be matched in two ways, in words; empty for a pattern that is linear."""
    tree = _parser.parse(pattern.pattern, pattern.flags)
    return [*_sequence(list(tree), after=frozenset(), repeated=False)]


def _sequence(items: list[tuple[Any, Any]], *, after: Chars, repeated: bool) -> Iterator[str]:
    for at, item in enumerate(items):
        yield from _item(item, after=_first(items[at + 1 :], after), repeated=repeated)


def _item(item: tuple[Any, Any], *, after: Chars, repeated: bool) -> Iterator[str]:
    name, value = str(item[0]), item[1]
    if name in _REPEATS:
        _, most, body = value
        begins = _first(list(body), frozenset())
        endless = most > _UNBOUNDED
        possessive = name == "POSSESSIVE_REPEAT"
        if endless and not possessive and begins & after:
            yield f"a repetition is left by {sorted(begins & after)[:3]}, which also begins another round"
        behind = frozenset() if possessive else begins | after if most > 1 else after
        yield from _sequence(list(body), after=behind, repeated=repeated or endless)
    elif name == "BRANCH":
        seen: Chars = frozenset()
        for branch in value[1]:
            begins = _first(list(branch), after)
            if repeated and begins & seen:
                yield f"two alternatives of a repetition begin with {sorted(begins & seen)[:3]}"
            seen |= begins
            yield from _sequence(list(branch), after=after, repeated=repeated)
    elif name == "SUBPATTERN":
        yield from _sequence(list(value[-1]), after=after, repeated=repeated)
    elif name == "ATOMIC_GROUP":
        yield from _sequence(list(value), after=frozenset(), repeated=repeated)
    elif name == "GROUPREF":
        yield "a back reference"


def _first(items: list[tuple[Any, Any]], after: Chars) -> Chars:
    """The characters that may come first where `items` are to match, and `after` behind them."""
    found: Chars = frozenset()
    for item in items:
        begins, may_be_empty = _begins(item)
        found |= begins
        if not may_be_empty:
            return found
    return found | after


def _begins(item: tuple[Any, Any]) -> tuple[Chars, bool]:
    name, value = str(item[0]), item[1]
    if name in _REPEATS:
        least, _, body = value
        begins, empty = _all_begins(list(body))
        return begins, empty or least == 0
    if name == "BRANCH":
        parts = [_all_begins(list(branch)) for branch in value[1]]
        return frozenset().union(*(begins for begins, _ in parts)), any(empty for _, empty in parts)
    if name == "SUBPATTERN":
        return _all_begins(list(value[-1]))
    if name == "ATOMIC_GROUP":
        return _all_begins(list(value))
    if name in {"AT", "ASSERT", "ASSERT_NOT"}:
        return frozenset(), True
    if name == "GROUPREF":
        return _ALPHABET, True
    return frozenset(char for char in _ALPHABET if _is(item, char)), False


def _all_begins(items: list[tuple[Any, Any]]) -> tuple[Chars, bool]:
    return _first(items, frozenset()), all(_begins(item)[1] for item in items)


def _is(item: tuple[Any, Any], char: str) -> bool:
    name, value = str(item[0]), item[1]
    match name:
        case "LITERAL":
            return bool(ord(char) == value)
        case "NOT_LITERAL":
            return bool(ord(char) != value)
        case "RANGE":
            return bool(value[0] <= ord(char) <= value[1])
        case "CATEGORY":
            letter = {"DIGIT": "d", "SPACE": "s", "WORD": "w"}[str(value).rpartition("_")[2]]
            return re.fullmatch("\\" + (letter.upper() if "_NOT_" in str(value) else letter), char) is not None
        case "IN":
            negated = str(value[0][0]) == "NEGATE"
            return negated != any(_is(each, char) for each in value[1 if negated else 0 :])
        case "ANY":
            return True
        case _:
            raise AssertionError(f"no such thing in a pattern here yet: {name}")
