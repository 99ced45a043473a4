"""The caches of a cluster: how much of their weights is there, who uses them, and how long nobody has."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from aimcore.domain.kinds.caches import Cache
from aimcore.domain.kinds.scope import Key
from aimcore.domain.values.quantity import Quantity
from aimcore.domain.view.cache import ObjectCache
from aimcore.entrypoints.present.outline import Entry, Section
from aimcore.entrypoints.present.references import key_data, keys_data
from aimcore.entrypoints.present.text import age, amount, columns
from aimcore.entrypoints.present.tree import services_on
from aimcore.entrypoints.present.verdicts import bad_news, place, verdict, verdict_data

__all__ = ["ListedCache", "cache_rows", "caches_data", "caches_outline", "listed_caches"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedCache:
    """A cache, the services that use it, and how old it is, in words."""

    cache: Cache
    used_by: tuple[Key, ...]
    age: str


def listed_caches(view: ObjectCache, created: Mapping[str, str], now: int) -> tuple[ListedCache, ...]:
    """Every cache that is seen, with its age at that time."""
    return tuple(
        ListedCache(
            cache=one,
            used_by=tuple(service.key for service in services_on(view, one)),
            age=age(created.get(one.meta.uid), now),
        )
        for one in view
        if isinstance(one, Cache)
    )


def caches_outline(listed: Sequence[ListedCache], now: int) -> tuple[Section, ...]:
    """For people: each cache, how much is there, and who uses it."""
    entries = (
        Entry(label=verdict(one.cache.status), text=place(one.cache.key), notes=tuple(_notes(one, now)))
        for one in listed
    )
    return (Section(title="Caches", entries=tuple(entries)),)


def _notes(one: ListedCache, now: int) -> Iterator[str]:
    status = one.cache.status
    size = f"claim {status.claim}, {status.size}" if status and status.claim and status.size is not None else ""
    yield ", ".join(filter(None, (_progress(one.cache), size, f"{one.age} old" if one.age else "")))
    yield f"for template {one.cache.spec.template_name}"
    yield f"used by {_names(one)}" if one.used_by else _unused(one.cache, now)
    yield from bad_news(one.cache)


def _progress(cache: Cache) -> str:
    progress = cache.status.progress if cache.status else None
    if progress is None:
        return "nothing there"
    whole = f" of {amount(progress.total)}" if progress.total is not None else ""
    percent = f"{progress.percent} %" if progress.percent is not None else amount(progress.bytes)
    return f"{percent}{whole} there"


def _names(one: ListedCache) -> str:
    return ", ".join(key.name for key in one.used_by)


def _unused(cache: Cache, now: int) -> str:
    since = cache.status.unused_since if cache.status else None
    return f"unused for {age(since, now)}" if since else "not used yet"


def cache_rows(listed: Sequence[ListedCache], now: int) -> str:
    """One line each, with all there is to tell."""
    head = ("NAMESPACE", "NAME", "TEMPLATE", "MODE", "STATUS", "PROGRESS", "SIZE", "CLAIM", "USED-BY", "UNUSED", "AGE")
    return columns(head, (_row(one, now) for one in listed))


def _row(one: ListedCache, now: int) -> tuple[str, ...]:
    cache, status = one.cache, one.cache.status
    percent = status.progress.percent if status and status.progress else None
    since = status.unused_since if status else None
    return (
        cache.key.namespace or "",
        cache.key.name,
        cache.spec.template_name,
        cache.spec.mode or "",
        verdict(status),
        "" if percent is None else f"{percent}%",
        _size(status.size if status else None),
        (status.claim if status else None) or "",
        _names(one).replace(" ", ""),
        age(since, now),
        one.age,
    )


def _size(size: Quantity | None) -> str:
    return "" if size is None else str(size)


def caches_data(listed: Sequence[ListedCache]) -> dict[str, Any]:
    """For programs."""
    return {"items": [_data(one) for one in listed]}


def _data(one: ListedCache) -> dict[str, Any]:
    cache, status = one.cache, one.cache.status
    progress = status.progress if status else None
    return {
        **key_data(cache.key),
        "uid": cache.meta.uid,
        "template": cache.spec.template_name,
        "mode": cache.spec.mode,
        "claim": status.claim if status else None,
        "size": _size(status.size if status else None) or None,
        "progress": None
        if progress is None
        else {"bytes": progress.bytes, "total": progress.total, "percent": progress.percent},
        "usedBy": keys_data(one.used_by),
        "unusedSince": status.unused_since if status else None,
        "age": one.age or None,
        **verdict_data(status),
    }
