"""Paths into a document: steps, the text `$.spec.env[0].name` that stands for them, and the tree of spots that they lead to."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

__all__ = ["Spot", "Steps", "path_of", "steps_of"]

Steps = tuple[str | int, ...]

WORD: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*")
STEP: Final = re.compile(
    r"""\.(?P<word>[^.\[\]]+) | \[(?P<index>[0-9]{1,9})\] | \[(?P<text>"(?:[^"\\]|\\.)*")\] | \['(?P<quoted>[^']*)'\] | \[(?P<bare>[^\[\]]+)\]""",
    re.VERBOSE,
)


def path_of(steps: Iterable[str | int]) -> str:
    """The text of a path; a key that is no plain word stands in brackets and quotes.

    >>> path_of(("metadata", "labels", "app.kubernetes.io/name"))
    '$.metadata.labels["app.kubernetes.io/name"]'
    >>> path_of(("spec", "env", 0))
    '$.spec.env[0]'
    """
    return "$" + "".join(map(_step, steps))


def _step(step: str | int) -> str:
    if isinstance(step, int):
        return f"[{step}]"
    return f".{step}" if WORD.fullmatch(step) else f"[{json.dumps(step)}]"


def steps_of(path: str) -> Steps:
    """The steps of a path, as far as it can be read; keys may stand in brackets, with either quotes or none.

    >>> steps_of("$.spec.env[0].name")
    ('spec', 'env', 0, 'name')
    >>> steps_of("$.metadata.labels['a.b/c']") == steps_of("$.metadata.labels[a.b/c]")
    True
    """
    steps: list[str | int] = []
    position = int(path.startswith("$"))
    while match := STEP.match(path, position):
        position = match.end()
        kind, text = match.lastgroup, match[match.lastgroup or 0]
        if kind == "index":
            steps.append(int(text))
        else:
            steps.append(_key(text) if kind == "text" else text)
    return tuple(steps)


def _key(text: str) -> str:
    try:
        return str(json.loads(text))
    except ValueError:
        return text[1:-1]


@dataclass(slots=True, eq=False)
class Spot:
    """Where a value begins (a field's: its key), and the spots of what is in it."""

    index: int
    children: dict[str | int, Spot] | None = None
