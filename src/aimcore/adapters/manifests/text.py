"""A file's bytes become the texts of its documents, cut so that a broken one hides no other, and each says where its fields stand."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from aimcore.adapters.manifests.paths import Spot, Steps

__all__ = ["Cut", "Location", "Text", "split"]


# YAML forbids both lines inside any document, so the cut needs no parser.
BOUNDARY: Final = re.compile(rb"^(?:---|\.\.\.)(?=[ \t\r\n]|\Z)", re.MULTILINE)
# Directives belong to the document whose '---' follows them. Possessive, for a backtracking one remembers every line.
DIRECTIVES: Final = re.compile(rb"(?:[ \t\r]*+(?:#[^\n]*+)?\n)*+%")
TAG_DIRECTIVE: Final = re.compile(rb"^%TAG", re.MULTILINE)
BOM: Final = b"\xef\xbb\xbf"


@dataclass(frozen=True, slots=True, kw_only=True)
class Cut:
    """One document's bytes and the number, from 0, of the line they begin on."""

    data: bytes
    line: int

    def tag_directive(self) -> int | None:
        """Where the document names tags of its own, if it does: it has no use for them, and the parser takes quadratic time over many."""
        if DIRECTIVES.match(self.data) and (match := TAG_DIRECTIVE.search(self.data)):
            return match.start()
        return None


def split(data: bytes) -> Iterator[Cut]:
    r"""The documents in `data`, the empty ones included.

    >>> [cut.line for cut in split(b"a: 1\n---\nb: 2\n--- # c\n")]
    [0, 1, 3]
    """
    start = len(BOM) if data.startswith(BOM) else 0
    line = 0
    headed = False
    for match in BOUNDARY.finditer(data):
        end = match.start()
        if match[0] == b"...":
            end = data.find(b"\n", end) + 1 or len(data)
        elif not headed and DIRECTIVES.match(data, start, end):
            headed = True
            continue
        headed = match[0] == b"---"
        if end > start:
            yield Cut(data=data[start:end], line=line)
        line += data.count(b"\n", start, end)
        start = end
    if start < len(data):
        yield Cut(data=data[start:], line=line)


@dataclass(frozen=True, slots=True, kw_only=True)
class Location:
    """A place in a file; line and column count characters from 1."""

    file: str
    line: int
    column: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}"


@dataclass(slots=True, eq=False)
class Text:
    """The text of one document; `line` and `column` count, from 0, what stands before it in `file`."""

    file: str
    text: str
    line: int = 0
    column: int = 0
    _breaks: list[int] | None = None
    _root: Spot | None = None

    def place(self, index: int) -> Location:
        """Where the character `index` of this text is in the file."""
        if self._breaks is None:
            self._breaks = [match.start() for match in re.finditer("\n", self.text)]
        line = bisect_left(self._breaks, index)
        column = index - self._breaks[line - 1] - 1 if line else index + self.column
        return Location(file=self.file, line=self.line + line + 1, column=column + 1)

    def locate(self, steps: Steps) -> Location:
        """Where `steps` lead, or the nearest ancestor that is there; of two keys of one name the first."""
        if self._root is None:
            from aimcore.adapters.manifests.surveying import survey  # noqa: PLC0415 - PyYAML, for those who read any

            self._root = survey(self.text)
        spot = self._root
        for step in steps:
            if spot.children is None or step not in spot.children:
                break
            spot = spot.children[step]
        return self.place(spot.index)
