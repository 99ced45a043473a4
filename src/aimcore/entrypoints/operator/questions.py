"""What decisions want to know, asked outside the queue: images, tags that may have moved, sizes of sources, secrets and accounts by name.

- A want is asked at once, and answers all who wait for it. A failure that waiting may mend is asked again, each time twice
  as late, within `FIRST_DELAY` and `LONGEST_DELAY` seconds (DISC-5); what the image itself got wrong waits for a change.
- A probe is the same for a source; one that is refused is asked for again every `LOOK_AGAIN` seconds if a secret of its own
  may be why, for the probe alone sees what is in it (SIZE-3).
- A look is taken at once where nobody looked yet, and again every `LOOK_AGAIN` seconds for as long as decisions name it,
  which they do while something fails because of it (SEC-5); one that fails, at first sooner.
- A tag that was read is looked at again once an interval, each at its own moment of it (DISC-3).
- Only so many questions are under way; for the rest the namespaces take turns, so that nobody's many delay another's one.

One thread owns it; `start` runs a job elsewhere and brings its outcome back to that thread.
"""

from __future__ import annotations

import heapq
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from hashlib import sha256
from itertools import count
from typing import Final

from aimcore.domain.images.inspection import Cause, Inspection, InspectionFailed, Unchanged
from aimcore.domain.kinds.scope import Key
from aimcore.domain.view.plan import Inspect, Look, Plan, Probe, Recheck
from aimcore.domain.weights.probing import ProbeAnswer, ProbeFailed
from aimcore.entrypoints.operator.turns import Turns

__all__ = ["Question", "Questions"]

FIRST_DELAY: Final = 5.0
LONGEST_DELAY: Final = 900.0
DOUBLED_AT_MOST: Final = 16
LOOK_AGAIN: Final = 30.0

ASKED_AT_ONCE: Final = 32
"""Questions under way; more would stand in one line, whoever asked them."""
PROBED_AT_ONCE: Final = 8
"""Sources that are sized side by side, apart from all other questions: one may take a minute, and nothing waits for it."""

Question = Inspect | Recheck | Look | Probe
Start = Callable[[Question], None]


@dataclass(slots=True)
class _Asking:
    """One question of a namespace: who waits for its answer, whether it is being asked, how often it failed, when it is
    asked next.
    """

    namespace: str | None
    waiting: set[Key] = field(default_factory=set)
    running: bool = False
    failures: int = 0
    due: float | None = None


class _Desk:
    """Has questions asked, so many at once."""

    def __init__(self, start: Start, at_once: int) -> None:
        self._start = start
        self._free = at_once
        self._turns = Turns[Question]()
        self._waiting: set[Question] = set()

    def ask(self, question: Question, namespace: str | None) -> None:
        """The question is to be asked, now or when it is its namespace's turn."""
        self._waiting.add(question)
        self._turns.add(namespace, question)
        self._go_on()

    def drop(self, question: Question) -> None:
        """Nobody wants to know any more."""
        self._waiting.discard(question)

    def answered(self) -> None:
        """One that was asked is answered, so that another can be."""
        self._free += 1
        self._go_on()

    def _go_on(self) -> None:
        while self._free and (question := self._turns.take()) is not None:
            if question in self._waiting:  # else nobody wants to know, or it was asked in another's turn
                self._waiting.discard(question)
                self._free -= 1
                self._start(question)


class Questions:
    """The questions of all keys, and the answers that decisions may see.

    `clock` is in seconds and never goes back; `chance` draws from [0, 1); an `interval` of 0 seconds never looks at a tag again.
    """

    def __init__(
        self, start: Start, *, clock: Callable[[], float], chance: Callable[[], float], interval: float
    ) -> None:
        self.answers: dict[Inspect, Inspection | Unchanged] = {}
        self.sizes: dict[Probe, ProbeAnswer] = {}
        self._desks = _Desk(start, ASKED_AT_ONCE), _Desk(start, PROBED_AT_ONCE)
        self._clock = clock
        self._chance = chance
        self._interval = interval
        self._asked: dict[Question, _Asking] = {}
        self._of: dict[Key, tuple[Question, ...]] = {}
        self._concerned: Counter[Inspect] = Counter()
        self._later: list[tuple[float, int, Question]] = []
        self._order = count()

    def follow(self, key: Key, plan: Plan) -> bool:
        """Takes what the newest plan of a key wants to know; whether it waits for a first answer."""
        rechecks = plan.rechecks if self._interval else ()
        questions: tuple[Question, ...] = (*plan.wants, *plan.probes, *plan.looks, *rechecks)
        for question in self._of.get(key, ()):
            if question not in questions:
                self._leave(key, question)
        if questions:
            self._of[key] = questions
        else:
            self._of.pop(key, None)
        for question in questions:
            self._join(key, question)
        return (
            any(want not in self.answers for want in plan.wants)
            or any(probe not in self.sizes for probe in plan.probes)
            or any(self._asked[look].running for look in plan.looks)
        )

    def forget(self, key: Key) -> None:
        """The key names nothing any more, or nobody who could decide it."""
        self.follow(key, Plan())

    def hurry(self, keys: Iterable[Key]) -> None:
        """Asks again at once what failed these keys: something it depends on has changed (DISC-5)."""
        for key in keys:
            for question in self._of.get(key, ()):
                asking = self._asked[question]
                if not asking.running and self._has_failed(question):
                    asking.failures = 0
                    self._ask(question, asking)

    def inspected(self, question: Inspect | Recheck, answer: Inspection | Unchanged) -> frozenset[Key]:
        """Takes an answer of a registry; the keys to decide again because of it."""
        self._desk(question).answered()
        want, asking = _want(question), self._asked.get(question)
        if asking is None:
            return frozenset()  # nobody waits any more
        asking.running = False
        failed = isinstance(answer, InspectionFailed)
        asking.failures = asking.failures + 1 if failed else 0
        self._again(question, asking, answer)
        news = self.answers.get(want) != answer
        self.answers[want] = answer
        return frozenset(asking.waiting) if news else frozenset()

    def probed(self, probe: Probe, answer: ProbeAnswer) -> frozenset[Key]:
        """Takes the size of a source, or why it is not known; the keys to decide again because of it."""
        self._desk(probe).answered()
        asking = self._asked.get(probe)
        if asking is None:
            return frozenset()  # nobody waits any more
        asking.running = False
        asking.failures = asking.failures + 1 if isinstance(answer, ProbeFailed) else 0
        if isinstance(answer, ProbeFailed) and answer.cause.may_recover:
            delay = self._delay(asking.failures)
            secret = probe.namespace and answer.cause.is_of_credentials
            self._at(probe, asking, min(LOOK_AGAIN, delay) if secret else delay)
        news = self.sizes.get(probe) != answer
        self.sizes[probe] = answer
        return frozenset(asking.waiting) if news else frozenset()

    def looked(self, look: Look, *, failed: bool = False) -> frozenset[Key]:
        """Takes note that somebody looked; the keys that wait for it."""
        self._desk(look).answered()
        asking = self._asked.get(look)
        if asking is None:
            return frozenset()
        asking.running = False
        asking.failures = asking.failures + 1 if failed else 0
        self._at(look, asking, min(LOOK_AGAIN, self._delay(asking.failures)) if failed else LOOK_AGAIN)
        return frozenset(asking.waiting)

    def ask_what_is_due(self) -> None:
        """Asks everything whose time has come."""
        now = self._clock()
        while self._later and self._later[0][0] <= now:
            due, _, question = heapq.heappop(self._later)
            asking = self._asked.get(question)
            if asking is not None and asking.due == due and not asking.running:
                self._ask(question, asking)

    def seconds_to_wait(self) -> float | None:
        """How long until something is due; None where nothing is."""
        while self._later and not self._is_current(*self._later[0][::2]):
            heapq.heappop(self._later)
        return max(0.0, self._later[0][0] - self._clock()) if self._later else None

    def _has_failed(self, question: Question) -> bool:
        match question:
            case Inspect():
                return isinstance(self.answers.get(question), InspectionFailed)
            case Probe():
                return isinstance(self.sizes.get(question), ProbeFailed)
            case _:
                return False

    def _is_current(self, due: float, question: Question) -> bool:
        asking = self._asked.get(question)
        return asking is not None and asking.due == due

    def _join(self, key: Key, question: Question) -> None:
        asking = self._asked.get(question)
        if asking is None:
            asking = self._asked[question] = _Asking(namespace=key.namespace)
            if isinstance(question, Inspect | Recheck):
                self._concerned[_want(question)] += 1
            if isinstance(question, Recheck):
                self._at(question, asking, self._moment(key))
            else:
                self._ask(question, asking)
        asking.waiting.add(key)

    def _leave(self, key: Key, question: Question) -> None:
        asking = self._asked[question]
        asking.waiting.discard(key)
        if asking.waiting:
            return
        del self._asked[question]
        self._desk(question).drop(question)
        if isinstance(question, Probe):
            self.sizes.pop(question, None)
        if not isinstance(question, Inspect | Recheck):
            return
        want = _want(question)
        self._concerned[want] -= 1
        if not self._concerned[want]:
            del self._concerned[want]
            self.answers.pop(want, None)

    def _ask(self, question: Question, asking: _Asking) -> None:
        asking.running, asking.due = True, None
        self._desk(question).ask(question, asking.namespace)

    def _desk(self, question: Question) -> _Desk:
        return self._desks[isinstance(question, Probe)]

    def _again(self, question: Inspect | Recheck, asking: _Asking, answer: Inspection | Unchanged) -> None:
        if not isinstance(answer, InspectionFailed):
            if isinstance(question, Recheck):
                self._at(question, asking, self._interval)
        elif answer.cause is Cause.SECRET_MISSING:
            self._at(question, asking, min(LOOK_AGAIN, self._delay(asking.failures)))
        elif answer.cause.may_recover or isinstance(question, Recheck):
            self._at(question, asking, self._delay(asking.failures))

    def _at(self, question: Question, asking: _Asking, seconds: float) -> None:
        asking.due = self._clock() + seconds
        heapq.heappush(self._later, (asking.due, next(self._order), question))

    def _delay(self, failures: int) -> float:
        longest: float = min(LONGEST_DELAY, FIRST_DELAY * 2.0 ** min(failures - 1, DOUBLED_AT_MOST))
        return longest * (1 + self._chance()) / 2

    def _moment(self, key: Key) -> float:
        """The key's own moment of the interval, the same after every start."""
        share = int.from_bytes(sha256(str(key).encode()).digest()[:8]) / 2**64
        return self._interval * share


def _want(question: Inspect | Recheck) -> Inspect:
    return question.want if isinstance(question, Recheck) else question
