"""How things are timed here: the best of several runs, in processor time, so that a neighbour's work does not count."""

from __future__ import annotations

import gc
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TypeVar

T = TypeVar("T")

RUNS = 7


@dataclass(frozen=True, slots=True)
class Row:
    """One figure against its bar. `met` says whether the bar was reached in this run."""

    name: str
    figure: str
    bar: str
    met: bool

    def __str__(self) -> str:
        return f"{self.name:<52} {self.figure:>16}   bar {self.bar:<10} {'met' if self.met else 'MISSED'}"


def seconds(work: Callable[[], object]) -> float:
    """The processor time of one call of `work`, the best of several."""
    best = float("inf")
    for _ in range(RUNS):
        gc.collect()
        start = time.process_time()
        work()
        best = min(best, time.process_time() - start)
    return best


def each(work: Callable[[T], object], things: Iterable[T]) -> None:
    """Does it to every thing and keeps nothing, so that no garbage of the measurement is collected with it."""
    for thing in things:
        work(thing)


def rate(name: str, count: int, work: Callable[[], object], *, bar: int) -> Row:
    """How many a second `work` does, where one call does `count`."""
    per_second = count / seconds(work)
    return Row(name, f"{per_second:,.0f}/s", f">= {bar:,}/s", per_second >= bar)


def ratio(name: str, work: Callable[[], object], floor: Callable[[], object], *, bar: float) -> Row:
    """How many times as long `work` takes as `floor`."""
    times = seconds(work) / seconds(floor)
    return Row(name, f"{times:.2f}x", f"<= {bar}x", times <= bar)


def at_most(name: str, count: float, bar: float) -> Row:
    """A figure that no run may exceed."""
    figure = f"{count:,.3f}".rstrip("0").rstrip(".")
    return Row(name, figure, f"<= {bar:,}", count <= bar)
