"""A pool does what it is given, so much of it at once, and keeps nobody from leaving."""

from __future__ import annotations

import subprocess
import sys
import threading
from functools import partial
from queue import SimpleQueue

from aimcore.entrypoints.operator.process import WorkerPool

TIMEOUT = 30.0


def test_everything_is_done_and_by_as_many_as_there_are() -> None:
    pool, done = WorkerPool(2, "worker"), SimpleQueue[int]()
    both = threading.Barrier(2)

    def task(number: int) -> None:
        both.wait(TIMEOUT)  # which one alone would wait for in vain
        done.put(number)

    for number in range(6):
        pool.submit(partial(task, number))
    assert sorted(done.get(timeout=TIMEOUT) for _ in range(6)) == list(range(6))
    pool.close()


def test_what_was_not_begun_is_dropped_when_it_closes_and_every_worker_leaves() -> None:
    pool, done, begun, go = WorkerPool(1, "one-worker"), SimpleQueue[str](), threading.Event(), threading.Event()

    def first() -> None:
        begun.set()
        go.wait(TIMEOUT)
        done.put("first")

    pool.submit(first)
    pool.submit(lambda: done.put("second"))
    assert begun.wait(TIMEOUT)
    pool.close()
    go.set()
    assert done.get(timeout=TIMEOUT) == "first"
    for thread in threading.enumerate():
        if thread.name.startswith("one-worker"):
            thread.join(TIMEOUT)
            assert not thread.is_alive()
    assert done.empty()


def test_a_program_ends_while_a_task_goes_on() -> None:
    code = """
import time
from aimcore.entrypoints.operator.process import WorkerPool
WorkerPool(1, "worker").submit(lambda: time.sleep(600))
time.sleep(0.1)
"""
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)
