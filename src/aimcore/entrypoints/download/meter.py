"""How much has come, of how much, and how long ago the last of it came: told now and then, and ended after too long (FETCH-1, FETCH-3)."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final

from aimcore.domain.weights.outcome import FetchCause, FetchError

__all__ = ["Meter", "Progress", "watched"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """A moment of a download: bytes and files that are there, of all; `fetched` came over the network in this run."""

    bytes: int
    total_bytes: int
    files: int
    total_files: int
    fetched: int

    @property
    def percent(self) -> int:
        """Whole percents of the bytes, 100 only when all are there."""
        return 100 if self.bytes >= self.total_bytes else max(0, self.bytes) * 100 // self.total_bytes


class Meter:
    """An `Activity`. `clock` gives seconds that never go back."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._last = clock()
        self._stopped = False
        self._fetched = self._there = self._files = 0
        self._total_bytes = self._total_files = 0

    def expect(self, *, total_bytes: int, total_files: int) -> None:
        """So much is to come in all, what is there already included."""
        with self._lock:
            self._total_bytes += total_bytes
            self._total_files += total_files

    def found(self, count: int) -> None:
        """So many bytes are there from an earlier run; a negative number where some are thrown away."""
        with self._lock:
            self._there += count

    def finished(self, files: int = 1) -> None:
        """So many files are whole."""
        with self._lock:
            self._files += files

    def received(self, count: int) -> None:
        """So many bytes came; raises `FetchError` once the download is stopped."""
        with self._lock:
            self._there += count
            self._fetched += count
        self.worked()

    def worked(self) -> None:
        """Something went on; raises `FetchError` once the download is stopped."""
        if self._stopped:
            raise FetchError(FetchCause.INTERRUPTED, "another file could not be fetched")
        self._last = max(self._last, self._clock())

    def waits(self, seconds: float) -> None:
        """Silence for so long is what the host asked for."""
        self._last = max(self._last, self._clock() + seconds)

    def stop(self) -> None:
        """Let each transfer end at its next byte."""
        self._stopped = True

    def silence(self) -> float:
        """Seconds in which nothing went on."""
        return self._clock() - self._last

    def progress(self) -> Progress:
        """This moment."""
        with self._lock:
            return Progress(
                bytes=self._there,
                total_bytes=self._total_bytes,
                files=self._files,
                total_files=self._total_files,
                fetched=self._fetched,
            )


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
