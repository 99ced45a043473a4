"""Input made to harm ends in a clear problem, in bounded time and memory."""

from __future__ import annotations

import io
import sys
import tracemalloc
from collections.abc import Callable
from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aimcore.adapters.manifests import Loaded, read_manifests
from aimcore.adapters.manifests.building import Known, RefusedError, build
from aimcore.adapters.manifests.jsontext import read_json
from aimcore.adapters.manifests.limits import BYTES_AT_MOST, PROBLEMS_AT_MOST, Allowance
from aimcore.adapters.manifests.text import Text
from tests.effort import lines_run

HEAD = "apiVersion: v1\nkind: X\nmetadata: {name: a}\n"
LAUGHS = "a0: &a0 [lol]\n" + "".join(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]\n" for n in range(1, 40))


def read(text: str | bytes) -> Loaded:
    data = text if isinstance(text, bytes) else text.encode()
    return read_manifests(["-"], recursive=False, stdin=io.BytesIO(data))


REFUSED: dict[str, tuple[str | bytes, str]] = {
    "a Python object": (
        "x: !!python/object/apply:os.system [ls]\n",
        "4:4: $.x: tag 'tag:yaml.org,2002:python/object/apply:os.system' is not allowed",
    ),
    "a tag of its own": ("spec:\n  x: !secret y\n", "5:6: $.spec.x: tag '!secret' is not allowed"),
    "a tag on a mapping": ("x: !!set {a}\n", "4:4: $.x: tag 'tag:yaml.org,2002:set' is not allowed"),
    "a tag on a key": ("!x y: 1\n", "4:1: $: tag '!x' is not allowed"),
    "a tag that does not fit": ("x: !!int y\n", "4:4: $.x: text 'y' does not fit its tag !!int"),
    "an infinite number": ("x: .inf\n", "4:4: $.x: number '.inf' has no form in JSON"),
    "a billion laughs": (LAUGHS, "10:10: $.a6[0]: alias '*a5' repeats too much"),
    "a long text repeated": (
        f"x: &x {'a' * 60_000}\nw: [{', '.join(['*x'] * 20)}]\n",
        "5:73: $.w[17]: alias '*x' repeats too much",
    ),
    "merges without end": (
        f"x: &x {{{', '.join(f'k{n}: 1' for n in range(9_000))}}}\nz:\n" + "- {<<: *x}\n" * 20,
        "repeats too much",
    ),
    "an alias inside what it repeats": ("x: &x [*x]\n", "4:8: $.x[0]: alias '*x' stands inside what it repeats"),
    "an alias of nothing": ("x: *y\n", "4:4: $.x: alias '*y' has no anchor above it"),
    "nesting": ("x: " + "[" * 200 + "]" * 200, "4:103: $.x[0]"),
    "nesting by aliases": (
        "a0: &a0 {x: 1}\n" + "".join(f"a{n}: &a{n} {'[' * 40}*a{n - 1}{']' * 40}\n" for n in range(1, 9)),
        "is nested too deeply",
    ),
    "nesting in keys": ("? " * 5_000, "a key is a mapping or a list"),
    "nesting of blocks": ("- " * 5_000, "is nested too deeply"),
    "nesting in JSON": ('{"a":' * 5_000, "is nested too deeply"),
    "a key twice": (
        "spec:\n  a: 1\n  b: 2\n  a: 3\n",
        "7:3: $.spec.a: key 'a' stands twice, first on line 5, column 3",
    ),
    "a key twice, once quoted": ("a: 1\n'a': 2\n", "5:1: $.a: key 'a' stands twice, first on line 4, column 1"),
    "a key twice in JSON": ('{"a": 1, "a": 2}', "1:10: $.a: key 'a' stands twice, first on line 1, column 2"),
    "a list for a key": ("? [a]\n: b\n", "4:3: $: a key is a mapping or a list; expected text"),
    "a number with a fraction for a key": ("1.5: a\n", "4:1: $: a key is a number; expected text"),
    "nothing for a key": ("~: a\n", "4:1: $: a key is null; expected text"),
    "a merge of a number": ("<<: 5\n", "4:5: $: '<<' merges a mapping or a list of mappings; this is neither"),
    "a merge of numbers": ("<<: [5]\n", "4:5: $: '<<' merges a mapping or a list of mappings; this is neither"),
    "many names for tags": (
        "".join(f"%TAG !t{n}! x:\n" for n in range(20_000)) + f"---\n{HEAD}",
        "1:1: $: directive %TAG is not allowed",
    ),
    "another encoding": (f"{HEAD}x: ä\n".encode("latin-1"), "4:4: $: byte 0xe4 is not UTF-8"),
    "UTF-16": (HEAD.encode("utf-16"), "1:1: $: byte 0xff is not UTF-8"),
    "a NUL": (f"{HEAD}x: a\0b\n".encode(), "4:5: "),
    "an escape for the terminal": (f"{HEAD}x: \x1b[31m\n".encode(), "control character '\\x1b' is not allowed"),
    "a lone surrogate in JSON": ('{"a": "\\ud83d"}', "1:"),
    "a number beyond floats in JSON": ('{"a": 1e999, "b": NaN}', "1:1: $.apiVersion: is missing"),
    "a tab for indentation": ("spec:\n\tx: 1\n", "5:1: "),
    "an open quote": ('x: "a\n', "found unexpected end of stream"),
    "two documents on one line": (
        "x: 1\r---\ry: 2\r",
        "a second document begins here; expected a line '---' before it",
    ),
}


STEPS_AT_MOST = 2_000_000
"""Lines of Python; merging without end, the most laborious, takes 0.8 million, and would take more than there is time for."""


@pytest.mark.rule("SEC-5")
@pytest.mark.parametrize("case", REFUSED)
def test_hostile_yaml_is_refused_with_its_place(case: str) -> None:
    text, expected = REFUSED[case]
    whole = text if isinstance(text, bytes) or text[0] in "{[-%" else HEAD + text
    loaded = read(whole)
    assert lines_run(partial(read, whole)) < STEPS_AT_MOST
    assert not loaded.documents
    assert expected in str(loaded.problems[0]), loaded.problems[0]


@pytest.mark.rule("SEC-5")
def test_a_hundred_megabytes_are_refused_before_they_are_held() -> None:
    class Endless(io.RawIOBase):
        given = 0

        def read(self, size: int = -1, /) -> bytes:
            self.given += size
            return b"#" * size

    endless = Endless()
    tracemalloc.start()
    loaded = read_manifests(["-"], recursive=False, stdin=endless)  # type: ignore[arg-type]  # a stream of bytes without an end
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert (
        str(loaded.problems[0])
        == f"stdin:1:1: $: is larger than the {BYTES_AT_MOST} bytes that may still be read; split the input [FILE]"
    )
    assert endless.given < BYTES_AT_MOST * 1.01
    assert peak < BYTES_AT_MOST * 1.1


@pytest.mark.rule("SEC-5")
@pytest.mark.parametrize("kept", [0, 7], ids=["at once", "after seven"])
@pytest.mark.parametrize(
    "text",
    [
        "[" + "a," * 99 + "]",
        "[" + "[a]," * 99 + "]",
        "{" + ", ".join(f"k{n}: a" for n in range(99)) + "}",
        "{" + "<<: {}, " * 99 + "}",
    ],
)
def test_values_are_counted_as_they_come(text: str, kept: int) -> None:
    told: list[str] = []

    def report(_index: int, _steps: object, rule: str, message: str, *, warning: bool) -> None:
        told.append(f"{message} [{rule}] {warning}")

    with pytest.raises(RefusedError):
        build(Text(file="f", text=text), Known(allowance=Allowance(nodes=kept)), report)
    assert told == ["the inputs hold too many values; expected at most 1000000 [SEC-5] False"]


@pytest.mark.rule("SEC-5")
def test_json_is_counted_before_it_is_read() -> None:
    text = '{"x": [' + "0," * 99 + "0]}"
    assert read_json(text, Allowance(nodes=100)) is None
    allowance = Allowance(nodes=101)
    assert read_json(text, allowance) is not None
    assert allowance.nodes == 0


FLOODS = {
    "values": HEAD + "x: [" + "a," * 1_000_001 + "]",
    "documents": "---\n" * 100_002,
    "problems": "---\n5\n" * 2_000,
    "keys twice": HEAD + "a: 1\n" * 2_000,
}


@pytest.mark.rule("SEC-5")
@pytest.mark.parametrize("flood", FLOODS)
def test_a_flood_ends_at_a_limit_and_says_so(flood: str) -> None:
    loaded = read(FLOODS[flood] + f"\n---\n{HEAD}")
    assert not loaded.documents
    assert loaded.problems[-1].rule == "SEC-5"
    assert len(loaded.problems) <= PROBLEMS_AT_MOST + 1


LONG = 300_000
LINEAR: dict[str, Callable[[int], str]] = {
    "a long word": lambda n: "x: " + "a" * n,
    "many words": lambda n: "x: " + "a " * n,
    "many lines of text": lambda n: "x: a\n" + " a\n" * n,
    "a quoted text of many lines": lambda n: 'x: "' + "a\n " * n + '"',
    "a block of empty lines": lambda n: "x: |\n" + "\n" * n,
    "comments": lambda n: "#\n" * n,
    "many digits": lambda n: "x: " + "1" * n,
    "many underscores": lambda n: "x: " + "1_" * n,
    "many anchors": lambda n: "x:\n" + "".join(f"- &a{at} x\n" for at in range(n // 10)),
    "many documents": lambda n: f"---\n{HEAD}" * (n // 50),
}


@pytest.mark.rule("SEC-5")
@pytest.mark.parametrize("shape", LINEAR)
def test_what_is_ten_times_as_long_is_read_in_at_most_ten_times_the_steps(shape: str) -> None:
    assert read(HEAD + LINEAR[shape](LONG)).problems == ()
    once, ten = (lines_run(partial(read, HEAD + LINEAR[shape](size))) for size in (LONG // 100, LONG // 10))
    assert ten <= 11 * once


@pytest.mark.rule("SEC-5")
def test_reading_needs_no_deep_stack() -> None:
    text = HEAD + "x: " + "[" * 98 + "]" * 98
    limit = sys.getrecursionlimit()
    sys.setrecursionlimit(len_of_stack() + 340)
    try:
        assert read(text).problems == ()
    finally:
        sys.setrecursionlimit(limit)


def len_of_stack() -> int:
    frame, depth = sys._getframe(), 0
    while frame.f_back is not None:
        frame, depth = frame.f_back, depth + 1
    return depth


@given(st.text(alphabet="ab:-?[]{},&*!|>'\"%@#<~ \n\t0.", max_size=60) | st.binary(max_size=60))
def test_any_input_gives_documents_or_problems_and_never_an_error(text: str | bytes) -> None:
    loaded = read(text)
    assert all(problem.line >= 1 and problem.column >= 1 for problem in loaded.problems)
    for document in loaded.documents:
        assert document.locate("$").line >= 1
