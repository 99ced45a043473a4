"""How one record becomes another by a table: for each field of the old one, what becomes of it in the new one.

A table lists the fields in the order in which they are taken: of two that fill the same place, the first one wins.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from aimcore.adapters.wire.problem import Steps, path_text

__all__ = [
    "Action",
    "At",
    "Field",
    "Note",
    "Table",
    "Value",
    "as_it_is",
    "as_list",
    "dropped",
    "into",
    "kept",
    "listed",
    "moved",
    "record",
    "undecided",
]


class Action(StrEnum):
    """What became of a field or an object. Only `RENAMED` loses nothing."""

    RENAMED = "renamed"
    DROPPED = "dropped"
    DECIDE = "decide"


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """What became of one field: its `path` in the old manifest, and a message that says what to do next if anything."""

    path: str
    action: Action
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class At:
    """Where a value stands in the old manifest, the new record that its field fills, and the notes so far."""

    steps: Steps
    to: Steps
    out: dict[str, Any]
    notes: list[Note]

    def say(self, action: Action, message: str) -> None:
        """Adds a note on this value."""
        self.notes.append(Note(path=path_text(self.steps), action=action, message=message))


Field = Callable[[Any, At], None]
"""Takes the value of an old field and fills the new record, or says why it does not."""

Value = Callable[[Any, At], Any]
"""The new value of an old one."""

Table = Mapping[str, Field]


# --- fields -----------------------------------------------------------------------------------------------------------


def kept(value: Value | None = None) -> Field:
    """The field keeps its name."""

    def fill(old: Any, at: At) -> None:
        _fill(old, at, (str(at.steps[-1]),), value or as_it_is)

    return fill


def moved(*to: str, value: Value | None = None) -> Field:
    """The field has another name, or stands elsewhere in the record: `to` are the steps to it."""

    def fill(old: Any, at: At) -> None:
        if _fill(old, at, to, value or as_it_is):
            at.say(Action.RENAMED, f"is {path_text((*at.to, *to))} here")
        else:
            at.say(Action.DROPPED, f"{path_text((*at.to, *to))} is already given; this value is left out")

    return fill


def dropped(why: str) -> Field:
    """The field has no counterpart; `why` says so, and what to do instead."""

    def fill(_old: Any, at: At) -> None:
        at.say(Action.DROPPED, why)

    return fill


def undecided(why: str) -> Field:
    """The field is left out, and somebody has to decide; `why` says what."""

    def fill(_old: Any, at: At) -> None:
        at.say(Action.DECIDE, why)

    return fill


def into(table: Table) -> Field:
    """The field is a record, and its fields fill the record around it."""

    def fill(old: Any, at: At) -> None:
        if isinstance(old, dict):
            _rewrite(old, at, table)
        else:
            at.say(Action.DECIDE, "is not a record; it is left out")

    return fill


def _fill(old: Any, at: At, to: Steps, value: Value) -> bool:
    """Puts the new value where `to` leads, and says whether the place was free; records are merged, the first one wins."""
    target = at.out
    for step in to[:-1]:
        inner = target.setdefault(str(step), {})
        if not isinstance(inner, dict):
            return False
        target = inner
    last = str(to[-1])
    new = value(old, replace(at, to=(*at.to, *to)))
    if isinstance(target.get(last), dict) and isinstance(new, dict):
        target[last] = new | target[last]
        return True
    if last in target:
        return False
    target[last] = new
    return True


# --- values -----------------------------------------------------------------------------------------------------------


def as_it_is(old: Any, _at: At) -> Any:
    """The value is the same in both."""
    return old


def as_list(old: Any, _at: At) -> list[Any]:
    """One value where the new record has a list."""
    return [old]


def record(table: Table) -> Value:
    """The value is a record of its own. One that is not a record stays as it is: validation says what is wrong with it."""

    def rewritten(old: Any, at: At) -> Any:
        if not isinstance(old, dict):
            return old
        out: dict[str, Any] = {}
        _rewrite(old, replace(at, out=out), table)
        return out

    return rewritten


def listed(item: Value) -> Value:
    """The value is a list, and every item of it is rewritten alike."""

    def rewritten(old: Any, at: At) -> Any:
        if not isinstance(old, list):
            return old
        return [item(one, replace(at, steps=(*at.steps, n), to=(*at.to, n))) for n, one in enumerate(old)]

    return rewritten


def _rewrite(old: Mapping[str, Any], at: At, table: Table) -> None:
    given = {name: value for name, value in old.items() if value is not None}
    for name in _known_first(given, table):
        field = table.get(name, _unknown)
        field(given[name], replace(at, steps=(*at.steps, name)))


def _known_first(given: Mapping[str, Any], table: Table) -> Iterable[str]:
    return (*(name for name in table if name in given), *(name for name in given if name not in table))


def _unknown(_old: Any, at: At) -> None:
    at.say(Action.DROPPED, "unknown field; neither API has it")
