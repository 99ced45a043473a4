"""Replicas on nodes: what fits, and in few words what does not."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aimcore.domain.decide.availability import Extra, capacity_of
from aimcore.domain.hardware.capacity import Room
from aimcore.domain.hardware.nodes import Node
from aimcore.domain.hardware.requirements import Cpu, Gpu, Hardware
from aimcore.domain.hardware.supply import PODS_AT_MOST
from aimcore.domain.kinds.records import TemplateSpec
from aimcore.domain.kinds.resources import Resources
from aimcore.domain.values.quantity import Quantity, parse_quantity
from tests.unit.domain.builders import amounts

MI300X = {"amd.com/gpu.device-id": "74a1"}
UNCOUNTED = {"amd.com/gpu.device-id.74a1": "", "amd.com/gpu.device-id.740f": ""}
MIXED = {"beta.amd.com/gpu.device-id.74a1": "2", "beta.amd.com/gpu.device-id.740f": "6"}
H100 = {"nvidia.com/gpu.product": "NVIDIA-H100-80GB-HBM3"}
NAMED = "name the one that is meant in hardware.gpu.resourceName"


def node(name: str = "n", labels: dict[str, str] | None = None, *, says: Any = None, **allocatable: str) -> Node:
    return Node(
        name=name,
        labels=MI300X if labels is None else labels,
        allocatable={**amounts(**allocatable), **amounts(**(says or {}))},
    )


def gpu(requests: int | None = 1, *models: str, vram: str | None = None, resource: str | None = None) -> Hardware:
    need = None if vram is None else parse_quantity(vram)
    return Hardware(gpu=Gpu(requests=requests, models=models or None, min_vram=need, resource_name=resource))


def cores(requests: str | None) -> Hardware:
    return Hardware(cpu=Cpu(requests=None if requests is None else parse_quantity(requests)))


def rooms(hardware: Hardware | None, *nodes: Node, **asked: Resources) -> tuple[Room, ...]:
    spec = TemplateSpec(model_name="llama", hardware=hardware, resources=asked.get("template", Resources()))
    return capacity_of(spec, nodes, Extra(model=asked.get("model", Resources())))


@pytest.mark.rule("TMPL-6", "TMPL-8")
@pytest.mark.parametrize(
    ("hardware", "there", "replicas", "lacking"),
    [
        pytest.param(gpu(2, "MI300X"), node(gpu="8"), 4, "", id="two each"),
        pytest.param(gpu(3), node(gpu="8"), 2, "", id="any GPU, some left over"),
        pytest.param(gpu(None, "MI300X"), node(gpu="8"), 8, "", id="no number is one"),
        pytest.param(gpu(1, "MI210", "MI300X"), node(gpu="8"), 8, "", id="one of several"),
        pytest.param(gpu(1, "MI300X", vram="192Gi"), node(gpu="8"), 8, "", id="enough memory"),
        pytest.param(gpu(1, vram="1Ti"), node(labels={}, gpu="8"), 8, "", id="memory that nobody knows"),
        pytest.param(gpu(1, "MI300X"), node(labels=MIXED, gpu="8"), 2, "", id="those of the model alone"),
        pytest.param(gpu(1), node(labels=MIXED, gpu="8"), 8, "", id="both models together"),
        pytest.param(gpu(1), node(labels=UNCOUNTED, gpu="8"), 8, "", id="two models that nobody counts"),
        pytest.param(gpu(1), node(), 0, "no GPU; has no GPU", id="labelled, but none to give"),
        pytest.param(gpu(1), node(gpu="0"), 0, "no GPU; has no GPU", id="none to give just now"),
        pytest.param(gpu(1, resource="amd.com/gpu"), node(gpu="8"), 8, "", id="as what it is"),
        pytest.param(gpu(0, "MI300X"), node(gpu="8"), 8, "", id="models alone"),
        pytest.param(gpu(9, "MI300X"), node(gpu="8"), 0, "8 MI300X; needs 9", id="too few"),
        pytest.param(gpu(1, "MI210"), node(gpu="8"), 0, "no MI210; has MI300X", id="another model"),
        pytest.param(gpu(1, "MI210"), node(labels={}, gpu="8"), 0, "no MI210; has GPUs of unknown model", id="unnamed"),
        pytest.param(gpu(1), node(labels={}), 0, "no GPU; has no GPU", id="none"),
        pytest.param(
            gpu(1, "MI300X", vram="256Gi"), node(gpu="8"), 0, "MI300X has 192Gi of memory; needs 256Gi", id="small"
        ),
        pytest.param(cores("500m"), node(cpu="4"), 8, "", id="halves of cores"),
        pytest.param(cores("1500m"), node(cpu="4"), 2, "", id="cores left over"),
        pytest.param(cores("8"), node(cpu="4"), 0, "4 cores; needs 8", id="too few cores"),
        pytest.param(cores("1m"), node(cpu="64"), PODS_AT_MOST, "", id="hardly anything"),
        pytest.param(cores("0"), node(cpu="64"), PODS_AT_MOST, "", id="no cores"),
        pytest.param(cores(None), node(cpu="64"), PODS_AT_MOST, "", id="cores that are not said"),
        pytest.param(cores("4"), node(), PODS_AT_MOST, "", id="a node that does not say"),
        pytest.param(None, node(), PODS_AT_MOST, "", id="nothing"),
        pytest.param(cores("500m"), node(cpu="64", pods="17"), 17, "", id="as many pods as the node says"),
        pytest.param(gpu(1), node(gpu="8", pods="3"), 3, "", id="fewer pods than GPUs"),
        pytest.param(None, node(pods="0"), 0, "0 pods; needs 1", id="no pods at all"),
        pytest.param(
            Hardware(gpu=Gpu(requests=1), cpu=Cpu(requests=Quantity.of(4))), node(gpu="8", cpu="12"), 3, "", id="both"
        ),
        pytest.param(
            Hardware(gpu=Gpu(requests=4), cpu=Cpu(requests=Quantity.of(1))),
            node(gpu="8", cpu="12"),
            2,
            "",
            id="both too",
        ),
    ],
)
def test_what_fits_on_a_node(hardware: Hardware | None, there: Node, replicas: int, lacking: str) -> None:
    (room,) = rooms(hardware, there)
    assert (room.replicas, room.lacking) == (replicas, lacking)


@pytest.mark.rule("TMPL-8")
@pytest.mark.parametrize(
    ("labels", "models", "told"),
    [
        pytest.param({"amd.com/gpu.device-id": "74a1"}, ("MI300X",), False, id="by device id"),
        pytest.param({"amd.com/gpu.device-id.74a1": "8"}, ("MI300X",), True, id="only counted"),
        pytest.param({"amd.com/gpu.product-name": "AMD_Instinct_MI300X_OAM"}, ("MI300X",), True, id="by product"),
        pytest.param({"amd.com/gpu.device-id.74a1": "8"}, (), False, id="no model listed"),
    ],
)
def test_a_node_that_fits_and_that_no_pod_is_placed_on_is_told(
    labels: dict[str, str], models: tuple[str, ...], *, told: bool
) -> None:
    there = Node(name="n", labels=labels, allocatable={"amd.com/gpu": Quantity.of(8)})
    (room,) = rooms(gpu(1, *models), there)
    assert room.replicas == 8
    assert ("pods are placed by amd.com/gpu.device-id (74a1, " in room.unreached) is told


PARTS = node(labels={**MI300X, "amd.com/gpu.vram": "24G"}, says={"amd.com/cpx_nps4": "64"})
SPLIT = node(labels=MI300X, says={"amd.com/cpx_nps4": "64"})
WHOLE = node(labels=MI300X, says={"amd.com/spx_nps1": "8"})
LIKE_GPUS = node(labels={**MI300X, "amd.com/compute-memory-partition": "cpx_nps4"}, gpu="64")
VIRTUAL = node(labels={"amd.com/gpu.device-id": "74b5"}, says={"amd.com/gpu_vf": "8"})
MIG = node(labels=H100, says={"nvidia.com/gpu": "0", "nvidia.com/mig-3g.40gb": "16"})
MIG_SAID = node(labels={**H100, "nvidia.com/mig-3g.40gb.memory": "40448"}, says={"nvidia.com/mig-3g.40gb": "16"})
SHARED = node(
    labels={"nvidia.com/gpu.product": "NVIDIA-A100-SXM4-40GB-SHARED", "nvidia.com/gpu.memory": "40960"},
    says={"nvidia.com/gpu.shared": "32"},
)
NVIDIA = node(labels=H100, says={"nvidia.com/gpu": "8"})
ODD = node(labels=MI300X, says={"example.com/npu": "4"})


@pytest.mark.rule("TMPL-8")
@pytest.mark.parametrize(
    ("hardware", "there", "replicas", "lacking"),
    [
        pytest.param(gpu(1, "MI300X", resource="amd.com/cpx_nps4"), PARTS, 64, "", id="parts"),
        pytest.param(gpu(1, "MI300X", resource="amd.com/spx_nps1", vram="192Gi"), WHOLE, 8, "", id="in one part"),
        pytest.param(gpu(8, resource="amd.com/gpu_vf"), VIRTUAL, 1, "", id="virtual functions"),
        pytest.param(gpu(1, "MI300X", resource="amd.com/gpu_vf", vram="64Gi"), VIRTUAL, 8, "", id="of unknown memory"),
        pytest.param(gpu(2, resource="nvidia.com/mig-3g.40gb"), MIG, 8, "", id="MIG"),
        pytest.param(gpu(1, "H100-80GB-HBM3", resource="nvidia.com/mig-3g.40gb"), MIG, 16, "", id="of a product"),
        pytest.param(
            gpu(1, "NVIDIA-H100-80GB-HBM3-MIG-3g.40gb", resource="nvidia.com/mig-3g.40gb"), MIG, 16, "", id="spelt out"
        ),
        pytest.param(gpu(1, "A100-SXM4-40GB", resource="nvidia.com/gpu.shared"), SHARED, 32, "", id="shared"),
        pytest.param(gpu(1, "MI300X", resource="example.com/npu"), ODD, 4, "", id="any other name"),
        pytest.param(gpu(1, "MI300X"), LIKE_GPUS, 64, "", id="parts that are called GPUs"),
        pytest.param(
            gpu(1, "MI300X", vram="64Gi", resource="amd.com/cpx_nps4"),
            PARTS,
            0,
            "MI300X has 24Gi of memory; needs 64Gi",
            id="the memory of a part, as its label says",
        ),
        pytest.param(
            gpu(1, "MI300X", vram="192Gi", resource="amd.com/cpx_nps4"),
            SPLIT,
            0,
            "MI300X has 24Gi of memory; needs 192Gi",
            id="the memory of a part, by its name",
        ),
        pytest.param(
            gpu(1, "MI300X", vram="192Gi"),
            LIKE_GPUS,
            0,
            "MI300X has 24Gi of memory; needs 192Gi",
            id="the memory of a part that is called a GPU",
        ),
        pytest.param(
            gpu(1, vram="48Gi", resource="nvidia.com/mig-3g.40gb"),
            MIG,
            0,
            "GPU has 40G of memory; needs 48Gi",
            id="40G",
        ),
        pytest.param(gpu(1, vram="39Gi", resource="nvidia.com/mig-3g.40gb"), MIG_SAID, 16, "", id="as a label says"),
        pytest.param(
            gpu(1, "MI300X"),
            PARTS,
            0,
            f"no MI300X as amd.com/gpu; has MI300X as amd.com/cpx_nps4; {NAMED}",
            id="parts only",
        ),
        pytest.param(
            gpu(1),
            NVIDIA,
            0,
            f"no GPU as amd.com/gpu; has H100-80GB-HBM3 as nvidia.com/gpu; {NAMED}",
            id="another maker",
        ),
        pytest.param(
            gpu(1, "H100-80GB-HBM3", resource="nvidia.com/gpu"),
            SHARED,
            0,
            "no H100-80GB-HBM3 as nvidia.com/gpu; has A100-SXM4-40GB",
            id="another product",
        ),
        pytest.param(
            gpu(1, resource="nvidia.com/gpu"),
            node(gpu="8"),
            0,
            "no GPU as nvidia.com/gpu; has MI300X as amd.com/gpu",
            id="another name",
        ),
        pytest.param(
            gpu(1, resource="example.com/npu"),
            node(labels={}, cpu="8"),
            0,
            "no GPU as example.com/npu; has no GPU",
            id="none",
        ),
    ],
)
def test_gpus_come_under_the_name_that_the_template_resolves_to(
    hardware: Hardware, there: Node, replicas: int, lacking: str
) -> None:
    assert rooms(hardware, there) == (Room(node="n", replicas=replicas, lacking=lacking),)


@pytest.mark.rule("TMPL-8")
@pytest.mark.parametrize(
    ("label", "asked"),
    [
        pytest.param("191G", "192Gi", id="a label rounded down"),
        pytest.param("192G", "207G", id="the other unit"),
    ],
)
def test_memory_that_differs_by_a_rounding_gets_a_hint(label: str, asked: str) -> None:
    (room,) = rooms(gpu(1, vram=asked), node(labels={**MI300X, "amd.com/gpu.vram": label}, gpu="8"))
    assert room.replicas == 0
    assert room.lacking == (
        f"GPU has {label}i of memory; needs {asked}; "
        f"the two differ by a rounding, and minVram {label}i asks for this very GPU"
    )


@pytest.mark.rule("TMPL-8", "RES-1", "RES-2")
@pytest.mark.parametrize(
    ("asked", "replicas", "lacking"),
    [
        pytest.param({}, 8, "", id="only GPUs"),
        pytest.param({"model": Resources(requests=amounts(cpu="4", memory="32Gi"))}, 1, "", id="the model"),
        pytest.param({"template": Resources(requests=amounts(cpu="4", memory="32Gi"))}, 1, "", id="the template"),
        pytest.param({"template": Resources(limits=amounts(memory="16Gi"))}, 2, "", id="limits alone are requests"),
        pytest.param(
            {
                "template": Resources(requests=amounts(cpu="1")),
                "model": Resources(requests=amounts(cpu="4", memory="32Gi")),
            },
            1,
            "",
            id="name by name",
        ),
        pytest.param(
            {"model": Resources(requests=amounts(memory="64Gi"))},
            0,
            "33Gi of memory; needs 64Gi",
            id="too little memory",
        ),
        pytest.param(
            {"template": Resources(requests={"example.com/rdma": Quantity.of(1)})},
            0,
            "0 example.com/rdma; needs 1",
            id="what the node has none of",
        ),
        pytest.param({"template": Resources(limits=amounts(gpu="4"))}, 2, "", id="GPUs of the template's resources"),
        pytest.param({"model": Resources(limits=amounts(gpu="8"))}, 1, "", id="GPUs of the model's resources"),
    ],
)
def test_everything_that_a_template_asks_for_counts(asked: dict[str, Resources], replicas: int, lacking: str) -> None:
    there = node(cpu="4", memory="33Gi", gpu="8")
    assert rooms(gpu(1, "MI300X"), there, **asked) == (Room(node="n", replicas=replicas, lacking=lacking),)


@pytest.mark.rule("TMPL-8")
def test_nodes_that_take_no_pods_are_out_and_say_why() -> None:
    nodes = [
        Node(name="a", labels={}, allocatable=amounts(cpu="4"), unschedulable=True),
        Node(name="b", labels={}, allocatable=amounts(cpu="4"), ready=False),
        Node(name="c", labels={}, allocatable=amounts(cpu="4")),
    ]
    assert [(room.replicas, room.lacking) for room in rooms(cores("4"), *nodes)] == [
        (0, "is cordoned"),
        (0, "is not ready"),
        (1, ""),
    ]


@pytest.mark.rule("TMPL-8")
@given(counts=st.lists(st.integers(0, 16), max_size=5), each=st.integers(1, 9))
def test_no_node_gives_more_than_it_has_nor_could_give_one_more(counts: list[int], each: int) -> None:
    nodes = [node(f"n{number}", gpu=str(count)) for number, count in enumerate(counts)]
    found = rooms(gpu(each, "MI300X"), *nodes[::-1])
    assert [room.node for room in found] == [one.name for one in nodes]
    for room, count in zip(found, counts, strict=True):
        assert room.replicas * each <= count < (room.replicas + 1) * each
        assert bool(room.lacking) is (room.replicas == 0)
