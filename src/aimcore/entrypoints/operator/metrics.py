"""The operator's figures, as Prometheus reads them; no label holds a name or a text of anybody's."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from aimcore.entrypoints.operator.controller import Controller
from aimcore.entrypoints.operator.counters import Counters

__all__ = ["metrics_of"]

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


def metrics_of(controller: Controller, counters: Counters, leads: Callable[[], bool]) -> Callable[[], str]:
    """What tells the figures as they are when it is called."""
    registry = CollectorRegistry()
    registry.register(_Figures(controller, counters, leads))
    return lambda: generate_latest(registry).decode()


class _Figures(Collector):
    def __init__(self, controller: Controller, counters: Counters, leads: Callable[[], bool]) -> None:
        self._controller, self._counters, self._leads = controller, counters, leads

    def collect(self) -> Iterator[Metric]:
        yield GaugeMetricFamily("aimcore_leading", "Whether this operator may write.", value=self._leads())
        queue = self._controller.queue
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
        for values, count in sorted(self._controller.reconciled.copy().items()):
            reconciled.add_metric(values, count)
        yield reconciled
        yield self._objects()

    def _objects(self) -> Metric:
        family = GaugeMetricFamily("aimcore_objects", "Objects by kind and status.", labels=("kind", "status"))
        for values, count in sorted(self._controller.object_counts.items()):
            family.add_metric(values, count)
        return family
