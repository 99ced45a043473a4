from __future__ import annotations

import time

import pytest

from aimcore.domain.values.nearness import did_you_mean, nearest

FIELDS = ("custom", "env", "image", "imageMetadata", "modelSources", "replicas")


@pytest.mark.rule("KIND-3")
@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("iamge", "image"),
        ("IMAGE", "image"),
        ("modelsources", "modelSources"),
        ("replica", "replicas"),
        ("colour", ""),
        ("", ""),
    ],
)
def test_what_is_nearly_a_word_means_it(said: str, meant: str) -> None:
    assert nearest(said, FIELDS) == meant
    assert did_you_mean(said, FIELDS) == (f"; did you mean '{meant}'?" if meant else "")


def test_a_word_without_end_is_like_nothing_and_costs_nothing() -> None:
    begun = time.perf_counter()
    assert nearest("image" * 100_000, FIELDS) == ""
    assert time.perf_counter() - begun < 0.5
