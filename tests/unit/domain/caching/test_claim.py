from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aimcore.domain.caching.claim import volume_size
from aimcore.domain.kinds.records import RuntimeConfigSpec
from aimcore.domain.values.quantity import Quantity, parse_quantity

GIB = 2**30


@pytest.mark.rule("SIZE-4")
@pytest.mark.parametrize(
    ("weights", "headroom", "volume"),
    [
        pytest.param("16Gi", 10, "18Gi", id="10 percent are 1.6, and 17.6 are 18"),
        pytest.param("10Gi", 10, "11Gi", id="whole GiB stay"),
        pytest.param("10Gi", 0, "10Gi", id="no headroom"),
        pytest.param("10Gi", 100, "20Gi", id="twice as much"),
        pytest.param("1", 10, "1Gi", id="a byte"),
        pytest.param("10737418241", 0, "11Gi", id="a byte more than whole GiB"),
    ],
)
def test_a_volume_holds_the_weights_and_the_headroom(weights: str, headroom: int, volume: str) -> None:
    assert str(volume_size(parse_quantity(weights), headroom)) == volume


@pytest.mark.rule("SIZE-4")
def test_the_headroom_is_ten_percent_where_nothing_is_said() -> None:
    assert volume_size(parse_quantity("100Gi"), RuntimeConfigSpec().storage.pvc_headroom_percent) == parse_quantity(
        "110Gi"
    )
    assert volume_size(parse_quantity("100Gi")) == parse_quantity("110Gi")


@pytest.mark.rule("SIZE-4")
@given(st.integers(1, 2**50), st.integers(0, 1000))
def test_a_volume_is_the_smallest_of_whole_gib_that_is_large_enough(weights: int, headroom: int) -> None:
    size = volume_size(Quantity.of(weights), headroom)
    assert size.value % GIB == 0
    assert (size.value - GIB) * 100 < weights * (100 + headroom) <= size.value * 100


@given(st.integers(1, 2**50), st.integers(1, 2**50), st.integers(0, 1000))
def test_more_weights_never_need_less(weights: int, more: int, headroom: int) -> None:
    assert volume_size(Quantity.of(weights), headroom) <= volume_size(Quantity.of(weights + more), headroom)
