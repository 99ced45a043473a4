"""What `-o yaml` writes, the manifests are read from again, whatever the texts look like."""

from __future__ import annotations

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aimcore.adapters.manifests import read_manifests
from aimcore.entrypoints.present.data import yaml_text

ODD = (
    "y",
    "N",
    "on",
    "1e3",
    "0o14",
    "089",
    "0x1F",
    "1_000",
    "12:30",
    "~",
    "",
    "<<",
    "=",
    ".inf",
    "-",
    "no: x",
    "é",
    "a\tb",
)


def _through(labels: dict[str, str]) -> object:
    manifest = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "x", "labels": labels}}
    loaded = read_manifests(["-"], recursive=False, stdin=io.BytesIO(yaml_text(manifest).encode()))
    assert loaded.problems == ()
    return loaded.documents[0].manifest


@pytest.mark.parametrize("text", ODD, ids=ascii)
def test_a_text_that_looks_like_something_else_stays_text(text: str) -> None:
    read = _through({"label": text})
    assert read == {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "x", "labels": {"label": text}}}


@given(
    st.dictionaries(
        st.text("yn~0123456789eExXob_.+-:<=aN", max_size=8), st.text("yn~0123456789eExXob_.+-:<=aN", max_size=8)
    )
)
def test_any_texts_come_back_as_they_were(labels: dict[str, str]) -> None:
    read = _through(labels)
    assert read == {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "x", "labels": labels}}
