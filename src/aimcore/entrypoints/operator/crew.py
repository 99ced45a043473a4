"""Threads that nobody waits for when the operator ends: a task may take a minute, and what is left undone the next one does."""

from __future__ import annotations

import threading
from collections.abc import Callable
from queue import SimpleQueue

__all__ = ["Crew"]


class Crew:
    """So many tasks at once, the others in the order they came; unlike those of an executor, no thread is joined at the end.

    A task must not raise.
    """

    def __init__(self, hands: int, name: str) -> None:
        self._tasks: SimpleQueue[Callable[[], None] | None] = SimpleQueue()
        self._closed = threading.Event()
        for number in range(hands):
            threading.Thread(target=self._work, name=f"{name}_{number}", daemon=True).start()

    def submit(self, task: Callable[[], None]) -> None:
        """Has the task done as soon as there is a hand free."""
        self._tasks.put(task)

    def close(self) -> None:
        """Begins no other task."""
        self._closed.set()
        self._tasks.put(None)

    def _work(self) -> None:
        while (task := self._tasks.get()) is not None and not self._closed.is_set():
            task()
        self._tasks.put(None)  # the next hand is to leave too
