"""Times of the API are read as whole seconds, as the C library counts them; durations as the Gateway API has them."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aimcore.domain.errors import ParseError
from aimcore.domain.values.times import duration_text, parse_duration, seconds_of


@given(st.datetimes(min_value=datetime(1970, 1, 1), max_value=datetime(2400, 1, 1)))  # noqa: DTZ001 - UTC is put on below
def test_every_time_is_read_as_others_read_it(moment: datetime) -> None:
    moment = moment.replace(tzinfo=UTC)
    assert seconds_of(moment.strftime("%Y-%m-%dT%H:%M:%SZ")) == int(moment.timestamp())


@pytest.mark.parametrize("text", ["", "now", "2026-13-01T00:00:00Z", "2026-01-01T00:00:00", "2026-00-01T00:00:00Z"])
def test_what_is_no_time_is_refused(text: str) -> None:
    with pytest.raises(ParseError, match="expected one such as"):
        seconds_of(text)


@pytest.mark.rule("ROUTE-3")
@pytest.mark.parametrize(
    ("text", "milliseconds"),
    [
        pytest.param("0s", 0, id="none"),
        pytest.param("1h30m", 5_400_000, id="hours and minutes"),
        pytest.param("3600s", 3_600_000, id="seconds alone"),
        pytest.param("10ms", 10, id="milliseconds"),
        pytest.param("1m1ms", 60_001, id="minutes beside milliseconds"),
        pytest.param("1h1m1s1ms", 3_661_001, id="all four"),
    ],
)
def test_durations_are_read(text: str, milliseconds: int) -> None:
    assert parse_duration(text) == milliseconds


@pytest.mark.rule("ROUTE-3")
@pytest.mark.parametrize("text", ["", "1.5s", "1d", "100000s", "5", "1h ", "1s\n", "1s1s1s1s1s", "\u0661s", "-1s"])
def test_what_a_gateway_would_refuse_is_refused(text: str) -> None:
    with pytest.raises(ParseError, match="duration"):
        parse_duration(text)


@given(st.integers(0, 99_999))
def test_what_is_written_reads_as_it_was(seconds: int) -> None:
    assert parse_duration(duration_text(seconds)) == seconds * 1000
