from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aimcore.domain.hardware.nodes import Node, NodeGpu, node_gpus
from aimcore.domain.values.quantity import Quantity, parse_quantity

KINDS = ["device-id", "product-name", "family", "vram"]
VALUES = ["74a1", "0x74A9", "75a3", "ffff", "AMD_Instinct_MI300X_OAM", "AI", "MI210", "192G", "24G", "x", ""]


def gpus(labels: dict[str, str], **allocatable: int) -> tuple[NodeGpu, ...]:
    """The GPUs of a node with these labels and so many `amd` or `nvidia` GPUs."""
    resources = {f"{vendor}.com/gpu": Quantity.of(count) for vendor, count in allocatable.items()}
    return node_gpus(Node(name="node-1", labels=labels, allocatable=resources))


def mi300x(count: int, *, vram: str = "192Gi", reported: bool = True) -> NodeGpu:
    resource = "amd.com/gpu" if reported else None
    return NodeGpu(model="MI300X", vram=parse_quantity(vram), resource_name=resource, count=count)


@pytest.mark.rule("TMPL-6")
@pytest.mark.parametrize(
    "labels",
    [
        pytest.param({"amd.com/gpu.device-id": "74a1"}, id="a device id"),
        pytest.param({"amd.com/gpu.device-id": "0x74A1"}, id="a device id as the kernel writes it"),
        pytest.param({"beta.amd.com/gpu.device-id": "74a1"}, id="a beta device id"),
        pytest.param({"amd.com/gpu.device-id.74a1": "8"}, id="a counted device id"),
        pytest.param({"beta.amd.com/gpu.device-id.74a1": "8"}, id="a counted beta device id"),
        pytest.param({"amd.com/gpu.product-name": "AMD_Instinct_MI300X_OAM"}, id="a product name"),
        pytest.param({"beta.amd.com/gpu.product-name": "AMD_Instinct_MI300X_OAM"}, id="a beta product name"),
        pytest.param({"amd.com/gpu.product-name.AMD_Instinct_MI300X_OAM": "8"}, id="a counted product name"),
        pytest.param({"amd.com/gpu.family": "MI300X"}, id="a family that is a model"),
        pytest.param({"beta.amd.com/gpu.family.MI300X": "8"}, id="a counted beta family"),
        pytest.param(
            {"amd.com/gpu.device-id": "ffff", "amd.com/gpu.product-name": "AMD_Instinct_MI300X_OAM"},
            id="an unknown device id beside a product name",
        ),
        pytest.param(
            {"amd.com/gpu.device-id": "74a1", "amd.com/gpu.product-name": "AMD_Instinct_MI210"},
            id="a device id is believed before a product name",
        ),
        pytest.param(
            {"amd.com/gpu.device-id": "74a1", "beta.amd.com/gpu.device-id": "740f"},
            id="a beta label is believed last",
        ),
        pytest.param(
            {"amd.com/gpu.device-id": "74a1", "beta.amd.com/gpu.family": "AI", "beta.amd.com/gpu.family.AI": "8"},
            id="a family that is an architecture says nothing",
        ),
    ],
)
def test_labels_tell_the_model(labels: dict[str, str]) -> None:
    assert gpus(labels, amd=8) == (mi300x(8),)


@pytest.mark.rule("TMPL-6")
def test_a_node_with_two_kinds_of_gpus_offers_both_each_with_its_count() -> None:
    labels = {"amd.com/gpu.device-id.74a1": "4", "amd.com/gpu.device-id.74a9": "2", "amd.com/gpu.device-id.740f": "1"}
    mi210 = NodeGpu(model="MI210", vram=parse_quantity("64Gi"), resource_name="amd.com/gpu", count=1)
    assert gpus(labels, amd=7) == (mi210, mi300x(6))


@pytest.mark.rule("TMPL-6")
@pytest.mark.parametrize(
    ("labels", "vram"),
    [
        pytest.param({"amd.com/gpu.vram": "24G"}, "24Gi", id="the labeller's G is 2**30 bytes"),
        pytest.param({"amd.com/gpu.vram": "24Gi"}, "24Gi", id="a quantity"),
        pytest.param({"amd.com/gpu.vram": "24576M"}, "24Gi", id="mebibytes"),
        pytest.param({"amd.com/gpu.vram": "24576"}, "24Gi", id="a bare number is in MiB"),
        pytest.param({"amd.com/gpu.vram": "1073741823"}, "1073741823Mi", id="the largest bare number in MiB"),
        pytest.param({"amd.com/gpu.vram": "1073741824"}, "1Gi", id="no GPU has as many MiB: bytes"),
        pytest.param({"beta.amd.com/gpu.vram": "24G"}, "24Gi", id="a beta label"),
        pytest.param({"amd.com/gpu.vram.24G": "8"}, "24Gi", id="a counted label"),
        pytest.param({"beta.amd.com/gpu.vram.24G": "8"}, "24Gi", id="a counted beta label"),
        pytest.param({"amd.com/gpu.vram.24G": "4", "amd.com/gpu.vram.24576M": "4"}, "24Gi", id="one size said twice"),
        pytest.param({"amd.com/gpu.vram.24G": "4", "amd.com/gpu.vram.48G": "4"}, "192Gi", id="two sizes: the table's"),
        pytest.param({"amd.com/gpu.vram": "plenty"}, "192Gi", id="unreadable: the table's"),
        pytest.param({"amd.com/gpu.vram": "0G"}, "192Gi", id="no memory at all: the table's"),
        pytest.param({"amd.com/gpu.vram": ""}, "192Gi", id="empty: the table's"),
        pytest.param({}, "192Gi", id="none: the table's"),
    ],
)
def test_memory_is_what_labels_say_or_else_the_table(labels: dict[str, str], vram: str) -> None:
    assert gpus({"amd.com/gpu.device-id": "74a1", **labels}, amd=8) == (mi300x(8, vram=vram),)


@pytest.mark.rule("TMPL-6")
def test_the_memory_of_a_gpu_without_a_name_is_known_only_by_label() -> None:
    unknown = {"amd.com/gpu.device-id": "ffff", "amd.com/gpu.family": "AI"}
    assert [gpu.vram for gpu in gpus(unknown, amd=1)] == [None]
    assert [str(gpu.vram) for gpu in gpus({**unknown, "amd.com/gpu.vram": "36G"}, amd=1)] == ["36Gi"]


@pytest.mark.parametrize(
    ("labels", "allocatable", "count"),
    [
        pytest.param({"amd.com/gpu.device-id": "74a1"}, {"amd": 8}, 8, id="the resource counts"),
        pytest.param({"amd.com/gpu.device-id.74a1": "8"}, {"amd": 6}, 6, id="the resource says fewer"),
        pytest.param({"amd.com/gpu.device-id.74a1": "4"}, {"amd": 8}, 4, id="the labels say fewer"),
        pytest.param({"amd.com/gpu.device-id": "74a1"}, {"amd": 0}, 0, id="the node gives none just now"),
        pytest.param({"amd.com/gpu.device-id": "74a1"}, {}, 1, id="nothing counts"),
        pytest.param(
            {"amd.com/gpu.device-id": "74a1", "beta.amd.com/gpu.device-id.74a1": "8"}, {}, 8, id="only beta counts"
        ),
        pytest.param(
            {"amd.com/gpu.device-id": "74a1", "amd.com/gpu.device-id.74a9": "2"}, {}, 1, id="one of two is not counted"
        ),
        pytest.param(
            {"amd.com/gpu.device-id.74a1": "2", "amd.com/gpu.device-id.75a3": "0"}, {}, 2, id="a count of 0 is no GPU"
        ),
        pytest.param(
            {"amd.com/gpu.device-id.74a1": "2", "amd.com/gpu.device-id.75a3": "many"}, {}, 2, id="a count in words"
        ),
    ],
)
@pytest.mark.rule("TMPL-6")
def test_how_many_a_node_can_give(labels: dict[str, str], allocatable: dict[str, int], count: int) -> None:
    assert gpus(labels, **allocatable) == (mi300x(count, reported=bool(allocatable)),)


@pytest.mark.rule("TMPL-6")
def test_nvidia_gpus_go_by_their_product() -> None:
    found = gpus({"nvidia.com/gpu.product": "NVIDIA-H100-80GB-HBM3", "amd.com/gpu.vram": "24G"}, nvidia=2)
    assert found == (NodeGpu(model="H100-80GB-HBM3", vram=None, resource_name="nvidia.com/gpu", count=2),)


@pytest.mark.rule("TMPL-6")
def test_gpus_that_are_only_a_resource_have_no_name() -> None:
    resources = {
        "amd.com/gpu": Quantity.of(8),
        "x.io/gpu": Quantity.of(1),
        "y.io/gpu": Quantity.of(0),
        "cpu": Quantity.of(9),
    }
    assert node_gpus(Node(name="node-1", labels={}, allocatable=resources)) == (
        NodeGpu(model="", vram=None, resource_name="amd.com/gpu", count=8),
        NodeGpu(model="", vram=None, resource_name="x.io/gpu", count=1),
    )


def test_a_node_without_gpus_offers_none() -> None:
    labels = {"kubernetes.io/arch": "amd64", "amd.com/gpu.vram": "192G", "nvidia.com/gpu.product": ""}
    assert node_gpus(Node(name="node-1", labels=labels, allocatable={"cpu": Quantity.of(64)})) == ()


labels = st.dictionaries(
    st.builds(
        "{}amd.com/gpu.{}{}".format, st.sampled_from(["", "beta."]), st.sampled_from(KINDS), st.sampled_from(["", "."])
    ).flatmap(lambda key: st.sampled_from([key + value for value in VALUES] if key.endswith(".") else [key])),
    st.sampled_from([*VALUES, "0", "1", "8", "-1", "1e3", "9" * 9]),
)


@given(labels=labels, count=st.none() | st.integers(0, 8))
def test_any_labels_give_gpus_in_order_each_model_once(labels: dict[str, str], count: int | None) -> None:
    found = gpus(labels, **({} if count is None else {"amd": count}))
    models = [gpu.model for gpu in found]
    assert models == sorted(set(models))
    assert all(gpu.count >= 0 and (count is None or gpu.count <= count) for gpu in found)
