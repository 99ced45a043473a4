"""Which taints keep a pod out, and what the answer says where they do."""

from __future__ import annotations

from dataclasses import replace

import pytest

from aimcore.domain.decide.availability import Extra, availability, capacity_of
from aimcore.domain.hardware.inventory import take_inventory
from aimcore.domain.hardware.nodes import Node
from aimcore.domain.hardware.requirements import Gpu, Hardware
from aimcore.domain.hardware.taints import Taint, Toleration, is_tolerated
from aimcore.domain.kinds.records import TemplateSpec
from aimcore.domain.kinds.workload import PodSettings
from aimcore.domain.values.quantity import Quantity

SPOT = Taint(key="spot", value="yes", effect="NoSchedule")
ONE_GPU = TemplateSpec(model_name="llama", hardware=Hardware(gpu=Gpu(requests=1)))


def node(*taints: Taint, name: str = "n", count: int = 8) -> Node:
    labels = {"amd.com/gpu.device-id": "74a1"}
    return Node(name=name, labels=labels, allocatable={"amd.com/gpu": Quantity.of(count)}, taints=taints)


def lacking(nodes: list[Node], *tolerations: Toleration, spec: TemplateSpec = ONE_GPU) -> str | None:
    return availability(spec, take_inventory(nodes), Extra(tolerations=tolerations))


@pytest.mark.rule("TMPL-8")
@pytest.mark.parametrize(
    ("toleration", "tolerated"),
    [
        pytest.param(Toleration(key="spot", value="yes"), True, id="key and value"),
        pytest.param(Toleration(key="spot", operator="Equal", value="yes", effect="NoSchedule"), True, id="spelt out"),
        pytest.param(Toleration(key="spot", operator="Exists"), True, id="any value"),
        pytest.param(Toleration(operator="Exists"), True, id="any taint"),
        pytest.param(Toleration(key="spot"), False, id="no value is an empty one"),
        pytest.param(Toleration(key="spot", value="no"), False, id="another value"),
        pytest.param(Toleration(key="gpu", operator="Exists"), False, id="another key"),
        pytest.param(Toleration(key="spot", operator="Exists", effect="NoExecute"), False, id="another effect"),
    ],
)
def test_a_toleration_is_for_the_taints_that_it_matches(toleration: Toleration, *, tolerated: bool) -> None:
    assert is_tolerated(SPOT, [toleration]) is tolerated
    assert (lacking([node(SPOT)], toleration) is None) is tolerated


@pytest.mark.rule("TMPL-8")
@pytest.mark.parametrize(
    ("taint", "out"),
    [
        pytest.param(replace(SPOT, effect="PreferNoSchedule"), False, id="rather not"),
        pytest.param(replace(SPOT, effect="NoExecute"), True, id="nor stay"),
        pytest.param(Taint(key="node.kubernetes.io/not-ready", effect="NoExecute"), False, id="said by the node"),
        pytest.param(Taint(key="amd.com/gpu", effect="NoSchedule"), False, id="for pods with this resource"),
        pytest.param(Taint(key="nvidia.com/gpu", effect="NoSchedule"), True, id="for pods with another"),
    ],
)
def test_what_keeps_a_pod_out_that_tolerates_nothing(taint: Taint, *, out: bool) -> None:
    assert (lacking([node(taint)]) is not None) is out


@pytest.mark.rule("TMPL-8")
def test_the_answer_names_the_taints_and_what_to_set() -> None:
    gone = Taint(key="gone", effect="NoExecute")
    cure = "which the pod does not tolerate; set pod.tolerations"
    assert lacking([node(SPOT), node(gone, name="m")]) == (
        f"the nodes that fit are tainted gone:NoExecute, spot=yes:NoSchedule, {cure}"
    )
    (room,) = capacity_of(ONE_GPU, [node(SPOT)], Extra(tolerations=()))
    assert (room.replicas, room.lacking) == (0, f"is tainted spot=yes:NoSchedule, {cure}")


@pytest.mark.rule("TMPL-8")
def test_a_node_without_the_gpus_helps_nobody_however_open_it_is() -> None:
    assert lacking([node(SPOT), node(name="m", count=0)]) is not None
    assert lacking([node(SPOT), node(name="m", count=1)]) is None


@pytest.mark.rule("TMPL-8")
def test_what_the_template_tolerates_counts_and_nothing_is_asked_where_no_pod_is_meant() -> None:
    tolerant = replace(ONE_GPU, pod=PodSettings(tolerations=(Toleration(operator="Exists"),)))
    assert lacking([node(SPOT)], spec=tolerant) is None
    assert availability(ONE_GPU, take_inventory([node(SPOT)])) is None
