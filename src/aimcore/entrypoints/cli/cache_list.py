"""`aimcore cache`: the caches of a cluster, and who uses them."""

from __future__ import annotations

import time

import click

from aimcore.entrypoints.cli.call import Call
from aimcore.entrypoints.cli.looking import live, namespace_of, where_words
from aimcore.entrypoints.cli.output import Exit, answer, remark
from aimcore.entrypoints.present.caches import cache_rows, caches_data, caches_outline, listed_caches
from aimcore.entrypoints.present.objects import list_names

__all__ = ["run"]


def run(call: Call) -> Exit:
    """Looks and lists."""
    namespace = namespace_of(call)
    seen = live(call, namespace)
    now = int(time.time())
    listed = listed_caches(seen.cache, seen.created, now)
    remark((), () if call.quiet else (*seen.notes, *(() if listed else (f"no caches in {where_words(namespace)}",))))
    match call.output:
        case "name":
            click.echo(list_names(one.cache for one in listed), nl=False)
        case "wide":
            click.echo(cache_rows(listed, now) if listed else "", nl=False)
        case "table" if not listed:
            pass
        case _:
            answer(call.output, data=lambda: caches_data(listed), outline=lambda: caches_outline(listed, now))
    return Exit.WELL
