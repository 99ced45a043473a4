from __future__ import annotations

from typing import Any

import pytest

from aimcore.domain.children.expansion import expand, is_custom
from aimcore.domain.hardware.requirements import Cpu, Hardware
from aimcore.domain.kinds.records import CustomSpec, CustomTemplate, Model, TemplateSpec
from aimcore.domain.values.profile import Metric, Precision, TemplateType
from aimcore.domain.values.quantity import parse_quantity
from tests.unit.domain.builders import NS, cpus, env, gpus, model, source


def custom(*entries: CustomTemplate, hardware: Hardware | None = None, **spec: Any) -> Model:
    said = {"type": spec.pop("type", None), "hardware": hardware or gpus(1, "MI300X"), "templates": entries}
    return model("mine", model_sources=(source(),), custom=CustomSpec(**said), **spec)


def made(parent: Model) -> list[TemplateSpec]:
    return list(expand(parent).templates.values())


@pytest.mark.rule("CUST-1")
@pytest.mark.parametrize(
    ("one", "answer"),
    [
        pytest.param(model(model_sources=(source(),)), True, id="sources"),
        pytest.param(model(model_sources=()), False, id="no sources"),
        pytest.param(model(custom=CustomSpec(hardware=gpus(1))), False, id="hardware makes no custom model"),
    ],
)
def test_sources_make_a_model_custom(one: Model, *, answer: bool) -> None:
    assert is_custom(one) is answer


@pytest.mark.rule("CUST-2", "CUST-4")
def test_without_entries_there_is_one_template_of_the_hardware() -> None:
    parent = custom(env=env(A="1"), image_pull_secrets=("s",), service_account_name="sa", runtime_config_name="big")
    assert made(parent) == [
        TemplateSpec(
            model_name="mine",
            hardware=gpus(1, "MI300X"),
            type=TemplateType.UNOPTIMIZED,
            model_sources=(source(),),
            env=env(A="1"),
            image_pull_secrets=("s",),
            service_account_name="sa",
            runtime_config_name="big",
        )
    ]


@pytest.mark.rule("CUST-4")
def test_a_cluster_models_templates_carry_env_and_sources_too() -> None:
    parent = model(namespace=None, model_sources=(source(),), custom=CustomSpec(hardware=gpus(1)), env=env(A="1"))
    (spec,) = made(parent)
    assert (spec.env, spec.model_sources) == (env(A="1"), (source(),))


@pytest.mark.rule("CUST-2")
def test_with_entries_there_is_one_for_each_and_none_beside() -> None:
    entries = (CustomTemplate(name="a", metric=Metric.LATENCY), CustomTemplate(name="b", precision=Precision.FP8))
    assert [(spec.metric, spec.precision) for spec in made(custom(*entries))] == [
        (Metric.LATENCY, None),
        (None, Precision.FP8),
    ]


@pytest.mark.rule("CUST-2")
def test_an_image_model_has_the_entries_and_nothing_else() -> None:
    assert expand(model()).templates == {}
    assert expand(model(custom=CustomSpec(hardware=gpus(1)))).templates == {}
    (spec,) = made(model(custom=CustomSpec(hardware=gpus(1), templates=(CustomTemplate(name="a"),))))
    assert (spec.hardware, spec.model_sources) == (gpus(1), ())


CORES = Cpu(requests=parse_quantity("4"), limits=parse_quantity("8"))
BASE = Hardware(gpu=gpus(2, "MI300X", vram="64Gi", resource_name="acme.com/gpu").gpu, cpu=CORES)


@pytest.mark.rule("CUST-3")
@pytest.mark.parametrize(
    ("entry", "merged"),
    [
        pytest.param(None, BASE, id="nothing said, all inherited"),
        pytest.param(
            gpus(0),
            Hardware(gpu=gpus(0, "MI300X", vram="64Gi", resource_name="acme.com/gpu").gpu, cpu=CORES),
            id="an explicit 0 overrides",
        ),
        pytest.param(
            gpus(None, "MI210"),
            Hardware(gpu=gpus(2, "MI210", vram="64Gi", resource_name="acme.com/gpu").gpu, cpu=CORES),
            id="a list of models replaces the list",
        ),
        pytest.param(cpus("1"), Hardware(gpu=BASE.gpu, cpu=cpus("1", "8").cpu), id="CPU requests, and the limits stay"),
    ],
)
def test_hardware_is_inherited_field_by_field(entry: Hardware | None, merged: Hardware) -> None:
    (spec,) = made(custom(CustomTemplate(hardware=entry), hardware=BASE))
    assert spec.hardware == merged


@pytest.mark.rule("CUST-3")
@pytest.mark.parametrize(
    ("entry", "base", "merged"),
    [
        pytest.param(None, None, TemplateType.UNOPTIMIZED, id="nothing said"),
        pytest.param(None, TemplateType.PREVIEW, TemplateType.PREVIEW, id="the model's"),
        pytest.param(TemplateType.OPTIMIZED, TemplateType.PREVIEW, TemplateType.OPTIMIZED, id="the entry's over it"),
    ],
)
def test_the_type_is_inherited(entry: TemplateType | None, base: TemplateType | None, merged: TemplateType) -> None:
    (spec,) = made(custom(CustomTemplate(type=entry), type=base))
    assert spec.type is merged


@pytest.mark.rule("CUST-3")
def test_env_is_inherited_by_name() -> None:
    (spec,) = made(custom(CustomTemplate(env=env(A="entry")), env=env(A="model", B="model")))
    assert spec.env == env(A="entry", B="model")


@pytest.mark.rule("NAME-4")
def test_reordering_entries_renames_nothing() -> None:
    one, two = CustomTemplate(name="a"), CustomTemplate(name="b", hardware=gpus(4))
    assert expand(custom(one, two)).templates == expand(custom(two, one)).templates


TELL_APART = "expected names or settings that differ"


@pytest.mark.rule("NAME-4")
def test_entries_nobody_can_tell_apart_are_named_both() -> None:
    same = expand(custom(CustomTemplate(), CustomTemplate(env=env(A="1")), CustomTemplate(name="a")))
    assert len(same.templates) == 2
    assert [str(problem) for problem in same.problems] == [
        f"$.spec.custom.templates[1]: templates[1] is the same template as templates[0]; {TELL_APART} [NAME-4]"
    ]


@pytest.mark.rule("CUST-3", "NAME-4")
def test_the_name_is_of_the_merged_hardware() -> None:
    inherits, says_so = CustomTemplate(name="a"), CustomTemplate(name="a", hardware=gpus(1, "MI300X"))
    assert list(expand(custom(inherits)).templates) == list(expand(custom(says_so)).templates)
    (name,) = expand(custom(inherits)).templates
    assert name.startswith("mine-custom-a-mi300x-")


@pytest.mark.rule("CUST-5")
def test_an_unknown_size_is_no_fault() -> None:
    parent = model(
        namespace=NS, model_sources=(source(), source("1Gi", uri="s3://b/k")), custom=CustomSpec(hardware=gpus(1))
    )
    assert expand(parent).problems == ()
    assert len(made(parent)) == 1


@pytest.mark.rule("RES-3", "CUST-3")
@pytest.mark.parametrize(
    ("requests", "limits", "faulty"),
    [("8", "4", True), ("4", "4", False), ("2", "4", False), ("8", None, False)],
    ids=["above the limit", "at the limit", "below the limit", "no limit to inherit"],
)
def test_a_request_above_an_inherited_limit_is_a_fault(requests: str, limits: str | None, *, faulty: bool) -> None:
    base = Hardware(cpu=Cpu(requests=parse_quantity("1"), limits=parse_quantity(limits) if limits else None))
    entry = CustomTemplate(name="a", hardware=Hardware(cpu=Cpu(requests=parse_quantity(requests))))
    problems = expand(custom(CustomTemplate(name="b"), entry, hardware=base)).problems
    assert [problem.path for problem in problems] == (["$.spec.custom.templates[1].hardware.cpu"] if faulty else [])
