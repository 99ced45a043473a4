"""What a reader raises when a value is not what it should be, and how all that was raised becomes faults in document order."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from cattrs import (
    AttributeValidationNote,
    ClassValidationError,
    ForbiddenExtraKeysError,
    IterableValidationError,
    IterableValidationNote,
)

from aimcore.domain.errors import Fault, quoted
from aimcore.domain.values.nearness import did_you_mean

__all__ = [
    "CANNOT_READ",
    "MISSING_SAID",
    "Finding",
    "Spelling",
    "Steps",
    "UnreadableError",
    "findings",
    "found",
    "in_order",
    "number_text",
    "path_text",
    "without_nulls",
]

Steps = tuple[str | int, ...]
Spelling = tuple[Mapping[str, str], str]
"""The API name of every attribute of a class, and the rule that lists them."""

WORD = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*")
NAMES_AT_MOST = 16
MISSING_SAID = "is missing; expected a value"
SHOWN_BITS = 128


class UnreadableError(ValueError):
    """One value is wrong: the message, where it is below the value that was read, and the rule if it is not the class's own."""

    def __init__(self, message: str, *, at: Steps = (), rule: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.at = at
        self.rule = rule


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing wrong in a document, before its place is written out."""

    steps: Steps
    message: str
    rule: str
    warning: bool = False


CANNOT_READ = (UnreadableError, KeyError, ForbiddenExtraKeysError)
"""All that reading without details raises: a wrong value, a field that is missing, a field that is not known."""


def found(value: object, *, expected: str, shown: bool = False) -> UnreadableError:
    """The problem of a value of another type. Text is shown only where it cannot be a secret (SEC-1).

    >>> str(found("yes", expected="true or false", shown=True)), str(found(["hf_x"], expected="an object"))
    ("found 'yes'; expected true or false", 'found a list; expected an object')
    """
    match value:
        case str():
            what = quoted(value) if shown else "text"
        case bool():
            what = json.dumps(value) if shown else "a boolean"
        case int() | float():
            what = f"the number {number_text(value)}" if shown else "a number"
        case None:
            what = "null"
        case Mapping():
            what = "an object"
        case Sequence():
            what = "a list"
        case _:
            what = f"a value of type {type(value).__name__}"
    return UnreadableError(f"found {what}; expected {expected}")


def without_nulls(value: Mapping[str, Any]) -> Mapping[str, Any]:
    """An object without its null fields: to the API, null is absent."""
    return {name: one for name, one in value.items() if one is not None} if None in value.values() else value


def number_text(value: float) -> str:
    """A number as a message shows it, however large.

    >>> number_text(5), number_text(10**5000)
    ('5', 'of 16610 bits')
    """
    if isinstance(value, int) and value.bit_length() > SHOWN_BITS:
        return f"of {value.bit_length()} bits"
    return json.dumps(value)


def path_text(steps: Steps) -> str:
    """The text of a path; a key that is no plain word stands in brackets and quotes.

    >>> path_text(("spec", "resources", "limits", "amd.com/gpu")), path_text(("spec", "env", 0, "name"))
    ('$.spec.resources.limits["amd.com/gpu"]', '$.spec.env[0].name')
    """
    return "$" + "".join(map(_step, steps))


def _step(step: str | int) -> str:
    if isinstance(step, int):
        return f"[{step}]"
    return f".{step}" if WORD.fullmatch(step) else f"[{json.dumps(step)}]"


def findings(error: BaseException, spellings: Mapping[type, Spelling]) -> Iterator[Finding]:
    """All that was raised while an object was examined, each with its place and its rule."""
    return _walk(error, (), spellings, "KIND-1")


def _walk(error: BaseException, steps: Steps, spellings: Mapping[type, Spelling], rule: str) -> Iterator[Finding]:
    match error:
        case ClassValidationError(cl=cls):
            names, rule = spellings[cls]
            for each in error.exceptions:
                yield from _walk(each, _below(each, steps, names), spellings, rule)
        case IterableValidationError():
            for each in error.exceptions:
                yield from _walk(each, _below(each, steps, {}), spellings, rule)
        case ForbiddenExtraKeysError(cl=cls, extra_fields=extra):
            names, rule = spellings[cls]
            expected = ", ".join(sorted(names.values())[:NAMES_AT_MOST])
            for name in extra:
                message = f"unknown field; expected one of {expected}{did_you_mean(str(name), names.values())}"
                yield Finding(steps=(*steps, str(name)), message=message, rule=rule)
        case UnreadableError():
            yield Finding(steps=(*steps, *error.at), message=error.message, rule=error.rule or rule)
        case KeyError():
            yield Finding(steps=steps, message=MISSING_SAID, rule=rule)
        case _:
            raise error


def _below(error: BaseException, steps: Steps, names: Mapping[str, str]) -> Steps:
    """The steps to where `error` was raised: cattrs notes the attribute, or the index or key, on the error itself."""
    for note in getattr(error, "__notes__", ()):
        if isinstance(note, AttributeValidationNote):
            return (*steps, names[note.name])
        if isinstance(note, IterableValidationNote):
            return (*steps, note.index)
    return steps


def in_order(found_there: Iterable[Finding], document: object) -> tuple[Fault, ...]:
    """Faults in the order of the document."""
    ordered = sorted(
        found_there, key=lambda one: (_position(document, one.steps), one.steps[-1:] and str(one.steps[-1]))
    )
    return tuple(
        Fault(path=path_text(one.steps), message=one.message, rule=one.rule, warning=one.warning) for one in ordered
    )


def _position(document: object, steps: Steps) -> tuple[int, ...]:
    """Where in the document a path stands; what is missing stands at the end of where it would be."""
    node: Any = document
    places: list[int] = []
    for step in steps:
        if isinstance(node, dict) and step in node:
            places.append(list(node).index(step))
        elif isinstance(node, list) and isinstance(step, int) and step < len(node):
            places.append(step)
        else:
            return (*places, len(node) if isinstance(node, dict | list) else 0)
        node = node[step]
    return tuple(places)
