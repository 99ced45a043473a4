"""Names that stand in clusters stay: each kind of name against its frozen vectors."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from aimcore.domain.hardware.requirements import Cpu, Gpu, Hardware
from aimcore.domain.images.metadata import Deployment
from aimcore.domain.kinds.naming import (
    auto_model_name,
    custom_template_name,
    deployment_template_name,
    derived_template_name,
    inline_model_name,
    label_value,
)
from aimcore.domain.kinds.records import CustomTemplate, ModelInline, Overrides
from aimcore.domain.kinds.scope import Key, Kind
from aimcore.domain.values.image import parse_image
from aimcore.domain.values.profile import Metric, Precision, TemplateType
from aimcore.domain.values.quantity import parse_quantity
from aimcore.domain.weights.sources import ModelSource

FROZEN = json.loads((Path(__file__).parents[3] / "vectors" / "frozen-names.json").read_text(encoding="utf-8"))["cases"]
Given = Mapping[str, Any]


def _amount(given: Given, field: str) -> Any:
    return parse_quantity(given[field]) if field in given else None


def _hardware(given: Given | None) -> Hardware | None:
    if given is None:
        return None
    gpu, cpu = given.get("gpu"), given.get("cpu")
    return Hardware(
        gpu=gpu
        and Gpu(
            requests=gpu.get("requests"),
            models=tuple(gpu["models"]) if "models" in gpu else None,
            min_vram=_amount(gpu, "minVram"),
            resource_name=gpu.get("resourceName"),
        ),
        cpu=cpu and Cpu(requests=_amount(cpu, "requests"), limits=_amount(cpu, "limits")),
    )


def _enum(kind: Any, text: str | None) -> Any:
    return None if text is None else kind(text)


def _deployment(given: Given) -> str:
    deployment = Deployment(
        gpu_model=given.get("gpuModel"),
        gpu_count=given.get("gpuCount"),
        metric=_enum(Metric, given.get("metric")),
        precision=_enum(Precision, given.get("precision")),
        profile_id=given.get("profileId"),
    )
    return deployment_template_name(given["model"], deployment)


def _custom(given: Given) -> str:
    entry = CustomTemplate(
        name=given.get("name"),
        metric=_enum(Metric, given.get("metric")),
        precision=_enum(Precision, given.get("precision")),
    )
    return custom_template_name(given["model"], entry, _hardware(given.get("hardware")))


def _auto(given: Given) -> str:
    return auto_model_name(parse_image(given["image"]))


def _inline(given: Given) -> str:
    inline = ModelInline(
        base_image=given.get("baseImage"),
        model_sources=tuple(ModelSource(model_id=name, source_uri=uri) for name, uri in given["sources"]),
        hardware=_hardware(given["hardware"]) or Hardware(),
        type=_enum(TemplateType, given.get("type")),
    )
    return inline_model_name(given["service"], inline)


def _derived(given: Given) -> str:
    wish = Overrides(
        metric=_enum(Metric, given.get("metric")),
        precision=_enum(Precision, given.get("precision")),
        gpu_model=given.get("gpuModel"),
        gpu_count=given.get("gpuCount"),
    )
    return derived_template_name(given["service"], Key(Kind.TEMPLATE, given.get("namespace"), given["base"]), wish)


def _label(given: Given) -> str:
    return label_value(given["name"])


NAMED: Mapping[str, Callable[[Given], str]] = {
    "deploymentTemplate": _deployment,
    "customTemplate": _custom,
    "autoModel": _auto,
    "inlineModel": _inline,
    "derivedTemplate": _derived,
    "labelValue": _label,
}


@pytest.mark.rule("NAME-1")
@pytest.mark.parametrize("case", FROZEN, ids=lambda case: f"{case['of']}: {case['why']}")
def test_a_name_that_stands_in_clusters_stays(case: Given) -> None:
    assert NAMED[case["of"]](case["in"]) == case["name"]
