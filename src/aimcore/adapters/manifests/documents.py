"""What reading gives: manifests that know where each of their fields stands, and the problems that were found."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from aimcore.adapters.manifests.paths import Steps, steps_of
from aimcore.adapters.manifests.text import Location, Text
from aimcore.domain.errors import Fault

__all__ = ["ALL", "Document", "Loaded", "Problem", "Skipped", "Wanted", "Why", "problem_at"]

CHARACTERS_AT_MOST: Final = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One thing wrong in an input: where, what, and by which rule.

    `str()` is one line that no input can forge or break. A `warning` is worth telling and refuses nothing.
    """

    file: str
    line: int
    column: int
    path: str
    message: str
    rule: str
    warning: bool = False

    def __str__(self) -> str:
        return _printable(f"{self.file}:{self.line}:{self.column}: {self.path}: {self.message} [{self.rule}]")


def _printable(text: str) -> str:
    return text if text.isprintable() else "".join(c if c.isprintable() else ascii(c)[1:-1] for c in text)


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """One object among the inputs: a mapping with apiVersion, kind and metadata.name, holding only what JSON can say.

    `text` is what it was read from and `within` the steps to it in there, when it is an item of a list.
    """

    manifest: dict[str, object]
    text: Text = field(repr=False, compare=False)
    within: Steps = ()

    def locate(self, path: str) -> Location:
        """Where `path` stands: a field at its key, an item at its first character, a missing one at its nearest ancestor."""
        return self.text.locate(self.within + steps_of(path))

    def problem(self, fault: Fault) -> Problem:
        """The fault, with its place in the file."""
        return problem_at(self.locate(fault.path), fault)


def problem_at(location: Location, fault: Fault) -> Problem:
    """A fault found at a place that is already known."""
    return Problem(
        file=location.file,
        line=location.line,
        column=location.column,
        path=_cut(fault.path),
        message=_cut(fault.message),
        rule=fault.rule,
        warning=fault.warning,
    )


def _cut(text: str) -> str:
    return text if len(text) <= CHARACTERS_AT_MOST else f"{text[:CHARACTERS_AT_MOST]}..."


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What the inputs are read for: `value` says it of what was read, `text` of what cannot be, from all of its file.

    Whatever is wrong with anything else is nobody's problem here, and it is skipped. So are the paths that the patterns of
    `ignore` name.
    """

    value: Callable[[object], bool] = lambda _value: True
    text: Callable[[str], bool] = lambda _text: True
    ignore: tuple[str, ...] = ()


ALL: Final = Wanted()
"""Everything is wanted, and nothing skipped."""


class Why(StrEnum):
    """Why something is skipped."""

    OTHER_KIND = "otherKinds"
    NO_MANIFEST = "noManifests"
    TEMPLATE = "helmTemplates"
    IGNORED = "ignored"


@dataclass(frozen=True, slots=True, kw_only=True)
class Skipped:
    """Something that was not looked into, and the file it is in."""

    file: str
    why: Why


@dataclass(frozen=True, slots=True, kw_only=True)
class Loaded:
    """Everything the inputs held, in reading order: the sound documents, all problems of the others, what was skipped, and
    the files that were looked into.
    """

    documents: tuple[Document, ...]
    problems: tuple[Problem, ...]
    skipped: tuple[Skipped, ...] = ()
    files: tuple[str, ...] = ()
