from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from aimcore.domain.decide.choice import NotOfModel
from aimcore.domain.decide.resolution import ModelAnswer, NameConflict, Resolution, ToCreate
from aimcore.domain.hardware.requirements import Cpu, Gpu, Hardware
from aimcore.domain.kinds.config import ConfigMissing, ResolvedConfig
from aimcore.domain.kinds.records import (
    Meta,
    Model,
    ModelByRef,
    ModelSpec,
    Service,
    ServiceSpec,
    Template,
    TemplateSpec,
)
from aimcore.domain.kinds.resources import MergedResources
from aimcore.domain.kinds.scope import Key, Kind
from aimcore.domain.values.layering import Layer, Layered
from aimcore.domain.values.quantity import Quantity, parse_quantity
from aimcore.domain.view.lookup import Ambiguous, Found, Missing
from aimcore.entrypoints.present.outline import plain_text
from aimcore.entrypoints.present.service import service_data, service_outline

SERVICE = Service(key=Key(Kind.SERVICE, "ml", "chat"), spec=ServiceSpec(model=ModelByRef(ref="llama")))
NEAR, FAR = Key(Kind.MODEL, "ml", "llama"), Key(Kind.MODEL, None, "llama")
MODEL = Model(key=NEAR, meta=Meta(uid="1"), spec=ModelSpec(image="nginx"))
TEMPLATE = Template(key=Key(Kind.TEMPLATE, "ml", "fast"), meta=Meta(uid="2"), spec=TemplateSpec(model_name="other"))


def data(**answers: Any) -> dict[str, Any]:
    return service_data(SERVICE, Resolution(config=ResolvedConfig(), **answers))


def words(**answers: Any) -> str:
    return " ".join(plain_text(service_outline(SERVICE, Resolution(config=ResolvedConfig(), **answers)), 200).split())


@pytest.mark.rule("LOOK-2")
@pytest.mark.parametrize(
    ("answer", "told", "said"),
    [
        pytest.param(
            Found(thing=MODEL, shadowed=(FAR,)),
            {"answer": "found", "name": "llama", "namespace": "ml", "uid": "1"},
            "Model AIMModel ml/llama shadows AIMClusterModel llama",
            id="found",
        ),
        pytest.param(
            Missing(looked=(NEAR, FAR)),
            {"answer": "missing"},
            "Model none looked for AIMModel ml/llama looked for AIMClusterModel llama",
            id="missing",
        ),
        pytest.param(
            Ambiguous(things=(MODEL,)), {"answer": "several"}, "Model several answer AIMModel ml/llama", id="several"
        ),
        pytest.param(
            ToCreate(model=MODEL, narrowed="only the cluster may"),
            {"answer": "toCreate", "name": "llama", "narrowed": True},
            "Model AIMModel ml/llama, to be created",
            id="to be created",
        ),
        pytest.param(
            NameConflict(key=NEAR),
            {"answer": "taken", "name": "llama"},
            "Model none: the name of AIMModel ml/llama is held by somebody else's object",
            id="taken",
        ),
    ],
)
def test_every_answer_to_the_question_of_the_model_is_told(
    answer: ModelAnswer, told: dict[str, Any], said: str
) -> None:
    found = data(model=answer)["model"]
    assert {name: found[name] for name in told} == told
    assert said in words(model=answer)


@pytest.mark.rule("SEL-1")
@pytest.mark.parametrize(
    ("named", "told"),
    [
        pytest.param(Found(thing=TEMPLATE), {"answer": "found", "name": "fast"}, id="found"),
        pytest.param(Missing(looked=(Key(Kind.TEMPLATE, "ml", "fast"),)), {"answer": "missing"}, id="missing"),
        pytest.param(NotOfModel(template=TEMPLATE), {"answer": "notOfModel", "model": "other"}, id="of another model"),
    ],
)
def test_every_answer_to_the_name_of_a_template_is_told(named: Any, told: dict[str, Any]) -> None:
    found = data(model=Found(thing=MODEL), named=named)["template"]["named"]
    assert {name: found[name] for name in told} == told


def test_a_template_that_was_named_is_told_without_candidates() -> None:
    said = words(model=Found(thing=MODEL), named=Found(thing=TEMPLATE), template=TEMPLATE)
    assert "Template chosen AIMServiceTemplate ml/fast" in said


def on(hardware: Hardware | None) -> Template:
    return replace(TEMPLATE, spec=replace(TEMPLATE.spec, hardware=hardware))


@pytest.mark.rule("TMPL-6")
@pytest.mark.parametrize(
    ("hardware", "told", "said"),
    [
        pytest.param(
            Hardware(gpu=Gpu(models=("MI325X",))),
            {
                "gpu": {"requests": 1, "models": ["MI325X"], "resourceName": "amd.com/gpu"},
                "nodes": [
                    {"key": f"{beta}amd.com/gpu.device-id", "values": ["74a5", "74b9"]} for beta in ("", "beta.")
                ],
            },
            "Hardware 1 x MI325X on nodes with amd.com/gpu.device-id in 74a5, 74b9 "
            "or beta.amd.com/gpu.device-id in 74a5, 74b9",
            id="listed models",
        ),
        pytest.param(
            Hardware(gpu=Gpu(requests=2)),
            {"gpu": {"requests": 2, "resourceName": "amd.com/gpu"}},
            "Hardware 2 x GPU",
            id="any GPU, on any node",
        ),
        pytest.param(
            Hardware(gpu=Gpu(models=("\u2603",))),
            {"gpu": {"requests": 1, "models": ["\u2603"], "resourceName": "amd.com/gpu"}, "nodes": []},
            "on no node: no label can say what is listed",
            id="a name that no label can hold",
        ),
        pytest.param(Hardware(cpu=Cpu(requests=Quantity.of(4))), {"cpu": {"requests": "4"}}, "Hardware CPU", id="CPUs"),
    ],
)
def test_what_the_template_runs_on_is_told_with_its_nodes(hardware: Hardware, told: dict[str, Any], said: str) -> None:
    assert data(template=on(hardware))["hardware"] == told
    assert said in words(template=on(hardware))


def test_hardware_that_is_not_known_is_not_told() -> None:
    assert data()["hardware"] is None
    assert data(template=on(None))["hardware"] is None
    assert "Hardware" not in words(template=on(None))


@pytest.mark.rule("RES-3")
def test_amounts_that_contradict_each_other_are_told_with_what_is_wrong() -> None:
    cpu = {"cpu": Layered(value=parse_quantity("4"), layer=Layer.SERVICE)}
    resources = MergedResources(requests=cpu, problems=("the service layer requests cpu=4 above its limit 2",))
    said = words(model=Found(thing=MODEL), template=TEMPLATE, resources=resources)
    assert "requests cpu 4 (service)" in said
    assert "above its limit 2" in said


@pytest.mark.rule("CONF-2")
def test_where_a_config_is_missing_nothing_behind_it_is_told() -> None:
    missing = ConfigMissing(name="fast", named=True, looked=(Key(Kind.RUNTIME_CONFIG, None, "fast"),))
    resolution = Resolution(config=missing)
    found = service_data(SERVICE, resolution)
    assert (found["model"], found["resources"], found["template"]["chosen"]) == (None, None, None)
    assert "fast: none looked for AIMClusterRuntimeConfig fast" in " ".join(
        plain_text(service_outline(SERVICE, resolution), 200).split()
    )


def test_a_service_that_nothing_was_decided_on_is_pending() -> None:
    assert data()["service"]["status"] == "Pending"
    assert "Runtime config none" in words()
