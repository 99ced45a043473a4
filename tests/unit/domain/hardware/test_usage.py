"""What pods have taken of nodes, as the scheduler counts it, and what is left."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from aimcore.domain.hardware.nodes import Node
from aimcore.domain.hardware.usage import left_on, pod_requests, taken_by
from aimcore.domain.values.quantity import Quantity, parse_quantity


def container(*, stays: bool = False, **requests: str) -> dict[str, Any]:
    made: dict[str, Any] = {"resources": {"requests": requests}}
    return {**made, "restartPolicy": "Always"} if stays else made


@pytest.mark.parametrize(
    ("spec", "takes"),
    [
        pytest.param({}, {}, id="nothing"),
        pytest.param({"containers": [{}]}, {}, id="no requests"),
        pytest.param(
            {"containers": [container(cpu="1"), container(cpu="500m", gpu="2")]},
            {"cpu": "1500m", "gpu": "2"},
            id="containers together",
        ),
        pytest.param(
            {"initContainers": [container(cpu="3")], "containers": [container(cpu="1")]},
            {"cpu": "3"},
            id="an init container that takes more",
        ),
        pytest.param(
            {"initContainers": [container(cpu="1"), container(cpu="2")], "containers": [container(cpu="1")]},
            {"cpu": "2"},
            id="init containers one after the other",
        ),
        pytest.param(
            {"initContainers": [container(stays=True, cpu="1")], "containers": [container(cpu="2")]},
            {"cpu": "3"},
            id="one that stays counts with them",
        ),
        pytest.param(
            {
                "initContainers": [container(stays=True, cpu="1"), container(cpu="4")],
                "containers": [container(cpu="2")],
            },
            {"cpu": "5"},
            id="and with those behind it",
        ),
        pytest.param(
            {"containers": [container(cpu="1")], "overhead": {"cpu": "250m"}}, {"cpu": "1250m"}, id="overhead"
        ),
        pytest.param(
            {"containers": [container(cpu="1", gpu="1")], "resources": {"requests": {"cpu": "4"}}},
            {"cpu": "4", "gpu": "1"},
            id="of the pod as a whole",
        ),
        pytest.param(
            {"containers": [container(cpu="many", memory="1Gi")]}, {"memory": "1Gi"}, id="what no server keeps"
        ),
    ],
)
def test_a_pod_takes_what_the_scheduler_says(spec: Mapping[str, Any], takes: Mapping[str, str]) -> None:
    assert pod_requests(spec) == {name: parse_quantity(text) for name, text in takes.items()}


def pod(node: str | None, phase: str = "Running") -> dict[str, Any]:
    return {"spec": {"nodeName": node, "containers": [container(gpu="2")]}, "status": {"phase": phase}}


def test_pods_take_of_their_node_until_they_end() -> None:
    taken = taken_by([pod("a"), pod("a"), pod("b"), pod("b", "Succeeded"), pod("b", "Failed"), pod(None), {}])
    told = {node: {name: amount.value for name, amount in amounts.items()} for node, amounts in taken.items()}
    assert told == {"a": {"gpu": 4, "pods": 2}, "b": {"gpu": 2, "pods": 1}}


def test_less_than_nothing_is_nothing() -> None:
    node = Node(name="a", labels={}, allocatable={"gpu": Quantity.of(8), "cpu": Quantity.of(4), "x": Quantity.of(1)})
    left = left_on(node, {"gpu": Quantity.of(3), "cpu": Quantity.of(5)})
    assert {name: amount.value for name, amount in left.allocatable.items()} == {"gpu": 5, "cpu": 0, "x": 1}
