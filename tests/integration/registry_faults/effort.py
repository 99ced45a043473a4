"""How much work a call is, counted the same on every machine; and, where Python cannot count, its CPU time.

WatchStream run are exact and repeatable, and see every loop written in Python. What a C function does inside one call (a regular
expression, `json.loads`, `str.find`) they do not see; CPU time does, at the price of noise, so it is the best of several and its
bound is far from both the linear and the quadratic.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from contextlib import suppress
from time import process_time
from types import FrameType
from typing import Any

from aimcore.domain.errors import AimError

__all__ = ["lines_run", "seconds_spent"]

_ROUNDS = 5
_WORTH_MEASURING = 0.002  # of CPU; below that a clock tick decides


def lines_run(call: Callable[[], object]) -> int:
    """The lines of Python that `call` runs, whether it answers or refuses."""
    count = 0

    def trace(_frame: FrameType, event: str, _argument: Any) -> Any:
        nonlocal count
        count += event == "line"
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        with suppress(AimError):
            call()
    finally:
        sys.settrace(before)
    return count


def seconds_spent(call: Callable[[], object]) -> float:
    """The CPU time of one `call`, the best of several."""
    best = float("inf")
    for _ in range(_ROUNDS):
        repeats, start = 0, process_time()
        while (spent := process_time() - start) < _WORTH_MEASURING:
            with suppress(AimError):
                call()
            repeats += 1
        best = min(best, spent / repeats)
    return best
