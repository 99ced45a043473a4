"""The real scheduler, `capacity` and the choice of a service agree on which pods some node can take (TMPL-8).

Nodes are objects here, and no kubelet stands behind them: the scheduler looks at what they say. Two hundred templates are
tried, twenty on each set of nodes, by the pods of their services. Nodes whose labels only count GPUs are left out: their
GPUs are of several kinds, and the affinity of a template does not mean them (decision 0007).
"""

from __future__ import annotations

import contextlib
import random
import re
import time
from collections.abc import Iterator, Sequence
from typing import Any

import pytest

from aimcore import load, plan
from aimcore.adapters.memory.kinds import Address
from aimcore.domain.kinds.records import Template
from aimcore.entrypoints.library.fitting import fit
from tests.integration.cluster.control_plane import Program, control_plane
from tests.integration.cluster.driver import RealCluster
from tests.integration.cluster.programs import missing, programs, require

Json = dict[str, Any]

HOME = "default"
SETS, EACH = 10, 20
LABELS: tuple[Json, ...] = (
    {},
    {"amd.com/gpu.device-id": "74a1"},
    {"amd.com/gpu.device-id": "740f"},
    {"beta.amd.com/gpu.device-id": "74a1"},
    {"nvidia.com/gpu.product": "NVIDIA-H100-80GB-HBM3"},
    {"amd.com/gpu.device-id": "74a5", "beta.amd.com/gpu.device-id": "74a5"},
)
TAINTS: tuple[Json, ...] = (
    {"key": "spot", "value": "yes", "effect": "NoSchedule"},
    {"key": "team", "value": "vision", "effect": "NoExecute"},
    {"key": "old", "effect": "PreferNoSchedule"},
)
TOLERATIONS: tuple[list[Json], ...] = (
    [],
    [{"key": "spot", "operator": "Exists"}],
    [{"key": "team", "value": "vision"}, {"key": "spot", "value": "no"}],
    [{"operator": "Exists"}],
)
RESOURCES = ("amd.com/gpu", "nvidia.com/gpu", "amd.com/cpx_nps4", "example.com/npu")
MODELS = (["MI300X"], ["MI210"], ["MI300X", "MI210"], ["NVIDIA-H100-80GB-HBM3"], ["MI325X"])


def no_scheduler() -> str | None:
    there = (programs() / "kube-scheduler").is_file()
    return None if there else f"no kube-scheduler in {programs()}; make kubernetes-node builds it"


@pytest.fixture(scope="module")
def scheduled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RealCluster]:
    """A control plane with a scheduler, and no node."""
    require("the real scheduler", missing, no_scheduler)
    folder = tmp_path_factory.mktemp("scheduler")
    with contextlib.ExitStack() as stack:
        cluster = stack.enter_context(control_plane(folder))
        said = (f"--{name}kubeconfig={cluster.kubeconfig}" for name in ("", "authentication-", "authorization-"))
        flags = ("--leader-elect=false", "--secure-port=0", "--kube-api-qps=500", "--kube-api-burst=500")
        stack.enter_context(Program(folder, "kube-scheduler", *said, *flags))
        yield cluster


def some_node(name: str, chance: random.Random) -> Json:
    allocatable = {"cpu": chance.choice(["2", "8", "64"]), "pods": chance.choice(["0", "1", "110", "110"])}
    allocatable["memory"] = chance.choice(["16Gi", "512Gi"])
    allocatable |= {one: chance.choice(["0", "1", "8"]) for one in RESOURCES if chance.random() < 0.6}
    spec: Json = {"taints": [taint for taint in TAINTS if chance.random() < 0.25]}
    ready = chance.random() < 0.85
    if chance.random() < 0.1:
        spec["unschedulable"] = True
    if not ready:  # as the node controller does
        spec["taints"].append({"key": "node.kubernetes.io/not-ready", "effect": "NoSchedule"})
    return {
        "apiVersion": "v1",
        "kind": "Node",
        "metadata": {"name": name, "labels": chance.choice(LABELS)},
        "spec": spec,
        "status": {
            "capacity": allocatable,
            "allocatable": allocatable,
            "conditions": [{"type": "Ready", "status": "True" if ready else "False"}],
        },
    }


def some_template(chance: random.Random) -> Json:
    hardware: Json = {}
    if chance.random() < 0.8:
        hardware["gpu"] = {"requests": chance.choice([0, 1, 1, 4])}
        if hardware["gpu"]["requests"] and chance.random() < 0.6:
            hardware["gpu"]["models"] = chance.choice(MODELS)
        hardware["gpu"] |= {"resourceName": chance.choice(RESOURCES)} if chance.random() < 0.4 else {}
    if not hardware or chance.random() < 0.5:
        hardware["cpu"] = {"requests": chance.choice(["500m", "4", "32"])}
    return {"name": "one", "hardware": hardware}


def objects(at: int, chance: random.Random) -> list[Json]:
    """A model with one template, the config that says what is tolerated, and a service."""
    group, name = {"apiVersion": "aim.silogen.ai/v1alpha1"}, f"m{at}"
    source = {"modelId": "org/tiny", "sourceUri": "hf://org/tiny", "size": "1Gi"}
    memory = chance.choice(["1Gi", "32Gi", None])
    asked = {"resources": {"requests": {"memory": memory}}} if memory else {}
    model = {"modelSources": [source], "custom": {"templates": [some_template(chance)]}, "runtimeConfigName": name}
    pod = {"tolerations": chance.choice(TOLERATIONS)}
    return [
        {**group, "kind": kind, "metadata": {"name": name, "namespace": HOME}, "spec": spec}
        for kind, spec in (
            ("AIMRuntimeConfig", {"pod": pod}),
            ("AIMModel", {**model, **asked}),
            ("AIMService", {"model": {"ref": name}, "runtimeConfigName": name}),
        )
    ]


def pods_of(manifests: Sequence[Json]) -> dict[str, Json]:
    """The pod of each service, by its name, as the operator makes it where nothing is known of nodes."""
    made = [one for one in plan(load(*manifests)).objects if one["kind"] == "Deployment"]
    return {one["metadata"]["name"].removeprefix("aim-"): one["spec"]["template"] for one in made}


def by_us(manifests: Sequence[Json], nodes: Sequence[Json]) -> tuple[set[str], set[str]]:
    """The services that get a template on these nodes, and those whose template has room by `capacity`."""
    planned = plan(load(*manifests, *nodes))
    resolved = {
        one["metadata"]["name"]
        for one in planned.objects
        if one["kind"] == "AIMService" and "resolvedTemplate" in one["status"]
    }
    there = list(planned.cache.nodes)
    roomy = {
        one.spec.model_name
        for one in planned.cache
        if isinstance(one, Template) and any(room.replicas for room in fit(one, planned.cache, there))
    }
    return resolved, roomy


def put_nodes(cluster: RealCluster, nodes: Sequence[Json]) -> None:
    for node in nodes:
        name = node["metadata"]["name"]
        cluster.create(node, manager="kubectl")
        address = Address("Node", None, name)
        cluster.patch(address, {"status": node["status"]}, manager="kubectl", subresource="status")
        # The API server taints each new node as one that is not ready; the node controller would take that away.
        cluster.patch(address, {"spec": {"taints": node["spec"]["taints"]}}, manager="kubectl")


def is_placed(cluster: RealCluster, name: str, template: Json, nodes: int) -> bool:
    """Whether the scheduler finds a node for the pod; it has decided once it has looked at all of them."""
    address = Address("Pod", HOME, name)
    cluster.create(
        {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": name, "namespace": HOME}, "spec": template["spec"]},
        manager="kubectl",
    )
    until = time.monotonic() + 60
    try:
        while time.monotonic() < until:
            pod = cluster.get(address)
            if pod["spec"].get("nodeName"):
                return True
            told = [one["message"] for one in pod["status"].get("conditions", ()) if one["type"] == "PodScheduled"]
            looked = re.match(r"0/(\d+) nodes are available", told[0]) if told else None
            if looked is not None and int(looked[1]) == nodes:
                return False
            time.sleep(0.02)
    finally:
        cluster.send("DELETE", f"/api/v1/namespaces/{HOME}/pods/{name}?gracePeriodSeconds=0")
    pytest.fail(f"the scheduler said nothing of {name} in 60 s")


@pytest.mark.rule("TMPL-8", "RUN-8")
@pytest.mark.parametrize("number", range(SETS))
def test_the_scheduler_places_what_fits_and_nothing_else(scheduled: RealCluster, number: int) -> None:
    chance = random.Random(number)  # noqa: S311 - the same worlds in every run
    nodes = [some_node(f"n{number}-{at}", chance) for at in range(chance.randint(1, 4))]
    manifests = [one for at in range(EACH) for one in objects(at, chance)]
    pods = pods_of(manifests)
    assert len(pods) == EACH
    resolved, roomy = by_us(manifests, nodes)
    put_nodes(scheduled, nodes)
    placed = {name for name, pod in pods.items() if is_placed(scheduled, name, pod, len(nodes))}
    for node in nodes:
        scheduled.delete(Address("Node", None, node["metadata"]["name"]))
    assert roomy == placed
    assert resolved == placed
