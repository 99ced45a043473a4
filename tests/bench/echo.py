"""The operator's own parts on a world that does at once what it is told: no server, no threads, and a clock of its own.

What is counted here is exact, and what it costs is the operator's alone.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import replace
from random import Random
from typing import Any

from aimcore.domain.hardware.nodes import Node
from aimcore.domain.images.inspection import Inspected as Read
from aimcore.domain.images.inspection import Unchanged
from aimcore.domain.kinds.core import Absent
from aimcore.domain.kinds.records import AimObject, Meta, Model, ModelSpec, RuntimeConfig
from aimcore.domain.kinds.scope import Key, Kind
from aimcore.domain.values.quantity import Quantity
from aimcore.domain.view.cache import ObjectCache
from aimcore.domain.view.observed import Policy, Unseen
from aimcore.domain.view.plan import Create, Delete, Inspect, Look, Probe, Recheck, SetStatus, Write
from aimcore.domain.weights.probing import Sized
from aimcore.engine.engine import Answered, Context, Engine, Outcome, Wrote
from aimcore.engine.questions import AnyQuestion, Asking
from aimcore.ports.cluster import Change, Gone, Put

__all__ = ["NAMESPACE", "TEMPLATES", "WRITES", "Echo", "config", "models"]

NAMESPACE = "ml-team"
TEMPLATES = 8
WRITES = 2 * TEMPLATES + 2
"""The fewest for a model: its templates, a status of each, and two of its own."""
DEPLOYMENTS = [
    {"gpuModel": "MI300X", "gpuCount": count, "metric": metric, "precision": "fp8"}
    for count in (1, 2, 4, 8)
    for metric in ("latency", "throughput")
]
LABELS = {
    "com.amd.aim.model.canonicalName": "acme/chat",
    "com.amd.aim.model.deployments": json.dumps(DEPLOYMENTS),
}
LONGEST_WAIT = 60.0
"""Seconds until something is due after which it counts as at rest."""
DIGEST = f"sha256:{'0' * 64}"


def models(count: int, *, digests: int = 0) -> list[Model]:
    """So many models, each of an image of its own; the first `digests` of them name it by its digest."""
    return [
        Model(
            key=Key(Kind.MODEL, NAMESPACE, f"chat-{number}"),
            meta=Meta(uid=f"chat-{number}"),
            spec=ModelSpec(
                image=f"registry.example.com/acme/chat-{number}{f'@{DIGEST}' if number < digests else ':1.0'}"
            ),
        )
        for number in range(count)
    ]


def config(**spec: Any) -> RuntimeConfig:
    """The config that every model of the namespace uses."""
    thing = RuntimeConfig(key=Key(Kind.RUNTIME_CONFIG, NAMESPACE, "default"), meta=Meta(uid="config"))
    return replace(thing, spec=replace(thing.spec, **spec))


class Echo:
    """An engine, and the world that answers it.

    `writes`, `events`, `asked` and `decided` count what it sent, told, asked and took from its queue. Of all writes a
    share of `faults` fails: every other one of these before it is done, and the rest with its answer lost.
    """

    def __init__(self, things: Iterable[AimObject], *, interval: float = 0.0, faults: float = 0.0) -> None:
        self.now = 0.0
        self.writes = self.events = self.refused = 0
        self.asked: Counter[str] = Counter()
        self.decided: Counter[Key] = Counter()
        self._faults, self._chance = faults, Random(0)  # noqa: S311 - a way to take, not a secret
        self._version = 0
        self._nodes: dict[str, Change] = {}
        self._changes: list[Change] = [Put(thing) for thing in things]
        self._jobs: list[Callable[[], Outcome]] = []
        context = Context(
            policy=Policy(unseen=Unseen.ASKED),
            now=lambda: "2026-01-01T00:00:00Z",
            clock=self._clock,
            chance=self._chance.random,
            in_scope=self._in_scope,
            asking=Asking(interval=interval),
        )
        self.engine = Engine(cache=ObjectCache(nodes_known=True), driver=self, context=context)

    def tell(self, *changes: Change) -> None:
        """Somebody changed this."""
        self._changes += changes
        for change in changes:
            if isinstance(change.thing, Node):
                self._nodes[change.thing.name] = change

    def rest(self, *, until: float | None = None) -> None:
        """Lets it work until nothing is due, or until that time; without one only while something is being done."""
        while True:
            self._work()
            due = self.now + self.engine.seconds_to_wait()
            if due > (self.now + LONGEST_WAIT if until is None else until):
                break
            self.now = due
        self.now = until or self.now

    def restarted(self) -> Echo:
        """Another operator where this one has been."""
        again = Echo(self.engine.cache)
        again.tell(*self._nodes.values())
        return again

    def write(self, key: Key, writes: tuple[Write, ...]) -> None:
        """Does it as soon as nothing else is to be decided."""
        self._jobs.append(lambda: self._written(key, writes))

    def _clock(self) -> float:
        return self.now

    def _in_scope(self, key: Key) -> bool:
        self.decided[key] += 1
        return True

    def ask(self, question: AnyQuestion) -> None:
        self.asked[type(question).__name__] += 1
        self._jobs.append(lambda: _answer(question))

    def _work(self) -> None:
        """Everything that can be done now."""
        while True:
            changes, self._changes = self._changes, []
            self.engine.observe(changes)
            while self.engine.reconcile() is not None:
                pass
            jobs, self._jobs = self._jobs, []
            for job in jobs:
                self.engine.hear(job())
            if not jobs and not self._changes:
                return

    def _written(self, key: Key, writes: tuple[Write, ...]) -> Outcome:
        outcomes = [self._sent(write) for write in writes]
        return Wrote(key=key, failed=not all(outcomes))

    def _sent(self, write: Write) -> bool:
        self.writes += 1
        fails = self._chance.random() < self._faults
        self.refused += fails
        if fails and self.refused % 2:
            return False
        if isinstance(write, SetStatus):
            self.events += len(write.events)
        self._version += 1
        self._changes.append(self._done(write))
        return not fails

    def _done(self, write: Write) -> Change:
        version = str(self._version)
        if isinstance(write, Create):
            return Put(replace(write.thing, meta=replace(write.thing.meta, uid=version, resource_version=version)))
        there = self.engine.cache.find(write.key)
        if there is None or isinstance(there, RuntimeConfig):
            message = f"{write} is of nothing that stands"
            raise TypeError(message)
        match write:
            case SetStatus(status=status):
                meta = replace(there.meta, resource_version=version)
                return Put(replace(there, meta=meta, status=status))
            case Delete():
                return Gone(there)
            case _:
                meta = replace(there.meta, generation=there.meta.generation + 1, resource_version=version)
                return Put(replace(write.thing, meta=meta, status=there.status))


def _answer(question: AnyQuestion) -> Answered:
    answer: Any
    match question:
        case Look():
            answer = Absent(kind=question.kind, namespace=question.namespace, name=question.name)
        case Inspect():
            answer = Read(digest=DIGEST, labels=LABELS)
        case Probe():
            answer = Sized(size=Quantity.of(2**30), files=1)
        case Recheck(held=held):
            answer = Unchanged(digest=held)
        case _:
            message = f"no answer to {question}"
            raise TypeError(message)
    return Answered(question=question, answer=answer)
