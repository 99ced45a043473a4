"""What docs/testing.md says of the histories, counted."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.integration.simulations import test_crashes as crashes
from tests.integration.simulations import test_life as life
from tests.integration.simulations import test_mutations as mutated
from tests.integration.simulations import test_orders as orders
from tests.integration.simulations.interleavings import SITUATIONS
from tests.integration.simulations.scenarios import SCENARIOS

PAGE = Path(__file__).parents[3] / "docs" / "testing.md"
ROW = re.compile(r"^\| (?P<group>[a-z ]+) \| (?P<varied>[^|]+) \| (?P<cases>[0-9,]+) \|$", re.MULTILINE)


def said(group: str) -> int:
    return next(int(row["cases"].replace(",", "")) for row in ROW.finditer(PAGE.read_text()) if row["group"] == group)


@pytest.mark.parametrize(
    ("group", "cases"),
    [
        pytest.param("crashes", lambda: sum(len(crashes.cases(scenario)) for scenario in SCENARIOS), id="crashes"),
        pytest.param("orders", lambda: len(SITUATIONS) * len(orders.ORDERS), id="orders"),
        pytest.param("lives", lambda: sum(name.startswith("test_") for name in vars(life)), id="lives"),
        pytest.param("fields", lambda: sum(1 for kind in mutated.KINDS for _ in mutated.mutations(kind)), id="fields"),
        pytest.param(
            "fields in a cluster",
            lambda: sum(1 for kind in mutated.KINDS for _ in mutated.apart(kind)),
            id="in a cluster",
        ),
    ],
)
def test_the_page_counts_as_the_code_does(group: str, cases: object) -> None:
    assert callable(cases)
    assert said(group) == cases()


def test_the_page_says_how_many_scenarios_situations_and_orders_are_tried() -> None:
    page = PAGE.read_text()
    assert f"{len(SCENARIOS)} scenarios" in page
    assert f"{len(SITUATIONS)} situations" in page
    assert f"{len(SITUATIONS) * orders.SOME} are tried each time" in page
