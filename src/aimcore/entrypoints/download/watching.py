"""Beside a download: its progress is told now and then, and one that hears nothing for too long is ended (FETCH-1, FETCH-3)."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

from aimcore.domain.weights.outcome import FetchCause, FetchError
from aimcore.entrypoints.download.meter import Meter, Progress

__all__ = ["watched"]

_STEP: Final = 0.5


@contextmanager
def watched(
    meter: Meter,
    *,
    stall_seconds: float,
    tell: Callable[[Progress, float], object],
    stalled: Callable[[FetchError], object],
) -> Iterator[None]:
    """Calls `tell` twice a second with the progress and the seconds since the beginning, in a thread of its own.

    Calls `stalled` once when nothing was heard for `stall_seconds`: transfers cannot be broken off from outside, so
    whoever is called ends the process.
    """
    over = threading.Event()

    def watch() -> None:
        seconds = 0.0
        while not over.wait(_STEP):
            seconds += _STEP
            tell(meter.progress(), seconds)
            if meter.silence() > stall_seconds:
                message = f"not one byte came for {stall_seconds:g} s; the next try goes on where this one ends"
                stalled(FetchError(FetchCause.STALLED, message))
                return

    thread = threading.Thread(target=watch, name="watch", daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()
