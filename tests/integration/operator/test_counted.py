"""What the operator costs the cluster and the registries, counted: at first, with faults, in a day, restarted, after an edit."""

from __future__ import annotations

import pytest

from tests.bench.counts import HOUR, converged, edit, quiet_day
from tests.bench.echo import WRITES

MODELS = 12
INTERVAL = 6 * HOUR


@pytest.mark.parametrize(("faults", "at_most"), [(0.0, 1.0), (0.05, 1.05)], ids=["none fails", "one in twenty fails"])
def test_models_cost_the_fewest_writes(faults: float, at_most: float) -> None:
    echo = converged(MODELS * 5, faults=faults)
    assert (echo.refused > 0) is (faults > 0)
    assert 1.0 <= echo.writes / (MODELS * 5 * WRITES) <= at_most


def test_a_quiet_day_costs_a_look_at_each_tag_an_interval_and_nothing_else() -> None:
    echo = converged(MODELS, interval=INTERVAL)
    quiet_day(echo)
    writes, events, asked = echo.writes, echo.events, echo.asked.copy()
    echo.decided.clear()
    quiet_day(echo)
    assert echo.decided == {}, "nodes that give more or less than before change no answer"
    assert (echo.writes - writes, echo.events - events) == (0, 0)
    assert echo.asked - asked == {"Recheck": MODELS // 2 * 4}


def test_a_restart_decides_everything_once_and_writes_nothing() -> None:
    again = converged(MODELS).restarted()
    again.rest()
    assert (again.writes, again.asked) == (0, {})
    assert set(again.decided.values()) == {1}


def test_an_edit_of_a_config_that_changes_no_outcome_decides_each_once_and_writes_nothing() -> None:
    echo = converged(MODELS)
    writes = echo.writes
    echo.decided.clear()
    edit(echo)
    assert echo.writes == writes
    assert set(echo.decided.values()) == {1}
    assert len(echo.decided) >= MODELS * 9
