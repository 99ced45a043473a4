"""What nodes give together: what is missing in all of them, and which news of them changes nothing."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aimcore.domain.decide.availability import Extra, availability, capacity_of, need_of, wants_gpu
from aimcore.domain.hardware.inventory import ANSWERS_AT_MOST, Inventory, take_inventory
from aimcore.domain.hardware.nodes import Node
from aimcore.domain.hardware.requirements import Cpu, Gpu, Hardware, required_gpu
from aimcore.domain.hardware.taints import Taint, Toleration
from aimcore.domain.kinds.records import Template, TemplateSpec
from aimcore.domain.kinds.resources import Resources
from aimcore.domain.kinds.workload import DefaultResources
from aimcore.domain.values.quantity import Quantity, parse_quantity
from aimcore.testing.records import template_records
from tests.unit.domain.builders import amounts

ROOMY, SMALL = parse_quantity("192Gi"), parse_quantity("64Gi")
MI300X, MI210, MI250X, MI100, UNNAMED = "74a1", "740f", "740c", "738c", "ffff"
TAINTS = [Taint(key=key, effect=effect) for key in ("a", "amd.com/gpu") for effect in ("NoSchedule", "NoExecute")]
CORES = Hardware(cpu=Cpu(requests=Quantity.of(8)))
NAMED = "name the one that is meant in hardware.gpu.resourceName"


def node(device_id: str = MI300X, count: int = 8, *, name: str = "n", vram: str | None = None, **more: str) -> Node:
    """A node with so many AMD GPUs, and what else it can give."""
    labels = {"amd.com/gpu.device-id": device_id} | ({} if vram is None else {"amd.com/gpu.vram": vram})
    return Node(name=name, labels=labels, allocatable={"amd.com/gpu": Quantity.of(count), **amounts(**more)})


def spec(wanted: Gpu | Hardware) -> TemplateSpec:
    return TemplateSpec(model_name="llama", hardware=Hardware(gpu=wanted) if isinstance(wanted, Gpu) else wanted)


NVIDIA = Node(
    name="n", labels={"nvidia.com/gpu.product": "NVIDIA-H100-80GB-HBM3"}, allocatable={"nvidia.com/gpu": Quantity.of(8)}
)


@pytest.mark.rule("TMPL-6", "TMPL-8")
@pytest.mark.parametrize(
    ("nodes", "wanted", "lacking"),
    [
        pytest.param([node()], Gpu(requests=1), None, id="any GPU"),
        pytest.param([node(UNNAMED)], Gpu(requests=1), None, id="any GPU, of whatever model"),
        pytest.param([], Gpu(requests=1), "no node has a GPU; found no GPU", id="no node at all"),
        pytest.param([node(count=0)], Gpu(requests=1), "no node has a GPU; found no GPU", id="no GPU at all"),
        pytest.param([node()], Gpu(models=("MI300X",)), None, id="the model"),
        pytest.param([node()], Gpu(models=("AMD-Instinct-MI300X-OAM",)), None, id="the model under another name"),
        pytest.param([node(MI210)], Gpu(models=("MI300X", "MI210")), None, id="one of the models"),
        pytest.param(
            [node(MI210), node(MI250X, name="m")],
            Gpu(models=("MI300X", "MI325X")),
            "no node has MI300X or MI325X; found MI210, MI250X",
            id="neither of the models",
        ),
        pytest.param(
            [node(UNNAMED)],
            Gpu(models=("MI300X",)),
            "no node has MI300X; found GPUs of unknown model",
            id="a GPU that may be anything",
        ),
        pytest.param(
            [node(UNNAMED)],
            Gpu(models=("  ",)),
            "no node has   ; found GPUs of unknown model",
            id="a model without a name is none",
        ),
        pytest.param([node(MI210)], Gpu(requests=1, min_vram=SMALL), None, id="memory that just suffices"),
        pytest.param(
            [node(MI210), node(MI100, name="m")],
            Gpu(requests=1, min_vram=ROOMY),
            "no node has a GPU with 192Gi of memory; the largest has 64Gi",
            id="too little memory",
        ),
        pytest.param(
            [node(MI210), node(name="m")],
            Gpu(models=("MI210",), min_vram=ROOMY),
            "no node has MI210 with 192Gi of memory; the largest has 64Gi",
            id="enough memory, but of another model",
        ),
        pytest.param([node(MI210), node(UNNAMED, name="m")], Gpu(requests=1, min_vram=ROOMY), None, id="nobody knows"),
        pytest.param(
            [node(), node(count=4, name="m")],
            Gpu(requests=16),
            "no node has 16 GPU; the largest has 8",
            id="more than one node has",
        ),
        pytest.param(
            [NVIDIA],
            Gpu(requests=1),
            f"no node has a GPU as amd.com/gpu; found H100-80GB-HBM3 as nvidia.com/gpu; {NAMED}",
            id="GPUs of another maker",
        ),
        pytest.param([NVIDIA], Gpu(requests=1, resource_name="nvidia.com/gpu"), None, id="under their own name"),
        pytest.param(
            [NVIDIA],
            Gpu(requests=9, resource_name="nvidia.com/gpu"),
            "no node has 9 GPU as nvidia.com/gpu; the largest has 8",
            id="too few under their own name",
        ),
        pytest.param([], CORES, None, id="CPUs, and no node yet"),
        pytest.param([node(cpu="8")], CORES, None, id="CPUs"),
        pytest.param([node(cpu="4")], CORES, "no node has 8 cores; the largest has 4", id="too few CPUs"),
        pytest.param(
            [node(MI210, cpu="64"), node(cpu="4", name="m")],
            replace(CORES, gpu=Gpu(models=("MI300X",))),
            "no node with MI300X has 8 cores; the largest has 4",
            id="GPUs here, CPUs there",
        ),
        pytest.param(
            [node(cpu="4")],
            replace(CORES, gpu=Gpu(requests=1)),
            "no node with such a GPU has 8 cores; the largest has 4",
            id="too few CPUs beside a GPU",
        ),
        pytest.param(
            [replace(node(), ready=False), node(MI210, name="m")],
            Gpu(models=("MI300X",)),
            "no node has MI300X; found MI210; a node that has it is cordoned or not ready",
            id="its node takes no pods",
        ),
        pytest.param(
            [replace(node(), unschedulable=True)],
            CORES,
            "no node takes pods: all are cordoned or not ready",
            id="no node takes pods",
        ),
        pytest.param(
            [replace(node(), taints=(Taint(key="gpu", effect="NoSchedule"),))], Gpu(requests=1), None, id="tainted"
        ),
    ],
)
def test_what_the_cluster_lacks(nodes: list[Node], wanted: Gpu | Hardware, lacking: str | None) -> None:
    assert availability(spec(wanted), take_inventory(nodes)) == lacking


@pytest.mark.rule("TMPL-8")
@pytest.mark.parametrize(
    "news",
    [
        pytest.param(node(name="b"), id="a node like another"),
        pytest.param(node(count=4, name="b"), id="a node that gives less"),
        pytest.param(node(vram="64G", name="b"), id="GPUs with less memory"),
        pytest.param(replace(node(name="b"), unschedulable=True), id="a cordoned node like another"),
        pytest.param(replace(node(count=2, name="b"), ready=False), id="a node that gives less and is not ready"),
        pytest.param(replace(node(name="b"), labels={"amd.com/gpu.device-id": "74a1", "zone": "x"}), id="a label"),
    ],
)
def test_a_node_that_gives_nothing_new_is_no_news(news: Node) -> None:
    before = [node(name="a")]
    assert take_inventory([*before, news]) == take_inventory(before)


@pytest.mark.rule("TMPL-8")
@pytest.mark.parametrize(
    "news",
    [
        pytest.param(node(MI210, name="b"), id="another model"),
        pytest.param(node(count=16, name="b"), id="more GPUs"),
        pytest.param(node(cpu="64", count=1, name="b"), id="a node that says its CPUs gives no more"),
        pytest.param(replace(node(MI210, name="b"), ready=False), id="what only a node gives that takes no pods"),
    ],
)
def test_a_node_that_gives_more_is_news(news: Node) -> None:
    before = [node(name="a", cpu="8")]
    assert take_inventory([*before, news]) != take_inventory(before)


def test_nothing_is_no_inventory() -> None:
    assert take_inventory([]) == Inventory()


@st.composite
def some_nodes(draw: st.DrawFn) -> list[Node]:
    """Nodes of one cluster: whole GPUs, parts, shares and none, ready or not."""
    names = draw(st.lists(st.sampled_from("abcdef"), unique=True, max_size=4))
    return [
        Node(
            name=name,
            labels=draw(
                st.sampled_from(
                    [
                        {},
                        {"amd.com/gpu.device-id": draw(st.sampled_from([MI300X, MI210, UNNAMED]))},
                        {"amd.com/gpu.device-id.74a1": "2", "amd.com/gpu.device-id.740f": "2"},
                        {"amd.com/gpu.device-id": MI300X, "amd.com/gpu.vram": "191G"},
                        {"nvidia.com/gpu.product": "NVIDIA-H100-80GB-HBM3", "nvidia.com/gpu.memory": "81559"},
                    ]
                )
            ),
            allocatable=amounts(
                **draw(st.dictionaries(st.sampled_from(RESOURCES), st.sampled_from("0148"), max_size=5))
            ),
            unschedulable=draw(st.booleans()) and draw(st.booleans()),
            ready=draw(st.booleans()) or draw(st.booleans()),
            taints=draw(st.lists(st.sampled_from(TAINTS), max_size=2).map(tuple)),
        )
        for name in names
    ]


RESOURCES = ["cpu", "memory", "pods", "gpu", "amd.com/cpx_nps4", "nvidia.com/gpu", "nvidia.com/mig-3g.40gb", "x.io/npu"]
GPUS = st.builds(
    Gpu,
    requests=st.sampled_from([None, 0, 1, 4]),
    models=st.sampled_from([None, ("MI300X",), ("MI210", "H100-80GB-HBM3")]),
    min_vram=st.sampled_from([None, SMALL, ROOMY]),
    resource_name=st.sampled_from([None, "amd.com/cpx_nps4", "nvidia.com/gpu", "nvidia.com/mig-3g.40gb", "x.io/npu"]),
)
HARDWARE = st.builds(
    Hardware, gpu=st.none() | GPUS, cpu=st.none() | st.builds(Cpu, requests=st.sampled_from(range(9)).map(Quantity.of))
)

TOLERATIONS = st.sampled_from(
    [Toleration(key="a", operator="Exists"), Toleration(operator="Exists", effect="NoExecute")]
)
DEFAULTS = DefaultResources(cpu_request=Quantity.of(1), memory_request=SMALL, memory_limit=SMALL)
EXTRA = st.builds(
    Extra,
    defaults=st.sampled_from([None, DEFAULTS]),
    tolerations=st.none() | st.lists(TOLERATIONS, max_size=2).map(tuple),
)


@pytest.mark.rule("TMPL-8")
@given(nodes=some_nodes(), hardware=HARDWARE, extra=EXTRA)
def test_a_template_is_available_exactly_where_a_replica_of_it_fits(
    nodes: list[Node], hardware: Hardware, extra: Extra
) -> None:
    lacking = availability(spec(hardware), take_inventory(nodes), extra)
    fitting = [room for room in capacity_of(spec(hardware), nodes, extra) if room.replicas]
    assert (lacking is None) is bool(fitting or not (nodes or required_gpu(hardware)))


@pytest.mark.rule("TMPL-6")
@given(nodes=some_nodes(), hardware=HARDWARE)
def test_the_order_of_nodes_says_nothing(nodes: list[Node], hardware: Hardware) -> None:
    inventory = take_inventory(nodes)
    assert take_inventory(nodes[::-1]) == take_inventory(nodes + nodes) == inventory
    assert availability(spec(hardware), take_inventory(nodes[::-1])) == availability(spec(hardware), inventory)


@given(templates=st.lists(template_records(), min_size=1, max_size=4))
def test_a_template_wants_a_gpu_where_what_it_needs_has_one(templates: list[Template]) -> None:
    assert [wants_gpu(one.spec) for one in templates] == [bool(need_of(one.spec).gpus) for one in templates]


def test_equal_amounts_are_each_told_as_they_are_written() -> None:
    memory = [amounts(memory=text) for text in ("2048Gi", "2Ti", "2199023255552")]
    inventory = take_inventory([node(memory="64Gi")])
    told = [
        availability(TemplateSpec(model_name="llama", resources=Resources(requests=one)), inventory) for one in memory
    ]
    assert told == [f"no node has {text} of memory; the largest has 64Gi" for text in ("2Ti", "2Ti", "2199023255552")]
    vram = [spec(Gpu(requests=1, min_vram=parse_quantity(text))) for text in ("1Ti", "1099511627776")]
    assert [str(need_of(one).gpu.min_vram) for one in vram] == ["1Ti", "1099511627776"]


def test_however_much_is_asked_little_is_kept() -> None:
    inventory = take_inventory([node(cpu="8")])
    for cores in range(1, 2 * ANSWERS_AT_MOST):
        lacking = availability(spec(Hardware(cpu=Cpu(requests=Quantity.of(cores)))), inventory)
        assert (lacking is None) is (cores <= 8)
    assert len(inventory.answers) <= ANSWERS_AT_MOST
