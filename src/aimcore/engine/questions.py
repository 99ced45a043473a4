"""What plans ask about the world, asked outside the work queue: each question once at a time, whoever asks it.

- A required question is asked at once. One that is not is asked at its own moment of the interval.
- Equal questions of several keys are one question, and its answer enqueues all of them.
- When a question is asked again, its handler says (`aimcore.engine.handlers`).
- A question and its answer are forgotten when no plan asks it any more.
- Each lane has only so many questions under way; for the rest the namespaces take turns, so that nobody's many delay another's
  one.

One thread owns it; `start` asks a question elsewhere and brings the answer back to that thread.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import partial
from hashlib import sha256
from heapq import heappop, heappush
from itertools import count
from typing import Any, Final

from aimcore.domain.kinds.scope import Key
from aimcore.domain.view.plan import Question
from aimcore.engine.backoff import Backoff
from aimcore.engine.handlers import HANDLERS, Lane, Pauses, handler_of
from aimcore.engine.work_queue import FairTurns

__all__ = ["ASKED_AT_ONCE", "AnyQuestion", "Asking", "Questions"]

FIRST_DELAY: Final = 5.0
LONGEST_DELAY: Final = 900.0

ASKED_AT_ONCE: Final[Mapping[Lane, int]] = {Lane.READING: 32, Lane.SIZING: 8, Lane.LOGS: 8}
"""Questions under way; more would wait in one line, whoever asked them."""

AnyQuestion = Question[Any]
Start = Callable[[AnyQuestion], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Asking:
    """What a driver asks: the `types` it knows how to, and how many at once in each lane.

    An `interval` of 0 seconds asks nothing that is not required.
    """

    types: frozenset[type[AnyQuestion]] = frozenset(HANDLERS)
    at_once: Mapping[Lane, int] = field(default_factory=lambda: ASKED_AT_ONCE)
    interval: float = 0.0

    def includes(self, question: AnyQuestion) -> bool:
        """Whether the driver ever asks this."""
        return type(question) in self.types and (question.required or self.interval > 0)


@dataclass(slots=True)
class _State:
    """One question of a namespace: which keys wait for its answer, whether it is being asked, how often it failed, when it
    is asked next.
    """

    namespace: str | None
    waiting: set[Key] = field(default_factory=set)
    running: bool = False
    failures: int = 0
    due: float | None = None


class _LaneQueue:
    """Has the questions of a lane asked, so many at once."""

    def __init__(self, start: Start, at_once: int) -> None:
        self._start = start
        self._free = at_once
        self._turns = FairTurns[AnyQuestion]()
        self._waiting: set[AnyQuestion] = set()

    def ask(self, question: AnyQuestion, namespace: str | None) -> None:
        """The question is to be asked, now or when it is its namespace's turn."""
        self._waiting.add(question)
        self._turns.add(namespace, question)
        self._go_on()

    def drop(self, question: AnyQuestion) -> None:
        """No plan asks it any more."""
        self._waiting.discard(question)

    def answered(self) -> None:
        """One that was asked is answered, so that another can be asked."""
        self._free += 1
        self._go_on()

    def _go_on(self) -> None:
        while self._free and (question := self._turns.take()) is not None:
            if question in self._waiting:  # else no plan asks it, or it was asked in another's turn
                self._waiting.discard(question)
                self._free -= 1
                self._start(question)


class Questions:
    """The questions of all keys, and the answers that decisions may see.

    `clock` is in seconds and never goes back; `chance` draws from [0, 1).
    """

    def __init__(
        self, start: Start, *, clock: Callable[[], float], chance: Callable[[], float], asking: Asking
    ) -> None:
        self.answers: dict[AnyQuestion, Any] = {}
        self._lanes = {lane: _LaneQueue(start, at_once) for lane, at_once in asking.at_once.items()}
        self._clock = clock
        self._backoff = Backoff(first=FIRST_DELAY, longest=LONGEST_DELAY, chance=chance)
        self._asking = asking
        self._asked: dict[AnyQuestion, _State] = {}
        self._of: dict[Key, tuple[AnyQuestion, ...]] = {}
        self._topics: Counter[AnyQuestion] = Counter()
        self._later: list[tuple[float, int, AnyQuestion]] = []
        self._order = count()

    def follow(self, key: Key, asked: Iterable[AnyQuestion]) -> bool:
        """Takes what the newest plan of a key asks; whether an answer that it needs is on its way."""
        questions = tuple([question for question in asked if self._asking.includes(question)])
        if not questions and key not in self._of:
            return False  # as most ask nothing
        for question in self._of.get(key, ()):
            if question not in questions:
                self._leave(key, question)
        if questions:
            self._of[key] = questions
        else:
            self._of.pop(key, None)
        for question in questions:
            self._join(key, question)
        return any(map(self._is_awaited, questions))

    def forget(self, key: Key) -> None:
        """The key names nothing any more, or nothing that is decided here."""
        self.follow(key, ())

    def hurry(self, keys: Iterable[Key]) -> None:
        """Asks again at once what failed for these keys: something it depends on has changed (DISC-5)."""
        for key in keys:
            for question in self._of.get(key, ()):
                state = self._asked[question]
                if not state.running and self._has_failed(question):
                    state.failures = 0
                    self._ask(question, state)

    def answered(self, question: AnyQuestion, answer: Any) -> frozenset[Key]:
        """Takes an answer, None where nobody could say; the keys to decide again because of it."""
        handler = handler_of(question)
        self._lanes[handler.lane].answered()
        state = self._asked.get(question)
        if state is None:
            return frozenset()  # no plan asks it any more
        state.running = False
        state.failures = state.failures + 1 if handler.fades or handler.failed(answer) else 0
        pauses = Pauses(backoff=partial(self._backoff.after, state.failures), interval=self._asking.interval)
        pause = handler.again(question, answer, pauses)
        if pause is not None:
            self._at(question, state, pause)
        if handler.is_object:
            return frozenset(state.waiting)
        news = self.answers.get(question.topic) != answer
        self.answers[question.topic] = answer
        return frozenset(state.waiting) if news else frozenset()

    def ask_what_is_due(self) -> None:
        """Asks everything whose time has come."""
        now = self._clock()
        while self._later and self._later[0][0] <= now:
            due, _, question = heappop(self._later)
            state = self._asked.get(question)
            if state is not None and state.due == due and not state.running:
                self._ask(question, state)

    def seconds_to_wait(self) -> float | None:
        """How long until something is due; None where nothing is."""
        while self._later and not self._is_current(*self._later[0][::2]):
            heappop(self._later)
        return max(0.0, self._later[0][0] - self._clock()) if self._later else None

    def _is_awaited(self, question: AnyQuestion) -> bool:
        if not question.required:
            return False
        if handler_of(question).is_object:
            return self._asked[question].running
        return question.topic not in self.answers

    def _has_failed(self, question: AnyQuestion) -> bool:
        topic = question.topic
        return question.required and topic in self.answers and handler_of(question).failed(self.answers[topic])

    def _is_current(self, due: float, question: AnyQuestion) -> bool:
        state = self._asked.get(question)
        return state is not None and state.due == due

    def _join(self, key: Key, question: AnyQuestion) -> None:
        state = self._asked.get(question)
        if state is None:
            state = self._asked[question] = _State(namespace=key.namespace)
            self._topics[question.topic] += 1
            if question.required:
                self._ask(question, state)
            else:
                self._at(question, state, self._moment(key))
        state.waiting.add(key)

    def _leave(self, key: Key, question: AnyQuestion) -> None:
        state = self._asked[question]
        state.waiting.discard(key)
        if state.waiting:
            return
        del self._asked[question]
        self._lanes[handler_of(question).lane].drop(question)
        topic = question.topic
        self._topics[topic] -= 1
        if not self._topics[topic]:
            del self._topics[topic]
            self.answers.pop(topic, None)

    def _ask(self, question: AnyQuestion, state: _State) -> None:
        state.running, state.due = True, None
        self._lanes[handler_of(question).lane].ask(question, state.namespace)

    def _at(self, question: AnyQuestion, state: _State, seconds: float) -> None:
        state.due = self._clock() + seconds
        heappush(self._later, (state.due, next(self._order), question))

    def _moment(self, key: Key) -> float:
        """The key's own moment of the interval, the same after every start."""
        share = int.from_bytes(sha256(str(key).encode()).digest()[:8]) / 2**64
        return self._asking.interval * share
