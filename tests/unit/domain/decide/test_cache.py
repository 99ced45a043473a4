"""What a cache says where nothing can begin, and what of Jobs and claims counts."""

from __future__ import annotations

import pytest

from aimcore.domain.decide import decide
from aimcore.domain.kinds.caches import Cache, CacheSpec
from aimcore.domain.kinds.records import Meta
from aimcore.domain.kinds.scope import Key, Kind
from aimcore.domain.kinds.statuses import CacheStatus, Verdict
from aimcore.domain.view.cache import ObjectCache
from aimcore.domain.view.observed import Snapshot
from aimcore.domain.view.plan import SetStatus

CACHE = Cache(key=Key(Kind.CACHE, "ml-team", "llama"), meta=Meta(uid="u-1"), spec=CacheSpec(template_name="llama"))

MISSING = "there is no AIMServiceTemplate ml-team/llama; make it, or delete this cache"


def snapshot() -> Snapshot:
    return Snapshot(view=ObjectCache(), now="2026-01-01T00:00:00Z")


@pytest.mark.rule("CACHE-7")
def test_a_cache_is_pending_and_says_why() -> None:
    [write] = decide(CACHE, snapshot()).writes
    assert isinstance(write, SetStatus)
    assert isinstance(write.status, CacheStatus)
    assert write.status.status is Verdict.PENDING
    assert [(one.type, one.status.value, one.reason, one.message) for one in write.status.conditions] == [
        ("Ready", "False", "Pending", MISSING),
        ("SourcesResolved", "False", "TemplateMissing", MISSING),
    ]


@pytest.mark.rule("KIND-9")
def test_nothing_is_written_where_it_says_so_already() -> None:
    [write] = decide(CACHE, snapshot()).writes
    assert isinstance(write, SetStatus)
    assert isinstance(write.status, CacheStatus)
    again = Cache(key=CACHE.key, meta=CACHE.meta, spec=CACHE.spec, status=write.status)
    assert decide(again, snapshot()).writes == ()


@pytest.mark.rule("OWN-3")
def test_nothing_follows_for_one_that_is_paused() -> None:
    paused = Meta(uid="u-1", annotations={"aim.silogen.ai/reconciliation-paused": "true"})
    assert decide(Cache(key=CACHE.key, meta=paused, spec=CACHE.spec), snapshot()).writes == ()
