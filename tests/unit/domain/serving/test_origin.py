from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aimcore.domain.hardware.requirements import Gpu, Hardware
from aimcore.domain.kinds.config import merge_configs
from aimcore.domain.kinds.records import (
    CustomSpec,
    Meta,
    Model,
    ModelByImage,
    ModelByRef,
    ModelSpec,
    Overrides,
    RuntimeConfig,
    RuntimeConfigSpec,
    ServiceSpec,
    TemplateSpec,
)
from aimcore.domain.kinds.scope import Key, Kind
from aimcore.domain.kinds.workload import PodSettings
from aimcore.domain.serving.inputs import Added
from aimcore.domain.serving.origin import (
    ADDED,
    MADE_FROM,
    POD_VERSION_ANNOTATION,
    choice_digest,
    config_digest,
    input_digests,
    origin_annotations,
    read_origin,
)
from aimcore.domain.values.profile import Metric
from aimcore.domain.values.quantity import parse_quantity
from aimcore.domain.weights.sources import ModelSource
from tests.unit.domain.serving.builders import SOURCE, env, origin

MODEL = Model(key=Key(Kind.MODEL, "ml", "chat"), meta=Meta(uid="m-1"), spec=ModelSpec(image="a:1"))
SERVICE = ServiceSpec(model=ModelByRef(ref="chat"))
TEMPLATE = TemplateSpec(model_name="chat")


def config(**fields: Any) -> Any:
    named = RuntimeConfig(key=Key(Kind.RUNTIME_CONFIG, "ml", "default"), spec=RuntimeConfigSpec(**fields))
    return merge_configs(named, None)


# Annotations ----------------------------------------------------------------------------------------------------------


@pytest.mark.rule("RUN-13", "RUN-16")
@pytest.mark.parametrize(
    "made",
    [
        pytest.param(origin(), id="everything"),
        pytest.param(origin(added=Added(), by_config=True), id="nothing added"),
        pytest.param(origin(added=Added(nodes=())), id="no node will do"),
    ],
)
def test_a_deployment_remembers_what_it_was_made_from(made: Any) -> None:
    assert read_origin(origin_annotations(made)) == made


@pytest.mark.rule("RUN-13")
@pytest.mark.parametrize(
    "broken",
    [
        pytest.param({MADE_FROM: "{"}, id="no JSON"),
        pytest.param({MADE_FROM: "[]"}, id="JSON of another shape"),
        pytest.param({MADE_FROM: '{"model": 1}'}, id="a reference that is none"),
        pytest.param({ADDED: "[" * 100_000}, id="nested beyond all"),
        pytest.param({ADDED: '{"baseImage": "a", "nodes": 1}'}, id="nodes that are none"),
        pytest.param({POD_VERSION_ANNOTATION: "x"}, id="a version that is no number"),
        pytest.param(
            {ADDED: '{"baseImage": "", "defaults": ["x", "1", "1"], "labels": {}, "pullSecrets": []}'}, id="no quantity"
        ),
    ],
)
def test_annotations_that_somebody_broke_say_nothing(broken: dict[str, str]) -> None:
    assert read_origin(origin_annotations(origin()) | broken) is None


@pytest.mark.rule("RUN-13")
@given(st.dictionaries(st.sampled_from([MADE_FROM, ADDED, POD_VERSION_ANNOTATION]), st.text(max_size=20)))
def test_any_annotations_end_in_an_answer(annotations: dict[str, str]) -> None:
    assert read_origin(annotations) is None


# Digests --------------------------------------------------------------------------------------------------------------


@pytest.mark.rule("RUN-14")
@pytest.mark.parametrize(
    ("service", "model", "template", "changed"),
    [
        pytest.param(replace(SERVICE, replicas=3), MODEL, TEMPLATE, [], id="replicas shape no pod"),
        pytest.param(replace(SERVICE, env=env(A="1")), MODEL, TEMPLATE, ["service"], id="the service's own edit"),
        pytest.param(
            SERVICE, replace(MODEL, spec=ModelSpec(image="a:2")), TEMPLATE, ["model"], id="an edit of the model"
        ),
        pytest.param(SERVICE, MODEL, replace(TEMPLATE, profile_id="p"), ["template"], id="an edit of the template"),
        pytest.param(SERVICE, replace(MODEL, meta=Meta(uid="m-2")), TEMPLATE, [], id="the model was made again"),
    ],
)
def test_digests_tell_whose_change_it_was(
    service: ServiceSpec, model: Model, template: TemplateSpec, changed: list[str]
) -> None:
    before = input_digests(SERVICE, MODEL, template=TEMPLATE, config="k")
    after = input_digests(service, model, template=template, config="k")
    names = ("service", "model", "template", "config")
    assert [name for name in names if getattr(before, name) != getattr(after, name)] == changed


@pytest.mark.rule("RUN-14")
def test_only_what_of_a_config_can_shape_a_pod_counts() -> None:
    plain = config_digest(config())
    assert config_digest(merge_configs(None, None)) == plain
    assert config_digest(config(env=env(A="1"))) != plain
    assert config_digest(config(image_pull_secrets=("p",))) != plain
    assert config_digest(config(service_account_name="runner")) != plain
    assert config_digest(config(), (PodSettings(drain_seconds=1),)) != plain


@pytest.mark.rule("RUN-16")
@pytest.mark.parametrize(
    ("service", "model", "opens"),
    [
        pytest.param(replace(SERVICE, replicas=0, env=env(A="1")), MODEL, False, id="other edits of the service"),
        pytest.param(replace(SERVICE, template_name="t"), MODEL, True, id="a template by name"),
        pytest.param(replace(SERVICE, overrides=Overrides(metric=Metric.LATENCY)), MODEL, True, id="an override"),
        pytest.param(replace(SERVICE, allow_unoptimized=True), MODEL, True, id="what may be chosen from"),
        pytest.param(replace(SERVICE, model=ModelByImage(image="a:1")), MODEL, True, id="the model by image"),
        pytest.param(SERVICE, replace(MODEL, key=Key(Kind.MODEL, None, "chat")), True, id="another model answers"),
        pytest.param(SERVICE, replace(MODEL, meta=Meta(uid="m-2")), False, id="the model was made again"),
        pytest.param(SERVICE, replace(MODEL, spec=ModelSpec(image="a:2")), True, id="the model's image"),
        pytest.param(
            SERVICE, replace(MODEL, spec=ModelSpec(image="a:1", model_sources=(SOURCE,))), True, id="its sources"
        ),
        pytest.param(
            SERVICE,
            replace(
                MODEL,
                spec=ModelSpec(image="a:1", custom=CustomSpec(hardware=Hardware(gpu=Gpu(requests=1)))),
            ),
            True,
            id="its custom block",
        ),
        pytest.param(SERVICE, replace(MODEL, spec=ModelSpec(image="a:1", env=env(A="1"))), False, id="its env"),
    ],
)
def test_what_opens_the_choice_of_a_template_again(service: ServiceSpec, model: Model, *, opens: bool) -> None:
    assert (choice_digest(service, model) != choice_digest(SERVICE, MODEL)) is opens


@pytest.mark.rule("RUN-16", "SEC-1")
def test_sizes_and_environment_of_sources_are_no_part_of_a_choice() -> None:
    def chosen(size: str, token: str) -> str:
        source = ModelSource(model_id="a/b", source_uri="hf://a/b", size=parse_quantity(size), env=env(TOKEN=token))
        return choice_digest(SERVICE, replace(MODEL, spec=ModelSpec(model_sources=(source,))))

    assert chosen("1Gi", "canary") == chosen("2Gi", "other")
