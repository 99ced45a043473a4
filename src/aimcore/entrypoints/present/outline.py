"""An outline: titled sections of entries within entries, which is all that a table here is; printed plainly.

Plain text is aligned, wraps at words under its own column and has no colour, so that it can be read in a log, compared
and searched.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from textwrap import wrap

from aimcore.entrypoints.present.text import shown

__all__ = ["Entry", "Section", "plain_text"]

NARROWEST = 20
GAP = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One thing: a `label` (how it is, or what it is to its parent), its `text`, `notes` below it, and what it holds."""

    label: str = ""
    text: str
    notes: tuple[str, ...] = ()
    entries: tuple[Entry, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """Entries under a title."""

    title: str
    entries: tuple[Entry, ...]


def plain_text(sections: Iterable[Section], width: int) -> str:
    """The sections as lines of at most `width` columns, a blank line between two; sections without entries are left out.

    >>> print(plain_text([Section(title="Models", entries=(Entry(label="Ready", text="a", notes=("2 templates",)),))], 80))
    Models
    Ready  a
           2 templates
    """
    blocks = ("\n".join((each.title, *_lines(each.entries, 0, width))) for each in sections if each.entries)
    return "\n\n".join(blocks)


def _lines(entries: tuple[Entry, ...], indent: int, width: int) -> Iterator[str]:
    widest = max((len(entry.label) for entry in entries), default=0)
    hang = indent + (widest + GAP if widest else 0)
    below = hang if widest else indent + GAP
    for entry in entries:
        first, *rest = _wrapped(entry.text, width - hang)
        yield f"{'':{indent}}{shown(entry.label):{hang - indent}}{first}".rstrip()
        yield from (f"{'':{hang}}{line}" for line in rest)
        yield from (f"{'':{below}}{line}".rstrip() for note in entry.notes for line in _wrapped(note, width - below))
        yield from _lines(entry.entries, indent + GAP, width)


def _wrapped(text: str, width: int) -> list[str]:
    return wrap(shown(text), max(width, NARROWEST), break_on_hyphens=False) or [""]
