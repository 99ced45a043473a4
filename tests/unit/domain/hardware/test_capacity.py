"""Replicas on nodes: what fits, and in few words what does not."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aimcore.domain.hardware.capacity import PODS_AT_MOST, Room, room_on
from aimcore.domain.hardware.nodes import Node
from aimcore.domain.hardware.requirements import Cpu, Gpu, Hardware
from aimcore.domain.values.quantity import Quantity, parse_quantity

MI300X = {"amd.com/gpu.device-id": "74a1"}
UNCOUNTED = {"amd.com/gpu.device-id.74a1": "", "amd.com/gpu.device-id.740f": ""}
MIXED = {"beta.amd.com/gpu.device-id.74a1": "2", "beta.amd.com/gpu.device-id.740f": "6"}


def node(name: str = "n", labels: dict[str, str] | None = None, **allocatable: str) -> Node:
    amounts = {key.replace("gpu", "amd.com/gpu"): parse_quantity(text) for key, text in allocatable.items()}
    return Node(name=name, labels=MI300X if labels is None else labels, allocatable=amounts)


def gpu(requests: int | None = 1, *models: str, vram: str | None = None, resource: str | None = None) -> Hardware:
    need = None if vram is None else parse_quantity(vram)
    return Hardware(gpu=Gpu(requests=requests, models=models or None, min_vram=need, resource_name=resource))


def cores(requests: str | None) -> Hardware:
    return Hardware(cpu=Cpu(requests=None if requests is None else parse_quantity(requests)))


@pytest.mark.rule("CUST-6", "TMPL-6")
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
        pytest.param(
            gpu(1, resource="nvidia.com/gpu"), node(gpu="8"), 0, "no GPU as nvidia.com/gpu; has MI300X", id="as"
        ),
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
    assert room_on(hardware, [there]) == (Room(node="n", replicas=replicas, lacking=lacking),)


@given(counts=st.lists(st.integers(0, 16), max_size=5), each=st.integers(1, 9))
def test_no_node_gives_more_than_it_has_nor_could_give_one_more(counts: list[int], each: int) -> None:
    nodes = [node(f"n{number}", gpu=str(count)) for number, count in enumerate(counts)]
    found = room_on(gpu(each, "MI300X"), nodes[::-1])
    assert [room.node for room in found] == [one.name for one in nodes]
    for room, count in zip(found, counts, strict=True):
        assert room.replicas * each <= count < (room.replicas + 1) * each
        assert bool(room.lacking) is (room.replicas == 0)
