"""What the operator counts while it runs, and how Prometheus reads it; no label holds a name or a text of anybody's."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from typing import Final

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from aimcore.engine.engine import Engine

__all__ = ["Counters", "metrics_of"]

SERIES_AT_MOST: Final = 1000
"""Of one name; the rest would be somebody's names or texts, and is counted as one (`other`)."""

_COUNTED: Final = {
    "writes": ("Writes to the cluster.", ("action", "kind", "outcome")),
    "events": ("Condition changes, told as events or dropped.", ("outcome",)),
    "inspections": ("Images read, by what came of it.", ("outcome",)),
    "rechecks": ("Tags looked at again, by what came of it.", ("outcome",)),
    "probes": ("Sources sized, by what came of it.", ("outcome",)),
    "registry_requests": ("Requests to registries.", ("method", "status")),
    "registry_bytes": ("Bytes of body that registries sent.", ()),
    "source_requests": ("Requests to the hosts of sources.", ("method", "status")),
    "source_bytes": ("Bytes of body that the hosts of sources sent.", ()),
}


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


def metrics_of(engine: Engine, counters: Counters, leads: Callable[[], bool]) -> Callable[[], str]:
    """What tells the figures as they are when it is called."""
    registry = CollectorRegistry()
    registry.register(_Figures(engine, counters, leads))
    return lambda: generate_latest(registry).decode()


class _Figures(Collector):
    def __init__(self, engine: Engine, counters: Counters, leads: Callable[[], bool]) -> None:
        self._engine, self._counters, self._leads = engine, counters, leads

    def collect(self) -> Iterator[Metric]:
        yield GaugeMetricFamily("aimcore_leading", "Whether this operator may write.", value=self._leads())
        queue = self._engine.queue
        yield GaugeMetricFamily("aimcore_queue_waiting", "Objects that wait to be decided.", value=len(queue))
        yield GaugeMetricFamily("aimcore_queue_busy", "Objects whose writes are under way.", value=queue.busy)
        counted = self._counters.snapshot()
        for name, (told, labels) in _COUNTED.items():
            family = CounterMetricFamily(f"aimcore_{name}", told, labels=labels)
            for values, count in sorted(counted.get(name, {}).items()):
                family.add_metric(values, count)
            yield family
        reconciled = CounterMetricFamily(
            "aimcore_reconciles", "Decisions, by what came of them.", labels=("kind", "outcome")
        )
        for values, count in sorted(self._engine.reconciled.copy().items()):
            reconciled.add_metric(values, count)
        yield reconciled
        yield self._objects()

    def _objects(self) -> Metric:
        family = GaugeMetricFamily("aimcore_objects", "Objects by kind and status.", labels=("kind", "status"))
        for values, count in sorted(self._engine.object_counts.items()):
            family.add_metric(values, count)
        return family
