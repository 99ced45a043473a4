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
from aimcore.domain.view.cache import Catalogue, CoreObject
from aimcore.domain.view.keys import Place
from aimcore.domain.view.observed import Policy
from aimcore.domain.view.plan import Inspect, Look, Plan, Probe, Recheck, SetStatus, Write
from aimcore.domain.view.tracker import Waking, watched
from aimcore.domain.weights.probing import ProbeAnswer
from aimcore.entrypoints.operator.inquiries import Inquiries
from aimcore.entrypoints.operator.queue import Queue
from aimcore.entrypoints.operator.tries import Tries
from aimcore.ports.cluster import Change, Gone, Put

__all__ = ["Controller", "Inspected", "Jobs", "Judge", "Looked", "News", "Probed", "Wrote"]

LOG: Final = logging.getLogger("aimcore.operator")
PATIENCE: Final = 2.0
"""Seconds that a first status waits for the answer it would be written again for."""
IN_ORDER: Final = attrgetter("sort_key")
"""What is woken together waits in the order of its keys: a history with a seed is the same in every process."""
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
class Judge:
    """How to decide: by which policy, at what time (RFC 3339), and which keys at all."""

    policy: Policy
    now: Callable[[], str]
    minds: Callable[[Key], bool]


class Controller:
    """Decides what is woken, on a catalogue that it keeps in step with the cluster.

    `reconciled` counts decisions by kind and what came of them.
    """

    def __init__(self, *, catalogue: Catalogue, jobs: Jobs, queue: Queue, inquiries: Inquiries, judge: Judge) -> None:
        self.catalogue = catalogue
        self._waking = Waking(catalogue)
        self.queue = queue
        self.inquiries = inquiries
        self._jobs = jobs
        self._judge = judge
        self._first = True
        self._patient: set[Key] = set()
        self._tries = Tries()
        self.census: Mapping[tuple[str, str], int] = {}
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
                if not failed and self._tries.wrote(key):
                    self.queue.add(key)  # a write that changed nothing is no news that would wake it
            case Inspected(question=question, answer=answer):
                self._wake(self.inquiries.inspected(question, answer))
            case Probed(question=probe, answer=size):
                self._wake(self.inquiries.probed(probe, size))
            case Looked(look=look, found=found):
                waiting = self.inquiries.looked(look, failed=found is None)
                if found is not None and not self._stands(found):
                    self._take(Put(found), fresh=True)
                    self._wake(waiting)

    def turn(self) -> bool:
        """Asks what is due and decides one key; whether there was one."""
        self.inquiries.ask_what_is_due()
        key = self.queue.take() if self.queue.busy < AT_ONCE else None
        if key is None:
            return False
        thing = self.catalogue.find(key) if self._judge.minds(key) else None
        if thing is None:
            self._patient.discard(key)
            self._tries.forget(key)
            self.inquiries.forget(key)
            self.queue.done(key)
            return True
        plan = self._decide(thing)
        outcome = "failed" if plan is None else "written" if plan.writes else "unchanged"
        self.reconciled[key.api_kind, outcome] += 1
        if plan is None:
            self.queue.done(key, failed=True)
            return True
        self._tries.decided(key, plan.writes)
        waits = self.inquiries.follow(key, plan)
        if waits and plan.writes and self._is_patient(key, plan.writes):
            self.queue.done(key)
            self.queue.add_later(key, PATIENCE)
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
        """Takes the `census`: how many objects of which kind have which status."""
        self.census = Counter(
            (thing.key.api_kind, thing.status.status.value if thing.status else "Unobserved")
            for thing in self.catalogue
            if isinstance(thing, Model | Template | Service)
        )

    def read_nodes(self, *, known: bool) -> None:
        """Whether nodes can be read; what was decided otherwise is decided again (TMPL-6)."""
        if self.catalogue.nodes_known is not known:
            self.catalogue.nodes_known = known
            self._wake(thing.key for thing in self.catalogue if isinstance(thing, Template | Service))

    def seconds_to_wait(self) -> float:
        """How long until something is due that no news brings."""
        takes = self.queue.busy < AT_ONCE  # else only the news of a write lets the next key be taken
        waits = (self.queue.seconds_to_wait() if takes else None, self.inquiries.seconds_to_wait())
        return min((wait for wait in waits if wait is not None), default=float("inf"))

    def _decide(self, thing: AimObject) -> Plan | None:
        """The plan of one object; None where deciding it went wrong, which is a fault of ours and holds up no other."""
        looked: dict[Place, None] = {}
        snapshot = Snapshot(
            catalogue=watched(self.catalogue, looked),
            answers=self.inquiries.answers,
            sizes=self.inquiries.sizes,
            unkept=self._tries.unkept,
            policy=self._judge.policy,
            now=self._judge.now(),
        )
        try:
            return decide(thing, snapshot)
        except Exception:
            LOG.exception("a decision went wrong", extra={"object": str(thing.key)})
            return None
        finally:
            self._waking.note(thing.key, looked)

    def _take(self, change: Change, *, fresh: bool) -> None:
        thing = change.thing
        revised = self._is_revised(thing)
        woken = self._waking.put(thing) if isinstance(change, Put) else self._waking.drop(thing)
        if isinstance(change, Gone) and isinstance(thing, Model | Template | Service | RuntimeConfig):
            self.inquiries.forget(thing.key)
        in_order = sorted(woken, key=IN_ORDER)
        for key in in_order:
            self.queue.add(key, fresh=fresh)
        if revised:
            self.inquiries.hurry(in_order)

    def _is_revised(self, thing: AimObject | CoreObject) -> bool:
        """Whether it says something new that a registry's answer may depend on (DISC-5)."""
        match thing:
            case Model() | RuntimeConfig():
                before = self.catalogue.find(thing.key)
                return before is None or before.meta.generation != thing.meta.generation
            case Secret() | ServiceAccount() | Absent():
                return True
            case _:
                return False

    def _wake(self, keys: Iterable[Key]) -> None:
        for key in sorted(keys, key=IN_ORDER):
            self.queue.add(key)

    def _stands(self, found: CoreObject) -> bool:
        match found:
            case Secret():
                return self.catalogue.secret(found.namespace, found.name) == found
            case ServiceAccount():
                return self.catalogue.account(found.namespace, found.name) == found
            case Absent():
                return self.catalogue.is_absent(found)
            case _:
                return False
