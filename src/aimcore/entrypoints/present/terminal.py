"""An outline on a terminal: the same entries in the same order, as trees and in colour."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from rich.console import Console, Group
from rich.segment import Segment, SegmentLines
from rich.table import Table
from rich.text import Text
from rich.tree import Tree

from aimcore.entrypoints.present.outline import Entry, Section
from aimcore.entrypoints.present.text import shown

__all__ = ["print_outline"]

STYLES: Final = {
    **dict.fromkeys(("Ready", "Running", "chosen", "added"), "green"),
    **dict.fromkeys(("Pending", "Progressing", "Starting", "wanted", "passed over", "changed"), "yellow"),
    **dict.fromkeys(("NotAvailable", "Degraded", "dropped"), "magenta"),
    **dict.fromkeys(("Failed", "failed"), "red"),
}
"""How a label looks; the words say the same without colour."""

SIGNS: Final = {"- ": "red", "+ ": "green"}
"""How a note looks that says what goes and what comes."""


def print_outline(sections: Iterable[Section], width: int, *, coloured: bool = True) -> None:
    """Prints the sections to standard output."""
    console = Console(width=width, highlight=False, markup=False, emoji=False, no_color=not coloured)
    told = [section for section in sections if section.entries]
    for number, section in enumerate(told):
        if number:
            console.print()
        console.print(Text(section.title, style="bold"))
        lines = console.render_lines(_tree(section.entries), pad=False)
        console.print(SegmentLines(map(_cut, lines), new_lines=True), end="")


def _cut(line: Sequence[Segment]) -> list[Segment]:
    """The line without the blanks that fill a column up: whoever copies it would copy them, too."""
    told = list(line)
    while told and not (text := told[-1].text.rstrip()):
        del told[-1]
    return [*told[:-1], Segment(text, told[-1].style)] if told else []


def _tree(entries: tuple[Entry, ...]) -> Tree:
    root = Tree("", hide_root=True, guide_style="dim")
    _grow(root, entries)
    return root


def _grow(tree: Tree, entries: tuple[Entry, ...]) -> None:
    widest = max((len(entry.label) for entry in entries), default=0)
    for entry in entries:
        _grow(tree.add(_label(entry, widest)), entry.entries)


def _label(entry: Entry, widest: int) -> Table | Group:
    said = Group(
        Text(shown(entry.text)), *(Text(shown(note), style=SIGNS.get(note[:2], "dim")) for note in entry.notes)
    )
    if not widest:
        return said
    grid = Table.grid(padding=(0, 1, 0, 0))
    grid.add_column(width=widest)
    grid.add_column(overflow="fold")
    grid.add_row(Text(shown(entry.label), style=STYLES.get(entry.label, "")), said)
    return grid
