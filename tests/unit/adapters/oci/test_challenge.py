"""What a `WWW-Authenticate` offers, whatever stands in it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aimcore.adapters.oci.challenge import Challenge, parse_challenges


def bearer(**parameters: str) -> Challenge:
    return Challenge(scheme="bearer", parameters=parameters)


@pytest.mark.parametrize(
    ("header", "offered"),
    [
        pytest.param("", (), id="nothing"),
        pytest.param('Bearer realm="https://a/t",service="s"', (bearer(realm="https://a/t", service="s"),), id="plain"),
        pytest.param('bEaReR REALM="x"', (bearer(realm="x"),), id="names in any case"),
        pytest.param("Bearer realm=https://a/t", (bearer(realm="https://a/t"),), id="without quotes"),
        pytest.param('Bearer  realm = "x" , service = y', (bearer(realm="x", service="y"),), id="with spaces"),
        pytest.param(
            'Basic realm="a, Bearer b", Bearer realm="c"',
            (Challenge(scheme="basic", parameters={"realm": "a, Bearer b"}), bearer(realm="c")),
            id="two, and a comma in quotes",
        ),
        pytest.param(r'Bearer realm="a\"b\\"', (bearer(realm='a"b\\'),), id="escapes"),
        pytest.param('Bearer realm="a",realm="b"', (bearer(realm="a"),), id="a parameter twice"),
        pytest.param("Negotiate, Basic", (Challenge(scheme="negotiate"), Challenge(scheme="basic")), id="bare names"),
        pytest.param(
            'Negotiate abc=, Basic realm="x"',
            (Challenge(scheme="negotiate"), Challenge(scheme="basic", parameters={"realm": "x"})),
            id="a token of another way, and one behind it",
        ),
        pytest.param(
            "Bearer realm=https://a/t?b=c,service=s",
            (bearer(realm="https://a/t?b=c", service="s"),),
            id="without quotes, and with a question in it",
        ),
        pytest.param('realm="x"', (), id="a parameter of nothing"),
        pytest.param('Bearer realm="https://a', (bearer(),), id="quotes that stay open"),
        pytest.param('Bearer realm="a", \x00', (bearer(realm="a"),), id="rubbish behind"),
        pytest.param("Bearer " + "a" * 8192, (), id="too long"),
    ],
)
def test_a_header_offers_ways_to_log_in(header: str, offered: tuple[Challenge, ...]) -> None:
    assert parse_challenges(header) == offered


@given(st.text(alphabet='ab=", \\\tBearer\x00é', max_size=200))
def test_any_text_is_read_and_names_only_what_stands_in_it(text: str) -> None:
    for challenge in parse_challenges(text):
        assert challenge.scheme in text.lower()
        assert all(name in text.lower() for name in challenge.parameters)


@given(st.dictionaries(st.from_regex(r"[a-z]{1,8}", fullmatch=True), st.text('ab,= "\\'), max_size=4))
def test_what_is_written_by_the_rules_is_read_back(parameters: dict[str, str]) -> None:
    escaped = {name: value.replace("\\", "\\\\").replace('"', '\\"') for name, value in parameters.items()}
    header = "Bearer " + ", ".join(f'{name}="{value}"' for name, value in escaped.items())
    assert parse_challenges(header) == (bearer(**parameters),)
