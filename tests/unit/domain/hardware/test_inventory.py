from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aimcore.domain.hardware.inventory import Inventory, take_inventory
from aimcore.domain.hardware.nodes import Node
from aimcore.domain.hardware.requirements import Gpu
from aimcore.domain.values.quantity import Quantity, parse_quantity

ROOMY, SMALL, UNKNOWN = parse_quantity("192Gi"), parse_quantity("64Gi"), None


def inventory(**memory: Quantity | None) -> Inventory:
    return Inventory(memory={"" if model == "nameless" else model: amount for model, amount in memory.items()})


def node(count: int = 8, **labels: str) -> Node:
    """A node with so many AMD GPUs and these properties of its GPUs."""
    return Node(
        name="n",
        labels={f"amd.com/gpu.{name.replace('_', '-')}": value for name, value in labels.items()},
        allocatable={"amd.com/gpu": Quantity.of(count)},
    )


@pytest.mark.rule("TMPL-6")
@pytest.mark.parametrize(
    ("stock", "gpu", "lacking"),
    [
        pytest.param(inventory(MI300X=ROOMY), Gpu(requests=1), None, id="any GPU"),
        pytest.param(inventory(nameless=None), Gpu(requests=1), None, id="any GPU, of whatever model"),
        pytest.param(inventory(), Gpu(requests=1), "no node has a GPU; found no GPU", id="no GPU at all"),
        pytest.param(inventory(MI300X=ROOMY), Gpu(models=("MI300X",)), None, id="the model"),
        pytest.param(
            inventory(MI300X=ROOMY), Gpu(models=("AMD-Instinct-MI300X-OAM",)), None, id="the model under another name"
        ),
        pytest.param(inventory(MI210=SMALL), Gpu(models=("MI300X", "MI210")), None, id="one of the models"),
        pytest.param(
            inventory(MI210=SMALL, MI250X=SMALL),
            Gpu(models=("MI300X", "MI325X")),
            "no node has MI300X or MI325X; found MI210, MI250X",
            id="neither of the models",
        ),
        pytest.param(
            inventory(nameless=None),
            Gpu(models=("MI300X",)),
            "no node has MI300X; found GPUs of unknown model",
            id="a GPU that may be anything",
        ),
        pytest.param(
            inventory(nameless=None),
            Gpu(models=("  ",)),
            "no node has   ; found GPUs of unknown model",
            id="a model without a name is none",
        ),
        pytest.param(inventory(MI210=SMALL), Gpu(requests=1, min_vram=SMALL), None, id="memory that just suffices"),
        pytest.param(
            inventory(MI210=SMALL, MI100=parse_quantity("32Gi")),
            Gpu(requests=1, min_vram=ROOMY),
            "no node has a GPU with 192Gi of memory; the largest has 64Gi",
            id="too little memory",
        ),
        pytest.param(
            inventory(MI210=SMALL, MI300X=ROOMY),
            Gpu(models=("MI210",), min_vram=ROOMY),
            "no node has MI210 with 192Gi of memory; the largest has 64Gi",
            id="enough memory, but of another model",
        ),
        pytest.param(
            inventory(MI210=SMALL, MI300X=UNKNOWN), Gpu(requests=1, min_vram=ROOMY), None, id="memory nobody knows"
        ),
    ],
)
def test_what_the_cluster_lacks(stock: Inventory, gpu: Gpu, lacking: str | None) -> None:
    assert stock.lacks(gpu) == lacking


@pytest.mark.rule("TMPL-6")
@pytest.mark.parametrize(
    ("nodes", "stock"),
    [
        pytest.param([], inventory(), id="no nodes"),
        pytest.param([node(device_id="74a1")], inventory(MI300X=ROOMY), id="a node"),
        pytest.param([node(count=0, device_id="74a1")], inventory(), id="a node whose GPUs are all gone"),
        pytest.param(
            [node(device_id="74a1", vram="64G"), node(device_id="74a1")],
            inventory(MI300X=ROOMY),
            id="the largest memory counts",
        ),
        pytest.param(
            [node(device_id="74a1"), node(device_id="740f")], inventory(MI300X=ROOMY, MI210=SMALL), id="two models"
        ),
        pytest.param(
            [node(product_name="H7"), node(product_name="H7", vram="64G")],
            inventory(H7=UNKNOWN),
            id="memory that one node does not say",
        ),
        pytest.param([node()], inventory(nameless=UNKNOWN), id="GPUs without a name"),
    ],
)
def test_what_nodes_offer_together(nodes: list[Node], stock: Inventory) -> None:
    assert take_inventory(nodes) == stock


nodes = st.builds(
    node,
    count=st.integers(0, 2),
    device_id=st.sampled_from(["74a1", "740f", "ffff"]),
    vram=st.sampled_from(["64G", "192G", "-"]),
)


@pytest.mark.rule("TMPL-6")
@given(st.lists(nodes, max_size=5))
def test_the_order_of_nodes_says_nothing(several: list[Node]) -> None:
    assert take_inventory(several) == take_inventory(several[::-1]) == take_inventory(several + several)
