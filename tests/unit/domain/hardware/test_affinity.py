from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aimcore.domain.hardware.affinity import NodeLabel, node_affinity, unreached
from aimcore.domain.hardware.devices import DEVICES, Device, device_ids, gpu_model
from aimcore.domain.hardware.nodes import Node, node_gpus
from aimcore.domain.values.quantity import Quantity

LABELLERS = ("amd.com/gpu.", "beta.amd.com/gpu.")
IN_TABLE = [device.model for device in DEVICES]
OTHERS = ["H100-80GB-HBM3", "NVIDIA-H100-80GB-HBM3", "NVIDIA L4", "Tesla-T4", "AMD_Instinct_MI450X_OAM", "MI450X-OAM"]
SPELT = ["MI250", "AMD-Instinct-MI300X-OAM", "mi325x", *OTHERS]

names = st.sampled_from(IN_TABLE) | st.sampled_from(SPELT) | st.text(min_size=1, max_size=64)
listed = st.lists(names, min_size=1, max_size=8, unique=True).map(tuple)


def affinity(*models: str) -> dict[str, list[str]] | None:
    """The labels of the affinity with their values, None for all nodes."""
    found = node_affinity(models)
    return None if found is None else {label.key: list(label.values) for label in found}


def by_id(*ids: str) -> dict[str, list[str]]:
    return {f"{labeller}device-id": list(ids) for labeller in LABELLERS}


def by_product(nvidia: list[str], amd: list[str]) -> dict[str, list[str]]:
    return {"nvidia.com/gpu.product": nvidia} | {f"{labeller}product-name": amd for labeller in LABELLERS}


def chosen(models: tuple[str, ...], labels: dict[str, str]) -> bool:
    """Whether a node with these labels will do for these models."""
    found = node_affinity(models)
    return found is None or any(labels.get(label.key) in label.values for label in found)


@pytest.mark.rule("TMPL-6")
@pytest.mark.parametrize(
    ("models", "expected"),
    [
        pytest.param((), None, id="no model: any node"),
        pytest.param(("MI325X",), by_id("74a5", "74b9"), id="every device id of the model"),
        pytest.param(("MI325X", "MI210"), by_id("740f", "7410", "74a5", "74b9"), id="the ids of all models, sorted"),
        pytest.param(("MI210", "MI325X"), by_id("740f", "7410", "74a5", "74b9"), id="whatever their order"),
        pytest.param(("MI250", "MI250X"), by_id("7408", "740c"), id="two names of one model, each id once"),
        pytest.param(("AMD-Instinct-MI325X-OAM",), by_id("74a5", "74b9"), id="a product's name"),
        pytest.param(
            ("NVIDIA-H100-80GB-HBM3",),
            by_product(["NVIDIA-H100-80GB-HBM3"], ["NVIDIA-H100-80GB-HBM3", "NVIDIA_H100_80GB_HBM3"]),
            id="outside the table, as its label spells it",
        ),
        pytest.param(
            ("H100-NVL",),
            by_product(["H100-NVL", "NVIDIA-H100-NVL"], ["AMD_Instinct_H100_NVL", "H100-NVL"]),
            id="outside the table, without its maker, as messages name it",
        ),
        pytest.param(
            ("NVIDIA L4",),
            by_product(["NVIDIA-L4"], ["NVIDIA_L4"]),
            id="outside the table, in words that a label cannot hold",
        ),
        pytest.param(
            ("MI325X", "NVIDIA-L4"),
            {**by_id("74a5", "74b9"), **by_product(["NVIDIA-L4"], ["NVIDIA-L4", "NVIDIA_L4"])},
            id="one in the table and one outside",
        ),
        pytest.param(("\u2603",), {}, id="what no label can hold: no node"),
        pytest.param(("-",), {}, id="no word at all: no node"),
        pytest.param(("x" * 64,), {}, id="longer than a label may be: no node"),
    ],
)
def test_the_nodes_of_the_listed_models(models: tuple[str, ...], expected: dict[str, list[str]] | None) -> None:
    assert affinity(*models) == expected


@pytest.mark.rule("TMPL-6")
@given(models=listed, labeller=st.sampled_from(LABELLERS), device=st.sampled_from(DEVICES))
def test_a_node_will_do_exactly_when_its_gpus_are_of_a_listed_model(
    models: tuple[str, ...], labeller: str, device: Device
) -> None:
    wanted = device.model in map(gpu_model, models)
    for device_id in device.ids:
        assert chosen(models, {f"{labeller}device-id": device_id}) is wanted


@pytest.mark.rule("TMPL-6")
@given(models=listed)
def test_every_label_that_is_looked_for_tells_a_listed_model(models: tuple[str, ...]) -> None:
    for label in node_affinity(models) or ():
        assert list(label.values) == sorted(set(label.values))
        for value in label.values:
            (gpu,) = node_gpus(Node(name="node", labels={label.key: value}, allocatable={}))
            assert gpu.model in set(map(gpu_model, models))


@pytest.mark.rule("TMPL-6")
@pytest.mark.parametrize("product", ["NVIDIA-H100-80GB-HBM3", "AMD_Instinct_MI450X_OAM"])
def test_a_node_outside_the_table_will_do_by_the_name_that_a_message_gives_it(product: str) -> None:
    key = "nvidia.com/gpu.product" if "NVIDIA" in product else "amd.com/gpu.product-name"
    node = Node(name="node", labels={key: product}, allocatable={})
    told = node_gpus(node)[0].model
    assert chosen((told,), {key: product})


@pytest.mark.rule("TMPL-6")
def test_a_node_with_gpus_of_several_models_is_not_meant() -> None:
    labels = {f"{labeller}device-id.{each}": "4" for labeller in LABELLERS for each in ("74a1", "740f")}
    found = node_gpus(Node(name="mixed", labels=labels, allocatable={"amd.com/gpu": Quantity.of(8)}))
    assert [gpu.model for gpu in found] == ["MI210", "MI300X"]
    assert not chosen(("MI300X",), labels)
    assert not chosen(("MI300X", "MI210"), labels), (
        "a selector cannot count: all of the node's GPUs would have to be listed"
    )


@pytest.mark.rule("TMPL-8")
def test_why_no_pod_is_placed_is_told_of_a_name_that_no_label_can_hold() -> None:
    assert unreached(node_affinity(("(",)), {}) == "no label of a node can say the listed models, so no pod is placed"


def test_templates_that_list_the_same_share_what_follows() -> None:
    assert node_affinity(("MI300X",)) is node_affinity(("MI300X",))
    assert node_affinity(("MI325X",)) == (
        NodeLabel(key="amd.com/gpu.device-id", values=device_ids("MI325X")),
        NodeLabel(key="beta.amd.com/gpu.device-id", values=device_ids("MI325X")),
    )


@pytest.mark.rule("TMPL-6", "TMPL-8")
@pytest.mark.parametrize(
    ("model", "resource", "products"),
    [
        pytest.param("A100-40GB", "nvidia.com/gpu", ["A100-40GB", "NVIDIA-A100-40GB"], id="whole GPUs"),
        pytest.param(
            "A100-40GB",
            "nvidia.com/gpu.shared",
            ["A100-40GB", "A100-40GB-SHARED", "NVIDIA-A100-40GB", "NVIDIA-A100-40GB-SHARED"],
            id="shared GPUs, as their labeller writes them",
        ),
        pytest.param(
            "NVIDIA-A100-40GB-MIG-3g.20gb", "nvidia.com/mig-3g.20gb", ["NVIDIA-A100-40GB"], id="a part of the product"
        ),
        pytest.param(
            "NVIDIA-A100-40GB-MIG-3g.20gb",
            "nvidia.com/gpu",
            ["NVIDIA-A100-40GB-MIG-3g.20gb"],
            id="a part that is called a GPU, where all parts are alike",
        ),
    ],
)
def test_nodes_with_parts_of_a_product(model: str, resource: str, products: list[str]) -> None:
    labels = {label.key: list(label.values) for label in node_affinity((model,), resource) or ()}
    assert labels["nvidia.com/gpu.product"] == products
