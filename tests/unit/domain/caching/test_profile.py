"""Whatever an image prints, the answer is a profile or a sentence that says what is wrong with it."""

from __future__ import annotations

import json
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aimcore.domain.caching.profile import PRINTED_AT_MOST, parse_dry_run
from aimcore.domain.errors import ParseError
from aimcore.domain.kinds.statuses import CacheProfile, DiscoveredSource

MODEL = {"name": "acme/llama", "source": "hf://acme/llama", "size_gb": 1.5}
ENTRY = {"filename": "profiles/vllm-mi300x.yaml", "profile": {"metadata": {"gpu": "MI300X"}}, "models": [MODEL]}
SOURCE = DiscoveredSource(model_id="acme/llama", source_uri="hf://acme/llama")


def parsed(text: str) -> CacheProfile:
    return parse_dry_run(text, image="acme:1", selection="abc")


def entry(**said: Any) -> str:
    return json.dumps([{**ENTRY, **said}])


def refused(text: str) -> str:
    with pytest.raises(ParseError) as found:
        parsed(text)
    return str(found.value)


@pytest.mark.rule("PROFILE-3")
@pytest.mark.parametrize(
    "text",
    [
        json.dumps([ENTRY]),
        json.dumps([ENTRY], indent=2) + "\n",
        "[INFO] choosing\n[1 of 3] done\n" + json.dumps([ENTRY, {"models": 7}]) + "  \r\nWARNING bye\n",
        json.dumps([]) + "\n" + json.dumps([ENTRY], indent=1),
    ],
    ids=["a line", "indented", "between lines of a logger", "the last list"],
)
def test_the_answer_is_found_in_what_a_container_wrote(text: str) -> None:
    found = parsed(text)
    assert found == CacheProfile(image="acme:1", selection="abc", id="vllm-mi300x", model_sources=(SOURCE,))


@pytest.mark.rule("PROFILE-3")
@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "dry run '$' prints no JSON list; expected [{profile, models}]"),
        ("[] [", "prints no JSON list"),
        ("x []", "prints no JSON list"),
        ("[" * 50_000, "prints no JSON list"),
        ("x" * PRINTED_AT_MOST, "dry run '$' is too long"),
        ("[]", "dry run '[]' names no profile; expected one that fits what was asked for"),
        ("[7]", "dry run '$[0]' is of another type; expected a JSON object"),
        (entry(profile=[1]), "dry run '$[0].profile' is of another type"),
        (entry(profile={"engine_args": [1]}), "dry run '$[0].profile.engine_args' is of another type"),
        (entry(models=None), "dry run '$[0].models' is missing; expected a list of {name, source}"),
        (entry(models=[MODEL] * 33), "dry run '$[0].models' has 33 models; expected at most 32"),
        (entry(models=[MODEL, MODEL]), "dry run '$[0].models[1].name' repeats the name of a model before it"),
        (entry(models=["acme/llama"]), "dry run '$[0].models[0]' is of another type"),
        (entry(models=[{"source": "hf://a/b"}]), "dry run '$[0].models[0].name' is missing; expected a text"),
        (entry(models=[{"name": "a/b", "source": 3}]), "dry run '$[0].models[0].source' is of another type"),
        (entry(models=[{**MODEL, "source": "acme/llama"}]), "source URI 'acme/llama' has no scheme"),
        (entry(models=[{**MODEL, "name": "../x"}]), "model id '../x' is not of the form org/name"),
    ],
)
def test_whatever_else_it_printed_is_told(text: str, why: str) -> None:
    assert why in refused(text)


@pytest.mark.rule("PROFILE-3", "SEC-1")
def test_settings_are_kept_for_people_within_bounds_and_without_credentials() -> None:
    args = {"max-model-len": 4096, "long": "x" * 2000, "nan": float("nan"), **{f"z{n}": n for n in range(100)}}
    env = {"VLLM_USE_V1": "1", "HF_TOKEN": "hf_canary1", "COUNT": 2, "odd": "\ud800"}
    found = parsed(entry(profile={"engine_args": args, "env_vars": env}, filename=None))
    assert found.id is None
    assert found.engine_args["max-model-len"] == "4096"
    assert found.engine_args["nan"] == "nan"
    assert "long" not in found.engine_args
    assert len(found.engine_args) == 63
    assert found.env_vars == {"VLLM_USE_V1": "1", "HF_TOKEN": "hf_***", "COUNT": "2", "odd": "?"}


_NAMES = st.sampled_from(["filename", "profile", "models", "name", "source", "engine_args", "env_vars"])
_ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda one: st.lists(one, max_size=4) | st.dictionaries(_NAMES, one, max_size=4),
    max_leaves=12,
)


@pytest.mark.rule("PROFILE-3")
@given(_ANYTHING)
def test_no_shape_of_an_answer_breaks_the_reader(value: Any) -> None:
    with suppress(ParseError):
        assert parsed(json.dumps([value])).image == "acme:1"
