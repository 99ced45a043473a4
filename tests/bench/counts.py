"""B1, B3, B4 and B10 where everything is counted exactly: what a start, a quiet day, a restart and one edit cost."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from aimcore.domain.hardware.nodes import Node
from aimcore.domain.kinds.records import ModelCreation
from aimcore.domain.values.quantity import parse_quantity
from aimcore.ports.cluster import Put
from tests.bench.echo import TEMPLATES, WRITES, Echo, config, models
from tests.bench.measure import Row, at_most

__all__ = ["HOUR", "converged", "edit", "quiet_day", "rows"]

HOUR = 3600.0
INTERVAL = 6 * HOUR
HEARTBEAT = 300.0
NODES = 20
FAULTS = 0.05
OBJECTS_OF_AN_EDIT = 10_000


def rows(count: int) -> Iterator[Row]:
    least = count * WRITES
    yield at_most(f"B1 writes to converge, over {least:,}", converged(count).writes / least, 1)
    yield at_most(f"B1 the same, {FAULTS:.0%} of them failing", converged(count, faults=FAULTS).writes / least, 1.05)
    yield from _steady(count)
    yield from _edited(count * OBJECTS_OF_AN_EDIT // (1_000 * (1 + TEMPLATES)) + 1)


def converged(count: int, *, faults: float = 0.0, interval: float = 0.0) -> Echo:
    """So many new models, half of them of a digest, once nothing is left to do."""
    echo = Echo([config(), *models(count, digests=count // 2)], interval=interval, faults=faults)
    echo.rest()
    return echo


def quiet_day(echo: Echo) -> None:
    """Twenty-four hours in which nodes send heartbeats, and one in twelve of these names other labels of theirs."""
    start = echo.now
    for beat in range(int(24 * HOUR / HEARTBEAT)):
        labels = {"kubernetes.io/hostname": "node", "example.com/seen": str(beat // 12)}
        gpus = {"amd.com/gpu": parse_quantity("8"), "cpu": parse_quantity(str(64 + beat % 2))}
        echo.tell(*(Put(Node(name=f"node-{number}", labels=labels, allocatable=gpus)) for number in range(NODES)))
        echo.rest(until=start + (beat + 1) * HEARTBEAT)


def edit(echo: Echo) -> None:
    """One edit of the config that every object uses; nothing of it concerns what they came to."""
    before = config()
    spec = replace(before.spec, model=ModelCreation(auto_discovery=True))
    echo.tell(Put(replace(before, meta=replace(before.meta, generation=2), spec=spec)))
    echo.rest()


def _steady(count: int) -> Iterator[Row]:
    echo = Echo([config(), *models(count, digests=count // 2)], interval=INTERVAL)
    echo.tell(*(Put(Node(name=f"node-{number}", labels={}, allocatable={})) for number in range(NODES)))
    quiet_day(echo)  # in which it comes to rest
    writes, events, asked = echo.writes, echo.events, echo.asked.copy()
    quiet_day(echo)
    echo.asked.subtract(asked)
    tags = count - count // 2
    yield at_most("B3 writes in 24 hours", echo.writes - writes, 0)
    yield at_most("B3 events in 24 hours", echo.events - events, 0)
    yield at_most("B3 manifests read in 24 hours", echo.asked["Inspect"], 0)
    yield at_most("B3 tags looked at, a tag and interval", echo.asked["Recheck"] / (tags * 24 * HOUR / INTERVAL), 1)
    again = echo.restarted()
    again.rest()
    yield at_most("B4 writes after a restart", again.writes, 0)
    yield at_most("B4 decisions an object after a restart", max(again.decided.values()), 1)


def _edited(count: int) -> Iterator[Row]:
    echo = converged(count)
    echo.decided.clear()
    writes = echo.writes
    edit(echo)
    objects = count * (1 + TEMPLATES)
    yield at_most(f"B10 decisions an object of {objects:,}, one edit", max(echo.decided.values()), 1)
    yield at_most("B10 writes where no outcome changed", echo.writes - writes, 0)
