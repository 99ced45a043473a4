"""Strategies for the labels of images, in all the spellings that real images carry (LABEL)."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import cache
from typing import Any

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from aimcore.testing.vocabulary import gpu_models, metrics, precisions, some_of

__all__ = ["broken_deployments", "deployments", "image_labels", "spelt_deployments"]

Json = dict[str, Any]
Labels = dict[str, str]

PREFIXES = ("com.amd.aim.", "org.amd.silogen.")
DEPLOYMENT_KEYS = ("model.deployments", "model.recommendedDeployments")
PROFILES = ("vllm-a", "vllm-b")
PROSE = 'the model\'s own, "as is"'
"""Both kinds of quotes in one text: what a careless translation between the spellings breaks on."""


@cache
def deployments() -> SearchStrategy[Json]:
    """One recommended deployment: a GPU with or without a count, or none; any of the other fields."""
    gpu = some_of({"gpuModel": gpu_models()}, {"gpuCount": st.sampled_from([1, 2, 4, 8])})
    rest = some_of(
        {},
        {
            "metric": metrics(),
            "precision": precisions(),
            "profileId": st.sampled_from(PROFILES),
            "description": st.sampled_from(["fast", PROSE]),
        },
    )
    return st.builds(lambda one, other: {**one, **other} or {"gpuCount": 0}, gpu | st.just({}), rest)


@cache
def broken_deployments() -> SearchStrategy[Any]:
    """Elements that are no deployment; each costs itself and no other (LABEL-4)."""
    return st.sampled_from(
        [
            "not an object",
            7,
            ["nested"],
            {"gpuModel": "MI300X", "gpuCount": "many"},
            {"gpuModel": "MI300X", "gpuCount": -1},
            {"gpuModel": "MI300X", "gpuCount": 1.5},
            {"metric": "speed"},
            {"precision": "fp5"},
            {"gpuModel": "x" * 65},
            {"gpuModel": "NONE", "gpuCount": 1},
            {},
            {"model": "MI300X", "count": 2},
        ]
    )


def _side_by_side(elements: list[Any], write: Callable[[Any], str]) -> str:
    return ", ".join(map(write, elements))


SPELLINGS: tuple[Callable[[list[Any]], str], ...] = (
    json.dumps,
    repr,
    lambda elements: _side_by_side(elements, json.dumps),
    lambda elements: _side_by_side(elements, repr),
    lambda elements: json.dumps(elements, indent=2),
)
"""A list as JSON, as a Python literal, and its elements side by side in either, which makes one object of a list of one."""


def spelt_deployments(elements: list[Any]) -> SearchStrategy[str]:
    """The text of a deployments label that holds these elements, in any spelling that can hold them."""
    beside = bool(elements) and isinstance(elements[0], dict)
    fitting = SPELLINGS if beside else tuple(one for one in SPELLINGS if one([{}])[0] == "[")
    return st.sampled_from(fitting).map(lambda write: write(elements))


KEYS_USED = ((DEPLOYMENT_KEYS[0],), (DEPLOYMENT_KEYS[1],), DEPLOYMENT_KEYS, ())
UNREADABLE = ("{", "[1, 2", "[" * 40, "", "null")


@cache
def _one_in(many: int) -> SearchStrategy[bool]:
    """True once in so many, and never in what has been shrunk."""
    return st.integers(0, many - 1).map(lambda drawn: drawn == many - 1)


@cache
def _others(prefix: str) -> SearchStrategy[Labels]:
    said = {
        prefix + "title": st.sampled_from(["Chat", PROSE]),
        prefix + "model.tags": st.sampled_from(["a, b,,c", " "]),
        prefix + "hfToken.required": st.sampled_from(["true", "0", "perhaps"]),
        "org.opencontainers.image.version": st.just("1.0"),
        "maintainer": st.just("somebody"),
    }
    return some_of({}, said)


@cache
def image_labels() -> SearchStrategy[Labels]:
    """The labels of one image: a model's, with deployments in one spelling under one key of one prefix or of both; now and
    then with broken elements, with text that cannot be read at all, or with nothing to say.
    """
    return _image_labels()


@st.composite
def _image_labels(draw: st.DrawFn) -> Labels:
    prefix = draw(st.sampled_from(PREFIXES))
    labels: Labels = {}
    if not draw(_one_in(8)):
        labels[prefix + "model.canonicalName"] = draw(st.sampled_from(["acme/chat", "acme/code"]))
    for key in draw(st.sampled_from(KEYS_USED)):
        labels[prefix + key] = draw(_deployments_text())
    if draw(_one_in(4)):
        labels[draw(st.sampled_from(PREFIXES)) + DEPLOYMENT_KEYS[0]] = draw(_deployments_text())
    return {**labels, **draw(_others(prefix))}


@st.composite
def _deployments_text(draw: st.DrawFn) -> str:
    if draw(_one_in(20)):
        return draw(st.sampled_from(UNREADABLE))
    elements: list[Any] = draw(_LISTS)
    if draw(_one_in(5)):
        elements = [*elements, draw(broken_deployments())]
        elements = draw(st.permutations(elements))
    return draw(spelt_deployments(elements))


_VARIED = st.sampled_from([("profileId", PROFILES), ("gpuCount", (1, 2)), ("metric", ("latency", "throughput"))])


def _siblings(deployment: Json, varied: tuple[str, tuple[Any, ...]]) -> list[Any]:
    """Deployments that differ in one field."""
    field, values = varied
    return [{**deployment, field: value} for value in values]


_LISTS = st.lists(deployments(), max_size=3) | st.builds(_siblings, deployments(), _VARIED)
