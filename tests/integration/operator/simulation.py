"""The engine's driver without threads: a scheduler draws what happens next, and a clock goes on only when nothing else can."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from random import Random

from aimcore.adapters import wire
from aimcore.adapters.memory.kinds import Address
from aimcore.domain.kinds.core import Secret, ServiceAccount
from aimcore.domain.kinds.scope import Key
from aimcore.domain.view.cache import ObjectCache
from aimcore.domain.view.observed import Unseen
from aimcore.domain.view.plan import Look, Write
from aimcore.engine.engine import Answered, Context, Engine, Outcome, Wrote
from aimcore.engine.handlers import Sources, handler_of
from aimcore.engine.questions import AnyQuestion, Asking
from aimcore.engine.writing import carry_out
from aimcore.ports.errors import PortError
from aimcore.testing import Run

__all__ = ["Job", "Simulation"]

Job = tuple[Key, tuple[Write, ...]] | AnyQuestion

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
        self.asked: list[AnyQuestion] = []
        self.decided: Counter[Key] = Counter()
        self._jobs: list[Job] = []
        self._cluster = run.cluster()
        self._calm = self._written_before = 0
        self._sources = Sources(
            inspector=run.registry,
            lookups=self,
            size=run.weigh,
            logs=run.controllers.logs(),
            events=run.controllers.events(),
        )
        context = Context(
            policy=replace(run.world.policy, unseen=Unseen.ASKED),
            now=run.clock,
            clock=self._clock,
            chance=self.chance.random,
            asking=Asking(interval=interval),
        )
        self.engine = Engine(cache=ObjectCache(nodes_known=run.world.nodes_known), driver=self, context=context)

    def _clock(self) -> float:
        return self.now

    # Jobs -------------------------------------------------------------------------------------------------------------

    def write(self, key: Key, writes: tuple[Write, ...]) -> None:
        self._jobs.append((key, writes))

    def ask(self, question: AnyQuestion) -> None:
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
            self.engine.hear(self._done(self._jobs.pop(self.chance.randrange(len(self._jobs)))))
            return True
        self.engine.observe(self._cluster.changes())
        if self.engine.reconcile() is not None:
            return True
        if self._jobs:
            return True
        wait = self.engine.seconds_to_wait()
        written = self.writes.total()
        self._calm = self._calm + 1 if written == self._written_before else 0
        self._written_before = written
        if wait == float("inf") or self._calm > CALM:
            return False
        self.now += wait
        return True

    def _done(self, job: Job) -> Outcome:
        if not isinstance(job, tuple):
            return Answered(question=job, answer=handler_of(job).ask(self._sources, job))
        key, writes = job
        self.decided[key] += 1
        outcomes = [self._written(write) for write in writes]
        return Wrote(key=key, failed=not all(outcomes))

    def _written(self, write: Write) -> bool:
        try:
            carry_out(self._cluster, write)
        except PortError:
            self.writes["refused"] += 1
            return False
        self.writes[type(write).__name__] += 1
        return True

    def look(self, look: Look) -> Secret | ServiceAccount:
        """Looks at one secret or account."""
        manifest = self.run.store.get(Address(look.kind, look.namespace, look.name))
        found = wire.decode(manifest)
        assert isinstance(found, Secret | ServiceAccount)
        return replace(found, version=manifest["metadata"]["resourceVersion"]) if isinstance(found, Secret) else found
