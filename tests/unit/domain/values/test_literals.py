from __future__ import annotations

import ast
import contextlib
import json
import math
from functools import partial
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from aimcore.domain.errors import ParseError
from aimcore.domain.values.literals import MOST_NESTING, RepeatedKey, _Scanner, parse_values
from tests.effort import lines_run

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
scalars = (
    st.none()
    | st.booleans()
    | st.integers(-(10**19), 10**19)
    | st.floats(allow_nan=False, allow_infinity=False)
    | texts
)
values: st.SearchStrategy[Any] = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=12,
)
soup = st.text(st.sampled_from("[]{}(),:'\"\\ \n0123456789.eE+-xuUNTrue None null aé\0"), max_size=60)


def nested(levels: int, opening: str = "[", closing: str = "]") -> str:
    return opening * levels + closing * levels


@pytest.mark.rule("LABEL-3")
@given(values)
def test_what_json_writes_is_read_as_it_was(value: Any) -> None:
    assert parse_values(json.dumps(value)) == [value]


@pytest.mark.rule("LABEL-3")
@given(values)
@example({"gpuModel": "MI300X", "gpuCount": 8, "on": True, "off": None})
@example('it\'s "both"')
@example("a\tb\nc\x07\x85\U0001f600")
def test_what_repr_writes_is_read_as_it_was(value: Any) -> None:
    assert parse_values(repr(value)) == [value]
    assert parse_values(ascii(value)) == [value]


@pytest.mark.rule("LABEL-3")
@given(soup)
def test_a_python_text_reads_as_python_itself_would_or_as_json(text: str) -> None:
    try:
        found = parse_values(text)
    except ParseError:
        return
    try:
        expected = ast.literal_eval(f"[{text}\n]")
    except (ValueError, SyntaxError, TypeError):
        return  # kinder than Python, or JSON
    assert repr(found) == repr(json.loads(json.dumps(expected))) or '"' in text or RepeatedKey.__name__ in repr(found)


@pytest.mark.rule("LABEL-5")
@given(st.text(max_size=80) | soup)
def test_any_text_is_read_or_refused(text: str) -> None:
    with contextlib.suppress(ParseError):
        assert isinstance(parse_values(text), list)


@pytest.mark.rule("LABEL-3")
@given(st.text(st.sampled_from("[]{}(),:' 01.-eTrueFalsnNoulIfity\xe9"), max_size=40))
def test_turning_the_quotes_into_json_reads_nothing_that_the_scanner_would_read_otherwise(text: str) -> None:
    try:
        turned = parse_values(text)
    except ParseError:
        return
    assert repr(turned) == repr(_Scanner(text).values_until("", depth=0))


@pytest.mark.rule("LABEL-3")
@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("", [], id="nothing"),
        pytest.param("1, 2", [1, 2], id="values side by side"),
        pytest.param('{"a": "it\'s"}', [{"a": "it's"}], id="an apostrophe in a JSON text"),
        pytest.param("{'a': \"it's\"}", [{"a": "it's"}], id="an apostrophe in a Python text"),
        pytest.param(r"{'a': 'it\'s'}", [{"a": "it's"}], id="an escaped apostrophe"),
        pytest.param("{'a': 1,},", [{"a": 1}], id="trailing commas"),
        pytest.param("[(1, 'a'), ()]", [[[1, "a"], []]], id="tuples read as lists"),
        pytest.param("(1)", [[1]], id="parentheses alone read as a list too"),
        pytest.param("{}, [], {'a': {}}", [{}, [], {"a": {}}], id="empty ones"),
        pytest.param(r"['\a\b\f\n\r\t\v\\\'\"']", [["\a\b\f\n\r\t\v\\'\""]], id="escapes of one letter"),
        pytest.param(r"['\101\x41\u0041\U00000041\1018']", [["AAAAA8"]], id="escapes by number"),
        pytest.param("['a\\\nb']", [["ab"]], id="an escaped line break is none"),
        pytest.param(r"['\d\8']", [["\\d\\8"]], id="an unknown escape stands for itself"),
        pytest.param("['a\nb', '\\\\']", [["a\nb", "\\"]], id="a raw line break in a Python text"),
        pytest.param('["a\nb\x01"]', [["a\nb\x01"]], id="raw control characters in a JSON text"),
        pytest.param('["a\n\\/"]', [["a\n/"]], id="raw control characters beside an escape of JSON"),
        pytest.param("[+1, -2, .5, 1., 1e3, -1.5E-2, 0, '']", [[1, -2, 0.5, 1.0, 1000.0, -0.015, 0, ""]], id="numbers"),
        pytest.param("['', true, false, null, True]", [["", True, False, None, True]], id="the words of both"),
        pytest.param("['\\\\', -Infinity, Infinity]", [["\\", -math.inf, math.inf]], id="JSON's infinities"),
        pytest.param("\f\r\n\t ['a'] \t", [["a"]], id="space around"),
        pytest.param('{"a": 1, "b": 2, "a": 3}', [RepeatedKey(key="a")], id="a key given twice in JSON"),
        pytest.param("{'a': 1, 'b': '\\n', 'b': 3}", [RepeatedKey(key="b")], id="a key given twice in Python"),
        pytest.param(f"[{'9' * 20}]", [[int("9" * 20)]], id="an int of twenty digits"),
        pytest.param(f"[{'9' * 5000}, '', ()]", [[math.inf, "", []]], id="an int of thousands of digits in Python"),
        pytest.param(f"[{'9' * 5000}]", [[math.inf]], id="an int of thousands of digits in JSON"),
    ],
)
def test_readable(text: str, expected: list[object]) -> None:
    assert parse_values(text) == expected


def test_not_a_number_is_a_number_to_whoever_asks_for_one() -> None:
    assert [math.isnan(value) for value in parse_values("NaN") if isinstance(value, float)] == [True]
    assert [type(value) for value in parse_values("NaN, '\\n'")] == [float, str]


@pytest.mark.rule("LABEL-3", "LABEL-5")
@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[1, 2", "value '[1, 2' ends too early; expected JSON or Python literals"),
        ("{'a': 1", "value \"{'a': 1\" ends too early; expected JSON or Python literals"),
        (
            "{'a': b}",
            "value \"{'a': b}\" cannot be read from 'b}' (character 7); expected JSON or Python literals",
        ),
        ("{'a' 1}", "value \"{'a' 1}\" cannot be read from '1}' (character 6); expected JSON or Python literals"),
        ("[1 \t 2]", r"value '[1 \t 2]' cannot be read from '2]' (character 6); expected JSON or Python literals"),
        ("[1 \t ?]", r"value '[1 \t ?]' cannot be read from '?]' (character 6); expected JSON or Python literals"),
        (
            '[{"a": true, "b": }]',
            "value '[{\"a\": true, \"b\": }]' cannot be read from '}]' (character 19); expected JSON or Python literals",
        ),
    ],
    ids=["unclosed list", "unclosed object", "bare word", "no colon", "no comma", "no value", "broken JSON"],
)
def test_an_unreadable_text_is_refused_where_reading_stopped(text: str, message: str) -> None:
    with pytest.raises(ParseError) as caught:
        parse_values(text)
    assert str(caught.value) == message


@pytest.mark.rule("LABEL-5")
@pytest.mark.parametrize(
    "text",
    [
        pytest.param("open('x')", id="a call"),
        pytest.param("1 + 1", id="an expression"),
        pytest.param("-" * 10**6, id="a million signs"),
        pytest.param("--1", id="two signs"),
        pytest.param("[1_000]", id="an int with underscores"),
        pytest.param("[0x10]", id="a hexadecimal int"),
        pytest.param("[007]", id="leading zeros"),
        pytest.param("[1.2.3]", id="two points"),
        pytest.param("[1j]", id="a complex number"),
        pytest.param("{1, 2}", id="a set"),
        pytest.param("{1: 2}", id="a key that is no string"),
        pytest.param("b'x'", id="bytes"),
        pytest.param("r'x'", id="a raw string"),
        pytest.param("f'{x}'", id="a format string"),
        pytest.param("'a' 'b'", id="strings side by side"),
        pytest.param("'''a'''", id="three quotes"),
        pytest.param("['a', # why\n]", id="a comment"),
        pytest.param(r"['\x4']", id="a short escape"),
        pytest.param(r"['\u004']", id="a shorter escape"),
        pytest.param(r"['\U00110000']", id="an escape beyond Unicode"),
        pytest.param(r"['\N{BULLET}']", id="an escape by name"),
        pytest.param("['a", id="an unclosed string"),
        pytest.param("['a\\", id="a string ending in a backslash"),
        pytest.param("[,]", id="only a comma"),
        pytest.param("['a',,]", id="two commas"),
        pytest.param("['a')", id="crossed brackets"),
        pytest.param("]", id="a bracket too many"),
        pytest.param("1], [2", id="brackets that only fit together"),
        pytest.param("Truest", id="a word that begins like one"),
        pytest.param("None0", id="a word and a digit"),
        pytest.param("\u00a01", id="a space Python would not skip"),
    ],
)
def test_what_is_no_literal_is_refused(text: str) -> None:
    with pytest.raises(ParseError):
        parse_values(text)


@pytest.mark.rule("LABEL-5")
@pytest.mark.parametrize("word", ["null", "None", "'it\\'s'"], ids=["JSON", "Python", "escaped"])
@pytest.mark.parametrize(("opening", "closing"), [("[", "]"), ('{"a": ', "}")], ids=["lists", "objects"])
def test_nesting_ends_at_sixteen(word: str, opening: str, closing: str) -> None:
    deepest = opening * MOST_NESTING + word + closing * MOST_NESTING
    assert len(parse_values(deepest)) == 1
    with pytest.raises(ParseError, match="expected at most 16 levels of nesting"):
        parse_values(opening + deepest + closing)


@pytest.mark.rule("LABEL-5")
@pytest.mark.parametrize(
    "text",
    [
        nested(100_000),
        nested(100_000, "(", ")"),
        nested(100_000, "[{'a': "),
        '{"a": ' * 100_000,
        "[" * 10**6,
        "[true, " + nested(17) + "]",
    ],
    ids=["lists", "tuples", "both", "objects", "unclosed", "after a word of JSON"],
)
def test_deep_nesting_is_refused_and_costs_no_recursion(text: str) -> None:
    with pytest.raises(ParseError, match="expected at most 16 levels of nesting"):
        parse_values(text)


@pytest.mark.rule("LABEL-5")
def test_json_may_nest_as_deep_as_python() -> None:
    text = nested(MOST_NESTING - 1).replace("[]", r'["\/"], []')
    assert json.dumps(parse_values(f"[{text}]")) == json.dumps([json.loads(f"[{text}]")])


@pytest.mark.rule("LABEL-5")
def test_brackets_inside_strings_nest_nothing() -> None:
    text = "[" * 40 + "{" * 40 + '\\"'
    assert parse_values(json.dumps([text])) == [[text]]
    assert parse_values(repr([text])) == [[text]]
    assert parse_values("[], " * 40) == [[]] * 40


@pytest.mark.rule("LABEL-5")
@pytest.mark.parametrize(
    "unit",
    [
        "{'a': \"it's\", 'b': (1, [None])}, ",
        '"\\"',
        "'\\''",
        "'\\n\\x41', ",
        "9",
        "1.5e3, ",
        "\\",
        "' ",
        '"',
        "{'",
        " ",
        "[],",
    ],
)
def test_reading_ten_times_as_much_takes_at_most_ten_times_the_steps(unit: str) -> None:
    def steps(size: int) -> int:
        return lines_run(partial(parse_values, unit * (size // len(unit))))

    assert steps(200_000) <= 11 * steps(20_000)
