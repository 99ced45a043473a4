"""The text of one document, and where in its file each of its fields stands; worked out only when somebody asks."""

from __future__ import annotations

import re
from bisect import bisect_left
from dataclasses import dataclass

from aimcore.adapters.manifests.paths import Steps
from aimcore.adapters.manifests.spots import Spot

__all__ = ["Location", "Text"]


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
