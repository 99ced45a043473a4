"""What the operator counts while it runs, and how Prometheus reads it; no label holds a name or a text of anybody's."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Final, NamedTuple

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from aimcore.engine.engine import Engine

__all__ = ["DECLARED", "Counters", "Declared", "metrics_of"]

SERIES_AT_MOST: Final = 1000
"""Of one name; the rest would be somebody's names or texts, and is counted as one (`other`)."""


class Declared(NamedTuple):
    """A metric as it is declared: its name without `aimcore_` and `_total`, its type, its labels, and what it means."""

    name: str
    type: type[CounterMetricFamily | GaugeMetricFamily]
    labels: tuple[str, ...]
    told: str


_COUNTED: Final = (
    Declared("writes", CounterMetricFamily, ("action", "kind", "outcome"), "Writes, `done` or by the error."),
    Declared(
        "events",
        CounterMetricFamily,
        ("outcome",),
        "Condition changes that were `told` as events, or `dropped` because ten thousand others waited.",
    ),
    Declared("inspections", CounterMetricFamily, ("outcome",), "Images read, `Read` or by the cause."),
    Declared("rechecks", CounterMetricFamily, ("outcome",), "Tags looked at again, `Read` or by the cause."),
    Declared("probes", CounterMetricFamily, ("outcome",), "Sources asked for their size, `Sized` or by the cause."),
    Declared("logs", CounterMetricFamily, ("outcome",), "Logs of downloads and dry runs, `Read` or by the cause."),
    Declared(
        "looks_at_events",
        CounterMetricFamily,
        ("outcome",),
        "Events of a stuck pod, Job or claim that were asked for, `Read` or `Unreadable`.",
    ),
    Declared(
        "downloads", CounterMetricFamily, ("outcome",), "Downloads of weights that ended, `Done` or by the cause."
    ),
    Declared("download_bytes", CounterMetricFamily, (), "Bytes that downloads fetched, counted when they end."),
    Declared(
        "download_seconds", CounterMetricFamily, (), "Seconds that the pods of downloads ran, counted when they end."
    ),
    Declared("registry_requests", CounterMetricFamily, ("method", "status"), "What registries were asked."),
    Declared("registry_bytes", CounterMetricFamily, (), "Bytes of body that registries sent."),
    Declared("source_requests", CounterMetricFamily, ("method", "status"), "What the hosts of sources were asked."),
    Declared("source_bytes", CounterMetricFamily, (), "Bytes of body that the hosts of sources sent."),
)
_LEADING: Final = Declared("leading", GaugeMetricFamily, (), "1 while this operator may write.")
_WAITING: Final = Declared("queue_waiting", GaugeMetricFamily, (), "Objects that wait to be decided.")
_BUSY: Final = Declared("queue_busy", GaugeMetricFamily, (), "Objects whose writes are under way.")
_OBJECTS: Final = Declared("objects", GaugeMetricFamily, ("kind", "status"), "How many objects there are.")
_RECONCILES: Final = Declared(
    "reconciles",
    CounterMetricFamily,
    ("kind", "outcome"),
    "Decisions: something was to be `written`, all was up to date (`unchanged`), or it `failed`.",
)
DECLARED: Final = (_LEADING, _WAITING, _BUSY, _OBJECTS, _RECONCILES, *_COUNTED)
"""Every metric there is."""


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
        queue = self._engine.queue
        yield _family(_LEADING, [((), self._leads())])
        yield _family(_WAITING, [((), len(queue))])
        yield _family(_BUSY, [((), queue.busy)])
        counted = self._counters.snapshot()
        for declared in _COUNTED:
            yield _family(declared, counted.get(declared.name, {}).items())
        yield _family(_RECONCILES, self._engine.reconciled.copy().items())
        yield _family(_OBJECTS, self._engine.object_counts.items())


def _family(declared: Declared, counts: Iterable[tuple[tuple[str, ...], int]]) -> Metric:
    family = declared.type(f"aimcore_{declared.name}", declared.told, labels=declared.labels)
    for values, count in sorted(counts):
        family.add_metric(values, count)
    return family
