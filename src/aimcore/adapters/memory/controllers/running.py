"""All controllers of a cluster in memory, driven step by step on a clock that a test holds."""

from __future__ import annotations

from typing import Final

from aimcore.adapters.memory.controllers.bindings import step_claims, step_routes
from aimcore.adapters.memory.controllers.deployments import step_deployments
from aimcore.adapters.memory.controllers.diagnostics import MemoryEvents, MemoryLogs
from aimcore.adapters.memory.controllers.fates import Fate
from aimcore.adapters.memory.controllers.jobs import step_jobs
from aimcore.adapters.memory.controllers.pods import step_pods
from aimcore.adapters.memory.controllers.script import Script
from aimcore.adapters.memory.controllers.work import Work
from aimcore.adapters.memory.kinds import Address
from aimcore.adapters.memory.store import MemoryStore

__all__ = ["Controllers"]

ROUNDS_AT_MOST: Final = 100
"""Rounds that one step may take; a rollout takes two for each pod that is replaced."""


class Controllers:
    """Deployments, Jobs, claims, routes, and a kubelet, on a store. Nothing runs by itself: `step` is called.

    >>> store = MemoryStore(lambda: "2026-01-01T00:00:00Z")
    >>> controllers = Controllers(store)
    >>> controllers.script.refuse("aim-chat", "exceeded quota: gpus")
    """

    def __init__(self, store: MemoryStore, script: Script | None = None) -> None:
        self.script = Script() if script is None else script
        self._work = Work(store, self.script)

    def step(self, now: int) -> bool:
        """Everything that happens at `now`, in seconds since 1970, until all is at rest; whether anything did.

        The clock of the store must tell the same time. A time before the last one is an error: pods do not grow younger.
        """
        work = self._work
        if now < work.now:
            raise ValueError(f"step at {now} after {work.now}; expected time to go on")
        work.now = now
        began = work.store.resource_version
        for _ in range(ROUNDS_AT_MOST):
            before = work.store.resource_version
            for step in (step_claims, step_deployments, step_jobs, step_pods, step_routes):
                step(work)
            work.store.collect()
            if work.store.resource_version == before:
                break
        return work.store.resource_version != began

    def logs(self, *, allowed: bool = True) -> MemoryLogs:
        """What the pods write, for whoever has the right to logs or has it not."""
        return MemoryLogs(self._work, allowed=allowed)

    def events(self, *, allowed: bool = True) -> MemoryEvents:
        """What they told of objects, for whoever has the right to events or has it not."""
        return MemoryEvents(self._work.store, allowed=allowed)

    def strike(self, pod: Address, fate: Fate) -> None:
        """From now on a pod that stands has this fate, whose age begins to count now: its node is lost, it is evicted."""
        uid = self._work.store.get(pod)["metadata"]["uid"]
        self._work.lives[uid] = fate, self._work.now
