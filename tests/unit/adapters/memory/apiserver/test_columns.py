"""Ages as kubectl writes them, and columns as definitions have them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
import yaml

from aimcore.adapters.memory.apiserver.columns import printed, since
from aimcore.adapters.memory.apiserver.endpoints import endpoints_of
from aimcore.adapters.schemas import definitions

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
DAY = 86_400


@pytest.mark.parametrize(
    ("seconds", "age"),
    [
        (-5, "<invalid>"),
        (-1, "0s"),
        (0, "0s"),
        (119, "119s"),
        (120, "2m"),
        (125, "2m5s"),
        (601, "10m"),
        (179 * 60, "179m"),
        (3 * 3600, "3h"),
        (3 * 3600 + 60, "3h1m"),
        (8 * 3600 + 60, "8h"),
        (47 * 3600, "47h"),
        (2 * DAY, "2d"),
        (2 * DAY + 3600, "2d1h"),
        (8 * DAY + 3600, "8d"),
        (729 * DAY, "729d"),
        (730 * DAY, "2y"),
        (731 * DAY, "2y1d"),
        (8 * 365 * DAY + DAY, "8y"),
    ],
)
def test_an_age_is_written_as_kubectl_writes_it(seconds: int, age: str) -> None:
    assert since((NOW - timedelta(seconds=seconds)).isoformat(), NOW) == age


def test_a_time_without_a_zone_is_no_age() -> None:
    assert since("2026-01-01T00:00:00", NOW) == "<invalid>"


def test_every_column_of_the_definitions_is_a_plain_path() -> None:
    for _, text in definitions():
        [version] = yaml.safe_load(text)["spec"]["versions"]
        for column in version["additionalPrinterColumns"]:
            path = column["jsonPath"]
            assert path.startswith(".")
            assert path.replace(".", "").isalnum()
            assert printed(column).cell({}, NOW) is None


def test_all_kinds_are_served_once_for_each_version() -> None:
    served = endpoints_of(yaml.safe_load(text) for _, text in definitions())
    assert {version for version, plural in served if plural == "events"} == {"v1", "events.k8s.io/v1"}
    assert {one.plural for one in served.values() if one.custom} == {plural for plural, _ in definitions()}
    assert ("coordination.k8s.io/v1", "leases") in served
