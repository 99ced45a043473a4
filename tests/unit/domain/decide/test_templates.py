from __future__ import annotations

from dataclasses import replace

import pytest

from aimcore.domain.decide.templates import belongs, is_observed, is_ready, profile_of, resolved_hardware, templates_of
from aimcore.domain.hardware.affinity import node_affinity
from aimcore.domain.hardware.requirements import Cpu, Gpu, Hardware
from aimcore.domain.kinds.records import Model, Template
from aimcore.domain.kinds.statuses import ModelStatus, ProfileMetadata, ResolvedHardware, Verdict
from aimcore.domain.values.profile import Metric, Precision, TemplateType
from aimcore.domain.values.quantity import Quantity, parse_quantity
from tests.unit.domain.builders import DERIVED, NS, cpus, gpus, model, template, world

NEAR, FAR = model(), model(namespace=None)
NEAR_TEMPLATE, FAR_TEMPLATE = template(), template(namespace=None)


@pytest.mark.rule("TMPL-1")
@pytest.mark.parametrize(
    ("one", "profile"),
    [
        pytest.param(
            template(metric=Metric.LATENCY, precision=Precision.FP8, hardware=gpus(2, "MI300X", "MI210")),
            ProfileMetadata(
                gpu="MI300X",
                gpu_count=2,
                metric=Metric.LATENCY,
                precision=Precision.FP8,
                type=TemplateType.OPTIMIZED,
            ),
            id="the first GPU model counts",
        ),
        pytest.param(
            template(hardware=gpus(None, "MI300X")),
            ProfileMetadata(gpu="MI300X", gpu_count=1, type=TemplateType.OPTIMIZED),
            id="a model without a count means one",
        ),
        pytest.param(
            template(hardware=gpus(1), type=None),
            ProfileMetadata(gpu_count=1, type=TemplateType.UNOPTIMIZED),
            id="unoptimized where nothing is said",
        ),
        pytest.param(
            template(hardware=cpus("1"), type=TemplateType.PREVIEW),
            ProfileMetadata(type=TemplateType.PREVIEW),
            id="CPU",
        ),
        pytest.param(template(hardware=None, type=None), ProfileMetadata(), id="no hardware"),
    ],
)
def test_the_profile_follows_from_the_spec(one: Template, profile: ProfileMetadata) -> None:
    assert profile_of(one.spec) == profile


FOUR = Cpu(requests=Quantity.of(4), limits=Quantity.of(8))
MEMORY = parse_quantity("64Gi")
MI300X = node_affinity(("MI300X",))


@pytest.mark.rule("TMPL-6", "CUST-3")
@pytest.mark.parametrize(
    ("hardware", "resolved"),
    [
        pytest.param(None, None, id="nothing is said, nothing is known"),
        pytest.param(
            Hardware(gpu=Gpu(requests=2, models=("MI300X",), min_vram=MEMORY, resource_name="x.io/gpu"), cpu=FOUR),
            ResolvedHardware(
                gpu=Gpu(requests=2, models=("MI300X",), min_vram=MEMORY, resource_name="x.io/gpu"),
                cpu=FOUR,
                nodes=MI300X,
            ),
            id="all is said",
        ),
        pytest.param(
            gpus(None, "MI300X"),
            ResolvedHardware(gpu=Gpu(requests=1, models=("MI300X",), resource_name="amd.com/gpu"), nodes=MI300X),
            id="a listed model without a count means one",
        ),
        pytest.param(
            gpus(0, "MI300X"),
            ResolvedHardware(gpu=Gpu(requests=0, models=("MI300X",), resource_name="amd.com/gpu"), nodes=MI300X),
            id="a listed model with a count of zero is still required",
        ),
        pytest.param(
            gpus(2),
            ResolvedHardware(gpu=Gpu(requests=2, resource_name="amd.com/gpu")),
            id="no model: any GPU will do, on any node",
        ),
        pytest.param(
            Hardware(gpu=Gpu(requests=2, models=())),
            ResolvedHardware(gpu=Gpu(requests=2, resource_name="amd.com/gpu")),
            id="an empty list of models is none",
        ),
        pytest.param(gpus(0), ResolvedHardware(gpu=Gpu(requests=0)), id="no GPU, and it is said"),
        pytest.param(
            gpus(None, vram="64Gi", resource_name="x.io/gpu"),
            ResolvedHardware(gpu=Gpu(requests=0)),
            id="a memory alone requires no GPU",
        ),
        pytest.param(Hardware(cpu=FOUR), ResolvedHardware(cpu=FOUR), id="CPUs"),
    ],
)
def test_the_resolved_hardware_follows_from_the_spec(
    hardware: Hardware | None, resolved: ResolvedHardware | None
) -> None:
    assert resolved_hardware(hardware) == resolved


READY = ModelStatus(status=Verdict.READY, observed_generation=1)


@pytest.mark.rule("KIND-9")
@pytest.mark.parametrize(
    ("thing", "observed", "ready"),
    [
        pytest.param(template(), True, True, id="a template that is Ready"),
        pytest.param(template(says=None), False, False, id="a template without a status"),
        pytest.param(template(says=Verdict.DEGRADED), True, False, id="a template that is not Ready"),
        pytest.param(
            replace(template(), meta=replace(template().meta, generation=2)),
            False,
            False,
            id="one that was Ready before",
        ),
        pytest.param(model(status=READY), True, True, id="a model that is Ready"),
        pytest.param(model(status=READY, generation=2), False, False, id="a model that was Ready before"),
    ],
)
def test_a_status_speaks_of_its_generation(thing: Model | Template, *, observed: bool, ready: bool) -> None:
    assert is_observed(thing) is observed
    assert is_ready(thing) is ready


@pytest.mark.rule("SEL-2", "LOOK-1", "LOOK-3")
@pytest.mark.parametrize(
    ("one", "of", "live", "answer"),
    [
        pytest.param(NEAR_TEMPLATE, NEAR, [NEAR], True, id="of its namespace"),
        pytest.param(NEAR_TEMPLATE, FAR, [FAR], True, id="of the cluster, where the namespace has none"),
        pytest.param(NEAR_TEMPLATE, FAR, [NEAR, FAR], False, id="the namespace's shadows the cluster's"),
        pytest.param(FAR_TEMPLATE, FAR, [NEAR, FAR], True, id="a cluster template sees no namespace"),
        pytest.param(FAR_TEMPLATE, NEAR, [NEAR, FAR], False, id="and so is of no namespace's model"),
        pytest.param(FAR_TEMPLATE, NEAR, [NEAR], False, id="not even when the cluster has none"),
        pytest.param(template(model_name="mistral"), NEAR, [NEAR], False, id="of a model that is not there"),
        pytest.param(template(labels=DERIVED), NEAR, [NEAR], False, id="derived for one service"),
    ],
)
def test_a_template_belongs_to_the_very_model_it_means(
    one: Template, of: Model, live: list[Model], *, answer: bool
) -> None:
    assert belongs(world(*live, one), one, of) is answer
    assert templates_of(world(*live, one), NS, of) == ([one] if answer else [])


@pytest.mark.rule("SEL-2")
def test_a_model_made_anew_is_another_model() -> None:
    assert not belongs(world(replace(NEAR, meta=replace(NEAR.meta, uid="new"))), NEAR_TEMPLATE, NEAR)


@pytest.mark.rule("SEL-2")
def test_candidates_come_from_the_namespace_and_the_cluster_and_nowhere_else() -> None:
    found = templates_of(world(FAR, NEAR_TEMPLATE, FAR_TEMPLATE, template(namespace="other")), NS, FAR)
    assert found == [NEAR_TEMPLATE, FAR_TEMPLATE]
