"""What the commands say of pods: the children in a plan, manifests to apply, and the pod in an explanation."""

from __future__ import annotations

import json
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest
import yaml
from click.testing import CliRunner, Result

from aimcore.entrypoints.cli.commands import aimcore

QUICKSTART = str(Path(__file__).parents[2] / "examples" / "quickstart")
WORLD = """
    apiVersion: aim.silogen.ai/v1alpha1
    kind: AIMModel
    metadata: {name: llama, namespace: ml}
    spec:
      image: ghcr.io/example/my-model:v1.0.0
      imageMetadata:
        model:
          canonicalName: example/llama
          recommendedDeployments: [{gpuModel: MI300X, gpuCount: 1, metric: latency, precision: fp8}]
      env: [{name: LOG_LEVEL, value: info}]
    ---
    apiVersion: aim.silogen.ai/v1alpha1
    kind: AIMService
    metadata: {name: chat, namespace: ml}
    spec:
      model: {ref: llama}
      imagePullSecrets: [{name: login}]
      env:
        - {name: LOG_LEVEL, value: debug}
        - {name: HF_TOKEN, valueFrom: {secretKeyRef: {name: hf, key: token}}}
        - {name: MIRROR, value: "https://me:canary@mirror.example"}
      pod:
        nodeSelector: {pool: gpus}
        tolerations: [{key: gpu, operator: Exists, effect: NoSchedule}]
        drainSeconds: 10
    ---
    apiVersion: v1
    kind: Secret
    metadata: {name: login, namespace: ml}
    stringData: {key: canary}
"""


def run(*words: str, world: str = WORLD) -> Result:
    return CliRunner(env={"COLUMNS": "80"}).invoke(aimcore, words, input=dedent(world), prog_name="aimcore")


def explained() -> dict[str, Any]:
    ran = run("explain", "service/chat", "-", "-o", "json")
    assert ran.exit_code == 0, ran.output
    told: dict[str, Any] = json.loads(ran.stdout)
    return told


@pytest.mark.rule("RUN-1")
def test_a_plan_shows_what_it_makes_of_a_service() -> None:
    said = run("plan", "-").stdout
    assert "Running  ml/chat" in said
    assert "makes     Deployment aim-chat, Service aim-chat" in said


def test_the_yaml_of_a_plan_can_be_applied() -> None:
    ran = run("plan", "-", "-o", "yaml")
    objects = list(yaml.safe_load_all(ran.stdout))
    kinds = {one["kind"] for one in objects}
    assert kinds == {"AIMModel", "AIMService", "AIMServiceTemplate", "Deployment", "Service"}
    for one in objects:
        assert "status" not in one
        assert one["metadata"].keys().isdisjoint({"uid", "ownerReferences", "creationTimestamp", "generation"})
    assert "note: 1 secret is left out: what secrets hold is not shown" in ran.stderr


def test_the_json_of_a_plan_has_the_pods_too() -> None:
    objects = json.loads(run("plan", "-", "-o", "json").stdout)["objects"]
    [pod] = [one for one in objects if one["kind"] == "Pod"]
    assert pod["metadata"]["labels"]["aim.silogen.ai/service"] == "chat"
    assert not [one for one in run("plan", "-", "-o", "name").stdout.splitlines() if one.startswith("pod/")]


@pytest.mark.rule("RUN-4")
def test_every_variable_of_the_pod_is_told_with_its_layer() -> None:
    env = explained()["pod"]["env"]
    assert (env["LOG_LEVEL"]["value"], env["LOG_LEVEL"]["layer"]) == ("debug", "service")
    assert env["LOG_LEVEL"]["passedOver"][-1] == {"layer": "model", "value": "info"}
    assert env["AIM_METRIC"] == {"value": "latency", "layer": "default", "passedOver": []}


@pytest.mark.rule("SEC-1")
def test_secrets_are_told_by_reference_and_credentials_in_text_are_masked() -> None:
    assert explained()["pod"]["env"]["HF_TOKEN"]["value"] == {"secretKeyRef": {"name": "hf", "key": "token"}}
    for form in ("json", "yaml", "table"):
        said = run("explain", "service/chat", "-", "-o", form).stdout
        assert "canary" not in said
        assert "mirror.example" in said
    assert "key token of Secret hf (service)" in run("explain", "service/chat", "-").stdout


@pytest.mark.rule("RUN-8")
def test_settings_placement_and_image_of_the_pod_are_told() -> None:
    pod = explained()["pod"]
    assert pod["image"] == "ghcr.io/example/my-model:v1.0.0"
    assert pod["imagePullSecrets"] == ["login"]
    assert pod["settings"]["drainSeconds"] == {"value": 10, "layer": "service", "passedOver": []}
    assert pod["settings"]["startupTimeout"]["layer"] == "default"
    assert pod["placement"]["nodeSelector"] == {"pool": "gpus"}
    said = run("explain", "service/chat", "-").stdout
    assert "with pool=gpus" in said
    assert "tolerates gpu (NoSchedule)" in said


@pytest.mark.rule("RUN-12")
def test_what_becomes_of_the_pods_is_told_with_the_reason() -> None:
    assert explained()["rollout"] == {"action": "Create", "reason": "there is no Deployment yet", "behind": None}


def test_where_services_do_not_run_no_pod_is_told() -> None:
    ran = run("explain", "service/chat", "-", "-o", "json", "--workloads", "off")
    told = json.loads(ran.stdout)
    assert (told["pod"], told["rollout"]) == (None, None)


def test_notes_are_told_once_and_not_at_all_to_whoever_wants_none() -> None:
    ran = run("plan", "-")
    assert ran.output.count("GPUs are assumed present") == 1
    assert "note:" not in run("plan", "-", "-q").output


CLAIMED = """
- {apiVersion: aim.silogen.ai/v1alpha1, kind: AIMModel, metadata: {name: llama, namespace: ml}, spec: {modelSources: [
    {modelId: a/b, sourceUri: "hf://a/b", size: 1Gi}], custom: {hardware: {gpu: {requests: 1}}}}}
- {apiVersion: aim.silogen.ai/v1alpha1, kind: AIMService, metadata: {name: looks, namespace: ml}, spec: {
    model: {ref: llama}, caching: {existingClaim: {name: mine}}}}
- {apiVersion: aim.silogen.ai/v1alpha1, kind: AIMService, metadata: {name: trusts, namespace: ml}, spec: {
    model: {ref: llama}, caching: {existingClaim: {name: mine, trust: true}}}}
"""
CLAIM = "{apiVersion: v1, kind: PersistentVolumeClaim, metadata: {name: mine, namespace: ml}, spec: {}}"


def claimed(*words: str, more: str = "") -> tuple[set[str], str, list[str]]:
    """How services with a claim of somebody else are, the message of one, and which claims are assumed."""
    listed = "apiVersion: v1\nkind: List\nitems:\n" + CLAIMED + (f"- {more}\n" if more else "")
    planned = json.loads(run("plan", "-", "-o", "json", *words, world=listed).stdout)
    services = [one["status"] for one in planned["objects"] if one["kind"] == "AIMService"]
    ready = [each for one in services for each in one["conditions"] if each["type"] == "Ready"]
    claims = [one for one in planned["assumptions"] if one.startswith("PersistentVolumeClaim ")]
    assert ("PersistentVolumeClaim" in {one["kind"] for one in planned["objects"]}) is bool(more)
    return {one["status"] for one in services}, ready[0]["message"], claims


@pytest.mark.rule("CACHE-6")
def test_a_claim_of_somebody_else_that_is_not_given_is_assumed_unless_strict() -> None:
    words, _, claims = claimed()
    assert words == {"Running"}
    (claim,) = claims
    assert claim.startswith("PersistentVolumeClaim ml/mine is assumed present, with the weights on it: it is not among")
    words, message, claims = claimed("--strict")
    assert (words, claims) == ({"Starting"}, [])
    assert 'persistentvolumeclaim "mine" not found' in message
    assert claimed("--workloads", "off")[2] == []


@pytest.mark.rule("CACHE-6")
@pytest.mark.parametrize("words", [[], ["--strict"]])
def test_a_claim_of_somebody_else_that_is_given_is_taken_as_it_is(words: list[str]) -> None:
    said, _, claims = claimed(*words, more=CLAIM)
    assert (said, claims) == ({"Running"}, [])


def test_nothing_is_wrapped_in_a_pipe() -> None:
    free = CliRunner(env={"COLUMNS": None}).invoke(aimcore, ["plan", QUICKSTART, "--images", f"{QUICKSTART}/images"])
    wrapped = run("plan", QUICKSTART, "--images", f"{QUICKSTART}/images").stdout
    assert max(map(len, free.stdout.splitlines())) > 80 >= max(map(len, wrapped.splitlines()))


@pytest.mark.rule("PROFILE-1", "PROFILE-2")
def test_what_only_the_image_knows_a_plan_waits_for_and_says_so() -> None:
    cached = WORLD.replace("model: {ref: llama}", "model: {ref: llama}\n      caching: {mode: Shared}")
    told = run("plan", "-", world=cached).stdout
    assert "Starting  ml/chat" in told
    assert "asks the image" in told
    objects = list(yaml.safe_load_all(run("plan", "-", "-o", "yaml", world=cached).stdout))
    [job] = [one for one in objects if one["kind"] == "Job"]
    assert job["metadata"]["name"].startswith("discover-llama-")
    assert not [one for one in objects if one["kind"] in ("Deployment", "PersistentVolumeClaim")]
