"""Templates as kubectl has them."""

from __future__ import annotations

import pytest

from aimcore.domain.errors import ParseError
from aimcore.entrypoints.present.jsonpath import filled

DATA = {
    "items": [
        {"name": "a", "status": "Ready", "n": 1, "tags": ["x", "y"], "odd name": True},
        {"name": "b\x1b", "status": "Failed", "n": 3, "tags": [], "gone": None},
    ]
}


@pytest.mark.parametrize(
    ("template", "text"),
    [
        pytest.param("{.items[*].name}", "a b\\x1b", id="names, escaped"),
        pytest.param(".items[0].name", "a", id="without braces"),
        pytest.param("{$.items[-1].status}", "Failed", id="the last one"),
        pytest.param("{.items[0:1].n}", "1", id="a slice"),
        pytest.param("{.items[*].none}", "", id="what is not there"),
        pytest.param("{.items.name}", "", id="a name of a list"),
        pytest.param("{.items[0]['odd name']}", "true", id="a name in quotes"),
        pytest.param("{..status}", "Ready Failed", id="at any depth"),
        pytest.param("{.items[0].tags}", '["x", "y"]', id="a list"),
        pytest.param("{.items[0].tags.*}", "x y", id="all of a list"),
        pytest.param('{.items[?(@.status=="Failed")].n}', "3", id="a test"),
        pytest.param("{.items[?(@.n<3)].name}", "a", id="another test"),
        pytest.param("{.items[?(@.n>='x')].name}", "", id="what cannot be compared"),
        pytest.param("{.items[?(@.gone)].n}", "3", id="that it is there"),
        pytest.param("{range .items[*]}{.n}:{range .tags[*]}{@}{','}{end};{end}.", "1:x,y,;3:;.", id="ranges"),
        pytest.param("{range .none[*]}{.n}{range .tags[*]}{end}{end}behind", "behind", id="a range of nothing"),
        pytest.param('n: {.items[0].n}{"\\n"}', "n: 1\n", id="text and escapes"),
    ],
)
def test_a_template_is_filled(template: str, text: str) -> None:
    assert filled(template, DATA) == text


@pytest.mark.parametrize(
    "template",
    [
        "{.items",
        "{.items[}",
        "{.items[?(@.n=)]}",
        "{.items[?(n)]}",
        "{end}",
        "{'x}",
        "{.a b}",
        "{.items[?(@.n==x)]}",
        "x" * 5000,
    ],
)
def test_what_is_no_template_is_refused(template: str) -> None:
    with pytest.raises(ParseError, match="jsonpath"):
        filled(template, DATA)
