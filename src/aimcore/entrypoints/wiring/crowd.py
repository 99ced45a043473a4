"""Many slow questions at once, in threads that nobody waits for when the whole is broken off."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, wait
from queue import Empty, SimpleQueue
from threading import Thread
from typing import Final, TypeVar

__all__ = ["AT_ONCE", "all_at_once"]

T = TypeVar("T")
R = TypeVar("R")

AT_ONCE: Final = 16
A_WHILE: Final = 0.2
"""Seconds to wait before looking up: a Ctrl-C that comes just as a wait begins does not end it."""


def all_at_once(work: Callable[[T], R], items: Sequence[T], told: Callable[[int], object]) -> list[R]:
    """`work` of every item, each in its place, at most `AT_ONCE` under way; `told` is called here with how many are done.

    The first exception of `work` is raised here at once. The threads are daemons, unlike those of an executor, which the
    interpreter joins before it ends: Ctrl-C is not to wait for a registry.
    """
    futures: list[Future[R]] = [Future() for _ in items]
    waiting: SimpleQueue[tuple[Future[R], T]] = SimpleQueue()
    for pair in zip(futures, items, strict=True):
        waiting.put(pair)
    for _ in range(min(AT_ONCE, len(items))):
        Thread(target=_drain, args=(work, waiting), daemon=True).start()
    under_way: set[Future[R]] = set(futures)
    while under_way:
        done, under_way = wait(under_way, timeout=A_WHILE, return_when=FIRST_COMPLETED)
        for number, future in enumerate(done, len(futures) - len(under_way) - len(done) + 1):
            future.result()
            told(number)
    return [future.result() for future in futures]


def _drain(work: Callable[[T], R], waiting: SimpleQueue[tuple[Future[R], T]]) -> None:
    while True:
        try:
            future, item = waiting.get_nowait()
        except Empty:
            return
        try:
            future.set_result(work(item))
        except BaseException as error:  # noqa: BLE001 - whoever waits for the answer is owed the error
            future.set_exception(error)
