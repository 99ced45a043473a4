"""B6: how time, work and memory grow from a thousand objects to a hundred thousand, each size in a process of its own."""

from __future__ import annotations

import gc
import json
import math
import resource
import subprocess
import sys
import time
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

from aimcore.entrypoints.operator.process import collect_seldom
from tests.bench.counts import converged
from tests.bench.echo import TEMPLATES
from tests.bench.measure import Row, at_most

__all__ = ["rows"]

STEPS = (1, 10, 100)  # each ten times the one before, so a slope is a logarithm to the base of ten


def rows(count: int) -> Iterator[Row]:
    """From so many objects to a hundred times as many, nine of which are a model and its templates."""
    smallest = max(1, count // (1 + TEMPLATES))
    sizes = [smallest * step for step in STEPS]
    found = [_apart(size) for size in sizes]
    first, last = sizes[0] * (1 + TEMPLATES), sizes[-1] * (1 + TEMPLATES)
    for number, (name, unit) in enumerate((("time", "s"), ("processor time", "s"), ("memory", "MiB"))):
        slope = max(math.log10(more[number] / less[number]) for less, more in pairwise(found))
        name_and_size = f"B6 {name}, {first:,} to {last:,} objects ({found[-1][number]:,.0f} {unit})"
        yield at_most(name_and_size, round(slope, 3), 1.05)


def _resident() -> float:
    """MiB of this process that are in memory."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * resource.getpagesize() / 2**20


def _apart(size: int) -> tuple[float, float, float]:
    """Seconds, processor seconds and MiB that so many models cost."""
    command = [sys.executable, "-m", "tests.bench.growth", str(size)]
    found = json.loads(subprocess.run(command, check=True, capture_output=True).stdout)
    return found[0], found[1], found[2]


def _alone(size: int) -> None:
    collect_seldom()  # as the operator does
    converged(1)
    gc.collect()
    before, start, busy = _resident(), time.perf_counter(), time.process_time()
    echo = converged(size)
    took = time.perf_counter() - start, time.process_time() - busy
    gc.collect()
    sys.stdout.write(json.dumps([*took, _resident() - before]))
    del echo


if __name__ == "__main__":
    _alone(int(sys.argv[1]))
