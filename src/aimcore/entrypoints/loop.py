"""Observe, decide, apply: round after round, until nothing changes.

A round takes one snapshot and decides on it every object for which another answer may come of it than before (`DependencyTracker`);
what a decision wants to know is asked, and those objects are decided again on the same snapshot; then everything is written.
The last round writes nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, field

from aimcore.domain.decide import Snapshot, decide
from aimcore.domain.errors import AimError
from aimcore.domain.images.inspection import Inspection
from aimcore.domain.kinds.conditions import Event
from aimcore.domain.kinds.records import AimObject
from aimcore.domain.kinds.scope import Key
from aimcore.domain.view.cache import ObjectCache
from aimcore.domain.view.keys import IndexKey
from aimcore.domain.view.observed import Policy
from aimcore.domain.view.plan import Apply, Create, Delete, Inspect, Plan, Probe, SetStatus, Write
from aimcore.domain.view.tracker import DependencyTracker, watched
from aimcore.domain.weights.probing import ProbeAnswer
from aimcore.ports.cluster import Cluster, Put
from aimcore.ports.errors import PortError

__all__ = ["Change", "Loop", "NotSettledError", "Refusal", "Settled"]

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

    `clock` tells the time of a round as RFC 3339; `ask` and `size` answer wishes, each in its place: without them images stay
    unread and sources unsized.
    """

    cluster: Cluster
    clock: Callable[[], str]
    ask: Callable[[Sequence[Inspect]], Iterable[Inspection]] | None = None
    size: Callable[[Sequence[Probe]], Iterable[ProbeAnswer]] | None = None
    policy: Policy = field(default_factory=Policy)
    cache: ObjectCache = field(default_factory=ObjectCache)
    answers: dict[Inspect, Inspection] = field(default_factory=dict)
    sizes: dict[Probe, ProbeAnswer] = field(default_factory=dict)
    _tracker: DependencyTracker = field(init=False)
    _awake: set[Key] = field(default_factory=set, init=False)
    _assumed: dict[Key, tuple[str, ...]] = field(default_factory=dict, init=False)

    def __post_init__(self) -> None:
        self._tracker = DependencyTracker(self.cache)

    def settle(self) -> Settled:
        """Rounds until one changes nothing. Raises `NotSettledError` if that takes more than `MOST_ROUNDS`."""
        changes: list[Change] = []
        events: list[tuple[Key, Event]] = []
        made: list[Change] = []
        for count in range(1, MOST_ROUNDS + 1):
            plans = self.decide_again()
            writes = [write for plan in plans for write in plan.writes]
            made, refusals = self.write(writes)
            changes.extend(made)
            events.extend(
                (write.key, event) for write in writes if isinstance(write, SetStatus) for event in write.events
            )
            if not made:
                self._assumed = {key: names for key, names in self._assumed.items() if self.cache.find(key)}
                assumed = sorted({name for names in self._assumed.values() for name in names})
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
        """Brings the cache in step with the cluster, and wakes those whom the changes concern."""
        for change in self.cluster.changes():
            take = self._tracker.put if isinstance(change, Put) else self._tracker.drop
            self._awake |= take(change.thing)

    def decide(self) -> list[Plan]:
        """The plan of every object on one snapshot, in the order of their keys."""
        self.observe()
        return self._decide(tuple(self.cache))

    def decide_again(self) -> list[Plan]:
        """The same without those objects of which it is known that there is nothing to write, as it was the last time."""
        self.observe()
        awake = sorted(self._awake, key=lambda key: key.sort_key)
        return self._decide([thing for thing in map(self.cache.find, awake) if thing is not None])

    def _decide(self, things: Sequence[AimObject]) -> list[Plan]:
        now = self.clock()
        plans = {thing.key: self._plan(thing, now) for thing in things}
        if self._ask(plans.values()):
            unsure = [thing for thing in things if plans[thing.key].wants or plans[thing.key].probes]
            plans |= {thing.key: self._plan(thing, now) for thing in unsure}
        # Nobody knows yet what becomes of a write, so who wants one is decided again until there is none.
        self._awake = {key for key, plan in plans.items() if plan.writes}
        self._assumed |= {key: plan.assumed for key, plan in plans.items()}
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
        looked: dict[IndexKey, None] = {}
        seen = watched(self.cache, looked)
        snapshot = Snapshot(view=seen, answers=self.answers, sizes=self.sizes, policy=self.policy, now=now)
        plan = decide(thing, snapshot)
        self._tracker.note(thing.key, looked)
        return plan

    def _ask(self, plans: Collection[Plan]) -> bool:
        """Asks what no answer is known to yet; whether there was anything to ask."""
        wants = tuple(dict.fromkeys(want for plan in plans for want in plan.wants if want not in self.answers))
        probes = tuple(dict.fromkeys(probe for plan in plans for probe in plan.probes if probe not in self.sizes))
        if self.ask is not None:
            self.answers.update(zip(wants, self.ask(wants), strict=True))
        if self.size is not None:
            self.sizes.update(zip(probes, self.size(probes), strict=True))
        return bool((self.ask and wants) or (self.size and probes))

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
