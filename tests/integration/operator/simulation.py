"""The operator without threads: a scheduler draws what happens next, and a clock goes on only when nothing else can."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from random import Random

from aimcore.adapters import wire
from aimcore.adapters.memory.cluster import MemoryCluster
from aimcore.adapters.memory.kinds import Address
from aimcore.domain.kinds.records import Absent, Secret, ServiceAccount
from aimcore.domain.kinds.scope import Key
from aimcore.domain.view.cache import ObjectCache
from aimcore.domain.view.observed import Unseen
from aimcore.domain.view.plan import Apply, Create, Delete, Inspect, Look, Probe, Recheck, SetStatus, Write
from aimcore.entrypoints.operator.controller import Controller, DecisionContext, Inspected, Looked, News, Probed, Wrote
from aimcore.entrypoints.operator.questions import Question, Questions
from aimcore.entrypoints.operator.queue import Queue
from aimcore.ports.errors import NotFound, PortError
from aimcore.testing import Run

__all__ = ["Simulation"]

STEPS_AT_MOST = 5_000
CALM = 6
"""How often the clock may go on without a write before nothing more is to be expected."""


class Simulation:
    """One operator on the cluster of a run. `writes` counts what it wrote, `decided` what it decided."""

    def __init__(self, run: Run, *, seed: int = 0, interval: float = 0.0) -> None:
        self.run = run
        self.now = 0.0
        self.chance = Random(seed)  # noqa: S311 - a way to take, not a secret
        self.writes: Counter[str] = Counter()
        self.asked: list[Question] = []
        self.decided: Counter[Key] = Counter()
        self._jobs: list[tuple[Key, tuple[Write, ...]] | Question] = []
        self._cluster = MemoryCluster(run.store)
        self._calm = self._written_before = 0
        self.controller = Controller(
            cache=ObjectCache(nodes_known=run.world.nodes_known),
            jobs=self,
            queue=Queue(clock=self._clock, chance=self.chance.random),
            questions=Questions(self.ask, clock=self._clock, chance=self.chance.random, interval=interval),
            context=DecisionContext(
                policy=replace(run.world.policy, unseen=Unseen.ASKED), now=run.clock, in_scope=lambda _: True
            ),
        )

    def _clock(self) -> float:
        return self.now

    # Jobs -------------------------------------------------------------------------------------------------------------

    def write(self, key: Key, writes: tuple[Write, ...]) -> None:
        self._jobs.append((key, writes))

    def ask(self, question: Question) -> None:
        self.asked.append(question)
        self._jobs.append(question)

    # Turning ----------------------------------------------------------------------------------------------------------

    def rest(self) -> None:
        """Until nothing is left to do, now or later."""
        for _ in range(STEPS_AT_MOST):
            if not self._step():
                return
        raise AssertionError(f"still busy after {STEPS_AT_MOST} steps: {self.writes}")

    def wait(self, seconds: float) -> None:
        """For so long on its clock."""
        ends = self.now + seconds
        while self.now < ends:
            self._calm = 0
            assert self._step(), "nothing is ever due again"

    def _step(self) -> bool:
        if self._jobs and self.chance.random() < 0.5:
            self.controller.hear(self._done(self._jobs.pop(self.chance.randrange(len(self._jobs)))))
            return True
        self.controller.observe(self._cluster.changes())
        if self.controller.turn():
            return True
        if self._jobs:
            return True
        wait = self.controller.seconds_to_wait()
        written = self.writes.total()
        self._calm = self._calm + 1 if written == self._written_before else 0
        self._written_before = written
        if wait == float("inf") or self._calm > CALM:
            return False
        self.now += wait
        return True

    def _done(self, job: tuple[Key, tuple[Write, ...]] | Question) -> News:
        match job:
            case Look():
                return Looked(look=job, found=self._look(job))
            case Inspect():
                return Inspected(question=job, answer=self.run.registry.inspect(job))
            case Probe():
                return Probed(question=job, answer=self.run.weigh(job))
            case Recheck():
                return Inspected(question=job, answer=self.run.registry.recheck(job.want, job.held))
            case (key, writes):
                self.decided[key] += 1
                outcomes = [self._written(write) for write in writes]
                return Wrote(key=key, failed=not all(outcomes))

    def _written(self, write: Write) -> bool:
        try:
            match write:
                case Create():
                    self._cluster.create(write.thing)
                case Apply():
                    self._cluster.apply(write.thing)
                case Delete():
                    self._cluster.delete(write)
                case SetStatus():
                    self._cluster.set_status(write)
        except PortError:
            self.writes["refused"] += 1
            return False
        self.writes[type(write).__name__] += 1
        return True

    def _look(self, look: Look) -> Secret | ServiceAccount | Absent:
        try:
            manifest = self.run.store.get(Address(look.kind, look.namespace, look.name))
        except NotFound:
            return Absent(kind=look.kind, namespace=look.namespace, name=look.name)
        found = wire.decode(manifest)
        assert isinstance(found, Secret | ServiceAccount)
        return replace(found, version=manifest["metadata"]["resourceVersion"]) if isinstance(found, Secret) else found
