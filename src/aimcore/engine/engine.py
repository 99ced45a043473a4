"""The reconcile engine: takes changes and outcomes in, decides one key at a time, and hands out writes and questions.

Decisions are quick and see everything that happened before them, own writes included. What waits for an answer of the world
(writes, registries, secrets) is handed to the driver, which brings the outcome back. A key is decided and written by nobody else
until its writes are done. One thread owns an engine, so nothing here is locked.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from operator import attrgetter
from typing import Any, Final, NoReturn, Protocol

from aimcore.domain.decide import decide
from aimcore.domain.kinds.core import Absent, Secret, ServiceAccount, Unserved
from aimcore.domain.kinds.records import AimObject, Model, RuntimeConfig, Service, Template
from aimcore.domain.kinds.scope import Key, Kind
from aimcore.domain.view.cache import CoreObject, ObjectCache
from aimcore.domain.view.keys import key_of
from aimcore.domain.view.observed import Policy, Snapshot
from aimcore.domain.view.plan import Plan, SetStatus, Write
from aimcore.domain.view.tracker import DependencyTracker, Looked, watched
from aimcore.engine.handlers import handler_of
from aimcore.engine.questions import AnyQuestion, Asking, Questions
from aimcore.engine.work_queue import FairTurns, Turns, WorkQueue
from aimcore.engine.write_attempts import WriteAttempts
from aimcore.ports.cluster import Change, Gone, Put

__all__ = ["Answered", "Context", "Driver", "Engine", "Limits", "Outcome", "Reconciled", "Wrote"]

IN_ORDER: Final = attrgetter("sort_key")
"""What is affected together waits in the order of its keys: a simulation with a seed is the same in every process."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wrote:
    """The writes of a key are done; `failed` when one of them was refused."""

    key: Key
    failed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """A question was asked; `answer` is None where nobody could say."""

    question: AnyQuestion
    answer: Any


Outcome = Wrote | Answered


class Driver(Protocol):
    """Does what the engine hands out, now or later, and brings the outcome to `Engine.hear` on the engine's own thread.

    Both are called while the engine decides, so they must not call it back.
    """

    def write(self, key: Key, writes: tuple[Write, ...]) -> None:
        """Carry out the writes of a key, one after the other; then `Wrote`, or `Engine.requeue`."""
        ...

    def ask(self, question: AnyQuestion) -> None:
        """Ask this; then `Answered`."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How much is under way: the keys that are being written, and for how many seconds a first status waits for an answer it
    would be written again for. None waits as long as it takes, whatever is to be written.
    """

    busy: int = 64
    answer_wait: float | None = 2.0

    @classmethod
    def none(cls) -> Limits:
        """For a driver that has every answer at once: nothing is written before its questions are answered."""
        return cls(busy=10**9, answer_wait=None)


def _everything(key: Key) -> bool:
    del key
    return True


def _raise(key: Key, error: Exception) -> NoReturn:
    error.add_note(f"deciding {key}")
    raise error


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """How an engine decides: the policy, `now` as RFC 3339 text, `clock` in seconds (it never goes back), `chance` in [0, 1).

    `in_scope` says which keys are decided at all. `failed` is told of a decision that raised, a fault of ours; where it returns,
    the key is requeued after a backoff and no other is held up. `turns` decides which key is next.
    """

    policy: Policy
    now: Callable[[], str]
    clock: Callable[[], float]
    chance: Callable[[], float]
    in_scope: Callable[[Key], bool] = _everything
    failed: Callable[[Key, Exception], None] = _raise
    limits: Limits = field(default_factory=Limits)
    asking: Asking = field(default_factory=Asking)
    turns: Callable[[], Turns] = FairTurns[Key]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reconciled:
    """One key was taken from the work queue: its `plan`, None where there is nothing to decide or deciding failed."""

    key: Key
    plan: Plan | None = None


class Engine:
    """Decides what is affected, on a cache that it keeps in step with the cluster.

    `reconciled` counts decisions by kind and what came of them.
    """

    def __init__(self, *, cache: ObjectCache, driver: Driver, context: Context) -> None:
        self.cache = cache
        self.queue = WorkQueue(clock=context.clock, chance=context.chance, turns=context.turns)
        self.questions = Questions(driver.ask, clock=context.clock, chance=context.chance, asking=context.asking)
        self.object_counts: Mapping[tuple[str, str], int] = {}
        self.reconciled: Counter[tuple[str, str]] = Counter()
        self._tracker = DependencyTracker(cache)
        self._driver = driver
        self._context = context
        self._attempts = WriteAttempts()
        self._first = True
        self._waited: set[Key] = set()

    # In ---------------------------------------------------------------------------------------------------------------

    def observe(self, changes: Iterable[Change]) -> None:
        """Takes what changed in the cluster, and enqueues what depends on it; the first time, everything is backlog."""
        fresh = not self._first
        for change in changes:
            self._first = False
            self._take(change, fresh=fresh)

    def read_nodes(self, *, known: bool) -> None:
        """Whether nodes can be read; what was decided otherwise is decided again (TMPL-6)."""
        if self.cache.nodes_known is not known:
            self.cache.nodes_known = known
            self.enqueue(thing.key for thing in self.cache if isinstance(thing, Template | Service))

    def read_unserved(self, kinds: Collection[Kind]) -> None:
        """Which kinds the server does not know; what was decided otherwise is decided again (ROUTE-1)."""
        for kind in Kind:
            marker = Unserved(kind=kind)
            if (kind in kinds) is not (self.cache.find(marker.key) is not None):
                self._take(Put(marker) if kind in kinds else Gone(marker), fresh=True)

    def enqueue(self, keys: Iterable[Key]) -> None:
        """These keys are to be decided."""
        for key in sorted(keys, key=IN_ORDER):
            self.queue.add(key)

    def hear(self, outcome: Outcome) -> None:
        """Takes the outcome of what was handed out."""
        match outcome:
            case Wrote(key=key, failed=failed):
                self.queue.done(key, failed=failed)
                if not failed and self._attempts.wrote(key):
                    self.queue.add(key)  # a write that changed nothing brings no change that would enqueue it
            case Answered(question=question, answer=answer):
                waiting = self.questions.answered(question, answer)
                if not handler_of(question).is_object:
                    self.enqueue(waiting)
                elif answer is not None and self.cache.find(key_of(answer)) != answer:
                    self._take(Put(answer), fresh=True)
                    self.enqueue(waiting)

    def requeue(self, key: Key) -> None:
        """Nobody knows what became of the writes of a key: it is decided again at once."""
        self.queue.done(key)
        self.queue.add(key)

    # Out --------------------------------------------------------------------------------------------------------------

    def reconcile(self) -> Reconciled | None:
        """Asks what is due, decides the next key, and hands out its writes and questions; None where no key is due."""
        self.questions.ask_what_is_due()
        key = self.queue.take() if self.queue.busy < self._context.limits.busy else None
        if key is None:
            return None
        thing = self.cache.find(key) if self._context.in_scope(key) else None
        if thing is None:
            self._forget(key)
            return Reconciled(key=key)
        plan = self._decide(thing)
        outcome = "failed" if plan is None else "written" if plan.writes else "unchanged"
        self.reconciled[key.api_kind, outcome] += 1
        if plan is None:
            self.queue.done(key, failed=True)
        else:
            self._hand_out(key, plan)
        return Reconciled(key=key, plan=plan)

    def seconds_to_wait(self) -> float:
        """How long until something is due without any change or outcome."""
        takes = self.queue.busy < self._context.limits.busy  # else only an outcome lets the next key be taken
        waits = (self.queue.seconds_to_wait() if takes else None, self.questions.seconds_to_wait())
        return min((wait for wait in waits if wait is not None), default=float("inf"))

    def count_objects(self) -> None:
        """Takes the `object_counts`: how many objects of which kind have which status."""
        self.object_counts = Counter(
            (thing.key.api_kind, thing.status.status.value if thing.status else "Unobserved")
            for thing in self.cache
            if thing.key.kind is not Kind.RUNTIME_CONFIG  # which has no status of its own
        )

    # ------------------------------------------------------------------------------------------------------------------

    def _decide(self, thing: AimObject) -> Plan | None:
        """The plan of one object; None where deciding it failed."""
        looked: Looked = {}
        snapshot = Snapshot(
            view=watched(self.cache, looked),
            answers=self.questions.answers,
            dropped=self._attempts.dropped,
            tried=self._attempts.tried,
            policy=self._context.policy,
            now=self._context.now(),
        )
        try:
            return decide(thing, snapshot)
        except Exception as error:  # noqa: BLE001 - whatever it is, the driver says what becomes of it
            self._context.failed(thing.key, error)
            return None
        finally:
            self._tracker.note(thing.key, looked)

    def _hand_out(self, key: Key, plan: Plan) -> None:
        self._attempts.decided(key, plan.writes)
        if self.questions.follow(key, plan.questions) and plan.writes and self._can_wait(key, plan.writes):
            self.queue.done(key)
            if self._context.limits.answer_wait is not None:
                self.queue.add_later(key, self._context.limits.answer_wait)
        elif plan.writes:
            self._waited.discard(key)
            self._driver.write(key, plan.writes)
        else:
            self.queue.done(key)
        if plan.requeue_after is not None and self._context.limits.answer_wait is not None:
            self.queue.add_later(key, plan.requeue_after)

    def _can_wait(self, key: Key, writes: Iterable[Write]) -> bool:
        """Whether what is to be written can wait for an answer: a status only, and not for the second time."""
        if self._context.limits.answer_wait is None:
            return True
        if key in self._waited or not all(isinstance(write, SetStatus) for write in writes):
            return False
        self._waited.add(key)
        return True

    def _forget(self, key: Key) -> None:
        self._waited.discard(key)
        self._attempts.forget(key)
        self.questions.forget(key)
        self.queue.done(key)

    def _take(self, change: Change, *, fresh: bool) -> None:
        thing = change.thing
        revised = self._is_revised(thing)
        affected = self._tracker.put(thing) if isinstance(change, Put) else self._tracker.drop(thing)
        if isinstance(change, Gone):
            self.questions.forget(key_of(thing))
        in_order = sorted(affected, key=IN_ORDER)
        for key in in_order:
            self.queue.add(key, fresh=fresh)
        if revised:
            self.questions.hurry(in_order)

    def _is_revised(self, thing: AimObject | CoreObject) -> bool:
        """Whether it says something new that a registry's answer may depend on (DISC-5)."""
        match thing:
            case Model() | RuntimeConfig():
                before = self.cache.find(thing.key)
                return before is None or before.meta.generation != thing.meta.generation
            case Secret() | ServiceAccount() | Absent():
                return True
            case _:
                return False
