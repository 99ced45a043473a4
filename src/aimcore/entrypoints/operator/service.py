"""The operator while it runs: who waits for what, and how it all begins and ends.

One thread decides (`Controller`). Writers carry out writes, askers wait for registries and look at secrets, probers wait for
the hosts of sources, a listener waits for the cluster, a candidate for the lease; all they know comes to the deciding thread through its inbox.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from queue import Empty, SimpleQueue
from typing import Final, Protocol

from aimcore.domain.images.inspection import Cause, InspectionFailed
from aimcore.domain.kinds.conditions import Event
from aimcore.domain.kinds.records import Absent, Secret, ServiceAccount
from aimcore.domain.kinds.scope import Key
from aimcore.domain.view.plan import Apply, Create, Delete, Inspect, Look, Probe, Recheck, SetStatus, Write
from aimcore.domain.weights.probing import ProbeAnswer, ProbeCause, ProbeFailed
from aimcore.entrypoints.operator.controller import Controller, Inspected, Looked, News, Probed, Wrote
from aimcore.entrypoints.operator.counters import Counters
from aimcore.entrypoints.operator.crew import Crew
from aimcore.entrypoints.operator.questions import PROBED_AT_ONCE, Question
from aimcore.ports.cluster import Change, Cluster
from aimcore.ports.errors import AccessDenied, NotFound, PortError
from aimcore.ports.images import ImageInspector

__all__ = ["Followed", "Lookups", "Operator", "World"]

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

    def wait(self, timeout: float) -> bool:
        """Timeouts until there are changes; whether there are."""
        ...


class Lookups(Protocol):
    """Looks at one secret or service account by its name (SEC-5)."""

    def look(self, look: Look) -> Secret | ServiceAccount:
        """What stands there, without what a secret holds. Raises `NotFound`, or what else keeps one from looking."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """All that the operator works with: the cluster, registries, what is looked at by name, and where events go.

    `size` tells how big a source is, from several threads at once. `leads` says whether this operator may write now; `tell`
    sends events, and never fails.
    """

    cluster: Followed
    inspector: ImageInspector
    lookups: Lookups
    size: Callable[[Probe], ProbeAnswer]
    tell: Callable[[Key, str, Iterable[Event]], None]
    leads: Callable[[], bool]


class Operator:
    """Runs until it is told to stop."""

    def __init__(self, world: World, *, workers: int, counters: Counters) -> None:
        self._world = world
        self._counters = counters
        self._inbox: SimpleQueue[News | None] = SimpleQueue()
        self._writers = Crew(workers, "writer")
        self._askers = Crew(workers, "asker")
        self._probers = Crew(PROBED_AT_ONCE, "prober")
        self._stopping = threading.Event()
        self._drained = threading.Event()
        self.turned = time.monotonic()
        self._counted = 0.0
        self._led: bool | None = None

    def run(self, controller: Controller) -> None:
        """Follows the cluster and decides, until `stop`."""
        self._world.cluster.start()
        listener = threading.Thread(target=self._listen, name="listener", daemon=True)
        listener.start()
        try:
            while not self._stopping.is_set():
                self._round(controller)
            self._finish(controller)
        finally:
            self._askers.close()
            self._probers.close()
            self._writers.close()
            self._world.cluster.stop()

    def stop(self) -> None:
        """Lets what is under way come to an end, and begins nothing more."""
        self._stopping.set()
        self._inbox.put(None)

    @property
    def stopping(self) -> bool:
        """Whether it was told to stop."""
        return self._stopping.is_set()

    def write(self, key: Key, writes: tuple[Write, ...]) -> None:
        """A job: carries out the writes of a key."""
        self._writers.submit(partial(self._write, key, writes))

    def ask(self, question: Question) -> None:
        """A job: asks a registry or the host of a source, or looks at what has a name."""
        if isinstance(question, Probe):
            self._probers.submit(partial(self._ask, question))
        else:
            self._askers.submit(partial(self._ask, question))

    # The deciding thread ----------------------------------------------------------------------------------------------

    def _round(self, controller: Controller) -> None:
        self._hear(controller, self._patience(controller))
        if not self._world.cluster.synced:
            return
        self._observe(controller)
        if not self._leads():
            return
        for _ in range(TURNS_AT_ONCE):
            if not controller.turn():
                break
        self.turned = time.monotonic()
        if self.turned - self._counted > COUNT_EVERY:
            self._counted = self.turned
            controller.count()

    def _leads(self) -> bool:
        """Whether this operator may write; a change is told, and so is how it begins once everything was read."""
        leads = self._world.leads()
        if leads != self._led:
            self._led = leads
            LOG.info("leads, and writes what follows" if leads else "does not lead, and only reads")
        return leads

    def _observe(self, controller: Controller) -> None:
        changes: Iterable[Change] = self._world.cluster.changes()
        self._drained.set()
        controller.read_nodes(known="Node" not in self._world.cluster.forbidden)
        controller.observe(changes)

    def _hear(self, controller: Controller, retry_policy: float) -> None:
        try:
            news = self._inbox.get(timeout=retry_policy) if retry_policy > 0 else self._inbox.get_nowait()
            while True:
                if news is not None:
                    controller.hear(news)
                news = self._inbox.get_nowait()
        except Empty:
            self.turned = time.monotonic()

    def _patience(self, controller: Controller) -> float:
        if not self._world.cluster.synced:
            return SHORTEST_WAIT
        if not self._world.leads():
            return LONGEST_WAIT
        return min(LONGEST_WAIT, controller.seconds_to_wait())

    def _finish(self, controller: Controller) -> None:
        """Timeouts for the writes under way, and hears how they went; nothing new begins."""
        ends = time.monotonic() + GRACE
        while controller.queue.busy and time.monotonic() < ends:
            self._hear(controller, LONGEST_WAIT)

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
            LOG.exception("a write went wrong", extra={"object": str(key)})
        self._inbox.put(Wrote(key=key, failed=not all(outcomes)))

    def _written(self, write: Write) -> bool:
        action = _ACTIONS[type(write)]
        if not self._world.leads():
            return False  # somebody else does by now
        try:
            _apply(self._world.cluster, write)
        except PortError as error:
            self._counters.count("writes", action, write.key.api_kind, type(error).__name__)
            LOG.warning("write refused", extra=_said(write, action) | {"error": str(error)})
            return False
        self._counters.count("writes", action, write.key.api_kind, "done")
        LOG.info("wrote", extra=_said(write, action))
        if isinstance(write, SetStatus):
            self._world.tell(write.key, write.uid, write.events)
        return True

    def _ask(self, question: Question) -> None:
        try:
            news = self._answer(question)
        except Exception:  # whoever waits for the answer is owed one, whatever went wrong
            LOG.exception("an inquiry went wrong", extra={"object": str(question)})
            news = _unanswered(question)
        self._inbox.put(news)

    def _answer(self, question: Question) -> News:
        match question:
            case Look():
                return self._look(question)
            case Inspect():
                answer = self._world.inspector.inspect(question)
                self._counters.count("inspections", answer.cause if isinstance(answer, InspectionFailed) else "Read")
                return Inspected(question=question, answer=answer)
            case Probe():
                size = self._world.size(question)
                self._counters.count("probes", size.cause if isinstance(size, ProbeFailed) else "Sized")
                return Probed(question=question, answer=size)
            case Recheck(want=want, held=held):
                found = self._world.inspector.recheck(want, held)
                self._counters.count("rechecks", found.cause if isinstance(found, InspectionFailed) else "Read")
                return Inspected(question=question, answer=found)

    def _look(self, look: Look) -> Looked:
        try:
            return Looked(look=look, found=self._world.lookups.look(look))
        except (NotFound, AccessDenied) as error:
            if isinstance(error, AccessDenied):
                LOG.warning("may not look", extra={"object": f"{look.kind} {look.namespace}/{look.name}"})
            return Looked(look=look, found=Absent(kind=look.kind, namespace=look.namespace, name=look.name))
        except PortError as error:
            LOG.warning(
                "could not look", extra={"object": f"{look.kind} {look.namespace}/{look.name}", "error": str(error)}
            )
            return Looked(look=look, found=None)


def _unanswered(question: Question) -> News:
    """What whoever asked is told where asking went wrong, which is a fault of ours."""
    message = "the operator failed to ask; its log says why"
    match question:
        case Look():
            return Looked(look=question, found=None)
        case Probe():
            return Probed(question=question, answer=ProbeFailed(cause=ProbeCause.UNREACHABLE, message=message))
        case _:
            failed = InspectionFailed(cause=Cause.UNREACHABLE, message=message)
            return Inspected(question=question, answer=failed)


_ACTIONS: Final[Mapping[type[Write], str]] = {
    Create: "create",
    Apply: "apply",
    Delete: "delete",
    SetStatus: "status",
}


def _apply(cluster: Cluster, write: Write) -> None:
    match write:
        case Create():
            cluster.create(write.thing)
        case Apply():
            cluster.apply(write.thing)
        case Delete():
            cluster.delete(write)
        case SetStatus():
            cluster.set_status(write)


def _said(write: Write, action: str) -> dict[str, str]:
    """What a line of the log says of a write: what, of which object, by which rule, and the word it came to."""
    said = {"action": action, "object": str(write.key), "rule": write.rule}
    if isinstance(write, SetStatus):
        said["status"] = write.status.status.value
    return said
