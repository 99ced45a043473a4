"""How the operator uses its process: threads that nobody waits for at the end, and a garbage collector that runs seldom."""

from __future__ import annotations

import gc
import threading
from collections.abc import Callable
from queue import SimpleQueue

__all__ = ["WorkerPool", "collect_seldom"]


class WorkerPool:
    """Runs so many tasks at once, the others in the order they came. A task must not raise.

    Unlike an executor it joins no thread at the end: a task may take a minute, and what is left undone the next operator does.
    """

    def __init__(self, workers: int, name: str) -> None:
        self._tasks: SimpleQueue[Callable[[], None] | None] = SimpleQueue()
        self._closed = threading.Event()
        for number in range(workers):
            threading.Thread(target=self._work, name=f"{name}_{number}", daemon=True).start()

    def submit(self, task: Callable[[], None]) -> None:
        """Runs the task as soon as a worker is free."""
        self._tasks.put(task)

    def close(self) -> None:
        """Begins no other task."""
        self._closed.set()
        self._tasks.put(None)

    def _work(self) -> None:
        while (task := self._tasks.get()) is not None and not self._closed.is_set():
            task()
        self._tasks.put(None)  # the next worker is to leave too


def collect_seldom() -> None:
    """Has the interpreter look for reference cycles seldom.

    Objects are kept in frozen records, of which none can refer to itself; walking through those of a hundred thousand objects
    again and again took a fifth of all work. Cycles come of libraries and tracebacks, and are few.
    """
    gc.set_threshold(100_000, 50, 100)
