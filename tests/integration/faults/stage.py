"""The operator without threads, on the real adapter and a gate: a scheduler draws what happens next, and a clock goes on only
when nothing else can.

Everything is the operator's own but who runs when: its rounds, its jobs, its reflectors, its queue.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from random import Random
from typing import NamedTuple

from aimcore.adapters.kubernetes.cluster import KubernetesCluster
from aimcore.adapters.kubernetes.connection import Timeouts
from aimcore.adapters.kubernetes.diagnostics import KubernetesEvents, KubernetesLogs
from aimcore.adapters.kubernetes.events import EventWriter
from aimcore.adapters.kubernetes.reflector import Backoff, Reflector
from aimcore.adapters.kubernetes.requests import Requests
from aimcore.adapters.kubernetes.store import ReadWarning
from aimcore.domain.kinds.conditions import Event
from aimcore.domain.kinds.scope import Key
from aimcore.domain.view.cache import ObjectCache
from aimcore.domain.view.observed import Unseen
from aimcore.domain.view.plan import Write
from aimcore.engine.engine import Context, Driver, Engine
from aimcore.engine.handlers import Sources
from aimcore.engine.questions import AnyQuestion
from aimcore.entrypoints.operator.metrics import Counters
from aimcore.entrypoints.operator.service import Operator, World
from aimcore.entrypoints.wiring import operate
from aimcore.testing import Run
from tests.integration.faults.gate import PATIENT, Asked, Gate, gate

__all__ = ["IDLE", "Stage", "stage"]

STEPS_AT_MOST = 5_000
CALM = 6
"""How often the clock may go on without a request that writes before nothing more is to be expected,
once everything was told."""
IDLE = 900.0
"""Seconds after which a watch that had nothing to tell is made anew: more than a real one lasts, to no one's harm."""


class Job(NamedTuple):
    """What is to be done, and what it is called: jobs are drawn by name, not in the order that a set happened to have."""

    name: str
    run: Callable[[], None]
    writes: bool


class Jobs(Operator):
    """The operator, whose jobs wait until they are drawn."""

    def __init__(self, world: World) -> None:
        super().__init__(world, workers=1, counters=Counters())
        self.waiting: list[Job] = []

    def write(self, key: Key, writes: tuple[Write, ...]) -> None:
        self._wait(Job(f"{key}", partial(self._write, key, writes), writes=True))

    def ask(self, question: AnyQuestion) -> None:
        self._wait(Job(f"{question}", partial(self._ask, question), writes=False))

    def _wait(self, job: Job) -> None:
        self.waiting = sorted([*self.waiting, job], key=lambda one: one.name)

    def draw(self, chance: Random) -> None:
        self.waiting.pop(chance.randrange(len(self.waiting))).run()

    def _seconds_to_wait(self, engine: Engine) -> float:
        del engine
        return 0.0


@dataclass(slots=True)
class Followed:
    """A reflector, until when it pauses, whether its last watch had all there was, and until when that one would have gone on."""

    reflector: Reflector
    kind: str
    due: float = 0.0
    idle: bool = False
    until: float = 0.0


class Stage:
    """One operator and the gate between it and the cluster of a run."""

    def __init__(
        self, run: Run, opened: Gate, *, seed: int = 0, timeouts: Timeouts = PATIENT, tells: bool = False
    ) -> None:
        self.run, self.gate = run, opened
        self.now = 0.0
        self.chance = Random(seed)  # noqa: S311 - a way to take, not a secret
        self.leads: Callable[[], bool] = lambda: True
        self.appointments: list[float] = []
        self.wall: Callable[[], str] = run.clock
        self.watch: Callable[[], object] = lambda: None
        self.troubles: list[ReadWarning] = []
        self.connection = opened.connection(timeouts)
        requests = Requests(self.connection)
        backoff = Backoff(chance=self.chance.random, clock=self.clock)
        self.workloads = run.world.policy.workloads
        self.cluster = KubernetesCluster(
            requests, backoff=backoff, workloads=self.workloads, report=self.troubles.append
        )
        self.followed = [Followed(one, one._source.resource.kind) for one in self.cluster._reflectors]
        self.jobs = Jobs(self._world(requests, tells=tells))
        self.driver: Driver = self.jobs
        context = Context(
            policy=replace(run.world.policy, unseen=Unseen.ASKED),
            now=self._now,
            clock=self.clock,
            chance=self.chance.random,
        )
        self.engine = Engine(cache=ObjectCache(), driver=Handing(self), context=context)
        self._latest: dict[str, int] = {}
        self._calm = self._written = 0

    def _world(self, requests: Requests, *, tells: bool) -> World:
        events = EventWriter(
            requests,
            instance="here",
            token=lambda: f"{self.chance.getrandbits(64):016x}",
            report=self.troubles.append,
        )
        return World(
            cluster=self.cluster,
            sources=Sources(
                inspector=self.run.registry,
                lookups=operate._Lookups(requests),
                size=self.run.weigh,
                logs=KubernetesLogs(requests),
                events=KubernetesEvents(requests),
            ),
            tell=partial(_tell, events) if tells else lambda *_: None,
            leads=self._leads,
        )

    def clock(self) -> float:
        return self.now

    def _now(self) -> str:
        return self.wall()

    def _leads(self) -> bool:
        return self.leads()

    # --- turning ---

    def rest(self) -> None:
        """Until nothing is left to do, now or later."""
        self._calm = 0
        for _ in range(STEPS_AT_MOST):
            if not self._step(float("inf")):
                return
        raise AssertionError(f"still busy after {STEPS_AT_MOST} steps")

    def wait(self, seconds: float) -> None:
        """For so long on its clock."""
        ends = self.now + seconds
        for _ in range(STEPS_AT_MOST):
            if self.now >= ends:
                return
            self._calm = 0
            if not self._step(ends):
                self.now = ends
        raise AssertionError(f"{seconds} seconds are not over after {STEPS_AT_MOST} steps")

    def step(self) -> bool:
        """One thing that happens; whether there was one."""
        return self._step(float("inf"))

    def _step(self, until: float) -> bool:
        with self.gate.shared.held() as store:
            store.collect()
            if self.workloads:
                self.run.step()
        self.watch()
        self.jobs._round(self.engine)
        due = [one for one in self.followed if self._next(one) <= self.now]
        waiting = self.jobs.waiting
        if waiting and (not due or self.chance.random() < 0.5):
            self.jobs.draw(self.chance)
        elif due:
            self._turn(self.chance.choice(due))
        else:
            return self._let_time_pass(until)
        return True

    def _turn(self, one: Followed) -> None:
        before, troubles = one.reflector._version, len(self.troubles)
        one.due = self.now + one.reflector.turn()
        one.idle = before is not None and len(self.troubles) == troubles
        one.until = self.now + IDLE

    def _next(self, one: Followed) -> float:
        """When a reflector has something to do: after its pause, and not before there is something to tell."""
        return max(one.due, one.until) if one.idle and not self._is_behind(one) else one.due

    def _is_behind(self, one: Followed) -> bool:
        version = one.reflector._version
        return version is None or self._newest(one.kind) > int(version)

    def _newest(self, kind: str) -> int:
        """The version of the last change of a kind."""
        timeline = self.run.store._history
        for entry in timeline._entries[self._latest.get("", 0) :]:
            self._latest[entry.kind] = entry.version
        self._latest[""] = len(timeline._entries)
        return self._latest.get(kind, 0)

    def _let_time_pass(self, until: float) -> bool:
        rests = until == float("inf")
        waits = [self._next(one) - self.now for one in self.followed if not rests or self._next(one) < one.until]
        waits += [at - self.now for at in self.appointments if at > self.now]
        if self.cluster.synced and self.leads():
            waits.append(self.engine.seconds_to_wait())
        wait = min(waits, default=float("inf"))
        written = sum(asked.writes for asked in self.gate.asked)
        told = not any(at > self.now for at in self.appointments) and not any(
            self._is_behind(one) for one in self.followed if one.kind not in self.cluster.forbidden
        )
        self._calm = self._calm + 1 if written == self._written and wait > 0 and told else 0
        self._written = written
        if wait == float("inf") or self._calm > CALM:
            return False
        before, self.now = self.now, min(until, self.now + max(0.0, wait))
        if self.workloads:
            self.run.clock.forward(int(self.now) - int(before))
        return True

    def plan(self, *kinds: str) -> None:
        """Until it has decided on writes, and begun none, hearing of these kinds only (of all, for none)."""
        for _ in range(STEPS_AT_MOST):
            for one in self.followed:
                if not kinds or one.kind in kinds:
                    self._turn(one)
            self.jobs._round(self.engine)
            if any(job.writes for job in self.jobs.waiting):
                return
            while self.jobs.waiting:
                self.jobs.draw(self.chance)
        raise AssertionError("nothing is to be written")

    # --- looking ---

    def writes(self) -> list[Asked]:
        return [asked for asked in self.gate.asked if asked.writes]

    def asked(self, operation: str) -> list[Asked]:
        return [asked for asked in self.gate.asked if asked.operation == operation]

    def told(self, condition: str) -> dict[str, str]:
        """What the objects with a condition of this type say, by their names."""
        return {
            manifest["metadata"]["name"]: one["message"]
            for manifest in self.run.ours().values()
            for one in manifest.get("status", {}).get("conditions", ())
            if one["type"] == condition
        }

    def words(self) -> dict[str, str]:
        """The word that each object's status says, by name."""
        found = {
            address.name: manifest.get("status", {}).get("status", "") for address, manifest in self.run.ours().items()
        }
        return {name: word for name, word in found.items() if word}

    def close(self) -> None:
        self.connection.close()
        self.jobs.close()


class Handing:
    """Hands to whoever is the driver of a stage at that time."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage

    def write(self, key: Key, writes: tuple[Write, ...]) -> None:
        self._stage.driver.write(key, writes)

    def ask(self, question: AnyQuestion) -> None:
        self._stage.driver.ask(question)


def _tell(writer: EventWriter, key: Key, uid: str, events: Iterable[Event]) -> None:
    """At once, where an operator has a thread for it."""
    for event in events:
        writer.write(key, uid, event, at=datetime.now(UTC))


@contextmanager
def stage(run: Run, *, seed: int = 0, timeouts: Timeouts = PATIENT, tells: bool = False) -> Iterator[Stage]:
    """An operator on the cluster of a run, for the length of a block; its events are half its requests, and go where `tells`."""
    with gate(run.store) as opened:
        one = Stage(run, opened, seed=seed, timeouts=timeouts, tells=tells)
        opened.clock = one.clock
        try:
            yield one
        finally:
            one.close()
