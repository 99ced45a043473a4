"""The keys that wait to be decided: each at most once, none twice at a time, no namespace before its turn.

- A key that is added while it waits stays where it is; one added while it is being worked on waits again afterwards.
- Fresh keys, which somebody's change enqueued, come before the backlog of a start; one turn in `BACKLOG_TURN` is the
  backlog's all the same, so that nothing waits for ever.
- Within each, the namespaces take turns (the cluster counts as one), and the keys of one come in the order they were
  added: a tenant with ten thousand objects delays another's by one key, not by ten thousand.
- A key that failed is requeued after a backoff.

One thread owns a queue; nothing here is locked.
"""

from __future__ import annotations

from collections import OrderedDict, deque
from collections.abc import Callable
from dataclasses import dataclass, field
from heapq import heappop, heappush
from itertools import count
from typing import Any, Final, Generic, Protocol, TypeVar

from aimcore.domain.kinds.scope import Key
from aimcore.engine.backoff import Backoff

__all__ = ["FairTurns", "InKeyOrder", "WorkQueue"]

BACKLOG_TURN: Final = 4
FIRST_DELAY: Final = 1.0
LONGEST_DELAY: Final = 300.0

T = TypeVar("T")


class Turns(Protocol):
    """Decides which of the keys that wait is next."""

    def add(self, namespace: str | None, thing: Key) -> None:
        """One more key waits."""
        ...

    def take(self) -> Key | None:
        """The next one, None where nothing waits."""
        ...


@dataclass(slots=True)
class FairTurns(Generic[T]):
    """The namespaces one after the other, and in each what came first."""

    _waiting: OrderedDict[str | None, deque[T]] = field(default_factory=OrderedDict)

    def add(self, namespace: str | None, thing: T) -> None:
        """One more of a namespace, behind its others."""
        self._waiting.setdefault(namespace, deque()).append(thing)

    def take(self) -> T | None:
        """The next one, None where nothing waits."""
        if not self._waiting:
            return None
        namespace, things = self._waiting.popitem(last=False)
        thing = things.popleft()
        if things:
            self._waiting[namespace] = things
        return thing


@dataclass(slots=True)
class InKeyOrder:
    """The least key first: for drivers that wait for nobody, and whose answer must not depend on the order of changes."""

    _waiting: list[tuple[Any, Key]] = field(default_factory=list)

    def add(self, namespace: str | None, thing: Key) -> None:
        """One more key."""
        del namespace
        heappush(self._waiting, (thing.sort_key, thing))

    def take(self) -> Key | None:
        """The least one, None where nothing waits."""
        return heappop(self._waiting)[1] if self._waiting else None


class WorkQueue:
    """Keys to decide. `clock` is in seconds and never goes back; `chance` draws from [0, 1)."""

    def __init__(
        self, *, clock: Callable[[], float], chance: Callable[[], float], turns: Callable[[], Turns] = FairTurns[Key]
    ) -> None:
        self._clock = clock
        self._backoff = Backoff(first=FIRST_DELAY, longest=LONGEST_DELAY, chance=chance)
        self._fresh, self._backlog = turns(), turns()
        self._waiting: dict[Key, bool] = {}  # whether as a fresh one
        self._busy: dict[Key, bool | None] = {}  # whether it is to wait again, and how
        self._failures: dict[Key, int] = {}
        self._later: list[tuple[float, int, Key]] = []
        self._due: dict[Key, float] = {}
        self._order = count()
        self._turn = count(1)

    def __len__(self) -> int:
        """How many keys wait, those for later aside."""
        return len(self._waiting)

    @property
    def busy(self) -> int:
        """How many keys are being worked on."""
        return len(self._busy)

    def add(self, key: Key, *, fresh: bool = True) -> None:
        """The key is to be decided; one of the backlog that is added as fresh moves up."""
        if key in self._busy:
            self._busy[key] = fresh or bool(self._busy[key])
        elif key not in self._waiting or (fresh and not self._waiting[key]):
            self._waiting[key] = fresh
            (self._fresh if fresh else self._backlog).add(key.namespace, key)

    def add_later(self, key: Key, seconds: float) -> None:
        """The key is to be decided after so many seconds; of two such times the sooner counts."""
        due = self._clock() + seconds
        if due < self._due.get(key, float("inf")):
            self._due[key] = due
            heappush(self._later, (due, next(self._order), key))

    def take(self) -> Key | None:
        """The next key, which counts as worked on until it is `done`; None where none is due."""
        self._bring_up()
        ranks = (True, False) if next(self._turn) % BACKLOG_TURN else (False, True)
        for fresh in ranks:
            turns = self._fresh if fresh else self._backlog
            while (key := turns.take()) is not None:
                if self._waiting.get(key) is fresh:  # else it moved up, and was taken
                    del self._waiting[key]
                    self._busy[key] = None
                    return key
        return None

    def done(self, key: Key, *, failed: bool = False) -> None:
        """The key is worked on no longer. After a failure it is requeued after a backoff, whatever enqueued it meanwhile."""
        again = self._busy.pop(key)
        if failed:
            failures = self._failures[key] = self._failures.get(key, 0) + 1
            self.add_later(key, self._backoff.after(failures))
            return
        self._failures.pop(key, None)
        if again is not None:
            self.add(key, fresh=again)

    def seconds_to_wait(self) -> float | None:
        """How long until `take` may have something; None where only an addition can bring it."""
        if self._waiting:
            return 0.0
        while self._later and self._due.get(self._later[0][2]) != self._later[0][0]:
            heappop(self._later)  # a sooner time was named since
        return max(0.0, self._later[0][0] - self._clock()) if self._later else None

    def _bring_up(self) -> None:
        now = self._clock()
        while self._later and self._later[0][0] <= now:
            due, _, key = heappop(self._later)
            if self._due.get(key) == due:
                del self._due[key]
                self.add(key)
