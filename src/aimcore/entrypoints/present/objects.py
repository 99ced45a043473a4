"""What stands on a cluster, as a list, as columns, as names and as data: each thing with its word, its age and what it is."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from aimcore.domain.kinds.records import AimObject
from aimcore.domain.kinds.scope import GROUP, Kind
from aimcore.entrypoints.present.outline import Entry, Section
from aimcore.entrypoints.present.text import age, columns
from aimcore.entrypoints.present.verdicts import about, bad_news, pausing, place, thing_data, word

__all__ = ["HEAD", "LISTED", "Listed", "list_data", "list_names", "list_outline", "list_row", "list_rows"]

LISTED = tuple(kind for kind in Kind if kind.is_aim and kind is not Kind.RUNTIME_CONFIG)
"""The kinds that are listed: those with a word of their own, which a configuration has not."""
ORDER: Final = (*LISTED, Kind.RUNTIME_CONFIG)
HEAD: Final = ("KIND", "NAMESPACE", "NAME", "STATUS", "AGE", "ABOUT", "REASON")


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """A thing, when it was made, as RFC 3339 and None where nobody knows, and what models run in that name no image."""

    thing: AimObject
    created: str | None
    base_image: str


def list_outline(listed: Iterable[Listed], now: int) -> tuple[Section, ...]:
    """The objects of each kind, under its title; `now` in seconds since 1970."""
    entries: dict[Kind, list[Entry]] = {kind: [] for kind in ORDER}
    for one in listed:
        entries[one.thing.key.kind].append(_entry(one, now))
    return tuple(Section(title=_title(kind), entries=tuple(told)) for kind, told in entries.items())


def _title(kind: Kind) -> str:
    return "Runtime configs" if kind is Kind.RUNTIME_CONFIG else f"{kind.word}s"


def _entry(one: Listed, now: int) -> Entry:
    thing, old = one.thing, age(one.created, now)
    notes = tuple(filter(None, (about(thing, one.base_image), *bad_news(thing))))
    return Entry(label=word(thing), text=f"{place(thing.key)}{pausing(thing)}{f'  {old}' if old else ''}", notes=notes)


def list_rows(listed: Iterable[Listed], now: int) -> str:
    """One line each, with all there is to tell."""
    return columns(HEAD, (list_row(one, now) for one in listed))


def list_row(one: Listed, now: int) -> tuple[str, ...]:
    """The cells of one line, under `HEAD`."""
    thing = one.thing
    return (
        thing.key.api_kind,
        thing.key.namespace or "",
        thing.key.name,
        word(thing),
        age(one.created, now),
        about(thing, one.base_image),
        "; ".join(filter(None, (pausing(thing).strip(" ()"), *bad_news(thing)))),
    )


def list_data(listed: Sequence[Listed]) -> dict[str, Any]:
    """The same for programs."""
    return {"items": [{**thing_data(one.thing), "created": one.created} for one in listed]}


def list_names(things: Iterable[AimObject]) -> str:
    """A name a line, as kubectl takes it: `aimmodel.aim.silogen.ai/llama`."""
    return "".join(f"{thing.key.api_kind.lower()}.{GROUP}/{thing.key.name}\n" for thing in things)
