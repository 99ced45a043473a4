from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aimcore.domain.images.metadata import Deployment, storable


@pytest.mark.rule("TMPL-1")
@pytest.mark.parametrize(
    ("deployment", "gpus"),
    [
        (Deployment(), 0),
        (Deployment(gpu_model="MI300X"), 1),
        (Deployment(gpu_model="MI300X", gpu_count=8), 8),
        (Deployment(gpu_count=2), 2),
        (Deployment(gpu_count=0), 0),
    ],
    ids=["neither model nor count", "a model means one", "model and count", "any model", "none"],
)
def test_how_many_gpus_a_deployment_takes(deployment: Deployment, gpus: int) -> None:
    assert deployment.gpus == gpus


@pytest.mark.rule("LABEL-2")
@given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0")))
def test_what_can_be_stored_is_left_alone(text: str) -> None:
    assert storable(text) == text


@pytest.mark.rule("LABEL-2")
@given(st.text(st.characters(), max_size=20) | st.text(st.sampled_from("a\0\ud800\udc00é\x01")))
def test_whatever_is_stored_can_be_written_and_has_its_length(text: str) -> None:
    stored = storable(text)
    assert json.loads(json.dumps(stored, ensure_ascii=False).encode()) == stored
    assert "\0" not in stored
    assert len(stored) == len(text)
    assert storable(stored) == stored
