"""Times of the API are read as whole seconds, as the C library counts them."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aimcore.domain.errors import ParseError
from aimcore.domain.values.times import seconds_of


@given(st.datetimes(min_value=datetime(1970, 1, 1), max_value=datetime(2400, 1, 1)))  # noqa: DTZ001 - UTC is put on below
def test_every_time_is_read_as_others_read_it(moment: datetime) -> None:
    moment = moment.replace(tzinfo=UTC)
    assert seconds_of(moment.strftime("%Y-%m-%dT%H:%M:%SZ")) == int(moment.timestamp())


@pytest.mark.parametrize("text", ["", "now", "2026-13-01T00:00:00Z", "2026-01-01T00:00:00", "2026-00-01T00:00:00Z"])
def test_what_is_no_time_is_refused(text: str) -> None:
    with pytest.raises(ParseError, match="expected one such as"):
        seconds_of(text)
