"""The operator while it runs: who waits for what, and how it all begins and ends.

One thread owns the engine. Writers carry out writes, askers wait for registries and look at secrets, probers wait for the hosts of
sources, readers for logs of pods, a listener waits for the cluster, a candidate for the lease; all they know comes to the engine's
thread through its inbox.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial
from queue import Empty, SimpleQueue
from typing import Any, Final, Protocol

from aimcore.domain.kinds.conditions import Event
from aimcore.domain.kinds.scope import Key, Kind
from aimcore.domain.view.plan import SetStatus, Write
from aimcore.engine.engine import Answered, Engine, Outcome, Wrote
from aimcore.engine.handlers import Lane, Sources, handler_of
from aimcore.engine.questions import ASKED_AT_ONCE, AnyQuestion
from aimcore.engine.writing import ACTIONS, carry_out
from aimcore.entrypoints.operator.downloads import DownloadCounter
from aimcore.entrypoints.operator.metrics import Counters
from aimcore.entrypoints.operator.process import WorkerPool
from aimcore.ports.cluster import Change, Cluster
from aimcore.ports.errors import PortError

__all__ = ["Followed", "Operator", "World"]

LOG: Final = logging.getLogger("aimcore.operator")
LONGEST_WAIT: Final = 1.0
SHORTEST_WAIT: Final = 0.02
"""Seconds between two looks at whether everything was read, of which no news tells."""
TURNS_AT_ONCE: Final = 50
"""Keys decided before the inbox and the cluster are asked for news again."""
COUNT_EVERY: Final = 10.0
GRACE: Final = 25.0
"""Seconds that writes under way have to come to an end when the operator stops."""


class Followed(Cluster, Protocol):
    """A cluster that is followed in the background."""

    def start(self) -> None:
        """Begins to follow it."""
        ...

    def stop(self) -> None:
        """Ends what `start` began."""
        ...

    @property
    def synced(self) -> bool:
        """Whether everything that may be read was."""
        ...

    @property
    def forbidden(self) -> frozenset[str]:
        """The kinds that may not be read, of those one can do without."""
        ...

    @property
    def unserved(self) -> frozenset[str]:
        """The kinds whose definition is not installed, of those one can do without."""
        ...

    def wait(self, timeout: float) -> bool:
        """Waits until there are changes, at most `timeout` seconds; whether there are."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """All that the operator works with: the cluster, who answers its questions, and where events go.

    `leads` says whether this operator may write now; `tell` sends events, and never fails.
    """

    cluster: Followed
    sources: Sources
    tell: Callable[[Key, str, Iterable[Event]], None]
    leads: Callable[[], bool]


class Operator:
    """The engine's driver with threads; it runs until it is told to stop."""

    def __init__(self, world: World, *, workers: int, counters: Counters) -> None:
        self._world = world
        self._counters = counters
        self._downloads = DownloadCounter(counters)
        self._inbox: SimpleQueue[Outcome | None] = SimpleQueue()
        self._writers = WorkerPool(workers, "writer")
        self._askers = {
            Lane.READING: WorkerPool(workers, Lane.READING.value),
            **{lane: WorkerPool(ASKED_AT_ONCE[lane], lane.value) for lane in (Lane.SIZING, Lane.LOGS)},
        }
        self._stopping = threading.Event()
        self._drained = threading.Event()
        self.turned = time.monotonic()
        self._counted = 0.0
        self._led: bool | None = None

    def run(self, engine: Engine) -> None:
        """Follows the cluster and decides, until `stop`."""
        self._world.cluster.start()
        listener = threading.Thread(target=self._listen, name="listener", daemon=True)
        listener.start()
        try:
            while not self._stopping.is_set():
                self._round(engine)
            self._finish(engine)
        finally:
            self.close()
            self._world.cluster.stop()

    def close(self) -> None:
        """Begins no other write and no other question."""
        for pool in (*self._askers.values(), self._writers):
            pool.close()

    def stop(self) -> None:
        """Lets what is under way come to an end, and begins nothing more."""
        self._stopping.set()
        self._inbox.put(None)

    @property
    def stopping(self) -> bool:
        """Whether it was told to stop."""
        return self._stopping.is_set()

    def write(self, key: Key, writes: tuple[Write, ...]) -> None:
        """Has a writer carry out the writes of a key."""
        self._writers.submit(partial(self._write, key, writes))

    def ask(self, question: AnyQuestion) -> None:
        """Has the workers of its lane ask it."""
        self._askers[handler_of(question).lane].submit(partial(self._ask, question))

    # The engine's thread ----------------------------------------------------------------------------------------------

    def _round(self, engine: Engine) -> None:
        self._hear(engine, self._seconds_to_wait(engine))
        if not self._world.cluster.synced:
            return
        self._observe(engine)
        if not self._leads():
            return
        for _ in range(TURNS_AT_ONCE):
            if engine.reconcile() is None:
                break
        self.turned = time.monotonic()
        if self.turned - self._counted > COUNT_EVERY:
            self._counted = self.turned
            engine.count_objects()

    def _leads(self) -> bool:
        """Whether this operator may write; a change is logged, and so is how it begins once everything was read."""
        leads = self._world.leads()
        if leads != self._led:
            LOG.info("became leader" if leads else "lost leadership" if self._led else "waiting for leadership")
            self._led = leads
        return leads

    def _observe(self, engine: Engine) -> None:
        changes: list[Change] = list(self._world.cluster.changes())
        self._drained.set()
        engine.read_nodes(known="Node" not in self._world.cluster.forbidden)
        engine.read_unserved(
            [kind for kind in Kind if kind.api_name in self._world.cluster.unserved and not kind.is_aim]
        )
        self._downloads.before(engine.cache, changes)
        engine.observe(changes)
        self._downloads.after(engine.cache)

    def _hear(self, engine: Engine, timeout: float) -> None:
        try:
            outcome = self._inbox.get(timeout=timeout) if timeout > 0 else self._inbox.get_nowait()
            while True:
                if outcome is not None:
                    engine.hear(outcome)
                outcome = self._inbox.get_nowait()
        except Empty:
            self.turned = time.monotonic()

    def _seconds_to_wait(self, engine: Engine) -> float:
        if not self._world.cluster.synced:
            return SHORTEST_WAIT
        if not self._world.leads():
            return LONGEST_WAIT
        return min(LONGEST_WAIT, engine.seconds_to_wait())

    def _finish(self, engine: Engine) -> None:
        """Waits for the writes under way, and hears how they went; nothing new begins."""
        ends = time.monotonic() + GRACE
        while engine.queue.busy and time.monotonic() < ends:
            self._hear(engine, LONGEST_WAIT)

    # Other threads ----------------------------------------------------------------------------------------------------

    def _listen(self) -> None:
        while not self._stopping.is_set():
            if self._world.cluster.wait(LONGEST_WAIT):
                self._drained.clear()
                self._inbox.put(None)
                self._drained.wait(LONGEST_WAIT)

    def _write(self, key: Key, writes: tuple[Write, ...]) -> None:
        outcomes = [False]
        try:
            outcomes = [self._written(write) for write in writes]
        except Exception:  # the key is busy until it is told how its writes went, whatever went wrong
            LOG.exception("write failed", extra={"object": str(key)})
        self._inbox.put(Wrote(key=key, failed=not all(outcomes)))

    def _written(self, write: Write) -> bool:
        action = ACTIONS[type(write)]
        if not self._world.leads():
            return False  # somebody else does by now
        try:
            carry_out(self._world.cluster, write)
        except PortError as error:
            self._counters.count("writes", action, write.key.api_kind, type(error).__name__)
            LOG.warning("write refused", extra=_said(write, action) | {"error": str(error)})
            return False
        self._counters.count("writes", action, write.key.api_kind, "done")
        LOG.info("wrote", extra=_said(write, action))
        if isinstance(write, SetStatus):
            self._world.tell(write.key, write.uid, write.events)
        return True

    def _ask(self, question: AnyQuestion) -> None:
        handler = handler_of(question)
        try:
            answer: Any = handler.ask(self._world.sources, question)
        except Exception:  # the keys that wait for the answer are owed one, whatever went wrong
            LOG.exception("question failed", extra={"object": str(question)})
            answer = handler.fallback
        else:
            if handler.count is not None:
                self._counters.count(*handler.count(answer))
        self._inbox.put(Answered(question=question, answer=answer))


def _said(write: Write, action: str) -> dict[str, str]:
    """What a line of the log says of a write: what, of which object, by which rule, and the word it came to."""
    said = {"action": action, "object": str(write.key), "rule": write.rule}
    if isinstance(write, SetStatus):
        said["status"] = write.status.status.value
    return said
