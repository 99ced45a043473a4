"""`aimcore capacity` on manifests: what fits, what is told of the rest, and how it ends."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from aimcore.entrypoints.cli.commands import aimcore

EXAMPLES = Path(__file__).parents[2] / "examples"
HARDWARE = str(EXAMPLES / "quickstart" / "07-hardware-requirements.yaml")
NODES = str(EXAMPLES / "cluster" / "nodes.yaml")


def run(*words: str) -> Result:
    return CliRunner(env={"COLUMNS": "80"}).invoke(aimcore, ["capacity", *words])


def asked(*words: str) -> dict[str, Any]:
    ran = run(*words, "-o", "json")
    assert ran.exit_code in (0, 3), ran.output
    told: dict[str, Any] = json.loads(ran.stdout)
    return told


@pytest.mark.rule("CUST-6")
def test_replicas_are_counted_on_each_node() -> None:
    (template,) = asked("-f", HARDWARE, "--nodes", NODES)["templates"]
    assert (template["hardware"], template["replicas"]) == ("2 x MI300X/MI250", 8)
    assert template["nodes"] == [{"name": f"gpu-{number}", "replicas": 4, "lacking": None} for number in (1, 2)]


def test_nodes_may_be_a_list_as_kubectl_writes_it(tmp_path: Path) -> None:
    labels, gpus = {"amd.com/gpu.device-id": "740f"}, {"amd.com/gpu": "2", "cpu": "64", "memory": "512Gi"}
    node = {"apiVersion": "v1", "kind": "Node", "metadata": {"name": "small", "labels": labels, "uid": "u"}}
    status = {"allocatable": gpus, "capacity": gpus, "nodeInfo": {"kubeletVersion": "v1.36.2"}, "images": []}
    listed = {"apiVersion": "v1", "kind": "List", "items": [{**node, "spec": {"podCIDR": "x"}, "status": status}]}
    file = tmp_path / "nodes.json"
    file.write_text(json.dumps(listed))
    told = asked(HARDWARE, "--nodes", str(file))
    assert told["templates"][0]["nodes"] == [
        {"name": "small", "replicas": 0, "lacking": "no MI300X or MI250; has MI210"}
    ]
    assert told["nodes"] == [
        {"name": "small", "gpus": [{"model": "MI210", "count": 2, "vram": "64Gi", "resource": "amd.com/gpu"}]}
    ]
    assert run(HARDWARE, "--nodes", str(file)).exit_code == 3


def test_a_table_says_the_same_in_eighty_columns() -> None:
    ran = run("-f", HARDWARE, "--nodes", NODES)
    assert ran.exit_code == 0
    assert "8 fit  ml-team/llama-with-hardware-custom-mi300x-" in ran.stdout
    assert "4 on gpu-1, 4 on gpu-2" in ran.stdout
    assert max(map(len, ran.stdout.splitlines())) <= 80


@pytest.mark.parametrize(
    ("words", "says"),
    [
        pytest.param(("-f", HARDWARE), "no nodes: name a file with --nodes", id="no nodes"),
        pytest.param(("--nodes", NODES), "no manifests", id="no templates"),
        pytest.param((HARDWARE, "--nodes", NODES, "--context", "x"), "exclude each other", id="nodes of two places"),
        pytest.param((HARDWARE, "--nodes", "none.yaml"), "none.yaml", id="no such file"),
    ],
)
def test_a_wrong_call_ends_with_two(words: tuple[str, ...], says: str) -> None:
    ran = run(*words)
    assert ran.exit_code == 2
    assert says in ran.output


def test_equal_nodes_are_told_together(tmp_path: Path) -> None:
    labels, gpus = {"amd.com/gpu.device-id": "74a1"}, {"amd.com/gpu": "8", "cpu": "128", "memory": "2Ti"}
    nodes = [
        {
            "apiVersion": "v1",
            "kind": "Node",
            "metadata": {"name": f"gpu-{number:03}", "labels": labels},
            "status": {"allocatable": gpus, "capacity": gpus},
        }
        for number in range(300)
    ]
    file = tmp_path / "nodes.json"
    file.write_text(json.dumps({"apiVersion": "v1", "kind": "List", "items": nodes}))
    said = " ".join(run(HARDWARE, "--nodes", str(file)).stdout.split())
    assert "1200 fit" in said
    assert "4 on each of 300 nodes (gpu-000, gpu-001, gpu-002 and 297 more)" in said
    assert "Nodes 300 nodes (gpu-000, gpu-001, gpu-002 and 297 more)" in said
    assert len(asked(HARDWARE, "--nodes", str(file))["nodes"]) == 300


@pytest.mark.rule("TMPL-8")
def test_nodes_have_what_templates_call_gpus_whatever_its_name(tmp_path: Path) -> None:
    node = {"apiVersion": "v1", "kind": "Node", "metadata": {"name": "gaudi"}}
    source = {"modelId": "org/tiny", "sourceUri": "hf://org/tiny", "size": "1Gi"}
    hardware = {"gpu": {"requests": 2, "resourceName": "habana.ai/gaudi"}}
    model = {"apiVersion": "aim.silogen.ai/v1alpha1", "kind": "AIMClusterModel", "metadata": {"name": "tiny"}}
    spec = {"modelSources": [source], "custom": {"hardware": hardware}}
    file = tmp_path / "all.json"
    items = [{**node, "status": {"allocatable": {"habana.ai/gaudi": "8"}}}, {**model, "spec": spec}]
    file.write_text(json.dumps({"apiVersion": "v1", "kind": "List", "items": items}))
    told = asked("-f", str(file), "--nodes", str(file))
    assert told["templates"][0]["replicas"] == 4
    assert told["nodes"][0]["gpus"] == [{"model": None, "count": 8, "vram": None, "resource": "habana.ai/gaudi"}]
    assert "8 x GPU as habana.ai/gaudi" in run("-f", str(file), "--nodes", str(file)).stdout


COUNTED = {"amd.com/gpu.device-id.74a1": "8"}
LABELLED = {"amd.com/gpu.device-id": "74a1"}


def cluster_with(folder: Path, **labels: dict[str, str]) -> str:
    """A file with a service, its model, and nodes with these labels and eight GPUs each."""
    gpus = {"amd.com/gpu": "8", "cpu": "128", "memory": "2Ti"}
    source = {"modelId": "org/tiny", "sourceUri": "hf://org/tiny", "size": "1Gi"}
    hardware = {"gpu": {"requests": 1, "models": ["MI300X"]}}
    ours = {"apiVersion": "aim.silogen.ai/v1alpha1", "metadata": {"name": "tiny", "namespace": "ml"}}
    items: list[dict[str, Any]] = [
        {**ours, "kind": "AIMModel", "spec": {"modelSources": [source], "custom": {"hardware": hardware}}},
        {**ours, "kind": "AIMService", "spec": {"model": {"ref": "tiny"}}},
    ]
    for name, said in labels.items():
        node = {"apiVersion": "v1", "kind": "Node", "metadata": {"name": name, "labels": said}}
        items.append({**node, "status": {"allocatable": gpus, "capacity": gpus}})
    file = folder / "all.json"
    file.write_text(json.dumps({"apiVersion": "v1", "kind": "List", "items": items}))
    return str(file)


def planned(*words: str) -> list[str]:
    ran = CliRunner().invoke(aimcore, ["plan", *words, "-o", "json"])
    notes: list[str] = json.loads(ran.stdout)["assumptions"]
    return [note for note in notes if "pods are placed by" in note]


@pytest.mark.rule("TMPL-8")
def test_a_plan_says_of_a_service_in_the_same_words_that_no_node_gets_its_pods(tmp_path: Path) -> None:
    file = cluster_with(tmp_path, counts=COUNTED, mixed=COUNTED)
    (template,) = asked("-f", file, "--nodes", file)["templates"]
    (note,) = planned(file)
    reason = template["nodes"][0]["unreached"]
    assert note == f"AIMService ml/tiny, template {template['name']}: counts, mixed: {reason}"
    assert f"note: {note}" in CliRunner().invoke(aimcore, ["plan", file]).stderr
    assert planned(file, "--workloads", "off") == []


@pytest.mark.rule("TMPL-8")
def test_a_plan_says_nothing_where_another_node_gets_the_pods(tmp_path: Path) -> None:
    assert planned(cluster_with(tmp_path, counts=COUNTED, well=LABELLED)) == []
    assert planned(cluster_with(tmp_path, well=LABELLED)) == []
