"""Observe, decide, apply: round after round, until nothing changes.

A round takes one snapshot and has the engine decide every key for which another plan may come of it than before; what a decision
asks is answered, and its key is decided again on the same snapshot; then everything is written. The last round writes nothing.

No time passes here: what the engine would ask or try again later, it does not.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from aimcore.domain.errors import AimError
from aimcore.domain.images.inspection import Inspection
from aimcore.domain.kinds.conditions import Event
from aimcore.domain.kinds.diagnostics import LogFailed, ObjectEvent, PodLog
from aimcore.domain.kinds.scope import Key
from aimcore.domain.view.cache import ObjectCache
from aimcore.domain.view.observed import Policy
from aimcore.domain.view.plan import Inspect, Plan, Probe, Question, ReadEvents, ReadLog, SetStatus, Write
from aimcore.domain.weights.probing import ProbeAnswer
from aimcore.engine.engine import Answered, Context, Engine, Limits
from aimcore.engine.handlers import Lane
from aimcore.engine.questions import Asking
from aimcore.engine.work_queue import InKeyOrder
from aimcore.engine.writing import ACTIONS, carry_out
from aimcore.ports.cluster import Cluster
from aimcore.ports.errors import PortError

__all__ = ["Change", "Loop", "NotSettledError", "Refusal", "Settled"]

MOST_ROUNDS = 20
MOST_QUESTIONS = 10**9
"""At once: whoever answers them chooses how many that are."""


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
    """The loop over one cluster: the engine's driver that waits for nobody.

    `clock` tells the time of a round as RFC 3339; `ask`, `size`, `read` and `look_closer` answer questions, each in its place:
    without them images stay unread, sources unsized, logs and events unseen. `answers` are all so far; none is asked for twice.
    """

    cluster: Cluster
    clock: Callable[[], str]
    ask: Callable[[Sequence[Inspect]], Iterable[Inspection]] | None = None
    size: Callable[[Sequence[Probe]], Iterable[ProbeAnswer]] | None = None
    read: Callable[[Sequence[ReadLog]], Iterable[PodLog | LogFailed]] | None = None
    look_closer: Callable[[Sequence[ReadEvents]], Iterable[tuple[ObjectEvent, ...] | None]] | None = None
    policy: Policy = field(default_factory=Policy)
    cache: ObjectCache = field(default_factory=ObjectCache)
    answers: dict[Question[Any], Any] = field(default_factory=dict)
    _handed: _Handed = field(init=False)
    _engine: Engine = field(init=False)
    _now: str = field(default="", init=False)
    _assumed: dict[Key, tuple[str, ...]] = field(default_factory=dict, init=False)

    def __post_init__(self) -> None:
        asking = Asking(
            types=frozenset(type_ for type_, asker in self._askers if asker is not None),
            at_once=dict.fromkeys(Lane, MOST_QUESTIONS),
        )
        self._handed = _Handed()
        self._engine = Engine(
            cache=self.cache,
            driver=self._handed,
            context=Context(
                policy=self.policy,
                now=lambda: self._now,
                clock=lambda: 0.0,
                chance=lambda: 0.0,
                limits=Limits.none(),
                asking=asking,
                turns=InKeyOrder,
            ),
        )

    def settle(self) -> Settled:
        """Rounds until one changes nothing, and refuses nothing new. Raises `NotSettledError` if that takes more than `MOST_ROUNDS`."""
        changes: list[Change] = []
        events: list[tuple[Key, Event]] = []
        made: list[Change] = []
        refusals: list[Refusal] = []
        for count in range(1, MOST_ROUNDS + 1):
            plans = self.decide_again()
            writes = [write for plan in plans for write in plan.writes]
            before = [one.key for one in refusals]
            made, refusals = self.write(writes)
            changes.extend(made)
            events.extend(
                (write.key, event) for write in writes if isinstance(write, SetStatus) for event in write.events
            )
            if (
                not made and [one.key for one in refusals] == before
            ):  # what was refused once may be seen by now, and decided on
                return Settled(
                    rounds=count,
                    changes=tuple(changes),
                    events=tuple(events),
                    refusals=tuple(refusals),
                    assumed=self._still_assumed(),
                )
        restless = sorted({str(change.key) for change in made})
        raise NotSettledError(f"still changing after {MOST_ROUNDS} rounds: {', '.join(restless)}")

    def decide(self) -> list[Plan]:
        """The plan of every object on one snapshot, in the order of their keys."""
        self.observe()
        self._engine.enqueue(thing.key for thing in self.cache)
        return self._reconcile()

    def decide_again(self) -> list[Plan]:
        """The same without those objects of which it is known that there is nothing to write, as it was the last time."""
        self.observe()
        return self._reconcile()

    def write(self, writes: Iterable[Write]) -> tuple[list[Change], list[Refusal]]:
        """Writes one after the other; what the cluster refuses keeps nothing else from being written."""
        made: list[Change] = []
        refusals: list[Refusal] = []
        for write in writes:
            try:
                carry_out(self.cluster, write)
            except PortError as error:
                refusals.append(Refusal(key=write.key, message=str(error)))
            else:
                made.append(Change(action=ACTIONS[type(write)], key=write.key, rule=write.rule))
        return made, refusals

    def observe(self) -> None:
        """Brings the engine in step with the cluster.

        Nobody knows what became of the writes of the last round, so their keys are decided again until there are none.
        """
        self._engine.observe(self.cluster.changes())
        for key in self._handed.take_keys():
            self._engine.requeue(key)

    def _reconcile(self) -> list[Plan]:
        """Decides all that waits, and again what its questions were answered for."""
        self._now = self.clock()
        plans: dict[Key, Plan] = {}
        while True:
            while (one := self._engine.reconcile()) is not None:
                if one.plan is not None:
                    plans[one.key] = one.plan
            questions = self._handed.take_questions()
            if not questions:
                break
            self._answer(questions)
        self._assumed |= {key: plan.assumed for key, plan in plans.items()}
        return [plans[key] for key in sorted(plans, key=lambda key: key.sort_key)]

    def _answer(self, questions: Sequence[Question[Any]]) -> None:
        for type_, asker in self._askers:
            new = [one for one in questions if isinstance(one, type_) and one not in self.answers]
            if asker is not None and new:
                self.answers.update(zip(new, asker(new), strict=True))
        for question in questions:
            self._engine.hear(Answered(question=question, answer=self.answers[question]))

    @property
    def _askers(self) -> tuple[tuple[type[Question[Any]], Callable[[Sequence[Any]], Iterable[Any]] | None], ...]:
        """Who answers which type of question."""
        return (Inspect, self.ask), (Probe, self.size), (ReadLog, self.read), (ReadEvents, self.look_closer)

    def _still_assumed(self) -> tuple[str, ...]:
        self._assumed = {key: names for key, names in self._assumed.items() if self.cache.find(key)}
        return tuple(sorted({name for names in self._assumed.values() for name in names}))


@dataclass(slots=True)
class _Handed:
    """What the engine handed out since somebody took it."""

    _keys: list[Key] = field(default_factory=list)
    _questions: list[Question[Any]] = field(default_factory=list)

    def write(self, key: Key, writes: tuple[Write, ...]) -> None:
        """Its plan has the writes; they are written once the round has decided everything."""
        del writes
        self._keys.append(key)

    def ask(self, question: Question[Any]) -> None:
        """It is answered once no key waits any more."""
        self._questions.append(question)

    def take_keys(self) -> list[Key]:
        """The keys whose writes were handed out."""
        taken, self._keys = self._keys, []
        return taken

    def take_questions(self) -> list[Question[Any]]:
        """The questions that were handed out."""
        taken, self._questions = self._questions, []
        return taken
