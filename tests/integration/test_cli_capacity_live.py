"""`aimcore capacity` on a cluster: what pods have taken of its nodes is no room."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner, Result

from aimcore.adapters.memory.apiserver import ApiServer
from aimcore.adapters.schemas import definitions
from aimcore.entrypoints.cli.commands import aimcore
from tests.integration.cluster.driver import MemoryCluster

TEMPLATE = {
    "apiVersion": "aim.silogen.ai/v1alpha1",
    "kind": "AIMServiceTemplate",
    "metadata": {"name": "two", "namespace": "ml"},
    "spec": {"modelName": "none", "hardware": {"gpu": {"requests": 2, "models": ["MI300X"]}}},
}
NODES = [
    {
        "apiVersion": "v1",
        "kind": "Node",
        "metadata": {"name": name, "labels": {"amd.com/gpu.device-id": "74a1"}},
        "status": {"allocatable": {"amd.com/gpu": "4", "cpu": "64", "memory": "512Gi", "pods": "110"}},
    }
    for name in ("a", "b")
]


def pod(name: str, node: str, gpus: int, phase: str = "Running") -> dict[str, Any]:
    container = {"name": "x", "image": "x", "resources": {"requests": {"amd.com/gpu": str(gpus)}}}
    spec = {"nodeName": node, "containers": [container]}
    head = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": name, "namespace": "others"}}
    return {**head, "spec": spec, "status": {"phase": phase}}


PODS = [pod("one", "a", 3), pod("two", "b", 1), pod("done", "b", 4, "Succeeded")]


@pytest.fixture(scope="module")
def kubeconfig(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    path = tmp_path_factory.mktemp("taken") / "kubeconfig"
    with ApiServer(MemoryCluster(), [yaml.safe_load(text) for _, text in definitions()]) as server:
        with server.held() as store:
            store.load([TEMPLATE, *NODES, *PODS])
        server.write_kubeconfig(path)
        yield str(path)


def run(kubeconfig: str, *words: str) -> Result:
    return CliRunner(env={"COLUMNS": "80"}).invoke(aimcore, ["capacity", "--kubeconfig", kubeconfig, *words])


@pytest.mark.rule("TMPL-8")
def test_what_pods_have_taken_is_no_room(kubeconfig: str) -> None:
    ran = run(kubeconfig, "-o", "json")
    assert ran.exit_code == 0, ran.output
    told = json.loads(ran.stdout)
    rooms = {room["name"]: (room["replicas"], room["lacking"]) for room in told["templates"][0]["nodes"]}
    assert rooms == {"a": (0, "taken by pods; 2 would fit, were nothing there"), "b": (1, None)}
    assert [node["gpus"][0]["taken"] for node in told["nodes"]] == [3, 1]


def test_people_are_told_so(kubeconfig: str) -> None:
    said = run(kubeconfig).stdout
    assert "1 fit  ml/two" in said
    assert "4 x MI300X with 192Gi, 3 taken" in said


def test_nodes_of_a_file_have_nothing_taken(tmp_path: Path) -> None:
    (tmp_path / "nodes.json").write_text(json.dumps({"apiVersion": "v1", "kind": "List", "items": NODES}))
    (tmp_path / "template.json").write_text(json.dumps(TEMPLATE))
    words = ["capacity", str(tmp_path / "template.json"), "--nodes", str(tmp_path / "nodes.json"), "-o", "json"]
    told = json.loads(CliRunner().invoke(aimcore, words).stdout)
    assert [room["replicas"] for room in told["templates"][0]["nodes"]] == [2, 2]
