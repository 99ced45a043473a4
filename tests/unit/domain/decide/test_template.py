from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from aimcore.domain.decide import decide_template
from aimcore.domain.hardware.affinity import node_affinity
from aimcore.domain.hardware.requirements import Gpu, Hardware
from aimcore.domain.kinds.core import Namespace
from aimcore.domain.kinds.records import Model, Template
from aimcore.domain.kinds.scope import Reference
from aimcore.domain.kinds.statuses import ProfileMetadata, ResolvedHardware, TemplateStatus, Verdict
from aimcore.domain.values.profile import Metric, Precision, TemplateType
from aimcore.domain.view.observed import Policy, Snapshot, Unseen
from aimcore.domain.view.plan import Plan
from tests.unit.domain.builders import (
    NS,
    Said,
    amounts,
    condition_of,
    config,
    cpus,
    gpus,
    model,
    node,
    observe,
    reason_of,
    resources,
    source,
    status_of,
    template,
    verdict_of,
    world,
)

SAID = template(says=None)


def judged(one: Template, *things: Any) -> Plan:
    """The decision on a template among these, and its model."""
    return decide_template(observe(one, model(), *things))


@pytest.mark.rule("TMPL-6", "STAT-2")
@pytest.mark.parametrize(
    ("one", "nodes", "verdict", "message"),
    [
        pytest.param(SAID, [], Verdict.READY, "", id="its GPU is there"),
        pytest.param(
            SAID, [node("MI210")], Verdict.NOT_AVAILABLE, "no node has MI300X; found MI210", id="its GPU is nowhere"
        ),
        pytest.param(
            template(says=None, hardware=gpus(1, "MI210", "MI300X")), [], Verdict.READY, "", id="any listed GPU will do"
        ),
        pytest.param(
            template(says=None, hardware=gpus(None, "MI210")),
            [],
            Verdict.NOT_AVAILABLE,
            "no node has MI210; found MI300X",
            id="listing a GPU is requiring one",
        ),
        pytest.param(
            template(says=None, hardware=gpus(1)),
            [node()],
            Verdict.NOT_AVAILABLE,
            "no node has a GPU; found no GPU",
            id="any GPU, and there is none",
        ),
        pytest.param(template(says=None, hardware=gpus(0)), [node()], Verdict.READY, "", id="no GPU wanted"),
        pytest.param(template(says=None, hardware=cpus("4")), [node()], Verdict.READY, "", id="CPUs"),
        pytest.param(
            template(says=None, hardware=gpus(1, "MI300X", vram="256Gi")),
            [],
            Verdict.NOT_AVAILABLE,
            "no node has MI300X with 256Gi of memory; the largest has 192Gi",
            id="not enough memory",
        ),
        pytest.param(
            template(says=None, hardware=gpus(1, "H100", vram="256Gi")),
            [node("H100")],
            Verdict.READY,
            "",
            id="memory nobody knows does not gate",
        ),
        pytest.param(
            template(says=None, hardware=None),
            [],
            Verdict.PENDING,
            "neither hardware nor model sources are known; expected spec.hardware",
            id="nothing known",
        ),
        pytest.param(
            template(says=None, hardware=None, model_sources=(source(),)), [], Verdict.READY, "", id="sources are known"
        ),
    ],
)
def test_a_templates_word_is_of_its_hardware(one: Template, nodes: list[Any], verdict: Verdict, message: str) -> None:
    plan = judged(one, *nodes)
    told = condition_of(plan, "Ready")
    assert told is not None
    assert (verdict_of(plan), told[2]) == (verdict, message)
    assert told[0] == ("True" if verdict is Verdict.READY else "False")


@pytest.mark.rule("TMPL-6", "LOOK-1", "LOOK-2")
def test_a_template_finds_its_model_near_before_far() -> None:
    plan = judged(SAID, model(namespace=None))
    assert status_of(plan).resolved_model == Reference.to(model().key, model().meta.uid)
    assert condition_of(plan, "ModelFound") == (
        "True",
        "ModelFound",
        f"AIMModel {NS}/llama, shadows AIMClusterModel llama",
    )
    far = decide_template(observe(SAID, model(namespace=None)))
    assert condition_of(far, "ModelFound") == ("True", "ModelFound", "AIMClusterModel llama")


@pytest.mark.rule("TMPL-6", "LOOK-2", "LOOK-3", "STAT-2")
@pytest.mark.parametrize(
    ("namespace", "looked"),
    [
        pytest.param(NS, f"AIMModel {NS}/mistral, AIMClusterModel mistral", id="near and far"),
        pytest.param(None, "AIMClusterModel mistral", id="a cluster template looks into no namespace"),
    ],
)
def test_without_its_model_a_template_has_failed(namespace: str | None, looked: str) -> None:
    plan = judged(template(says=None, namespace=namespace, model_name="mistral"), model("mistral", namespace="other"))
    assert verdict_of(plan) is Verdict.FAILED
    assert condition_of(plan, "ModelFound") == (
        "False",
        "ModelMissing",
        f"model mistral is missing; looked for {looked}",
    )
    assert condition_of(plan, "Ready") == ("False", "Failed", "model mistral is missing")
    assert status_of(plan).resolved_model is None


@pytest.mark.rule("TMPL-6")
def test_the_hardware_is_told_where_a_gpu_is_required() -> None:
    assert condition_of(judged(SAID), "HardwareAvailable") == ("True", "GpuAvailable", "1 x MI300X")
    lacking = condition_of(judged(SAID, node("MI210")), "HardwareAvailable")
    assert lacking == ("False", "GpuNotAvailable", "no node has MI300X; found MI210")
    assert condition_of(judged(template(says=None, hardware=cpus("1"))), "HardwareAvailable") is None
    orphan = template(says=None, model_name="mistral", hardware=gpus(1, "MI210"))
    assert condition_of(judged(orphan), "HardwareAvailable") == (
        "False",
        "GpuNotAvailable",
        "no node has MI210; found MI300X",
    )


@pytest.mark.rule("TMPL-8", "RES-1")
@pytest.mark.parametrize(
    ("one", "parent"),
    [
        pytest.param(template(says=None, hardware=cpus("8")), model(), id="its hardware"),
        pytest.param(
            template(says=None, hardware=None, model_sources=(source(),)),
            model(resources=resources(requests="8")),
            id="its model",
        ),
        pytest.param(
            template(says=None, hardware=None, resources=resources(limits="8"), model_sources=(source(),)),
            model(),
            id="its resources",
        ),
    ],
)
def test_cores_that_no_node_has_are_missed_where_no_gpu_is_wanted_too(one: Template, parent: Model) -> None:
    small = replace(node(), allocatable=amounts(cpu="4"))
    plan = decide_template(observe(one, parent, small))
    told = "no node has 8 cores; the largest has 4"
    assert (verdict_of(plan), condition_of(plan, "Ready")) == (Verdict.NOT_AVAILABLE, ("False", "NotAvailable", told))
    assert condition_of(plan, "HardwareAvailable") == ("False", "NoNodeFits", told)
    roomy = replace(node(), allocatable=amounts(cpu="9"))
    assert verdict_of(decide_template(observe(one, parent, small, roomy))) is Verdict.READY


@pytest.mark.rule("TMPL-8")
def test_a_template_that_asks_for_nothing_still_needs_a_node_that_takes_pods() -> None:
    one = template(says=None, hardware=None, model_sources=(source(),))
    plan = decide_template(observe(one, model(), replace(node(), unschedulable=True)))
    assert (verdict_of(plan), condition_of(plan, "HardwareAvailable")) == (
        Verdict.NOT_AVAILABLE,
        ("False", "NoNodeFits", "no node takes pods: all are cordoned or not ready"),
    )


@pytest.mark.rule("TMPL-6")
def test_of_no_hardware_nothing_is_told() -> None:
    assert condition_of(judged(template(says=None, hardware=None)), "HardwareAvailable") is None


@pytest.mark.rule("TMPL-6")
def test_where_nodes_may_not_be_read_gpus_are_assumed_and_a_condition_says_so() -> None:
    def blind(one: Template, policy: Policy) -> Plan:
        return decide_template(Snapshot(view=world(model(), one, nodes_known=False), policy=policy).of(one))

    plan = blind(SAID, Policy(unseen=Unseen.ASSUMED))
    assert verdict_of(plan) is Verdict.READY
    assert condition_of(plan, "HardwareAvailable") == (
        "Unknown",
        "NodesUnknown",
        "no nodes can be seen; GPUs are assumed present",
    )
    assert plan.assumed == ("GPUs",)
    assert blind(SAID, Policy()).assumed == ()
    assert blind(template(says=None, hardware=cpus("1")), Policy(unseen=Unseen.ASSUMED)).assumed == ()
    assert judged(SAID).assumed == ()


@pytest.mark.rule("CONF-2", "STAT-2")
def test_a_named_configuration_that_is_missing_fails_the_template() -> None:
    one = template(says=None, runtime_config_name="big", resources=resources(requests="2", limits="1"))
    plan = judged(one)
    assert verdict_of(plan) is Verdict.FAILED
    assert condition_of(plan, "Ready") == ("False", "Failed", "runtime config big is missing")
    assert reason_of(plan, "RuntimeResolved") == "False/RuntimeConfigMissing"
    assert reason_of(judged(SAID), "RuntimeResolved") == "False/DefaultRuntimeConfigMissing"
    assert verdict_of(judged(SAID)) is Verdict.READY


@pytest.mark.rule("CONF-3", "LOOK-3")
def test_the_configuration_of_a_cluster_template_is_the_operators() -> None:
    found = status_of(judged(SAID, config())).resolved_runtime_config
    assert (found.kind, found.namespace) == ("AIMRuntimeConfig", NS)
    far = replace(SAID, key=template(namespace=None).key)
    assert status_of(judged(far, config())).resolved_runtime_config is None
    assert status_of(judged(far, config(namespace="aim-system"))).resolved_runtime_config.namespace == "aim-system"


@pytest.mark.rule("STAT-2")
def test_an_invalid_spec_fails_the_template() -> None:
    plan = judged(template(says=None, model_name="mistral", resources=resources(requests="2", limits="1")))
    assert verdict_of(plan) is Verdict.FAILED
    told, ready = condition_of(plan, "SpecValid"), condition_of(plan, "Ready")
    assert told is not None
    assert told[:2] == ("False", "SpecInvalid")
    assert told[2].startswith("$.spec.resources: the template layer requests cpu=2")
    assert ready == ("False", "Failed", told[2])
    assert condition_of(judged(SAID), "SpecValid") is None


@pytest.mark.rule("CUST-6", "CUST-5")
@pytest.mark.parametrize(
    ("hardware", "sizes", "message"),
    [
        pytest.param(
            gpus(2, vram="64Gi"),
            ["100Gi", "29Gi"],
            "2 x 64Gi of GPU memory is less than the 129Gi of the model sources",
            id="less",
        ),
        pytest.param(gpus(2, vram="64Gi"), ["128Gi"], None, id="just enough"),
        pytest.param(
            gpus(None, "MI300X", vram="64Gi"), ["65Gi"], "1 x 64Gi", id="a GPU model without a count means one"
        ),
        pytest.param(gpus(1, vram="1Gi"), [None], None, id="an unknown size is no fault"),
        pytest.param(
            gpus(1, vram="1Gi"), [None, "2Gi"], "1 x 1Gi of GPU memory is less than the 2Gi", id="a part is known"
        ),
        pytest.param(gpus(1, "MI300X"), ["999Gi"], None, id="no memory is asked for"),
        pytest.param(cpus("1"), ["999Gi"], None, id="no GPU is asked for"),
        pytest.param(None, ["999Gi"], None, id="no hardware is known"),
    ],
)
def test_sources_that_do_not_fit_are_a_warning_and_no_fault(
    hardware: Hardware | None, sizes: list[str | None], message: str | None
) -> None:
    sources = tuple(source(size) for size in sizes)
    plan = judged(template(says=None, hardware=hardware, model_sources=sources), node("MI300X", "H100"))
    told = condition_of(plan, "CapacityInsufficient")
    assert verdict_of(plan) is Verdict.READY
    if message is None:
        assert told is None
    else:
        assert told is not None
        assert told[:2] == ("True", "SourcesExceedMemory")
        assert told[2].startswith(message)


@pytest.mark.rule("TMPL-1", "KIND-10")
def test_the_status_shows_the_profile_and_the_hardware() -> None:
    one = template(says=None, metric=Metric.LATENCY, precision=Precision.FP8, hardware=gpus(2, "MI300X"))
    status = status_of(judged(one))
    assert status.profile == ProfileMetadata(
        gpu="MI300X", gpu_count=2, metric=Metric.LATENCY, precision=Precision.FP8, type=TemplateType.OPTIMIZED
    )
    assert status.hardware_summary == "2 x MI300X"
    assert status.resolved_hardware == ResolvedHardware(
        gpu=Gpu(requests=2, models=("MI300X",), resource_name="amd.com/gpu"), nodes=node_affinity(("MI300X",))
    )


@pytest.mark.rule("TMPL-6")
def test_where_a_template_may_run_does_not_depend_on_the_nodes_there_are() -> None:
    everywhere = [judged(SAID), judged(SAID, node()), judged(SAID, node("MI210"), node("MI300X", "MI325X"))]
    assert len({status_of(plan).resolved_hardware for plan in everywhere}) == 1


@pytest.mark.rule("TMPL-6", "KIND-9")
def test_a_status_of_an_older_release_is_told_anew_and_once() -> None:
    told = status_of(judged(SAID))
    older = replace(SAID, status=replace(told, resolved_hardware=None))
    assert status_of(judged(older)) == told
    assert judged(replace(SAID, status=told)) == Plan()


@pytest.mark.rule("TMPL-1", "KIND-9")
def test_a_spoofed_status_is_told_anew() -> None:
    forged = TemplateStatus(status=Verdict.READY, observed_generation=1, profile=ProfileMetadata(gpu_count=99))
    one = replace(template(says=None, hardware=gpus(1, "MI210")), status=forged)
    assert status_of(judged(one)) == status_of(judged(replace(one, status=None)))
    assert verdict_of(judged(one)) is Verdict.NOT_AVAILABLE


@pytest.mark.rule("KIND-9", "STAT-4")
def test_what_was_said_is_not_said_again() -> None:
    assert [write.rule for write in judged(SAID).writes] == ["TMPL-6"]
    once = replace(SAID, status=status_of(judged(SAID)))
    assert judged(once) == Plan()


@pytest.mark.rule("OWN-3")
@pytest.mark.parametrize(
    ("one", "things"),
    [
        pytest.param(template(says=None, deleting=True), [], id="a template on its way out"),
        pytest.param(SAID, [Namespace(name=NS, deleting=True)], id="a namespace on its way out"),
    ],
)
def test_nothing_is_written_to_what_is_going(one: Template, things: list[Any]) -> None:
    assert judged(one, *things) == Plan()


SEVERITY = [Verdict.READY, Verdict.PENDING, Verdict.NOT_AVAILABLE, Verdict.FAILED]
FAULTS: dict[str, Said] = {
    "model": {"model_name": "mistral"},
    "gpu": {"hardware": gpus(1, "MI210")},
    "config": {"runtime_config_name": "big"},
    "spec": {"resources": resources(requests="2", limits="1")},
}


@pytest.mark.rule("STAT-3")
@pytest.mark.parametrize("more", [pytest.param(name, id=name) for name in FAULTS])
@pytest.mark.parametrize("before", [pytest.param(name, id=f"after {name}") for name in FAULTS])
def test_adding_a_fault_never_improves_the_verdict(before: str, more: str) -> None:
    one, both = FAULTS[before], FAULTS[before] | FAULTS[more]
    words = [verdict_of(judged(template(says=None, **faults))) for faults in ({}, one, both)]
    assert words == sorted(words, key=SEVERITY.index)
