"""`aimcore cache prune`: caches that nobody has used for long go, and their claims with them."""

from __future__ import annotations

import re
import time
from typing import Final

import click

from aimcore.domain.errors import quoted
from aimcore.domain.kinds.caches import Cache
from aimcore.domain.values.times import seconds_of
from aimcore.entrypoints.cli.call import Call
from aimcore.entrypoints.cli.looking import live, namespace_of, where_words
from aimcore.entrypoints.cli.output import Exit, remark
from aimcore.entrypoints.present.caches import listed_caches
from aimcore.entrypoints.present.text import age
from aimcore.ports.errors import PortError

__all__ = ["run", "seconds"]

_SPAN: Final = re.compile(r"(?:([0-9]{1,5})d)?(?:([0-9]{1,5})h)?(?:([0-9]{1,5})m)?")


def run(call: Call) -> Exit:
    """Names them, and deletes them where that is wanted; one that is used again in the meantime stays."""
    least = seconds(call.unused_for)
    namespace = namespace_of(call)
    seen = live(call, namespace)
    remark((), () if call.quiet else seen.notes)
    now = int(time.time())
    idle = [
        one.cache
        for one in listed_caches(seen.cache, seen.created, now)
        if not one.used_by and _unused(one.cache, now) >= least
    ]
    if not idle:
        remark((), () if call.quiet else (f"no cache in {where_words(namespace)} is unused for {call.unused_for}",))
    ended = Exit.WELL
    for cache in idle:
        if call.yes and not _deleted(call, cache):
            ended = Exit.NOT_DONE
        elif not call.yes:
            click.echo(f"{_told(cache, now)} would be deleted")
    if idle and not call.yes:
        remark((), () if call.quiet else ("nothing is deleted without --yes",))
    return ended


def _unused(cache: Cache, now: int) -> int:
    """For how many seconds nobody used it, less than any span where that is not known."""
    since = cache.status.unused_since if cache.status else None
    return now - seconds_of(since) if since else -1


def _told(cache: Cache, now: int) -> str:
    status = cache.status
    size = f", {status.size}" if status and status.size is not None else ""
    return f"{cache.key}, unused for {age(status.unused_since if status else None, now)}{size},"


def _deleted(call: Call, cache: Cache) -> bool:
    from aimcore.entrypoints.wiring.caching import delete_cache  # noqa: PLC0415 - with a package that files never need

    try:
        delete_cache(cache, kubeconfig=call.kubeconfig, context=call.context)
    except PortError as error:
        remark((), (f"{cache.key} stays: {error}",))
        return False
    click.echo(f"{cache.key} deleted")
    return True


def seconds(text: str) -> int:
    """The seconds of a span such as `7d`, `36h` or `1d12h`.

    >>> seconds("7d"), seconds("1d12h")
    (604800, 129600)
    """
    match = _SPAN.fullmatch(text)
    if match is None or not text:
        raise click.UsageError(f"span {quoted(text)} is none; expected days, hours and minutes, such as 7d or 12h30m")
    days, hours, minutes = (int(part or 0) for part in match.groups())
    return (days * 24 + hours) * 3600 + minutes * 60
