"""`plan` and `capacity` agree on which templates are available, whatever the nodes give and the templates ask for."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from aimcore.entrypoints.cli.commands import aimcore

Json = dict[str, Any]

MODEL: Json = {
    "apiVersion": "aim.silogen.ai/v1alpha1",
    "kind": "AIMClusterModel",
    "metadata": {"name": "tiny"},
    "spec": {"modelSources": [{"modelId": "org/tiny", "sourceUri": "hf://org/tiny", "size": "1Gi"}]},
}
H100 = {"nvidia.com/gpu.product": "NVIDIA-H100-80GB-HBM3"}
MI300X = {"amd.com/gpu.device-id": "74a1"}


def node(name: str, labels: Json, allocatable: Json, **more: Any) -> Json:
    given = {"status": {"allocatable": allocatable, **more.pop("status", {})}}
    return {"apiVersion": "v1", "kind": "Node", "metadata": {"name": name, "labels": labels}, **given, **more}


def model(templates: list[Json], resources: Json | None = None) -> Json:
    asked = {"resources": resources} if resources else {}
    return {**MODEL, "spec": {**MODEL["spec"], **asked, "custom": {"templates": templates}}}


def said(file: Path, documents: list[Json], defaults: str = "none") -> tuple[dict[str, str], dict[str, int]]:
    """The word of each template by `plan`, and the replicas of each by `capacity`, by its name."""
    asked = ["-o", "json", "--default-resources", defaults]
    file.write_text(yaml.safe_dump_all(documents))
    ran = CliRunner().invoke(aimcore, ["plan", str(file), *asked])
    planned: Json = json.loads(ran.stdout)
    words = {
        one["metadata"]["name"]: one["status"]["status"]
        for one in planned["objects"]
        if one["kind"] == "AIMClusterServiceTemplate"
    }
    ran = CliRunner().invoke(aimcore, ["capacity", "-f", str(file), "--nodes", str(file), *asked])
    fitted: Json = json.loads(ran.stdout)
    assert ran.exit_code == (0 if all(one["replicas"] for one in fitted["templates"]) else 3)
    return words, {one["name"]: one["replicas"] for one in fitted["templates"]}


def by_entry(*found: dict[str, Any]) -> list[dict[str, Any]]:
    """What was found of each template, by the name of its entry in the model."""
    return [{name.removeprefix("tiny-custom-").split("-")[0]: one for name, one in each.items()} for each in found]


def gpu(name: str, **asked: Any) -> Json:
    return {"name": name, "hardware": {"gpu": {"requests": 1, **asked}}}


@pytest.mark.rule("TMPL-8", "RES-2", "RUN-7")
@pytest.mark.parametrize("defaults", ["none", "4,32Gi,48Gi"])
def test_a_resource_that_is_named_is_available_where_a_node_gives_it(defaults: str, tmp_path: Path) -> None:
    documents = [
        node("amd", {**MI300X, "amd.com/gpu.vram": "24G"}, {"cpu": "192", "amd.com/cpx_nps4": "64"}),
        node("mig", H100, {"cpu": "192", "nvidia.com/gpu": "0", "nvidia.com/mig-3g.40gb": "16"}),
        node("shared", {"nvidia.com/gpu.product": "NVIDIA-A100-SHARED"}, {"nvidia.com/gpu.shared": "32"}),
        model(
            [
                gpu("part", models=["MI300X"], resourceName="amd.com/cpx_nps4"),
                gpu("large", models=["MI300X"], resourceName="amd.com/cpx_nps4", minVram="192Gi"),
                gpu("mig", resourceName="nvidia.com/mig-3g.40gb"),
                gpu("shared", models=["A100"], resourceName="nvidia.com/gpu.shared"),
                gpu("elsewhere", resourceName="example.com/npu"),
                gpu("unsaid"),
            ]
        ),
    ]
    words, replicas = by_entry(*said(tmp_path / "all.yaml", documents, defaults))
    assert replicas == {"part": 64, "large": 0, "mig": 16, "shared": 32, "elsewhere": 0, "unsaid": 0}
    assert words == {name: "Ready" if count else "NotAvailable" for name, count in replicas.items()}


@pytest.mark.rule("TMPL-8", "RES-1")
def test_everything_that_a_model_asks_for_counts(tmp_path: Path) -> None:
    nodes = [node("gpu-1", MI300X, {"cpu": "4", "memory": "33Gi", "amd.com/gpu": "8"})]
    asked = {"requests": {"cpu": "4", "memory": "32Gi"}}
    words, replicas = by_entry(*said(tmp_path / "all.yaml", [*nodes, model([gpu("one")], asked)]))
    assert (words, replicas) == ({"one": "Ready"}, {"one": 1})
    more = {"requests": {"memory": "34Gi"}}
    words, replicas = by_entry(*said(tmp_path / "all.yaml", [*nodes, model([gpu("one")], more)]))
    assert (words, replicas) == ({"one": "NotAvailable"}, {"one": 0})


CPU_ONLY = {"name": "cpu", "hardware": {"cpu": {"requests": "500m"}}}


@pytest.mark.rule("TMPL-8")
@pytest.mark.parametrize(
    ("more", "replicas"),
    [
        pytest.param({}, 17, id="the pods that the node says it takes"),
        pytest.param({"spec": {"unschedulable": True}}, 0, id="cordoned"),
        pytest.param({"status": {"conditions": [{"type": "Ready", "status": "Unknown"}]}}, 0, id="not ready"),
        pytest.param({"status": {"conditions": [{"type": "Ready", "status": "True"}]}}, 17, id="ready"),
        pytest.param({"spec": {"taints": [{"key": "gpu", "effect": "PreferNoSchedule"}]}}, 17, id="rather not"),
    ],
)
def test_a_node_counts_as_far_as_it_takes_pods(more: Json, replicas: int, tmp_path: Path) -> None:
    there = node("small", {}, {"cpu": "64", "memory": "200Gi", "pods": "17"}, **more)
    words, found = by_entry(*said(tmp_path / "all.yaml", [there, model([CPU_ONLY])]))
    assert (words, found) == ({"cpu": "Ready" if replicas else "NotAvailable"}, {"cpu": replicas})


@pytest.mark.rule("TMPL-8")
@pytest.mark.parametrize(
    ("tolerations", "replicas"),
    [([], 0), ([{"key": "gpu", "value": "other"}], 0), ([{"key": "gpu", "operator": "Exists"}], 17)],
    ids=["nothing", "another value", "the taint"],
)
def test_a_tainted_node_has_room_for_pods_that_tolerate_it(
    tolerations: list[Json], replicas: int, tmp_path: Path
) -> None:
    tainted = {"spec": {"taints": [{"key": "gpu", "value": "present", "effect": "NoSchedule"}]}}
    there = node("small", {}, {"cpu": "64", "memory": "200Gi", "pods": "17"}, **tainted)
    config = {
        "apiVersion": "aim.silogen.ai/v1alpha1",
        "kind": "AIMClusterRuntimeConfig",
        "metadata": {"name": "default"},
        "spec": {"pod": {"tolerations": tolerations}},
    }
    words, found = by_entry(*said(tmp_path / "all.yaml", [there, config, model([CPU_ONLY])]))
    assert found == {"cpu": replicas}
    assert words == {"cpu": "Ready"}, "a service may tolerate what its template does not"


@pytest.mark.rule("TMPL-8", "RUN-7")
def test_what_each_gpu_brings_along_counts(tmp_path: Path) -> None:
    nodes = [node("gpu-1", MI300X, {"cpu": "16", "memory": "100Gi", "amd.com/gpu": "8"})]
    words, replicas = by_entry(*said(tmp_path / "all.yaml", [*nodes, model([gpu("one")])], "4,32Gi,48Gi"))
    assert (words, replicas) == ({"one": "Ready"}, {"one": 3})
    words, replicas = by_entry(*said(tmp_path / "all.yaml", [*nodes, model([gpu("one")])], "4,128Gi,128Gi"))
    assert (words, replicas) == ({"one": "NotAvailable"}, {"one": 0})


LABELS = st.sampled_from(
    [{}, MI300X, H100, {"amd.com/gpu.device-id.74a1": "2", "amd.com/gpu.device-id.740f": "6"}, {**MI300X, **H100}]
)
RESOURCES = ["amd.com/gpu", "nvidia.com/gpu", "amd.com/cpx_nps4", "nvidia.com/mig-3g.40gb", "example.com/npu"]
GIVEN = st.fixed_dictionaries(
    {"cpu": st.sampled_from(["2", "64"])},
    optional={"memory": st.sampled_from(["16Gi", "1Ti"]), "pods": st.sampled_from(["0", "5"])}
    | {name: st.sampled_from(["0", "1", "8"]) for name in RESOURCES},
)
AWAY = st.sampled_from(
    [{}, {}, {}, {"spec": {"unschedulable": True}}, {"status": {"conditions": [{"type": "Ready", "status": "False"}]}}]
)
GPU = st.fixed_dictionaries(
    {"requests": st.integers(0, 4)},
    optional={
        "models": st.sampled_from([["MI300X"], ["H100-80GB-HBM3", "MI210"]]),
        "minVram": st.sampled_from(["24Gi", "40Gi", "192Gi"]),
        "resourceName": st.sampled_from(RESOURCES),
    },
)
HARDWARE = st.fixed_dictionaries({"gpu": GPU}, optional={"cpu": st.just({"requests": "4"})}) | st.just(
    {"cpu": {"requests": "4"}}
)
ASKED = st.sampled_from([None, {"requests": {"memory": "32Gi"}}, {"limits": {"amd.com/gpu": "2"}}])


@pytest.mark.rule("TMPL-8")
@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    nodes=st.lists(st.tuples(LABELS, GIVEN, AWAY), min_size=1, max_size=3),
    hardware=st.lists(HARDWARE, min_size=1, max_size=3),
    asked=ASKED,
)
def test_plan_and_capacity_agree(nodes: list[Any], hardware: list[Json], asked: Json | None, tmp_path: Path) -> None:
    documents = [node(f"n{at}", labels, given, **away) for at, (labels, given, away) in enumerate(nodes)]
    entries = [{"name": f"t{at}", "hardware": one} for at, one in enumerate(hardware)]
    words, replicas = said(tmp_path / "all.yaml", [*documents, model(entries, asked)])
    assert len(words) == len(hardware)
    assert words == {name: "Ready" if count else "NotAvailable" for name, count in replicas.items()}
