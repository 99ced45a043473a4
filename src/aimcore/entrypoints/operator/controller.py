"""The one thread that decides: it takes what happened from an inbox, and hands out what takes time to others.

Decisions are quick and see everything that happened before them, own writes included, so nothing here needs a lock; what
waits for an answer of the world (writes, registries, secrets) is a `Job`, run elsewhere, whose outcome comes back through
the inbox. An object is decided and written by nobody else until its writes are done.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from operator import attrgetter
from typing import Final, Protocol

from aimcore.domain.decide import Snapshot, decide
from aimcore.domain.images.inspection import Inspection, Unchanged
from aimcore.domain.kinds.records import (
    Absent,
    AimObject,
    Model,
    RuntimeConfig,
    Secret,
    Service,
    ServiceAccount,
    Template,
)
from aimcore.domain.kinds.scope import Key
from aimcore.domain.view.cache import CoreObject, ObjectCache
from aimcore.domain.view.keys import IndexKey
from aimcore.domain.view.observed import Policy
from aimcore.domain.view.plan import Inspect, Look, Plan, Probe, Recheck, SetStatus, Write
from aimcore.domain.view.tracker import DependencyTracker, watched
from aimcore.domain.weights.probing import ProbeAnswer
from aimcore.entrypoints.operator.attempts import WriteAttempts
from aimcore.entrypoints.operator.questions import Questions
from aimcore.entrypoints.operator.queue import Queue
from aimcore.ports.cluster import Change, Gone, Put

__all__ = ["Controller", "DecisionContext", "Inspected", "Jobs", "Looked", "News", "Probed", "Wrote"]

LOG: Final = logging.getLogger("aimcore.operator")
TIMEOUT: Final = 2.0
"""Seconds that a first status waits for the answer it would be written again for."""
IN_ORDER: Final = attrgetter("sort_key")
"""What is affected together waits in the order of its keys: a history with a seed is the same in every process."""
AT_ONCE: Final = 64
"""Keys whose writes may be under way; more would be decided on what is about to change."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wrote:
    """The writes of a key are done; `failed` when one of them was refused."""

    key: Key
    failed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Inspected:
    """A registry answered."""

    question: Inspect | Recheck
    answer: Inspection | Unchanged


@dataclass(frozen=True, slots=True, kw_only=True)
class Probed:
    """The host of a source answered."""

    question: Probe
    answer: ProbeAnswer


@dataclass(frozen=True, slots=True, kw_only=True)
class Looked:
    """Somebody looked: what was `found`, or None where nobody could say."""

    look: Look
    found: Secret | ServiceAccount | Absent | None


News = Wrote | Inspected | Probed | Looked


class Jobs(Protocol):
    """Runs what takes time; the outcome comes back as `News`."""

    def write(self, key: Key, writes: tuple[Write, ...]) -> None:
        """Carries out the writes of a key, one after the other; then `Wrote`."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionContext:
    """How to decide: by which policy, at what time (RFC 3339), and which keys at all."""

    policy: Policy
    now: Callable[[], str]
    in_scope: Callable[[Key], bool]


class Controller:
    """Decides what is affected, on a cache that it keeps in step with the cluster.

    `reconciled` counts decisions by kind and what came of them.
    """

    def __init__(
        self, *, cache: ObjectCache, jobs: Jobs, queue: Queue, questions: Questions, context: DecisionContext
    ) -> None:
        self.cache = cache
        self._tracker = DependencyTracker(cache)
        self.queue = queue
        self.questions = questions
        self._jobs = jobs
        self._context = context
        self._first = True
        self._patient: set[Key] = set()
        self._attempts = WriteAttempts()
        self.object_counts: Mapping[tuple[str, str], int] = {}
        self.reconciled: Counter[tuple[str, str]] = Counter()

    def observe(self, changes: Iterable[Change]) -> None:
        """Takes what changed in the cluster, and wakes what depends on it; the first time, everything is backlog."""
        fresh = not self._first
        for change in changes:
            self._first = False
            self._take(change, fresh=fresh)

    def hear(self, news: News) -> None:
        """Takes the outcome of a job."""
        match news:
            case Wrote(key=key, failed=failed):
                self.queue.done(key, failed=failed)
                if not failed and self._attempts.wrote(key):
                    self.queue.add(key)  # a write that changed nothing is no news that would wake it
            case Inspected(question=question, answer=answer):
                self._wake(self.questions.inspected(question, answer))
            case Probed(question=probe, answer=size):
                self._wake(self.questions.probed(probe, size))
            case Looked(look=look, found=found):
                waiting = self.questions.looked(look, failed=found is None)
                if found is not None and not self._is_there(found):
                    self._take(Put(found), fresh=True)
                    self._wake(waiting)

    def turn(self) -> bool:
        """Asks what is due and decides one key; whether there was one."""
        self.questions.ask_what_is_due()
        key = self.queue.take() if self.queue.busy < AT_ONCE else None
        if key is None:
            return False
        thing = self.cache.find(key) if self._context.in_scope(key) else None
        if thing is None:
            self._patient.discard(key)
            self._attempts.forget(key)
            self.questions.forget(key)
            self.queue.done(key)
            return True
        plan = self._decide(thing)
        outcome = "failed" if plan is None else "written" if plan.writes else "unchanged"
        self.reconciled[key.api_kind, outcome] += 1
        if plan is None:
            self.queue.done(key, failed=True)
            return True
        self._attempts.decided(key, plan.writes)
        waits = self.questions.follow(key, plan)
        if waits and plan.writes and self._is_patient(key, plan.writes):
            self.queue.done(key)
            self.queue.add_later(key, TIMEOUT)
        elif plan.writes:
            self._patient.discard(key)
            self._jobs.write(key, plan.writes)
        else:
            self.queue.done(key)
        return True

    def _is_patient(self, key: Key, writes: Iterable[Write]) -> bool:
        """Whether what is to be written can wait for an answer: a status only, and not for the second time."""
        if key in self._patient or not all(isinstance(write, SetStatus) for write in writes):
            return False
        self._patient.add(key)
        return True

    def count(self) -> None:
        """Takes the `object_counts`: how many objects of which kind have which status."""
        self.object_counts = Counter(
            (thing.key.api_kind, thing.status.status.value if thing.status else "Unobserved")
            for thing in self.cache
            if isinstance(thing, Model | Template | Service)
        )

    def read_nodes(self, *, known: bool) -> None:
        """Whether nodes can be read; what was decided otherwise is decided again (TMPL-6)."""
        if self.cache.nodes_known is not known:
            self.cache.nodes_known = known
            self._wake(thing.key for thing in self.cache if isinstance(thing, Template | Service))

    def seconds_to_wait(self) -> float:
        """How long until something is due that no news brings."""
        takes = self.queue.busy < AT_ONCE  # else only the news of a write lets the next key be taken
        waits = (self.queue.seconds_to_wait() if takes else None, self.questions.seconds_to_wait())
        return min((wait for wait in waits if wait is not None), default=float("inf"))

    def _decide(self, thing: AimObject) -> Plan | None:
        """The plan of one object; None where deciding it went wrong, which is a fault of ours and holds up no other."""
        looked: dict[IndexKey, None] = {}
        snapshot = Snapshot(
            view=watched(self.cache, looked),
            answers=self.questions.answers,
            sizes=self.questions.sizes,
            dropped=self._attempts.dropped,
            policy=self._context.policy,
            now=self._context.now(),
        )
        try:
            return decide(thing, snapshot)
        except Exception:
            LOG.exception("a decision went wrong", extra={"object": str(thing.key)})
            return None
        finally:
            self._tracker.note(thing.key, looked)

    def _take(self, change: Change, *, fresh: bool) -> None:
        thing = change.thing
        revised = self._is_revised(thing)
        affected = self._tracker.put(thing) if isinstance(change, Put) else self._tracker.drop(thing)
        if isinstance(change, Gone) and isinstance(thing, Model | Template | Service | RuntimeConfig):
            self.questions.forget(thing.key)
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

    def _wake(self, keys: Iterable[Key]) -> None:
        for key in sorted(keys, key=IN_ORDER):
            self.queue.add(key)

    def _is_there(self, found: CoreObject) -> bool:
        match found:
            case Secret():
                return self.cache.secret(found.namespace, found.name) == found
            case ServiceAccount():
                return self.cache.account(found.namespace, found.name) == found
            case Absent():
                return self.cache.is_absent(found)
            case _:
                return False
