"""A file's bytes become the texts of its documents: cut at the lines that part documents, so that one broken document hides no other."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

__all__ = ["Cut", "split"]

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
