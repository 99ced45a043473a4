from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aimcore.domain.serving.masking import CRASH_TEXT_AT_MOST, crash_text, masked

CANARY = "Canary1Canary2"


@pytest.mark.rule("SEC-1", "STAT-2")
@pytest.mark.parametrize(
    ("text", "shown"),
    [
        pytest.param(f"token hf_{CANARY} was refused", "token hf_*** was refused", id="a token of the hub"),
        pytest.param(f"key AKIA{CANARY.upper()}.", "key AKIA***.", id="a key of S3"),
        pytest.param(f"Authorization: Bearer {CANARY}.x-y", "Authorization: Bearer ***", id="a bearer token"),
        pytest.param(f"authorization: bearer  {CANARY}", "authorization: bearer  ***", id="whatever the case"),
        pytest.param(f"vllm serve --api-key {CANARY} --x", "vllm serve --api-key *** --x", id="an argument"),
        pytest.param(f"--api-key={CANARY}", "--api-key=***", id="an argument with an equals sign"),
        pytest.param(f"Namespace(api_key=['{CANARY}'])", "Namespace(api_key=['***'])", id="parsed arguments"),
        pytest.param(f'{{"api_key": "{CANARY}", "x": 1}}', '{"api_key": "***", "x": 1}', id="JSON"),
        pytest.param(f"get https://me:{CANARY}@host/x", "get https://***@host/x", id="user info in a URL"),
        pytest.param(f"get https://{CANARY}@host/x", "get https://***@host/x", id="a user alone"),
        pytest.param("see https://host/a@b", "see https://host/a@b", id="an @ that is no user info"),
        pytest.param("\x1b[31mred\x1b[0m\x07 a\tb\nc", "red a\tb\nc", id="what a terminal would obey"),
        pytest.param("half of it", "half of it", id="ordinary text"),
    ],
)
def test_credentials_are_masked(text: str, shown: str) -> None:
    assert masked(text) == shown


@pytest.mark.rule("SEC-1", "STAT-2")
@given(st.text(max_size=1100), st.integers(0, 1100))
def test_no_cut_leaves_half_a_token(before: str, after: int) -> None:
    text = crash_text(f"{before} hf_{CANARY} {'.' * after}")
    assert CANARY not in text
    assert "anary2" not in text
    assert len(text.encode()) <= CRASH_TEXT_AT_MOST


@pytest.mark.rule("STAT-2")
def test_the_end_of_a_crash_is_what_is_shown() -> None:
    assert crash_text(f"  {'a' * 2000}end\n") == "a" * 1021 + "end"
    assert crash_text("é" * 1000) == "é" * 512
    assert crash_text("x" + "é" * 512 + "y") == "é" * 511 + "y"
