from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aimcore.entrypoints.present.text import shown


@pytest.mark.parametrize(
    ("text", "safe"),
    [
        pytest.param("llama-3.1:8b", "llama-3.1:8b", id="plain text stays"),
        pytest.param("\x1b[31mred", "\\x1b[31mred", id="colours"),
        pytest.param("a\r\nb\tc", "a\\r\\nb\\tc", id="line breaks"),
        pytest.param("\u202eevil", "\\u202eevil", id="right to left override"),
        pytest.param("\u05d0", "\\u05d0", id="right to left letters"),
        pytest.param("l\u0430ma", "l\\u0430ma", id="a letter that looks like another"),
        pytest.param("\U0001f600", "\\U0001f600", id="beyond the basic plane"),
        pytest.param("\ud800", "\\ud800", id="half a surrogate pair"),
        pytest.param("\x7f\x9b", "\\x7f\\x9b", id="controls that are not below space"),
    ],
)
def test_what_could_deceive_a_reader_is_escaped(text: str, safe: str) -> None:
    assert shown(text) == safe


@given(st.text())
def test_nothing_but_printable_ascii_is_shown(text: str) -> None:
    assert all(unicodedata.category(char) not in ("Cc", "Cf") and char.isascii() for char in shown(text))
