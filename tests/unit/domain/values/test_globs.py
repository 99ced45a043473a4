from __future__ import annotations

import re
from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aimcore.domain.values.globs import matches
from tests.effort import lines_run


def as_pattern(glob: str) -> str:
    """The same glob as a regular expression: slow on hostile text, right on any."""
    return "[^/]*".join(map(re.escape, glob.split("*")))


@pytest.mark.rule("CONF-5")
@given(st.text("ab/*", max_size=12), st.text("ab/", max_size=12))
def test_a_star_is_any_run_of_characters_but_a_slash(glob: str, text: str) -> None:
    assert matches(glob, text) is (re.fullmatch(as_pattern(glob), text) is not None)


@pytest.mark.rule("CONF-5")
@pytest.mark.parametrize(
    ("glob", "text", "answer"),
    [
        pytest.param("team", "team", True, id="a whole name"),
        pytest.param("team", "teams", False, id="a name that goes on"),
        pytest.param("team-*", "team-a", True, id="a prefix"),
        pytest.param("*-id", "cost-id", True, id="a suffix"),
        pytest.param("ab*ba", "aba", False, id="a prefix and a suffix may not overlap"),
        pytest.param("a*b*c", "a-c-b", False, id="pieces in another order"),
        pytest.param("a*bc*bd", "abcbcbd", True, id="a piece that occurs twice"),
        pytest.param("a*bd*bd", "abd", False, id="one piece does not serve twice"),
        pytest.param("example.com/*", "example.com/team", True, id="every name under a prefix"),
        pytest.param("*", "example.com/team", False, id="a star does not cross a slash"),
        pytest.param("*/*", "example.com/team", True, id="every name under every prefix"),
        pytest.param("*/*", "team", False, id="a slash is not optional"),
        pytest.param("exampl?.com/team", "example.com/team", False, id="nothing else is special"),
        pytest.param("", "", True, id="nothing"),
        pytest.param("", "a", False, id="something where nothing is asked"),
    ],
)
def test_the_edges_of_a_glob(glob: str, text: str, *, answer: bool) -> None:
    assert matches(glob, text) is answer


@pytest.mark.rule("CONF-5")
def test_hostile_globs_cost_no_more_than_their_length() -> None:
    for glob, text in (("*a" * 5_000 + "b", "a" * 100_000), ("*" * 50_000 + "b", "a" * 100_000)):
        assert not matches(glob, text)
        assert lines_run(partial(matches, glob, text)) < 10 * (len(glob) + len(text))
