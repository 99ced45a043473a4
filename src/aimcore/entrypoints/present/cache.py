"""Why a cache is as it is: which claim its weights are on and why that one, what is on it, and who shares it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from aimcore.domain.caching.claim import is_complete
from aimcore.domain.kinds.caches import Cache
from aimcore.domain.kinds.core import Child
from aimcore.domain.kinds.scope import Key, Kind
from aimcore.domain.kinds.statuses import CachedSource
from aimcore.domain.kinds.workload import CachingMode
from aimcore.domain.view.cache import ObjectCache
from aimcore.entrypoints.present.outline import Entry, Section
from aimcore.entrypoints.present.references import key_data, keys_data
from aimcore.entrypoints.present.text import amount
from aimcore.entrypoints.present.tree import services_on
from aimcore.entrypoints.present.verdicts import condition_entries, verdict_data, verdict_entry

__all__ = ["CacheReport", "cache_data", "cache_outline", "tell_cache", "used_cache_data", "used_cache_section"]


@dataclass(frozen=True, slots=True, kw_only=True)
class CacheReport:
    """All that is told of a cache; `sharing` are the other caches whose weights are on the same claim."""

    cache: Cache
    claim: Child | None
    sharing: tuple[Key, ...]
    used_by: tuple[Key, ...]


def tell_cache(view: ObjectCache, cache: Cache) -> CacheReport:
    """The report of a cache."""
    name = cache.status.claim if cache.status else None
    others = (one for one in view if isinstance(one, Cache) and one.key != cache.key and name is not None)
    return CacheReport(
        cache=cache,
        claim=None if name is None else view.child(Kind.CLAIM, cache.key.namespace, name),
        sharing=tuple(
            one.key
            for one in others
            if one.key.namespace == cache.key.namespace and one.status is not None and one.status.claim == name
        ),
        used_by=tuple(service.key for service in services_on(view, cache)),
    )


def _why(report: CacheReport) -> str:
    """Why it is this claim (CACHE-2, CACHE-3, CACHE-6)."""
    spec = report.cache.spec
    if spec.existing_claim is not None:
        return "named by spec.existingClaim; somebody else filled it [CACHE-6]"
    if spec.mode is CachingMode.DEDICATED:
        return "Dedicated: the claim is the model's own [CACHE-3]"
    return "Shared: one claim for equal sources, filter, class and access mode in the namespace [CACHE-3]"


def cache_data(report: CacheReport) -> dict[str, Any]:
    """The report for programs."""
    cache, status = report.cache, report.cache.status
    sources = status.sources if status else ()
    return {
        "cache": {**key_data(cache.key), "uid": cache.meta.uid, **verdict_data(status)},
        "template": {"name": cache.spec.template_name, "scope": cache.spec.template_scope},
        "claim": {
            "name": status.claim if status else None,
            "reason": _why(report),
            "complete": report.claim is not None and is_complete(report.claim),
            "size": str(status.size) if status and status.size is not None else None,
        },
        "sources": [
            {
                "modelId": one.model_id,
                "sourceUri": one.source_uri,
                "bytes": one.bytes,
                "done": one.done,
                "cause": one.cause,
            }
            for one in sources
        ],
        "sharedWith": keys_data(report.sharing),
        "usedBy": keys_data(report.used_by),
        "unusedSince": status.unused_since if status else None,
    }


def used_cache_data(report: CacheReport) -> dict[str, Any]:
    """Of the cache that a service uses: which one, which claim and why, and who shares it."""
    told = cache_data(report)
    return {"name": report.cache.key.name, **{name: told[name] for name in ("claim", "sharedWith", "usedBy")}}


def used_cache_section(report: CacheReport) -> Section:
    """The same for people."""
    claim = _claim(report)
    shared = tuple(f"shared with {key}" for key in report.sharing)
    told = Entry(label="claim", text=claim.text, notes=(*claim.notes, *shared))
    return Section(title="Cache", entries=(Entry(label="cache", text=report.cache.key.name), told))


def cache_outline(report: CacheReport) -> tuple[Section, ...]:
    """The report for people."""
    cache, status = report.cache, report.cache.status
    used = tuple(Entry(text=str(key)) for key in report.used_by)
    if not used:
        since = f", since {status.unused_since}" if status and status.unused_since else ""
        used = (Entry(text=f"nobody{since}"),)
    return (
        Section(title="Cache", entries=(verdict_entry(cache),)),
        Section(title="Template", entries=(Entry(text=cache.spec.template_name),)),
        Section(title="Claim", entries=(_claim(report),)),
        Section(title="Sources", entries=tuple(map(_source, status.sources if status else ()))),
        Section(title="Shared with", entries=tuple(Entry(text=str(key)) for key in report.sharing)),
        Section(title="Used by", entries=used),
        Section(title="Conditions", entries=condition_entries(status)),
    )


def _claim(report: CacheReport) -> Entry:
    status = report.cache.status
    if status is None or status.claim is None:
        return Entry(text="none yet", notes=(_why(report),))
    return Entry(text=status.claim, notes=tuple(_of_claim(report)))


def _of_claim(report: CacheReport) -> Iterator[str]:
    status, claim = report.cache.status, report.claim
    yield _why(report)
    if status and status.size is not None:
        yield f"{status.size} requested"
    if claim is not None:
        yield "the weights on it are whole" if is_complete(claim) else "the weights on it are not whole yet"


def _source(one: CachedSource) -> Entry:
    size = "size unknown" if one.bytes is None else amount(one.bytes)
    done = f", {amount(one.done)} there" if one.done is not None and one.done != one.bytes else ""
    return Entry(label=one.cause or "", text=one.source_uri, notes=(f"{one.model_id}, {size}{done}",))
