"""What the operator tells Prometheus, as it declares it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from prometheus_client.core import CounterMetricFamily

from aimcore.entrypoints.operator.metrics import DECLARED, SERIES_AT_MOST
from aimcore.ports.errors import PortError
from tests.reference.pages import code, page, table

__all__ = ["Metric", "metrics", "page_text"]


class Metric(NamedTuple):
    """One metric, by the name that Prometheus gives it."""

    name: str
    type: str
    labels: tuple[str, ...]
    told: str


def metrics() -> Iterator[Metric]:
    """Every metric, those of the operator itself first."""
    for one in DECLARED:
        counts = one.type is CounterMetricFamily
        yield Metric(
            f"aimcore_{one.name}{'_total' if counts else ''}", "counter" if counts else "gauge", one.labels, one.told
        )


def page_text() -> str:
    """The page of the metrics."""
    rows = [(code(one.name), one.type, ", ".join(map(code, one.labels)), one.told) for one in metrics()]
    return page(
        "Metrics",
        "What the operator answers at `/metrics`, in the format of Prometheus. No label holds a name or a text of anybody's; of one "
        f"metric there are at most {SERIES_AT_MOST} series, the rest is counted as `other`.",
        table(("metric", "type", "labels", "means"), rows),
        "`kind` is the kind of the objects; `status` the word of their status, `Unobserved` for those without one, or the status "
        "of an HTTP answer; the error of a write is one of "
        + ", ".join(code(name) for name in sorted(_errors()))
        + ".",
        "[Alerts](../alerts.md) says which of them call for a person.",
    )


def _errors() -> set[str]:
    return {error.__name__ for error in PortError.__subclasses__() if error.__module__ == PortError.__module__}
