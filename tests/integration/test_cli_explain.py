"""`aimcore explain` from manifests: what it says of services and models, and of what is not there."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.integration.cli_runs import CLUSTER, IMAGES, MODEL, QUICKSTART, SERVICE, documents, plan, run

# explain --------------------------------------------------------------------------------------------------------------


def explain(*arguments: str, text: str = "") -> dict[str, Any]:
    found: dict[str, Any] = json.loads(run("explain", *arguments, "-o", "json", text=text).stdout)
    return found


@pytest.mark.rule("SEL-3", "RES-1", "LOOK-2")
def test_a_service_is_explained_by_config_model_template_resources_hardware_and_trace() -> None:
    found = explain("service/long-context", "-n", "research", "-f", QUICKSTART, CLUSTER, *IMAGES)
    assert list(found) == [
        "service",
        "runtimeConfig",
        "model",
        "template",
        "resources",
        "hardware",
        "pod",
        "rollout",
        "trace",
    ]
    assert found["runtimeConfig"]["scope"] == "Cluster"
    assert found["runtimeConfig"]["values"]["model.creationScope"] == {
        "value": "Cluster",
        "layer": "clusterConfig",
        "passedOver": [],
    }
    assert (found["model"]["answer"], found["model"]["name"]) == ("found", "meta-llama-3-8b-instruct")
    assert found["template"]["chosen"] == "meta-llama-3-8b-instruct-1x-mi300x-lat-fp8-2e71257b9a"
    stages = {one["name"]: one["stage"] for one in found["template"]["candidates"]}
    assert stages == {
        "meta-llama-3-8b-instruct-1x-mi300x-lat-fp8-2e71257b9a": "chosen",
        "meta-llama-3-8b-instruct-1x-mi300x-thr-fp8-61622350bb": "metric",
        "meta-llama-3-8b-instruct-1x-mi325x-lat-fp8-95ccfefa78": "ready",
        "written-by-hand": "optimized",
    }
    assert {tuple(one) for one in found["template"]["candidates"]} == {("name", "scope", "verdict", "stage", "reason")}
    assert found["resources"]["requests"]["memory"] == {
        "value": "96Gi",
        "layer": "service",
        "passedOver": [{"layer": "model", "value": "32Gi"}, {"layer": "default", "value": "32Gi"}],
    }
    assert found["hardware"]["gpu"] == {"requests": 1, "models": ["MI300X"], "resourceName": "amd.com/gpu"}
    assert found["hardware"]["nodes"][0] == {"key": "amd.com/gpu.device-id", "values": ["74a1", "74a9", "74b5", "74bd"]}
    assert [step["rule"] for step in found["trace"]] == ["CONF-1", "LOOK-1", "SEL-2", "RES-1"]


def test_the_explanation_is_what_the_plan_says_in_the_status() -> None:
    world = (QUICKSTART, CLUSTER, *IMAGES)
    statuses = {
        (one["metadata"]["namespace"], one["metadata"]["name"]): one["status"]
        for one in plan(*world)["objects"]
        if one["kind"] == "AIMService"
    }
    for (namespace, name), status in statuses.items():
        found = explain(f"service/{name}", "-n", namespace, *world)
        # A status tells no candidates once a Deployment stands (RUN-16); what was chosen is the same.
        assert found["template"]["chosen"] == status.get("templateSelection", {}).get("chosen")
        if "resolvedResources" in status:
            values = {name: one["value"] for name, one in found["resources"]["requests"].items()}
            assert values == {name: one["value"] for name, one in status["resolvedResources"]["requests"].items()}


@pytest.mark.parametrize(
    ("spec", "answer"),
    [
        pytest.param("model: {ref: none}", "missing", id="no such model"),
        pytest.param("model: {image: ghcr.io/example/my-model:v1.0.0}", "several", id="two models of one image"),
        pytest.param("model: {ref: llama}", "found", id="a model of the name"),
    ],
)
def test_what_answers_to_a_name_is_told(spec: str, answer: str) -> None:
    other = MODEL.replace("name: llama", "name: mistral")
    text = documents(MODEL, other, SERVICE.replace("model: {ref: llama}", spec))
    assert explain("service/chat", "-", text=text)["model"]["answer"] == answer
    assert run("explain", "service/chat", "-", text=text).exit_code == 0


@pytest.mark.parametrize(
    ("name", "answer"),
    [
        pytest.param("none", "missing", id="no such template"),
        pytest.param("other", "notOfModel", id="a template of another model"),
        pytest.param("mine", "found", id="a template of the model"),
    ],
)
@pytest.mark.rule("SEL-1")
def test_what_answers_to_the_name_of_a_template_is_told(name: str, answer: str) -> None:
    template = """
    apiVersion: aim.silogen.ai/v1alpha1
    kind: AIMServiceTemplate
    metadata: {name: NAME, namespace: ml}
    spec: {modelName: MODEL, hardware: {gpu: {requests: 1}}}
    """
    mine = template.replace("NAME", "mine").replace("MODEL", "llama")
    other = template.replace("NAME", "other").replace("MODEL", "mistral")
    service = SERVICE.replace("{ref: llama}", f"{{ref: llama}}, template: {{name: {name}}}")
    text = documents(MODEL, mine, other, service)
    assert explain("service/chat", "-", text=text)["template"]["named"]["answer"] == answer


@pytest.mark.rule("CONF-2")
def test_a_config_that_is_missing_is_told_with_where_it_was_looked_for() -> None:
    text = documents(MODEL, SERVICE.replace("{ref: llama}", "{ref: llama}, runtimeConfigName: none"))
    found = explain("service/chat", "-", text=text)
    assert (found["runtimeConfig"]["missing"], found["runtimeConfig"]["named"]) == (True, True)
    assert [one["kind"] for one in found["runtimeConfig"]["looked"]] == ["AIMRuntimeConfig", "AIMClusterRuntimeConfig"]
    assert (found["model"], found["resources"]) == (None, None)
    assert "AIMClusterRuntimeConfig none" in run("explain", "service/chat", "-", text=text).stdout


def test_a_model_is_explained_by_what_was_read_what_it_wants_and_who_uses_it() -> None:
    found = explain("model/meta-llama-3-8b-instruct", "-n", "ml-team", QUICKSTART, *IMAGES)
    assert list(found) == ["model", "runtimeConfig", "metadata", "templates", "usedBy", "shadows", "shadowedBy"]
    assert (found["metadata"]["source"], found["metadata"]["recommendedDeployments"]) == ("image", 2)
    assert [(one["rule"], one["origin"]) for one in found["templates"]] == [
        ("TMPL-1", "the image recommends 1x MI300X latency fp16 vllm-mi300x-fp16-tp1-latency"),
        ("TMPL-1", "the image recommends 2x MI300X throughput fp16 vllm-mi300x-fp16-tp2-throughput"),
    ]
    assert [(one["namespace"], one["name"]) for one in found["usedBy"]] == [("ml-team", "chat")]
    assert [one["kind"] for one in found["shadows"]] == ["AIMClusterModel"]


def test_a_cluster_model_tells_who_shadows_it_and_what_was_written_by_hand_for_it() -> None:
    found = explain("clustermodel/meta-llama-3-8b-instruct", QUICKSTART, *IMAGES)
    assert [(one["kind"], one["namespace"]) for one in found["shadowedBy"]] == [("AIMModel", "ml-team")]
    assert found["templates"][-1]["origin"] == "written by hand"
    assert found["templates"][-1]["namespace"] == "research"


def test_a_custom_model_tells_which_entry_a_template_is_from() -> None:
    found = explain("model/llama-with-templates", QUICKSTART)
    assert found["metadata"]["source"] == "spec.modelSources"
    assert sorted(one["origin"] for one in found["templates"]) == [
        "spec.custom.templates[0] (high-memory)",
        "spec.custom.templates[1] (standard)",
    ]
    assert [one["origin"] for one in explain("model/my-custom-llama", QUICKSTART)["templates"]] == [
        "spec.custom.hardware"
    ]


@pytest.mark.parametrize("said", ["aimmdl", "AIMModel", "models", "aimmodels.aim.silogen.ai"])
def test_types_go_by_the_names_that_kubectl_knows(said: str) -> None:
    assert explain(f"{said}/llama", "-", text=MODEL)["model"]["name"] == "llama"


def test_a_model_is_looked_for_in_the_namespace_and_then_in_the_cluster() -> None:
    assert explain("model/meta-llama-3-405b-instruct", "-n", "research", CLUSTER)["model"]["scope"] == "Cluster"


def test_an_unknown_name_is_answered_with_those_that_are_near() -> None:
    said = run("explain", "service/chta", QUICKSTART).stderr
    assert "Error: service 'chta' is not there; there is AIMService ml-team/chat, AIMService research/chat" in said


def test_where_nothing_is_near_it_is_said_what_there_is() -> None:
    assert "there is AIMModel ml/llama" in run("explain", "model/zzz", "-", text=MODEL).stderr
    assert "there are no services" in run("explain", "service/zzz", "-", text=MODEL).stderr


def test_several_of_one_name_are_told_apart_by_the_caller() -> None:
    said = run("explain", "service/chat", QUICKSTART)
    assert said.exit_code == 2
    assert "pass -n NAMESPACE" in said.stderr
