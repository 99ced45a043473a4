"""What unquoted and tagged scalars mean; every expectation is what `kubectl label --local -o json` printed for it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aimcore.adapters.manifests.scalars import TAGS, Scalar, plain, tagged
from aimcore.domain.errors import ParseError

READ = {
    "": None,
    "~": None,
    "null": None,
    "Null": None,
    "NULL": None,
    "nULL": "nULL",
    "y": True,
    "Yes": True,
    "on": True,
    "TRUE": True,
    "tRUE": "tRUE",
    "n": False,
    "NO": False,
    "Off": False,
    "oN": "oN",
    "0": 0,
    "-0": 0,
    "+5": 5,
    "014": 12,
    "0o14": 12,
    "0O14": 12,
    "-014": -12,
    "089": 89,
    "0o89": "0o89",
    "0x1F": 31,
    "-0X1f": -31,
    "0b11": 3,
    "0B11": 3,
    "0b12": "0b12",
    "0x": "0x",
    "1_000": 1000,
    "1__0_": 10,
    "+_1": 1,
    "_1": "_1",
    "1.0": 1,
    "-0.0": 0,
    "1.5": 1.5,
    "1_0.5": 10.5,
    ".5": 0.5,
    "+.5": 0.5,
    ".5_0": 0.5,
    ".5_": ".5_",
    "5.": 5,
    ".": ".",
    "+": "+",
    ".e1": ".e1",
    "1e3": 1000,
    "1.e+3": 1000,
    "12e03": 12000,
    "1e-7": 1e-7,
    "1e21": 1e21,
    "1e400": "1e400",
    "1e-400": 0,
    "0x1p-2": "0x1p-2",
    "1.2.3": "1.2.3",
    "12:30": "12:30",
    "2024-01-01": "2024-01-01",
    "2024-01-01T10:00:00Z": "2024-01-01T10:00:00Z",
    "9223372036854775807": 2**63 - 1,
    "9223372036854775808": 9223372036854775808.0,
    "-9223372036854775808": -(2**63),
    "-9223372036854775809": -9223372036854775809.0,
    "0xFFFFFFFFFFFFFFFF": 18446744073709551615.0,
    "0xFFFFFFFFFFFFFFFFF": "0xFFFFFFFFFFFFFFFFF",
    "123456789012345678901234567890": 123456789012345678901234567890.0,
    "16Gi": "16Gi",
    "<<": "<<",
    "=": "=",
}


def same(value: Scalar, expected: Scalar) -> bool:
    return value == expected and type(value) is type(expected)


@pytest.mark.parametrize("text", READ, ids=repr)
def test_an_unquoted_scalar_means_what_it_means_to_kubectl(text: str) -> None:
    assert same(plain(text), READ[text]), (plain(text), READ[text])


@pytest.mark.parametrize("text", [".nan", ".NaN", ".inf", "-.Inf", "+.INF"])
def test_a_number_that_json_lacks_is_refused(text: str) -> None:
    with pytest.raises(ParseError, match="has no form in JSON"):
        plain(text)


@given(st.integers(-(2**63), 2**63 - 1) | st.floats(allow_nan=False, allow_infinity=False))
def test_every_number_is_read_as_itself(number: float) -> None:
    assert plain(repr(number)) == number


@given(st.text(alphabet="0123456789+-._eExXobBO:aFyn~", max_size=12))
def test_any_text_has_a_value_or_its_own_error(text: str) -> None:
    try:
        value = plain(text)
    except ParseError:
        value = None
    assert isinstance(value, str | int | float | bool | None)


TAGGED = [
    ("str", "5", "5"),
    ("str", "", ""),
    ("int", "5", 5),
    ("float", "5", 5),
    ("bool", "yes", True),
    ("null", "", None),
    ("timestamp", "2024-01-01", "2024-01-01"),
    ("binary", "aGVsbG8=", "hello"),
    ("binary", "aGVs\nbG8=\n", "hello"),
]


@pytest.mark.parametrize(("tag", "text", "value"), TAGGED)
def test_a_tag_of_yamls_own_says_what_a_text_is(tag: str, text: str, value: Scalar) -> None:
    assert same(tagged(TAGS + tag, text), value)


def test_the_tag_without_a_name_makes_text() -> None:
    assert tagged("!", "on") == "on"


@pytest.mark.parametrize(
    ("tag", "text"),
    [
        ("int", "x"),
        ("int", "1.5"),
        ("int", "true"),
        ("bool", "maybe"),
        ("null", "x"),
        ("float", ".nan"),
        ("binary", "%%"),
        ("binary", "/w=="),
    ],
)
def test_a_text_must_fit_its_tag(tag: str, text: str) -> None:
    with pytest.raises(ParseError):
        tagged(TAGS + tag, text)


@pytest.mark.rule("SEC-5")
@pytest.mark.parametrize("tag", ["!x", "!!python/object:os.system", TAGS + "python/name:os", TAGS + "set", "str"])
def test_any_other_tag_is_refused(tag: str) -> None:
    with pytest.raises(ParseError, match="is not allowed"):
        tagged(tag, "x")
