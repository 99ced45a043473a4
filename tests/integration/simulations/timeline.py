"""A timeline: one cluster, what people do to it, and the operator, which may be struck down at any of its writes.

After each write the laws that hold at any moment are checked, and whenever the operator rests those of a settled cluster.
Nothing in a timeline is left to chance: with the same acts, blows and seed it is the same timeline.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from aimcore.adapters.memory.kinds import Address, Manifest
from aimcore.domain.kinds.conditions import Event
from aimcore.domain.view.plan import SetStatus, Write
from aimcore.ports.errors import NotFound
from aimcore.testing import Run, World
from aimcore.testing.world import address_of
from tests.integration.operator.simulation import Simulation
from tests.integration.simulations.moments import check_moment, check_rest

__all__ = ["Act", "Blow", "Timeline", "births", "forked"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Blow:
    """The end of an operator: at so many writes of its own, `before` the write or else once it is done and not yet answered."""

    write: int
    before: bool

    def __str__(self) -> str:
        return f"{'before' if self.before else 'after'} write {self.write}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """Something that people do, in words."""

    says: str
    do: Callable[[Timeline], object]


class _StruckDownError(Exception):
    """The operator is no more."""


class Timeline:
    """What happens to a cluster. `written` tells every write of the operators in a few words, `events` what they made known."""

    def __init__(self, world: World, *, seed: int = 0, blows: Iterable[Blow] = (), run: Run | None = None) -> None:
        self.run = run or world.start()
        self.authored: dict[Address, Manifest] = {}
        self.growing = True
        self.watched = False
        self.written: list[str] = []
        self.events: list[Event] = []
        self.late: list[tuple[_Mortal, Write]] = []
        self._blows = deque(blows)
        self._before_any = bool(self._blows)
        self._seed = seed
        for manifest in self.run.objects():
            if address_of(manifest) in self.run.given:
                self.authored[address_of(manifest)] = manifest
        self.operator = self._begin()

    # The operator -----------------------------------------------------------------------------------------------------

    def rest(self) -> None:
        """Until nothing is left to do, by this operator or the next."""
        self.go_on(_rested)
        if self.watched:
            check_rest(self.run, self.authored)

    def go_on(self, how: Callable[[Simulation], object]) -> None:
        """The operator goes on so far; where it is struck down the next one does."""
        while True:
            try:
                how(self.operator)
            except _StruckDownError:
                self.operator = self._begin()
            else:
                return

    def take(self, steps: int) -> None:
        """At most so many steps."""
        self.go_on(lambda operator: [operator._step() for _ in range(steps)])

    def hold(self) -> None:
        """Everything is decided and every question answered; what is to be written is handed out and has not arrived."""
        self.operator.hold()

    def land(self, jobs: int) -> None:
        """So many of the writes that were handed out arrive, object by object, and are answered."""
        self.operator.land(jobs)

    def restart(self) -> None:
        """The operator is dropped, with whatever it had in hand, and another one starts."""
        self.operator = self._begin()

    def _begin(self) -> _Mortal:
        self.watched = not self._before_any  # up to the first blow it is the timeline without any, which is watched too
        self._before_any = False
        blow = self._blows.popleft() if self._blows else None
        self._seed += 1
        return _Mortal(self, seed=self._seed, blow=blow)

    # People -----------------------------------------------------------------------------------------------------------

    def create(self, manifest: Manifest) -> Manifest:
        """Somebody creates this, in a namespace that comes with it."""
        address = address_of(manifest)
        if address.namespace is not None and not self.stands(Address("Namespace", None, address.namespace)):
            self.create({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": address.namespace}})
        written = self.run.store.create(manifest, manager="kubectl")
        self.run.given.add(address)
        self.authored[address] = written
        return written

    def edit(self, address: Address, patch: Mapping[str, Any], *, subresource: Any = "") -> Manifest:
        """Somebody changes a part of what stands there, by a merge patch."""
        written = self.run.store.patch(address, patch, manager="kubectl", subresource=subresource)
        if address in self.authored:
            self.authored[address] = written
        self.growing = False
        return written

    def replace(self, manifest: Manifest) -> Manifest:
        """Somebody writes all of it anew."""
        written = self.run.store.replace(manifest, manager="kubectl")
        self.authored[address_of(manifest)] = written
        self.growing = False
        return written

    def delete(self, address: Address) -> None:
        """Somebody deletes what stands there."""
        self.authored.pop(address, None)
        self.run.given.discard(address)
        self.run.store.delete(address)
        self.growing = False

    def find(self, address: Address) -> Manifest:
        """What stands there."""
        return self.run.store.get(address)

    def stands(self, address: Address) -> bool:
        """Whether anything does."""
        try:
            self.run.store.get(address)
        except NotFound:
            return False
        return True


class _Mortal(Simulation):
    """An operator that ends at a write."""

    def __init__(self, timeline: Timeline, *, seed: int, blow: Blow | None) -> None:
        super().__init__(timeline.run, seed=seed)
        self._history = timeline
        self._blow = blow
        self._tried = 0

    def hold(self) -> None:
        while True:
            self.engine.observe(self._cluster.changes())
            while self.engine.reconcile() is not None:
                pass
            questions = [job for job in self._jobs if not isinstance(job, tuple)]
            self._jobs = [job for job in self._jobs if isinstance(job, tuple)]
            for question in questions:
                self.engine.hear(self._done(question))
            if not questions and self.engine.seconds_to_wait() > 0:
                return

    def land(self, jobs: int) -> None:
        for _ in range(jobs):
            self.engine.hear(self._done(self._jobs.pop(0)))

    def _step(self) -> bool:
        late = self._history.late
        if late and self.chance.random() < 0.3:
            sender, write = late.pop(self.chance.randrange(len(late)))
            Simulation._written(sender, write)
            self._judge(write)
            return True
        return super()._step() or bool(late)

    def _written(self, write: Write) -> bool:
        self._tried += 1
        struck = self._blow is not None and self._blow.write == self._tried
        if struck and self._blow is not None and self._blow.before:
            raise _StruckDownError
        done = super()._written(write)
        self._history.written.append(f"{type(write).__name__} {write.key}")
        self._history.events.extend(write.events if done and isinstance(write, SetStatus) else ())
        self._judge(write)
        if struck:
            self._leave_in_flight()
            raise _StruckDownError
        return done

    def _judge(self, write: Write) -> None:
        if self._history.watched:
            check_moment(self._history, write)

    def _leave_in_flight(self) -> None:
        """What its other threads had just sent arrives when its successor is at work already."""
        sent = [job[1][0] for job in self._jobs if isinstance(job, tuple)]
        self._history.late += [(self, write) for write in sent]


def _rested(operator: Simulation) -> None:
    operator._calm = 0  # whatever time it passed before, there may be news
    operator.rest()


def forked(run: Run) -> Run:
    """The same cluster once more, as it stands; what is written to one is nothing to the other."""
    twin = run.world.having(()).start()
    live = {kind: dict(objects) for kind, objects in run.store._objects.items()}
    vars(twin.store).update(_objects=live, _version=run.store._version)
    twin.world, twin.given = run.world, set(run.given)
    twin._taken.update(run._taken)
    twin.clock.forward(run.clock.seconds - twin.clock.seconds)
    work, copied = run.controllers._work, twin.controllers._work
    copied.now = work.now
    for name in ("lives", "made", "tries"):
        setattr(copied, name, dict(getattr(work, name)))
    return twin


def births(run: Run) -> dict[Address, int]:
    """How often each object that stands or stood was made."""
    return dict(run._taken)
