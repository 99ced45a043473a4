"""`aimcore get`: what stands on a cluster, and how it is."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

import click

from aimcore.domain.errors import ParseError
from aimcore.domain.kinds.records import Resource
from aimcore.entrypoints.cli.asking import settings_of
from aimcore.entrypoints.cli.call import Call
from aimcore.entrypoints.cli.looking import live_of, namespace_of, where_words
from aimcore.entrypoints.cli.output import CommandFailed, Exit, answer, remark
from aimcore.entrypoints.cli.wanting import Asked, asked_for
from aimcore.entrypoints.library.finding import not_there
from aimcore.entrypoints.present.data import json_text
from aimcore.entrypoints.present.jsonpath import filled
from aimcore.entrypoints.present.objects import (
    Listed,
    list_data,
    list_names,
    list_outline,
    list_row,
    list_rows,
)
from aimcore.ports.cluster import Change, Gone

if TYPE_CHECKING:
    from aimcore.entrypoints.wiring.live import Live

__all__ = ["run"]

JSONPATH: Final = "jsonpath="
DELETED: Final = "Deleted"
There = Mapping[str, Listed]
"""What stands, by its uid."""
Rows = Mapping[str, tuple[str, ...]]
"""What was told of each uid."""


def run(call: Call) -> Exit:
    """Looks and lists; with --watch goes on, and tells what is different as the server tells of it."""
    asked = asked_for(call.words)
    namespace = namespace_of(call)
    seen = _look(call, asked, namespace)
    remark((), () if call.quiet else seen.notes)
    listed = _listed(call, asked, seen)
    missing = [one for one in asked if one.name and not any(one.means(it.thing) for it in listed)]
    if not listed and not missing and not call.quiet:
        labelled = f" with labels {call.selector}" if call.selector else ""
        remark((), [f"no {_what(asked)}{labelled} in {where_words(namespace)}"])
    if call.watch:
        _watch(call, asked, namespace, listed)
    _print(call, asked, listed)
    if missing:
        raise CommandFailed(_missing(missing, seen, namespace))
    return Exit.WELL


def _missing(missing: Sequence[Asked], seen: Live, namespace: str | None) -> str:
    """That things are not there, each with those of its kind that are."""
    where = f" in {where_words(namespace)}"
    return "; ".join(
        str(not_there(one.kind, one.name, [thing for thing in seen.cache if thing.key.kind is one.kind], where))
        for one in missing
    )


def _look(call: Call, asked: Sequence[Asked], namespace: str | None, *, again: bool = False) -> Live:
    return live_of(call, namespace, _kinds(asked), call.selector, again=again)


def _kinds(asked: Sequence[Asked]) -> tuple[str, ...]:
    return tuple({spelling.kind: None for one in asked for _, spelling in one.kind.spellings})


def _listed(call: Call, asked: Sequence[Asked], seen: Live) -> list[Listed]:
    base_image = settings_of(call).policy.base_image
    created = seen.created
    return [
        Listed(thing=thing, created=created.get(thing.meta.uid), base_image=base_image)
        for thing in seen.cache
        if any(one.means(thing) for one in asked)
    ]


def _what(asked: Sequence[Asked]) -> str:
    return str(asked[0]) if len(asked) == 1 else "AIM objects"


def _print(call: Call, asked: Sequence[Asked], listed: Sequence[Listed]) -> None:
    now = int(time.time())
    if call.output.startswith(JSONPATH):
        click.echo(_filled(call.output.removeprefix(JSONPATH), _data(asked, listed)), nl=False)
        return
    match call.output:
        case "name":
            click.echo(list_names(one.thing for one in listed), nl=False)
        case "wide":
            click.echo(list_rows(listed, now) if listed else "", nl=False)
        case "table" if not listed:
            pass
        case _:
            answer(call.output, data=lambda: _data(asked, listed), outline=lambda: list_outline(listed, now))


def _data(asked: Sequence[Asked], listed: Sequence[Listed]) -> Any:
    """The list, or as kubectl has it the one thing that was named."""
    data = list_data(listed)
    return data["items"][0] if len(asked) == 1 and asked[0].name and len(listed) == 1 else data


def _filled(template: str, data: Any) -> str:
    try:
        return filled(template, data)
    except ParseError as error:
        raise click.UsageError(str(error)) from error


def _watch(call: Call, asked: Sequence[Asked], namespace: str | None, listed: Sequence[Listed]) -> None:
    """A line for each thing that is there, then one whenever a thing is different; until Ctrl-C."""
    from aimcore.entrypoints.wiring.live import follow  # noqa: PLC0415 - with a package that files never need

    told: Rows = {}
    there = _by_uid(listed)
    where = {"kubeconfig": call.kubeconfig, "context": call.context, "namespace": namespace}
    with follow(_kinds(asked), call.selector, **where) as followed:
        while True:
            told = _tell(call, there, told)
            changes = followed.wait()
            now = None if changes is None else _changed(there, changes, asked)
            # The time at which a new thing was made is in no record, so it is listed.
            there = _by_uid(_listed(call, asked, _look(call, asked, namespace, again=True))) if now is None else now


def _by_uid(listed: Iterable[Listed]) -> There:
    return {one.thing.meta.uid: one for one in listed}


def _changed(there: There, changes: Iterable[Change], asked: Sequence[Asked]) -> There | None:
    """What stands after these changes; None where a thing is new."""
    now = dict(there)
    for change in changes:
        thing = change.thing
        if not isinstance(thing, Resource) or not any(one.means(thing) for one in asked):
            continue
        uid = thing.meta.uid
        if isinstance(change, Gone):
            now.pop(uid, None)
        elif uid in now:
            now[uid] = replace(now[uid], thing=thing)
        else:
            return None
    return now


def _tell(call: Call, there: There, told: Rows) -> Rows:
    """A line for each thing that is otherwise than was told, or gone; what is told by now."""
    now = int(time.time())
    rows = {uid: list_row(one, now) for uid, one in there.items()}
    for uid, row in rows.items():
        if _without_age(told.get(uid, ())) != _without_age(row):
            _line(call, list_data([there[uid]])["items"][0], row)
    for uid in told.keys() - rows.keys():
        kind, place, name = told[uid][:3]
        gone = {"kind": kind, "namespace": place or None, "name": name, "uid": uid, "status": DELETED}
        _line(call, gone, (kind, place, name, DELETED, *told[uid][4:]))
    return rows


def _without_age(row: tuple[str, ...]) -> tuple[str, ...]:
    return (*row[:4], *row[5:])


def _line(call: Call, data: Any, row: tuple[str, ...]) -> None:
    if call.output == "json":
        click.echo("".join(json_text(data).split("\n")))
        return
    kind, place, name, word, age, about, why = row
    where = f"{place}/{name}" if place else name
    click.echo("  ".join(filter(None, (f"{word:12}", f"{age:>5}", f"{kind} {where}", about, why))))
