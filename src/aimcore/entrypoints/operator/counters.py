"""What the operator counts while it runs; whoever shows it reads it here."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Mapping
from typing import Final

__all__ = ["Counters"]

SERIES_AT_MOST: Final = 1000
"""Of one name; the rest would be somebody's names or texts, and is counted as one (`other`)."""


class Counters:
    """Counters by name and labels, from several threads at once. Labels are of few values: kinds, actions, causes."""

    def __init__(self) -> None:
        self._mutex = threading.Lock()
        self._counts: dict[str, Counter[tuple[str, ...]]] = {}

    def count(self, name: str, *labels: str, by: int = 1) -> None:
        """One more of `name` with these label values."""
        with self._mutex:
            series = self._counts.setdefault(name, Counter())
            if labels not in series and len(series) >= SERIES_AT_MOST:
                labels = tuple("other" for _ in labels)
            series[labels] += by

    def snapshot(self) -> Mapping[str, Mapping[tuple[str, ...], int]]:
        """All counts so far."""
        with self._mutex:
            return {name: dict(series) for name, series in self._counts.items()}
