from __future__ import annotations

import json
from typing import Any

import yaml
from hypothesis import given
from hypothesis import strategies as st

from aimcore.entrypoints.present.data import json_text, yaml_text

scalars = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text()
documents = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3), max_leaves=12
)


@given(documents)
def test_json_reads_back_as_it_was(document: Any) -> None:
    assert json.loads(json_text(document)) == document


@given(documents)
def test_json_is_indented_as_the_standard_library_does_it(document: Any) -> None:
    assert json_text(document) == json.dumps(document, indent=2).replace("\x7f", "\\u007f") + "\n"


@given(documents)
def test_yaml_reads_back_as_it_was(document: Any) -> None:
    assert yaml.safe_load(yaml_text(document)) == document


@given(documents)
def test_neither_holds_anything_but_printable_ascii(document: Any) -> None:
    for text in (json_text(document), yaml_text(document)):
        assert text.isascii()
        assert all(line.isprintable() for line in text.split("\n"))


def test_tuples_are_lists() -> None:
    assert json.loads(json_text({"a": (1, 2), "b": ()})) == {"a": [1, 2], "b": []}
