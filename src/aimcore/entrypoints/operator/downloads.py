"""Counts the downloads that end: how they ended, how much came, and how long that took."""

from __future__ import annotations

import time
from collections.abc import Iterable
from typing import Final

from aimcore.domain.caching.content import gets
from aimcore.domain.caching.ending import Attempt, Phase, has_ended, read_attempt
from aimcore.domain.kinds.core import Child
from aimcore.domain.kinds.scope import Kind
from aimcore.domain.view.cache import ObjectCache
from aimcore.entrypoints.operator.metrics import Counters
from aimcore.ports.cluster import Change, Put

__all__ = ["DownloadCounter"]

LAST_WORDS: Final = 30.0
"""Seconds that the end of a pod may be seen later than that of its Job: the two are followed apart."""


class DownloadCounter:
    """Told of every change before and after the cache takes it in. A Job that had ended when it was first seen is not counted:
    the operator before this one counted it.
    """

    def __init__(self, counters: Counters) -> None:
        self._counters = counters
        self._ended: dict[str, tuple[Child, float]] = {}

    def before(self, cache: ObjectCache, changes: Iterable[Change]) -> None:
        """Notices which downloads end with these changes."""
        for change in changes:
            job = change.thing
            if not isinstance(change, Put) or not isinstance(job, Child) or job.key.kind is not Kind.JOB:
                continue
            known = cache.find(job.key)
            if gets(job.key.name) and known is not None and not has_ended(known) and has_ended(job):
                self._ended[job.meta.uid] = job, time.monotonic() + LAST_WORDS

    def after(self, cache: ObjectCache) -> None:
        """Counts those of which all is known."""
        for uid, (job, until) in list(self._ended.items()):
            pods = cache.pods_of_job(uid)
            if any(pod.ended for pod in pods) or time.monotonic() >= until:
                del self._ended[uid]
                self._count(read_attempt(job, pods))

    def _count(self, attempt: Attempt) -> None:
        self._counters.count("downloads", "Done" if attempt.phase is Phase.DONE else attempt.cause)
        self._counters.count("download_bytes", by=attempt.fetched)
        self._counters.count("download_seconds", by=attempt.seconds)
