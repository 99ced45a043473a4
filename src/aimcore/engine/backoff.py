"""How long to wait after failures: twice as long after each, within bounds, and never in step with others."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

__all__ = ["Backoff"]

DOUBLED_AT_MOST: Final = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class Backoff:
    """Seconds between `first` and `longest`; `chance` draws from [0, 1) and takes up to half of each delay away."""

    first: float
    longest: float
    chance: Callable[[], float]

    def after(self, failures: int) -> float:
        """How long to wait after so many failures in a row, one or more."""
        longest: float = min(self.longest, self.first * 2.0 ** min(failures - 1, DOUBLED_AT_MOST))
        return longest * (1 + self.chance()) / 2
