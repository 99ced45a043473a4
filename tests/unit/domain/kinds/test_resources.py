from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aimcore.domain.kinds.resources import MergedResources, ResourceClaim, Resources, is_gpu_key, merge_resources
from aimcore.domain.values.layering import Layer, Layered, PassedOver
from aimcore.domain.values.quantity import Quantity, parse_quantity

STRENGTH = (Layer.SERVICE, Layer.TEMPLATE, Layer.HARDWARE, Layer.MODEL)
GPU_KEYS = ["amd.com/gpu", "nvidia.com/gpu", "example.com/card"]

amounts = st.sampled_from(["0", "1", "1000m", "2", "4", "4e0", "1Gi", "1024Mi"]).map(parse_quantity)
plain = st.dictionaries(st.sampled_from(["cpu", "memory"]), amounts, max_size=2)
either = st.dictionaries(st.sampled_from(["cpu", "memory", *GPU_KEYS]), amounts, max_size=3)
claims = st.lists(
    st.builds(ResourceClaim, name=st.sampled_from("ab"), request=st.none() | st.just("r")),
    max_size=2,
    unique_by=lambda claim: claim.name,
).map(tuple)
resources = st.builds(Resources, requests=either, limits=either, claims=claims)
without_gpus = st.builds(Resources, requests=plain, limits=plain, claims=claims)
Layers = tuple[tuple[Layer, Resources], ...]


def stacked(each: st.SearchStrategy[Resources]) -> st.SearchStrategy[Layers]:
    return st.tuples(each, each, each, each).map(lambda four: tuple(zip(STRENGTH, four, strict=True)))


def quantities(**texts: str) -> dict[str, Quantity]:
    """Quantities by resource name; `gpu` is short for `amd.com/gpu`."""
    return {"amd.com/gpu" if name == "gpu" else name: parse_quantity(text) for name, text in texts.items()}


def merged(
    *layers: tuple[Layer, Resources], gpu_count: int | None = None, resource_name: str | None = None
) -> MergedResources:
    return merge_resources(layers, gpu_count=gpu_count, resource_name=resource_name)


def texts(values: Mapping[str, Layered[Quantity]]) -> dict[str, str]:
    return {name: f"{value.value} {value.layer}" for name, value in values.items()}


def voices(value: Layered[Quantity]) -> Counter[tuple[Layer, Quantity]]:
    """How often each layer stands behind an amount, won or passed over."""
    return Counter([(value.layer, value.value), *((beaten.layer, beaten.value) for beaten in value.passed_over)])


# Rule 1: layers -------------------------------------------------------------------------------------------------------


@pytest.mark.rule("RES-1")
def test_layers_merge_name_by_name_and_requests_apart_from_limits() -> None:
    answer = merged(
        (Layer.SERVICE, Resources(requests=quantities(memory="40Gi"))),
        (Layer.TEMPLATE, Resources(requests=quantities(cpu="6", memory="32Gi"))),
        (Layer.HARDWARE, Resources(requests=quantities(cpu="5"), limits=quantities(cpu="10"))),
        (Layer.MODEL, Resources(requests=quantities(cpu="4"), limits=quantities(cpu="8", memory="64Gi"))),
    )
    assert texts(answer.requests) == {"memory": "40Gi service", "cpu": "6 template"}
    assert texts(answer.limits) == {"cpu": "10 hardware", "memory": "64Gi model"}
    assert answer.requests["cpu"].passed_over == (
        PassedOver(layer=Layer.HARDWARE, value=Quantity.of(5)),
        PassedOver(layer=Layer.MODEL, value=Quantity.of(4)),
    )
    assert answer.problems == ()


@pytest.mark.rule("RES-1")
def test_claims_merge_by_name() -> None:
    near, far, other = ResourceClaim(name="a", request="x"), ResourceClaim(name="a"), ResourceClaim(name="b")
    answer = merged(
        (Layer.SERVICE, Resources(claims=(near,), limits=quantities(gpu="1"))),
        (Layer.MODEL, Resources(claims=(far, other))),
    )
    assert answer.claims == {
        "a": Layered(value=near, layer=Layer.SERVICE, passed_over=(PassedOver(layer=Layer.MODEL, value=far),)),
        "b": Layered(value=other, layer=Layer.MODEL),
    }


@pytest.mark.rule("RES-1")
@given(stacked(resources), st.integers(0, 5), st.none() | st.integers(0, 8))
def test_a_layer_that_asks_for_nothing_is_neutral(layers: Layers, place: int, gpu_count: int | None) -> None:
    more = (*layers[:place], (Layer.PROFILE, Resources()), *layers[place:])
    assert merged(*more, gpu_count=gpu_count) == merged(*layers, gpu_count=gpu_count)


@pytest.mark.rule("RES-1")
@given(stacked(without_gpus))
def test_nothing_is_invented_and_every_voice_is_heard(layers: Layers) -> None:
    answer = merged(*layers)
    sides = {"requests": answer.requests, "limits": answer.limits}
    for side, values in sides.items():
        asked = {name for _, one in layers for name in getattr(one, side)}
        assert values.keys() == asked
        for name, value in values.items():
            heard = Counter((layer, getattr(one, side)[name]) for layer, one in layers if name in getattr(one, side))
            borrowed = voices(value) - heard
            assert not heard - voices(value)
            # What is borrowed is the winner alone, and it stands on the other side with the same layer (rule 3).
            assert borrowed in (Counter(), Counter([(value.layer, value.value)]))
            if borrowed:
                assert {side[name].layer for side in sides.values()} == {value.layer}
                assert value.passed_over[0].reason is not None


@pytest.mark.rule("RES-1")
@given(stacked(resources))
def test_the_order_of_entries_says_nothing(layers: Layers) -> None:
    turned = tuple(
        (layer, Resources(requests=_reversed(one.requests), limits=_reversed(one.limits), claims=one.claims[::-1]))
        for layer, one in layers
    )
    answer, other = merged(*layers), merged(*turned)
    assert (answer.requests, answer.limits, answer.claims) == (other.requests, other.limits, other.claims)


def _reversed(values: Mapping[str, Quantity]) -> dict[str, Quantity]:
    return dict([*values.items()][::-1])


# Rule 2: GPUs ---------------------------------------------------------------------------------------------------------


@pytest.mark.rule("RES-2")
@pytest.mark.parametrize(
    ("name", "resource_name", "answer"),
    [
        pytest.param("amd.com/gpu", None, True, id="a vendor's GPU"),
        pytest.param("example.com/card", "example.com/card", True, id="the name the template gives them"),
        pytest.param("example.com/card", None, False, id="another device"),
        pytest.param("amd.com/gpu-memory", None, False, id="a name that only begins so"),
        pytest.param("gpu", None, False, id="no vendor"),
        pytest.param("cpu", "amd.com/gpu", False, id="not GPUs at all"),
    ],
)
def test_which_names_are_gpus(name: str, resource_name: str | None, *, answer: bool) -> None:
    assert is_gpu_key(name, resource_name) is answer


@pytest.mark.rule("RES-2")
def test_the_strongest_layer_that_names_gpus_decides_both_sides() -> None:
    answer = merged(
        (Layer.SERVICE, Resources(requests=quantities(cpu="1"))),
        (Layer.TEMPLATE, Resources(limits=quantities(gpu="2"))),
        (Layer.MODEL, Resources(requests={"nvidia.com/gpu": Quantity.of(1)}, limits=quantities(gpu="8", cpu="3"))),
        gpu_count=4,
    )
    gpus = Layered(
        value=Quantity.of(2),
        layer=Layer.TEMPLATE,
        passed_over=(
            PassedOver(layer=Layer.MODEL, value=Quantity.of(8)),
            PassedOver(layer=Layer.MODEL, value=Quantity.of(1), name="nvidia.com/gpu"),
            PassedOver(layer=Layer.PROFILE, value=Quantity.of(4)),
        ),
    )
    assert answer.requests == {"cpu": Layered(value=Quantity.of(1), layer=Layer.SERVICE), "amd.com/gpu": gpus}
    assert answer.limits == {"cpu": Layered(value=Quantity.of(3), layer=Layer.MODEL), "amd.com/gpu": gpus}
    assert answer.problems == ()


@pytest.mark.rule("RES-2")
@pytest.mark.parametrize(
    ("gpu_count", "resource_name", "answer"),
    [
        pytest.param(8, None, {"amd.com/gpu": "8 profile"}, id="the profile's count"),
        pytest.param(1, "example.com/card", {"example.com/card": "1 profile"}, id="under the template's name for them"),
        pytest.param(0, None, {}, id="a profile without GPUs"),
        pytest.param(None, "example.com/card", {}, id="no profile"),
    ],
)
def test_the_profile_answers_where_no_layer_does(
    gpu_count: int | None, resource_name: str | None, answer: dict[str, str]
) -> None:
    filled = merged((Layer.SERVICE, Resources()), gpu_count=gpu_count, resource_name=resource_name)
    assert texts(filled.requests) == texts(filled.limits) == answer


@pytest.mark.rule("RES-2")
@pytest.mark.parametrize(
    ("layer", "resource_name", "answer"),
    [
        pytest.param(
            Resources(requests=quantities(gpu="0")), None, {"amd.com/gpu": "0 service"}, id="an explicit zero"
        ),
        pytest.param(
            Resources(requests=quantities(gpu="2"), limits=quantities(gpu="2000m")),
            None,
            {"amd.com/gpu": "2 service"},
            id="one count, spelt in two ways",
        ),
        pytest.param(
            Resources(limits={"example.com/card": Quantity.of(3)}),
            "example.com/card",
            {"example.com/card": "3 service"},
            id="under the template's name",
        ),
        pytest.param(
            Resources(requests={"amd.com/gpu": Quantity.of(1), "nvidia.com/gpu": Quantity.of(1)}),
            None,
            {"amd.com/gpu": "1 service", "nvidia.com/gpu": "1 service"},
            id="one count under two names",
        ),
    ],
)
def test_what_one_layer_says_of_gpus(layer: Resources, resource_name: str | None, answer: dict[str, str]) -> None:
    filled = merged((Layer.SERVICE, layer), gpu_count=8, resource_name=resource_name)
    assert texts(filled.requests) == texts(filled.limits) == answer
    assert filled.problems == ()


@pytest.mark.rule("RES-2")
@pytest.mark.parametrize(
    ("layer", "said"),
    [
        pytest.param(
            Resources(requests=quantities(gpu="1"), limits=quantities(gpu="2")),
            "amd.com/gpu=1 and amd.com/gpu=2",
            id="on the two sides",
        ),
        pytest.param(
            Resources(limits={"amd.com/gpu": Quantity.of(1), "nvidia.com/gpu": Quantity.of(2)}),
            "amd.com/gpu=1 and nvidia.com/gpu=2",
            id="under two names",
        ),
    ],
)
def test_two_counts_in_the_layer_that_decides_are_invalid(layer: Resources, said: str) -> None:
    answer = merged((Layer.SERVICE, layer), (Layer.MODEL, Resources(requests=quantities(cpu="1"))), gpu_count=4)
    assert answer.problems == (f"the service layer names several GPU counts, {said}; expected one",)
    assert texts(answer.requests) == {"cpu": "1 model"}
    assert answer.limits == {}


@pytest.mark.rule("RES-2")
def test_two_counts_in_a_weaker_layer_only_fall_out() -> None:
    torn = Resources(requests=quantities(gpu="1"), limits=quantities(gpu="2"))
    answer = merged((Layer.SERVICE, Resources(limits=quantities(gpu="4"))), (Layer.MODEL, torn))
    assert texts(answer.requests) == texts(answer.limits) == {"amd.com/gpu": "4 service"}
    assert [beaten.value for beaten in answer.limits["amd.com/gpu"].passed_over] == [Quantity.of(1), Quantity.of(2)]
    assert answer.problems == ()


@pytest.mark.rule("RES-2")
@given(stacked(resources), st.none() | st.integers(0, 8), st.none() | st.sampled_from(GPU_KEYS))
def test_gpus_are_one_answer_from_one_layer(layers: Layers, gpu_count: int | None, resource_name: str | None) -> None:
    answer = merged(*layers, gpu_count=gpu_count, resource_name=resource_name)
    gpus = {name: value for name, value in answer.requests.items() if is_gpu_key(name, resource_name)}
    assert gpus == {name: value for name, value in answer.limits.items() if is_gpu_key(name, resource_name)}
    assert len({(value.layer, value.value) for value in gpus.values()}) <= 1
    said = {
        layer: {
            (name, value)
            for side in (one.requests, one.limits)
            for name, value in side.items()
            if is_gpu_key(name, resource_name)
        }
        for layer, one in layers
    }
    if gpu_count:
        said[Layer.PROFILE] = {(resource_name or "amd.com/gpu", Quantity.of(gpu_count))}
    deciding = next((layer for layer, values in said.items() if values), None)
    for name, value in gpus.items():
        assert value.layer is deciding
        heard = {
            (layer, (beaten.name or name, beaten.value))
            for layer in said
            for beaten in value.passed_over
            if beaten.layer is layer
        }
        assert heard == {(layer, one) for layer, values in said.items() for one in values if layer is not deciding}


# Rule 3: requests and limits ------------------------------------------------------------------------------------------


@pytest.mark.rule("RES-3")
def test_a_weaker_limit_yields_to_a_stronger_request() -> None:
    answer = merged(
        (Layer.SERVICE, Resources(requests=quantities(cpu="8"))),
        (Layer.TEMPLATE, Resources(limits=quantities(cpu="4"))),
        (Layer.MODEL, Resources(limits=quantities(cpu="2"))),
    )
    assert answer.limits["cpu"] == Layered(
        value=Quantity.of(8),
        layer=Layer.SERVICE,
        passed_over=(
            PassedOver(layer=Layer.TEMPLATE, value=Quantity.of(4), reason="below the request of the service layer"),
            PassedOver(layer=Layer.MODEL, value=Quantity.of(2)),
        ),
    )
    assert texts(answer.requests) == {"cpu": "8 service"}
    assert answer.problems == ()


@pytest.mark.rule("RES-3")
def test_a_weaker_request_yields_to_a_stronger_limit() -> None:
    answer = merged(
        (Layer.TEMPLATE, Resources(limits=quantities(memory="16Gi"))),
        (Layer.MODEL, Resources(requests=quantities(memory="32Gi"), limits=quantities(memory="64Gi"))),
    )
    assert answer.requests["memory"] == Layered(
        value=parse_quantity("16Gi"),
        layer=Layer.TEMPLATE,
        passed_over=(
            PassedOver(layer=Layer.MODEL, value=parse_quantity("32Gi"), reason="above the limit of the template layer"),
        ),
    )
    assert texts(answer.limits) == {"memory": "16Gi template"}
    assert answer.problems == ()


@pytest.mark.rule("RES-3")
def test_a_layer_that_contradicts_itself_is_invalid_and_every_contradiction_is_named() -> None:
    answer = merged(
        (
            Layer.SERVICE,
            Resources(
                requests=quantities(memory="2Gi", cpu="2500m", disk="1"),
                limits=quantities(cpu="2", memory="1Gi", disk="1"),
            ),
        )
    )
    assert answer.problems == (
        "the service layer requests cpu=2500m, above its limit 2; expected at most the limit",
        "the service layer requests memory=2Gi, above its limit 1Gi; expected at most the limit",
    )
    assert texts(answer.requests) == {"memory": "2Gi service", "cpu": "2500m service", "disk": "1 service"}


@pytest.mark.rule("RES-3")
def test_faults_of_gpus_and_of_the_rest_are_told_together() -> None:
    torn = Resources(requests=quantities(cpu="2", gpu="1"), limits=quantities(cpu="1", gpu="2"))
    assert [problem.split()[3] for problem in merged((Layer.MODEL, torn)).problems] == ["requests", "names"]


@pytest.mark.rule("RES-3")
@given(stacked(resources))
def test_no_request_is_above_its_limit_unless_a_problem_says_so(layers: Layers) -> None:
    answer = merged(*layers)
    for name in answer.requests.keys() & answer.limits.keys():
        request, limit = answer.requests[name], answer.limits[name]
        if request.value > limit.value:
            assert request.layer is limit.layer
            assert any(f"the {request.layer} layer requests {name}={request.value}," in one for one in answer.problems)
