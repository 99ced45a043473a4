from __future__ import annotations

from itertools import chain

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aimcore.domain.values.layering import Layer, Layered, PassedOver, layer_of, over, stack

Merged = dict[str, Layered[int]]

names = st.sampled_from(["cpu", "memory", "disk"])
said = st.dictionaries(names, st.integers(0, 9))
layers = st.builds(layer_of, st.sampled_from(Layer), said)
merges = st.lists(layers, max_size=4).map(lambda several: stack(*several))


def voices(value: Layered[int]) -> list[tuple[Layer, int]]:
    """Everyone who said something about a value, strongest first."""
    return [(value.layer, value.value), *((beaten.layer, beaten.value) for beaten in value.passed_over)]


@pytest.mark.rule("RES-1", "CONF-1")
def test_a_merged_value_knows_who_said_it_and_whom_it_beat() -> None:
    service, template, model = (
        layer_of(layer, {"cpu": value}) for layer, value in [(Layer.SERVICE, 8), (Layer.TEMPLATE, 4), (Layer.MODEL, 2)]
    )
    assert stack(service, template, model) == {
        "cpu": Layered(
            value=8,
            layer=Layer.SERVICE,
            passed_over=(PassedOver(layer=Layer.TEMPLATE, value=4), PassedOver(layer=Layer.MODEL, value=2)),
        )
    }


@given(st.sampled_from(Layer), said)
def test_one_layer_says_what_it_says(layer: Layer, values: dict[str, int]) -> None:
    assert layer_of(layer, values) == {name: Layered(value=value, layer=layer) for name, value in values.items()}


@pytest.mark.rule("RES-1")
@given(merges, merges, merges)
def test_merging_is_associative_in_its_order_too(a: Merged, b: Merged, c: Merged) -> None:
    left, right = over(over(a, b), c), over(a, over(b, c))
    assert list(left.items()) == list(right.items())


@pytest.mark.rule("RES-1")
@given(merges)
def test_the_empty_layer_is_neutral(one: Merged) -> None:
    assert over({}, one) == over(one, {}) == stack(one) == one
    assert stack() == {}


@pytest.mark.rule("RES-1", "CONF-1")
@given(merges, merges)
def test_the_stronger_wins_and_nothing_is_invented(strong: Merged, weak: Merged) -> None:
    merged = over(strong, weak)
    assert merged.keys() == strong.keys() | weak.keys()
    for name, value in merged.items():
        best = strong.get(name) or weak[name]
        assert (value.layer, value.value) == (best.layer, best.value)


@pytest.mark.rule("RES-1")
@given(st.lists(layers, max_size=5))
def test_the_provenance_of_every_value_is_complete(several: list[Merged]) -> None:
    for name, value in stack(*several).items():
        assert voices(value) == list(chain.from_iterable(voices(layer[name]) for layer in several if name in layer))
