from __future__ import annotations

import json
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aimcore.domain.errors import ParseError
from aimcore.domain.values.quantity import (
    AMOUNT_BELOW,
    BINARY_AT_MOST,
    TEXT_AT_MOST,
    Notation,
    Quantity,
    parse_quantity,
)

VECTORS = json.loads((Path(__file__).parents[3] / "vectors" / "quantities.json").read_text(encoding="utf-8"))["cases"]
VALID = [case for case in VECTORS if case["ok"]]
# Kubernetes computes these in 64 bits and overflows; the amounts themselves are sound, and so is our value.
OVERFLOWING = {"-2631Ti", "-3162Ti", "-1281Pi"}

POWERS = {"n": -9, "u": -6, "m": -3, "k": 3, "M": 6, "G": 9, "T": 12, "P": 15, "E": 18}
WEIGHTS = {suffix: Fraction(10) ** power for suffix, power in POWERS.items()} | {
    suffix: Fraction(1024) ** power for power, suffix in enumerate(["", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei"])
}

texts = st.builds(
    "{}{}{}".format,
    st.sampled_from(["", "-", "+"]),
    st.one_of(
        st.integers(0, 10**21).map(str),
        st.integers(0, 2000).map(str),
        st.decimals(0, 10**6, places=6, allow_nan=False).map(str),
        st.sampled_from([".5", "1.", "007", "0.0000000001"]),
    ),
    st.sampled_from([*WEIGHTS, "e3", "E-2", "e+6", "e-12"]),
)
quantities = st.builds(
    Quantity,
    nanos=st.integers(-(10**30), 10**30) | st.integers(-(2**80), 2**80).map(lambda whole: whole * 10**9),
    notation=st.sampled_from(Notation),
)


def written(text: str) -> Fraction:
    """What the text says, before anything is rounded or capped."""
    for suffix in sorted(WEIGHTS, key=len, reverse=True):
        if suffix and text.endswith(suffix):
            return Fraction(text.removesuffix(suffix)) * WEIGHTS[suffix]
    return Fraction(text)


@pytest.mark.rule("RES-4")
@pytest.mark.parametrize("case", VALID, ids=lambda case: case["in"])
def test_a_quantity_is_written_as_kubernetes_writes_it(case: dict[str, Any]) -> None:
    assert str(parse_quantity(case["in"])) == case["canonical"]


@pytest.mark.rule("RES-4")
@pytest.mark.parametrize("text", [case["in"] for case in VECTORS if not case["ok"]])
def test_what_kubernetes_refuses_is_refused(text: str) -> None:
    with pytest.raises(ParseError, match="quantity"):
        parse_quantity(text)


def test_the_value_is_that_of_kubernetes_wherever_64_bits_hold_it() -> None:
    compared = 0
    for case in VALID:
        value = parse_quantity(case["in"]).value
        if "value" in case and abs(value) <= BINARY_AT_MOST and case["in"] not in OVERFLOWING:
            assert (case["in"], value) == (case["in"], case["value"])
            compared += 1
    assert compared == 224


@pytest.mark.parametrize(
    ("text", "canonical"),
    [
        pytest.param("1000E", "1000E", id="a decimal suffix is never lost"),
        pytest.param("-0", "0", id="there is one zero"),
        pytest.param("0e5", "0", id="zero has no exponent"),
        pytest.param("+.5", "500m", id="a plus sign says nothing"),
        pytest.param("1023", "1023", id="a plain number stays plain"),
        pytest.param("-0.5Ki", "-512", id="below 1024 a binary text is a plain number"),
        pytest.param("1.1Ki", "1126400m", id="a binary text with a fraction becomes decimal"),
        pytest.param("-0.0000000001", "-1n", id="what is finer than a billionth is rounded away from zero"),
        pytest.param("7Ei", "7Ei", id="the largest binary suffix"),
        pytest.param("1e-999999999999", "1e-9", id="an exponent may be as small as it likes"),
        pytest.param("1e99", "1e99", id="an exponent that is a multiple of three stays"),
        pytest.param("1e98", "100e96", id="another one becomes one"),
        pytest.param("0e999999999", "0", id="an exponent does nothing to zero"),
        pytest.param("Gi", "0", id="a suffix alone is zero, as in Kubernetes"),
        pytest.param("-", "0", id="a sign alone is zero, as in Kubernetes"),
        pytest.param(".", "0", id="a dot alone is zero, as in Kubernetes"),
        pytest.param("e-9", "0", id="an exponent alone is zero, as in Kubernetes"),
    ],
)
@pytest.mark.rule("RES-4")
def test_the_edges_of_the_canonical_text(text: str, canonical: str) -> None:
    assert str(parse_quantity(text)) == canonical


@pytest.mark.parametrize(
    ("text", "message"),
    [
        pytest.param("", "quantity '' is empty; expected a number", id="nothing"),
        pytest.param("64GB", "quantity '64GB' cannot be read; expected a number", id="bytes spelled out"),
        pytest.param("Pi", "quantity 'Pi' has no digits; expected a number", id="a suffix too large to stand alone"),
        pytest.param(
            "e-10", "quantity 'e-10' has no digits; expected a number", id="an exponent too fine to stand alone"
        ),
        pytest.param("1e100", "quantity '1e100' is too large; expected an amount below 1e100", id="a googol"),
        pytest.param("-1e100", "quantity '-1e100' is too large; expected an amount below 1e100", id="minus a googol"),
        pytest.param("1e999999999", "quantity '1e999999999' is too large; expected an amount below 1e100", id="a bomb"),
        pytest.param("1\n", r"quantity '1\n' cannot be read; expected a number", id="a line end"),
        pytest.param("9" * 257, "characters) is too long; expected at most 256 characters", id="one digit too many"),
    ],
)
def test_a_bad_quantity_says_what_is_wrong_with_it(text: str, message: str) -> None:
    with pytest.raises(ParseError) as caught:
        parse_quantity(text)
    assert message in str(caught.value)


def test_the_longest_text_and_the_largest_amount_are_exact() -> None:
    assert parse_quantity("1." + "0" * (TEXT_AT_MOST - 2)) == Quantity.of(1)
    largest = parse_quantity("9" * 100 + ".999999999")
    assert largest.nanos == AMOUNT_BELOW * 10**9 - 1
    assert parse_quantity(str(largest)) == largest
    assert parse_quantity("9" * 254 + "Ki").value == BINARY_AT_MOST
    assert parse_quantity("0." + "0" * 250 + "1e+9").nanos == 1


@pytest.mark.rule("RES-4")
@given(text=texts)
def test_an_amount_is_what_was_written_rounded_to_billionths_and_capped_where_binary(text: str) -> None:
    exact = written(text) * 10**9
    nanos = -(-abs(exact).__floor__() if exact.denominator == 1 else -(abs(exact).__floor__() + 1))
    if text.endswith("i"):
        nanos = min(nanos, BINARY_AT_MOST * 10**9)
    assert parse_quantity(text).nanos == (nanos if exact >= 0 else -nanos)


@pytest.mark.rule("RES-4")
@given(quantity=quantities)
def test_the_canonical_text_means_the_same_amount_and_soon_is_its_own_canonical_text(quantity: Quantity) -> None:
    """A binary amount that is no whole number of Ki is written without a suffix, and read back as decimal: as in Go."""
    again = parse_quantity(str(quantity))
    assert again == quantity
    if quantity.notation is not Notation.BINARY:
        assert str(again) == str(quantity)
    assert str(parse_quantity(str(again))) == str(again)


@pytest.mark.rule("RES-4")
@given(one=quantities, other=quantities)
def test_order_equality_and_hash_are_those_of_the_exact_amounts(one: Quantity, other: Quantity) -> None:
    left, right = Fraction(one.nanos, 10**9), Fraction(other.nanos, 10**9)
    assert (one < other, one <= other, one == other) == (left < right, left <= right, left == right)
    assert (one > other, one >= other) == (left > right, left >= right)
    assert one != other or hash(one) == hash(other)


@given(quantity=quantities)
def test_the_value_is_the_nearest_whole_number_not_closer_to_zero(quantity: Quantity) -> None:
    exact = Fraction(quantity.nanos, 10**9)
    assert abs(exact) <= abs(quantity.value) < abs(exact) + 1
    assert exact * quantity.value >= 0


@given(one=quantities, other=quantities, times=st.integers(-64, 64))
def test_sums_and_multiples_are_exact(one: Quantity, other: Quantity, times: int) -> None:
    assert (one + other).nanos == one.nanos + other.nanos
    assert (one * times).nanos == one.nanos * times


def test_a_sum_is_written_as_its_first_part_that_is_something() -> None:
    sizes = [parse_quantity("1Gi"), parse_quantity("512Mi"), parse_quantity("1G")]
    assert str(sum(sizes[:2], start=Quantity.of(0))) == "1536Mi"
    assert str(sizes[2] + sizes[0]) == "2073741824"
    assert str(parse_quantity("64Gi") * 8) == "512Gi"


def test_two_spellings_of_one_amount_are_one_key() -> None:
    assert {parse_quantity("64Gi"): "memory"}[parse_quantity("65536Mi")] == "memory"
    assert parse_quantity("1e3") == parse_quantity("1k") == Quantity.of(1000)


@given(text=st.text() | st.text(alphabet="0123456789+-.eEinumkKMGTP ", max_size=12))
def test_any_text_is_a_quantity_or_a_parse_error(text: str) -> None:
    try:
        quantity = parse_quantity(text)
    except ParseError as error:
        assert error.text == text  # noqa: PT017  (either outcome is lawful; this one carries the text)
    else:
        assert parse_quantity(str(quantity)) == quantity


@given(
    shape=st.sampled_from(["0", "9", "-", ".", "e", "1e", "0.", "Ki", "1e9", "\x00", "é"]), size=st.integers(300, 9000)
)
def test_a_text_beyond_the_bound_is_refused_unread(shape: str, size: int) -> None:
    with pytest.raises(ParseError, match="too long"):
        parse_quantity(shape * size)


@given(exponent=st.integers(100, 10**200), digits=st.integers(1, 10**20))
def test_a_huge_exponent_is_refused_before_it_is_computed(exponent: int, digits: int) -> None:
    with pytest.raises(ParseError, match="too large"):
        parse_quantity(f"{digits}e{exponent}")


@given(exponent=st.integers(30, 10**200), digits=st.integers(1, 10**20))
def test_a_tiny_exponent_leaves_the_least_amount_there_is(exponent: int, digits: int) -> None:
    assert str(parse_quantity(f"-{digits}e-{exponent}")) == "-1e-9"
