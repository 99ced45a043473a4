"""What a status says of nodes, a scheduler can be told: read as Kubernetes reads it, it means the nodes that the domain means."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aimcore.adapters import wire
from aimcore.domain.decide.templates import resolved_hardware
from aimcore.domain.hardware.devices import DEVICES, gpu_model
from aimcore.domain.hardware.requirements import Cpu, Gpu, Hardware
from aimcore.domain.kinds.records import Template
from aimcore.domain.kinds.scope import Kind
from aimcore.domain.kinds.statuses import TemplateStatus, Verdict
from aimcore.domain.values.quantity import parse_quantity

MODELS = [*(device.model for device in DEVICES), "MI250", "AMD-Instinct-MI300X-OAM", "NVIDIA-H100-80GB-HBM3"]
amounts = st.none() | st.sampled_from(["64Gi", "65536Mi", "68719476736", "4", "4000m"]).map(parse_quantity)
hardware = st.builds(
    Hardware,
    gpu=st.none()
    | st.builds(
        Gpu,
        requests=st.none() | st.integers(0, 8),
        models=st.none() | st.lists(st.sampled_from(MODELS), max_size=8, unique=True).map(tuple),
        min_vram=amounts,
        resource_name=st.sampled_from([None, "amd.com/gpu", "nvidia.com/gpu"]),
    ),
    cpu=st.none() | st.builds(Cpu, requests=st.just(parse_quantity("4")), limits=amounts),
)


def labelled(device_id: str) -> dict[str, str]:
    """The labels of a node with eight of these GPUs, as AMD's labeller writes them."""
    beta = {"beta.amd.com/gpu.device-id": device_id, f"beta.amd.com/gpu.device-id.{device_id}": "8"}
    return {"amd.com/gpu.device-id": device_id, **beta}


def selects(affinity: dict[str, Any], labels: dict[str, str]) -> bool:
    """Kubernetes' own reading: any term, all expressions of a term, and a term without one selects nothing."""
    terms = affinity["requiredDuringSchedulingIgnoredDuringExecution"]["nodeSelectorTerms"]
    assert terms, "Kubernetes refuses a selector without terms"
    return any(_fits(term.get("matchExpressions", []), labels) for term in terms)


def _fits(expressions: list[dict[str, Any]], labels: dict[str, str]) -> bool:
    for expression in expressions:
        assert expression["operator"] == "In"
        assert expression["values"], "Kubernetes refuses In without values"
    return bool(expressions) and all(labels.get(one["key"]) in one["values"] for one in expressions)


def written(one: Hardware) -> dict[str, Any]:
    status = TemplateStatus(status=Verdict.READY, resolved_hardware=resolved_hardware(one))
    said: dict[str, Any] = wire.encode_status(Kind.TEMPLATE, status)["resolvedHardware"]
    return said


def read(said: dict[str, Any]) -> TemplateStatus:
    thing = wire.decode(
        {
            "apiVersion": "aim.silogen.ai/v1alpha1",
            "kind": "AIMClusterServiceTemplate",
            "metadata": {"name": "llama-1"},
            "spec": {"modelName": "llama"},
            "status": {"status": "Ready", **said},
        }
    )
    assert isinstance(thing, Template)
    assert thing.status is not None
    return thing.status


def gpu_of(said: dict[str, Any]) -> Gpu:
    hardware = read({"resolvedHardware": said}).resolved_hardware
    assert hardware is not None
    assert hardware.gpu is not None
    return hardware.gpu


@pytest.mark.rule("TMPL-6", "KIND-10")
@given(models=st.lists(st.sampled_from(MODELS), min_size=1, max_size=8), device=st.sampled_from(DEVICES))
def test_a_pod_comes_to_the_nodes_of_the_listed_models_and_to_no_others(models: list[str], device: Any) -> None:
    affinity = written(Hardware(gpu=Gpu(models=tuple(models))))["nodeAffinity"]
    wanted = device.model in map(gpu_model, models)
    assert [selects(affinity, labelled(one)) for one in device.ids] == [wanted] * len(device.ids)
    assert not selects(affinity, {"kubernetes.io/arch": "amd64"})


@pytest.mark.rule("TMPL-6")
def test_what_no_label_can_say_selects_no_node() -> None:
    affinity = written(Hardware(gpu=Gpu(models=("\u2603",))))["nodeAffinity"]
    assert affinity == {"requiredDuringSchedulingIgnoredDuringExecution": {"nodeSelectorTerms": [{}]}}
    assert not selects(affinity, labelled("74a1"))


@pytest.mark.rule("KIND-10")
@given(one=hardware)
def test_resolved_hardware_is_read_as_it_was_written(one: Hardware) -> None:
    said = written(one)
    status = read({"resolvedHardware": said})
    assert status.resolved_hardware == resolved_hardware(one)
    assert wire.encode_status(Kind.TEMPLATE, status)["resolvedHardware"] == said, "to the letter"


@pytest.mark.rule("KIND-10")
def test_a_status_of_an_older_release_has_none() -> None:
    assert read({"hardwareSummary": "2 x MI300X"}).resolved_hardware is None


def test_statuses_of_the_same_hardware_share_it() -> None:
    one = written(Hardware(gpu=Gpu(requests=2, models=("MI300X", "MI250"), min_vram=parse_quantity("64Gi"))))
    first, second = (read({"resolvedHardware": said}).resolved_hardware for said in (one, {**one}))
    assert first is second


def test_hardware_is_shared_by_the_letter_and_forgotten_in_time() -> None:
    written_as = [{"gpu": {"requests": 1, "minVram": text}} for text in ("64Gi", "65536Mi", "68719476736")]
    assert [str(gpu_of(said).min_vram) for said in written_as] == ["64Gi", "64Gi", "68719476736"]
    for count in range(3000):
        assert gpu_of({"gpu": {"requests": count}}).requests == count


@pytest.mark.rule("KIND-10")
@pytest.mark.parametrize(
    "expressions",
    [
        pytest.param([{"key": "a", "operator": "NotIn", "values": ["b"]}], id="another operator"),
        pytest.param([{"key": key, "operator": "In", "values": ["b"]} for key in "ac"], id="two labels at once"),
    ],
)
def test_an_affinity_that_is_none_of_ours_is_not_misread(expressions: list[dict[str, Any]]) -> None:
    terms = {"nodeSelectorTerms": [{"matchExpressions": expressions}]}
    manifest = {"resolvedHardware": {"nodeAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": terms}}}
    with pytest.raises(AssertionError):
        read(manifest)
