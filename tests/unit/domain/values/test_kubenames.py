from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aimcore.domain.values.kubenames import is_dns1123_label, is_dns1123_subdomain, is_label_value, is_qualified_name

VECTORS = json.loads((Path(__file__).parents[3] / "vectors" / "names.json").read_text(encoding="utf-8"))["cases"]


@pytest.mark.rule("NAME-2")
@pytest.mark.parametrize("case", VECTORS, ids=lambda case: case["in"] or "nothing")
def test_a_name_is_what_kubernetes_says_it_is(case: dict[str, Any]) -> None:
    assert {
        "in": case["in"],
        "dns1123Label": is_dns1123_label(case["in"]),
        "dns1123Subdomain": is_dns1123_subdomain(case["in"]),
        "labelValue": is_label_value(case["in"]),
        "qualifiedName": is_qualified_name(case["in"]),
    } == case


@pytest.mark.parametrize(
    ("text", "label", "subdomain", "value", "qualified"),
    [
        pytest.param("a" * 63, True, True, True, True, id="63 characters"),
        pytest.param("a" * 64, False, True, False, False, id="64 characters"),
        pytest.param("a" * 253, False, True, False, False, id="253 characters"),
        pytest.param("a" * 254, False, False, False, False, id="254 characters"),
        pytest.param("a" * 253 + "/b", False, False, False, True, id="a prefix of 253 characters"),
        pytest.param("a" * 254 + "/b", False, False, False, False, id="a prefix of 254 characters"),
        pytest.param("a/" + "b" * 63, False, False, False, True, id="63 characters after a prefix"),
        pytest.param("a/" + "b" * 64, False, False, False, False, id="64 characters after a prefix"),
        pytest.param("a--b", True, True, True, True, id="two hyphens"),
        pytest.param("a.b-.c", False, False, True, True, id="a part that ends in a hyphen"),
        pytest.param("a\n", False, False, False, False, id="a line end"),
        pytest.param("\u0661", False, False, False, False, id="a digit of another script"),
    ],
)
@pytest.mark.rule("NAME-2")
def test_the_limits_of_names(text: str, *, label: bool, subdomain: bool, value: bool, qualified: bool) -> None:
    found = (is_dns1123_label(text), is_dns1123_subdomain(text), is_label_value(text), is_qualified_name(text))
    assert found == (label, subdomain, value, qualified)


@given(text=st.text() | st.text(alphabet="aA0.-_/é", max_size=70))
def test_any_text_gets_an_answer_and_the_kinds_of_names_contain_each_other(text: str) -> None:
    assert not is_dns1123_label(text) or is_dns1123_subdomain(text)
    assert not is_dns1123_label(text) or is_label_value(text)
    assert is_label_value(text) == (not text or ("/" not in text and is_qualified_name(text)))
