"""Columns, as kubectl prints them: one line each, nothing wrapped, so that programs cut them apart at their spaces."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from aimcore.entrypoints.present.text import shown

__all__ = ["columns"]

NOTHING: Final = "<none>"


def columns(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """The lines under their heads; a cell with nothing in it says so.

    >>> print(columns(("NAME", "AGE"), [("llama", "5d"), ("a", "")]), end="")
    NAME   AGE
    llama  5d
    a      <none>
    """
    cells = [tuple(shown(cell) or NOTHING for cell in row) for row in rows]
    widths = [max(map(len, column)) for column in zip(head, *cells, strict=True)]
    lines = (
        "  ".join(f"{cell:{width}}" for cell, width in zip(row, widths, strict=True)).rstrip() for row in (head, *cells)
    )
    return "".join(f"{line}\n" for line in lines)
