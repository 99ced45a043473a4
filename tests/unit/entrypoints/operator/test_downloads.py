"""Downloads are counted when they end, once, and with what the last words of their pods say."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pytest

from aimcore.domain.kinds.core import Child
from aimcore.domain.kinds.ownership import MANAGED_BY, MANAGER, Owner
from aimcore.domain.kinds.records import Meta
from aimcore.domain.kinds.scope import Key, Kind
from aimcore.domain.serving.observed import PodRecord
from aimcore.domain.serving.pods import Ended, ObservedPod
from aimcore.domain.view.cache import ObjectCache
from aimcore.entrypoints.operator import downloads
from aimcore.entrypoints.operator.downloads import DownloadCounter
from aimcore.entrypoints.operator.metrics import Counters
from aimcore.ports.cluster import Change, Gone, Put

DONE = {"type": "Complete", "status": "True"}
FAILED = {"type": "Failed", "status": "True", "reason": "PodFailurePolicy"}


def job(*conditions: Mapping[str, str], name: str = "get-0123456789-1") -> Child:
    listed = [{"lastTransitionTime": "2026-01-01T00:01:40Z", **one} for one in conditions]
    meta = Meta(uid="j", labels={MANAGED_BY: MANAGER})
    return Child(key=Key(Kind.JOB, "ml-team", name), meta=meta, spec={}, status={"conditions": listed})


def pod(code: int, seconds: int, **said: Any) -> PodRecord:
    ended = Ended(reason="Error" if code else "Completed", exit_code=code, seconds=seconds, message=json.dumps(said))
    owner = Owner(api_version="batch/v1", kind="Job", name="get-0123456789-1", uid="j", controller=True)
    seen = ObservedPod(name=f"p{code}", phase="Failed" if code else "Succeeded", ended=ended)
    return PodRecord(key=Key(Kind.POD, "ml-team", f"p{code}"), meta=Meta(owners=(owner,)), spec=seen)


class Followed:
    """A counter, and the cache that it looks at."""

    def __init__(self, *things: Child | PodRecord) -> None:
        self.cache = ObjectCache.of(things)
        self.counters = Counters()
        self.counter = DownloadCounter(self.counters)

    def hear(self, *changes: Change) -> dict[str, dict[str, int]]:
        self.counter.before(self.cache, changes)
        for change in changes:
            (self.cache.put if isinstance(change, Put) else self.cache.drop)(change.thing)
        self.counter.after(self.cache)
        return {
            name: {"".join(labels): count for labels, count in counts.items()}
            for name, counts in self.counters.snapshot().items()
        }


def test_a_download_that_ends_is_counted_once() -> None:
    followed = Followed(job())
    counted = followed.hear(Put(pod(0, 12, fetchedBytes=4096)), Put(job(DONE)))
    assert counted == {"downloads": {"Done": 1}, "download_bytes": {"": 4096}, "download_seconds": {"": 12}}
    assert followed.hear(Put(job(DONE))) == counted
    assert followed.hear(Gone(job(DONE))) == counted


def test_a_pod_may_be_seen_to_end_after_its_job() -> None:
    followed = Followed(job())
    assert followed.hear(Put(job(FAILED))) == {}
    counted = followed.hear(Put(pod(20, 3, fetchedBytes=7, cause="Unauthorized", message="no")))
    assert counted == {"downloads": {"Unauthorized": 1}, "download_bytes": {"": 7}, "download_seconds": {"": 3}}


def test_what_pods_that_were_killed_fetched_counts_too() -> None:
    followed = Followed(job(), pod(137, 5, fetchedBytes=1))
    assert followed.hear(Put(pod(0, 2, fetchedBytes=2)), Put(job(DONE)))["download_bytes"] == {"": 3}


def test_where_no_pod_says_anything_the_job_does(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(downloads, "LAST_WORDS", 0.0)
    counted = Followed(job()).hear(Put(job(FAILED)))
    assert counted["downloads"] == {"PodFailurePolicy": 1}


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param([], [Put(job(DONE))], id="a Job that had ended when it was first seen"),
        pytest.param([job()], [Put(job())], id="a Job at work"),
        pytest.param([job()], [Gone(job())], id="a Job that is deleted"),
        pytest.param([job(name="check-1-1")], [Put(job(DONE, name="check-1-1"))], id="a look at somebody's claim"),
    ],
)
def test_what_is_no_end_of_a_download_is_not_counted(before: list[Child], after: list[Change]) -> None:
    assert Followed(*before).hear(*after) == {}
