"""What stands on a cluster, as a list, as names and as data: each thing with its word and what it is."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from aimcore.domain.kinds.records import AimObject
from aimcore.domain.kinds.scope import GROUP, Kind
from aimcore.entrypoints.present.outline import Entry, Section
from aimcore.entrypoints.present.things import about, bad_news, place, thing_data, word
from aimcore.entrypoints.present.verdicts import pausing

__all__ = ["LISTED", "list_data", "list_names", "list_outline"]

LISTED = tuple(kind for kind in Kind if kind.is_aim and kind is not Kind.RUNTIME_CONFIG)
"""The kinds that are listed: those with a word of their own, which a configuration has not."""


def list_outline(things: Iterable[AimObject]) -> tuple[Section, ...]:
    """The objects of each kind that is listed, under its title."""
    entries: dict[Kind, list[Entry]] = {kind: [] for kind in LISTED}
    for thing in things:
        entries[thing.key.kind].append(_entry(thing))
    return tuple(Section(title=f"{kind.word}s", entries=tuple(listed)) for kind, listed in entries.items())


def _entry(thing: AimObject) -> Entry:
    notes = tuple(filter(None, (about(thing), *bad_news(thing))))
    return Entry(label=word(thing), text=f"{place(thing.key)}{pausing(thing)}", notes=notes)


def list_data(things: Iterable[AimObject]) -> dict[str, Any]:
    """The same for programs."""
    return {"items": [thing_data(thing) for thing in things]}


def list_names(things: Iterable[AimObject]) -> str:
    """A name a line, as kubectl takes it: `aimmodel.aim.silogen.ai/llama`."""
    return "".join(f"{thing.key.api_kind.lower()}.{GROUP}/{thing.key.name}\n" for thing in things)
