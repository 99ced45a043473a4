"""Observe, decide, apply: round after round, until nothing changes.

A round takes one snapshot and decides every object on it; what a decision wants to know is asked, and those objects are
decided again on the same snapshot; then everything is written. The last round writes nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from aimcore.domain.catalogue import Catalogue
from aimcore.domain.conditions import Event
from aimcore.domain.decide import decide_model, decide_service, decide_template
from aimcore.domain.errors import AimError
from aimcore.domain.inspection import Inspection
from aimcore.domain.objects import AimObject, Model, RuntimeConfig, Service, Template
from aimcore.domain.observed import Observed, Policy
from aimcore.domain.plan import Apply, Create, Delete, Inspect, Plan, SetStatus, Write
from aimcore.domain.scope import Key
from aimcore.ports.cluster import Cluster, Put
from aimcore.ports.errors import PortError

__all__ = ["Change", "Loop", "NotSettledError", "Refusal", "Settled"]

T = TypeVar("T")

MOST_ROUNDS = 20


class NotSettledError(AimError):
    """The loop went on changing things after as many rounds as any real chain of changes can need: a fault of ours."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One thing that was written: `create`, `apply`, `delete` or `status`, of what, and by which rule."""

    action: str
    key: Key
    rule: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """One write that the cluster would not take, and why."""

    key: Key
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Settled:
    """How it ended: rounds taken, the last and empty one included; all changes and events in order; what was refused in
    the last round; what was assumed to be there.
    """

    rounds: int
    changes: tuple[Change, ...]
    events: tuple[tuple[Key, Event], ...]
    refusals: tuple[Refusal, ...]
    assumed: tuple[str, ...]


@dataclass(slots=True, kw_only=True)
class Loop:
    """The loop over one cluster.

    `clock` tells the time of a round as RFC 3339; `ask` answers wishes, each in its place, and without it images stay unread.
    """

    cluster: Cluster
    clock: Callable[[], str]
    ask: Callable[[Sequence[Inspect]], Iterable[Inspection]] | None = None
    policy: Policy = field(default_factory=Policy)
    catalogue: Catalogue = field(default_factory=Catalogue)
    answers: dict[Inspect, Inspection] = field(default_factory=dict)

    def settle(self) -> Settled:
        """Rounds until one changes nothing. Raises `NotSettledError` if that takes more than `MOST_ROUNDS`."""
        changes: list[Change] = []
        events: list[tuple[Key, Event]] = []
        made: list[Change] = []
        for count in range(1, MOST_ROUNDS + 1):
            plans = self.decide()
            writes = [write for plan in plans for write in plan.writes]
            made, refusals = self.write(writes)
            changes.extend(made)
            events.extend(
                (write.key, event) for write in writes if isinstance(write, SetStatus) for event in write.events
            )
            if not made:
                assumed = sorted({name for plan in plans for name in plan.assumed})
                return Settled(
                    rounds=count,
                    changes=tuple(changes),
                    events=tuple(events),
                    refusals=tuple(refusals),
                    assumed=tuple(assumed),
                )
        restless = sorted({str(change.key) for change in made})
        raise NotSettledError(f"still changing after {MOST_ROUNDS} rounds: {', '.join(restless)}")

    def observe(self) -> None:
        """Brings the catalogue in step with the cluster."""
        for change in self.cluster.changes():
            if isinstance(change, Put):
                self.catalogue.put(change.thing)
            else:
                self.catalogue.drop(change.thing)

    def decide(self) -> list[Plan]:
        """The plan of every object on one snapshot, in the order of their keys."""
        self.observe()
        now = self.clock()
        things = tuple(self.catalogue)
        plans = {thing.key: self._plan(thing, now) for thing in things}
        if self._ask(plans.values()):
            plans |= {thing.key: self._plan(thing, now) for thing in things if plans[thing.key].wants}
        return list(plans.values())

    def write(self, writes: Iterable[Write]) -> tuple[list[Change], list[Refusal]]:
        """Writes one after the other; what the cluster refuses keeps nothing else from being written."""
        made: list[Change] = []
        refusals: list[Refusal] = []
        for write in writes:
            try:
                made.append(Change(action=self._apply(write), key=write.key, rule=write.rule))
            except PortError as error:
                refusals.append(Refusal(key=write.key, message=str(error)))
        return made, refusals

    def _plan(self, thing: AimObject, now: str) -> Plan:
        match thing:
            case Model():
                return decide_model(self._observed(thing, now))
            case Template():
                return decide_template(self._observed(thing, now))
            case Service():
                return decide_service(self._observed(thing, now))
            case RuntimeConfig():
                return Plan()

    def _observed(self, subject: T, now: str) -> Observed[T]:
        return Observed(subject=subject, catalogue=self.catalogue, answers=self.answers, policy=self.policy, now=now)

    def _ask(self, plans: Iterable[Plan]) -> bool:
        """Asks what no answer is known to yet; whether there was anything to ask."""
        if self.ask is None:
            return False
        wants = tuple(dict.fromkeys(want for plan in plans for want in plan.wants if want not in self.answers))
        self.answers.update(zip(wants, self.ask(wants), strict=True))
        return bool(wants)

    def _apply(self, write: Write) -> str:
        match write:
            case Create():
                self.cluster.create(write.thing)
                return "create"
            case Apply():
                self.cluster.apply(write.thing)
                return "apply"
            case Delete():
                self.cluster.delete(write)
                return "delete"
            case SetStatus():
                self.cluster.set_status(write)
                return "status"
