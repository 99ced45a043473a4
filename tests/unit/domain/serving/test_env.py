from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aimcore.domain.serving.env import ENGINE_ARGS, env_body, merge_env_layers, pod_env
from aimcore.domain.serving.inputs import DownloadedWeights, EnvLayers, MountedWeights, PodInput
from aimcore.domain.values.layering import Layer
from aimcore.domain.values.profile import Metric
from aimcore.domain.values.quantity import parse_quantity
from aimcore.domain.weights.sources import (
    ConfigMapKeyRef,
    EnvVar,
    FieldRef,
    ModelSource,
    ResourceFieldRef,
    SecretKeyRef,
)
from tests.unit.domain.serving.builders import BUCKET, SOURCE, custom_pod, env, image_pod

FROM_SECRET = EnvVar(name=ENGINE_ARGS, value_from=SecretKeyRef(name="args", key="json"))
DOWNLOADED = DownloadedWeights()

STRENGTH = (Layer.SERVICE, Layer.TEMPLATE, Layer.MODEL, Layer.CLUSTER_CONFIG)
said = st.dictionaries(st.sampled_from("ABC"), st.sampled_from("xyz"), max_size=3).map(lambda one: env(**one))
layers = st.tuples(said, said, said, said).map(lambda each: tuple(zip(STRENGTH, each, strict=True)))


def values(made: PodInput) -> dict[str, str | None]:
    return {name: one.value.value for name, one in pod_env(made).variables.items()}


def arguments(*each: tuple[Layer, str | EnvVar]) -> EnvLayers:
    """Layers that say nothing but their engine arguments."""
    return tuple(
        (layer, (one if isinstance(one, EnvVar) else EnvVar(name=ENGINE_ARGS, value=one),)) for layer, one in each
    )


@pytest.mark.rule("RUN-4")
@pytest.mark.parametrize(
    ("made", "block"),
    [
        pytest.param(
            image_pod(profile_id="p-1"),
            {"AIM_CACHE_PATH": "/workspace/cache", "VLLM_ENABLE_METRICS": "true", "AIM_PROFILE_ID": "p-1"},
            id="an image model with a profile",
        ),
        pytest.param(
            image_pod(),
            {
                "AIM_CACHE_PATH": "/workspace/cache",
                "VLLM_ENABLE_METRICS": "true",
                "AIM_METRIC": "latency",
                "AIM_PRECISION": "fp8",
            },
            id="an image model without one",
        ),
        pytest.param(
            image_pod(metric=Metric.THROUGHPUT, precision=None, weights=None),
            {"VLLM_ENABLE_METRICS": "true", "AIM_METRIC": "throughput"},
            id="weights that may be in the image",
        ),
        pytest.param(
            custom_pod(),
            {
                "AIM_CACHE_PATH": "/workspace/cache",
                "VLLM_ENABLE_METRICS": "true",
                "AIM_MODEL_ID": "acme/chat",
                "AIM_ID": "",
                "AIM_ALLOW_GENERAL_PROFILE_FALLBACK": "true",
            },
            id="a custom model",
        ),
        pytest.param(
            custom_pod(sources=()),
            {
                "AIM_CACHE_PATH": "/workspace/cache",
                "VLLM_ENABLE_METRICS": "true",
                "AIM_ID": "",
                "AIM_ALLOW_GENERAL_PROFILE_FALLBACK": "true",
            },
            id="a custom model without sources",
        ),
    ],
)
def test_the_fixed_block(made: PodInput, block: dict[str, str]) -> None:
    assert values(made) == block


@pytest.mark.rule("RUN-4")
@pytest.mark.parametrize(
    ("source", "weights", "model_id"),
    [
        pytest.param(BUCKET, DOWNLOADED, "s3://weights/chat", id="downloaded from S3 by the container"),
        pytest.param(SOURCE, DOWNLOADED, "acme/chat", id="downloaded from the hub by the container"),
        pytest.param(BUCKET, MountedWeights(claim="c"), "acme/chat", id="on a volume"),
    ],
)
def test_what_a_custom_container_is_told_to_load(
    source: ModelSource, weights: MountedWeights | DownloadedWeights, model_id: str
) -> None:
    assert values(custom_pod(sources=(source,), weights=weights))["AIM_MODEL_ID"] == model_id


@pytest.mark.rule("RUN-4")
def test_names_stand_in_the_order_of_their_first_appearance_and_the_strongest_value_wins() -> None:
    merged = pod_env(
        image_pod(
            weights=None,
            profile_id="p-1",
            env=(
                (Layer.SERVICE, env(HOST="service", NEW="service", VLLM_ENABLE_METRICS="false")),
                (Layer.MODEL, env(URL="http://$(HOST)", HOST="model")),
                (Layer.CLUSTER_CONFIG, env(HOST="config")),
            ),
        )
    )
    assert [(name, one.value.value, one.layer.value) for name, one in merged.variables.items()] == [
        ("VLLM_ENABLE_METRICS", "false", "service"),
        ("AIM_PROFILE_ID", "p-1", "default"),
        ("HOST", "service", "service"),
        ("URL", "http://$(HOST)", "model"),
        ("NEW", "service", "service"),
    ]
    assert [beaten.layer for beaten in merged.variables["HOST"].passed_over] == [Layer.MODEL, Layer.CLUSTER_CONFIG]


@pytest.mark.rule("RUN-4")
@given(layers)
def test_each_name_occurs_once_with_the_value_of_the_strongest(drawn: EnvLayers) -> None:
    merged = merge_env_layers(drawn)
    assert set(merged.variables) == {one.name for _, each in drawn for one in each}
    for name, value in merged.variables.items():
        strongest = next((layer, one) for layer, each in drawn for one in each if one.name == name)
        assert (value.layer, value.value) == strongest
    assert merged.problems == ()


@pytest.mark.rule("RUN-4", "SEC-1")
def test_credentials_of_sources_go_to_the_pod_only_where_it_downloads() -> None:
    token = EnvVar(name="HF_TOKEN", value_from=SecretKeyRef(name="hub", key="token"))
    weaker = EnvVar(name="HF_TOKEN", value="weaker")
    first = ModelSource(model_id="a/b", source_uri="hf://a/b", env=(token, *env(AWS_REGION="first")))
    second = ModelSource(model_id="c/d", source_uri="hf://c/d", env=(weaker, *env(AWS_REGION="second")))
    layered = ((Layer.SERVICE, env(AWS_REGION="service")), (Layer.TEMPLATE, (weaker,)))
    mounted = pod_env(custom_pod(sources=(first, second), env=layered)).variables
    assert (mounted["HF_TOKEN"].layer, mounted["AWS_REGION"].layer) == (Layer.TEMPLATE, Layer.SERVICE)
    downloads = pod_env(custom_pod(sources=(first, second), env=layered, weights=DOWNLOADED)).variables
    assert (downloads["HF_TOKEN"].value, downloads["HF_TOKEN"].layer) == (token, Layer.SOURCE)
    assert downloads["AWS_REGION"].layer is Layer.SERVICE
    without_service = pod_env(custom_pod(sources=(first, second), env=layered[1:], weights=DOWNLOADED)).variables
    assert without_service["AWS_REGION"].value.value == "first"


# AIM_ENGINE_ARGS ------------------------------------------------------------------------------------------------------


@pytest.mark.rule("RUN-4")
@pytest.mark.parametrize(
    ("given_layers", "value"),
    [
        pytest.param(
            arguments((Layer.SERVICE, '{"b": 2, "c": null}'), (Layer.MODEL, '{"a": 1, "b": 1, "c": 1}')),
            '{"a":1,"b":2,"c":null}',
            id="key by key",
        ),
        pytest.param(arguments((Layer.MODEL, ' {"b":1 , "a":0.90}')), '{"a":0.9,"b":1}', id="one layer, one spelling"),
        pytest.param(
            arguments((Layer.SERVICE, '{"host": "$(HOST) $$(HOST)"}')),
            '{"host":"$(HOST) $$(HOST)"}',
            id="references are left to the kubelet",
        ),
        pytest.param(
            arguments((Layer.SERVICE, '{"a": 1}'), (Layer.TEMPLATE, FROM_SECRET), (Layer.MODEL, '{"b": 1}')),
            '{"a":1}',
            id="what is behind one from a secret is not merged",
        ),
        pytest.param(
            arguments((Layer.SERVICE, FROM_SECRET), (Layer.MODEL, '{"b": 1}')), None, id="one from a secret wins whole"
        ),
    ],
)
def test_engine_arguments_are_one_object(given_layers: EnvLayers, value: str | None) -> None:
    merged = merge_env_layers(given_layers)
    assert merged.variables[ENGINE_ARGS].value.value == value
    assert merged.variables[ENGINE_ARGS].layer is given_layers[0][0]
    assert merged.problems == ()


@pytest.mark.rule("RUN-4")
def test_the_trace_tells_merged_arguments_from_those_passed_over() -> None:
    said_by = arguments(
        (Layer.SERVICE, '{"a": 1}'),
        (Layer.TEMPLATE, '{"b": 1}'),
        (Layer.MODEL, FROM_SECRET),
        (Layer.CLUSTER_CONFIG, "{}"),
    )
    passed = merge_env_layers(said_by).variables[ENGINE_ARGS].passed_over
    assert [(one.layer.value, one.reason) for one in passed] == [
        ("template", "merged key by key"),
        ("model", None),
        ("clusterConfig", None),
    ]


@pytest.mark.rule("RUN-4", "SEC-1")
@pytest.mark.parametrize(
    "text",
    [
        pytest.param("--max-model-len canary", id="command line arguments"),
        pytest.param("", id="nothing"),
        pytest.param("[1]", id="a list"),
        pytest.param('{"a": NaN}', id="what JSON does not know"),
        pytest.param('{"a": 1e999}', id="a number beyond all"),
        pytest.param('{"a":' * 100_000, id="nested beyond all"),
        pytest.param('{"a": $(LENGTH)}', id="a reference that is no text"),
    ],
)
def test_arguments_that_are_no_object_are_invalid_and_the_layer_is_named(text: str) -> None:
    merged = merge_env_layers(arguments((Layer.SERVICE, '{"a": 1}'), (Layer.TEMPLATE, text)))
    assert merged.problems == (
        'env AIM_ENGINE_ARGS of the template layer is not a JSON object; expected one such as {"max-model-len": 4096}',
    )


# The body -------------------------------------------------------------------------------------------------------------


@pytest.mark.rule("RUN-4")
def test_references_are_written_with_what_kubernetes_would_fill_in() -> None:
    variables = (
        EnvVar(name="A"),
        EnvVar(name="B", value_from=SecretKeyRef(name="s", key="k", optional=False)),
        EnvVar(name="C", value_from=ConfigMapKeyRef(name="c", key="k")),
        EnvVar(name="D", value_from=FieldRef(field_path="status.podIP")),
        EnvVar(name="E", value_from=ResourceFieldRef(resource="limits.memory", divisor=parse_quantity("1024Ki"))),
        EnvVar(name="F", value_from=ResourceFieldRef(resource="limits.cpu", container_name="aim")),
    )
    assert env_body(merge_env_layers(((Layer.MODEL, variables),)).variables) == [
        {"name": "A"},
        {"name": "B", "valueFrom": {"secretKeyRef": {"name": "s", "key": "k", "optional": False}}},
        {"name": "C", "valueFrom": {"configMapKeyRef": {"name": "c", "key": "k"}}},
        {"name": "D", "valueFrom": {"fieldRef": {"apiVersion": "v1", "fieldPath": "status.podIP"}}},
        {"name": "E", "valueFrom": {"resourceFieldRef": {"resource": "limits.memory", "divisor": "1Mi"}}},
        {
            "name": "F",
            "valueFrom": {"resourceFieldRef": {"resource": "limits.cpu", "containerName": "aim", "divisor": "0"}},
        },
    ]
