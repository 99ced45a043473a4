"""A cluster that has objects of the Go operator moves to this one, as docs/moving-from-aim-engine.md says.

The definitions of the other group are stand-ins that take every field, and what it runs is a Deployment with its names: what is
tried is the page, its commands in their order, beside workloads that must not be touched.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from tests.e2e.client import chat
from tests.e2e.desk import Desk

Json = dict[str, Any]

OLD = "aim.eai.amd.com"
KINDS = (
    *(("AIMModel", "Namespaced"), ("AIMServiceTemplate", "Namespaced"), ("AIMService", "Namespaced")),
    *(("AIMRuntimeConfig", "Namespaced"), ("AIMClusterModel", "Cluster"), ("AIMClusterServiceTemplate", "Cluster")),
    ("AIMClusterRuntimeConfig", "Cluster"),
)


def definition(kind: str, scope: str) -> Json:
    schema = {"openAPIV3Schema": {"type": "object", "x-kubernetes-preserve-unknown-fields": True}}
    version = {"name": "v1alpha1", "served": True, "storage": True, "schema": schema}
    return {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": f"{kind.lower()}s.{OLD}"},
        "spec": {
            "group": OLD,
            "scope": scope,
            "names": {"kind": kind, "plural": f"{kind.lower()}s", "singular": kind.lower()},
            "versions": [version],
        },
    }


def objects(desk: Desk) -> list[Json]:
    """What the Go operator was given, what it made of it, and what it runs."""
    image = f"{desk.image}:1"
    owned = {"aim.eai.amd.com/origin": "auto-generated"}
    given: list[tuple[str, str, dict[str, str], Json]] = [
        ("AIMRuntimeConfig", "default", {}, {"env": [{"name": "TEAM", "value": "search"}]}),
        ("AIMModel", "llama", {}, {"image": image, "discovery": {"extractMetadata": True}}),
        ("AIMService", "talk", {}, {"model": {"name": "llama"}, "replicas": 1}),
        ("AIMServiceTemplate", "llama-made", owned, {"modelName": "llama", "metric": "latency"}),
    ]
    made: list[Json] = [
        {
            "apiVersion": f"{OLD}/v1alpha1",
            "kind": kind,
            "metadata": {"name": name, "namespace": desk.namespace, "labels": labels},
            "spec": spec,
        }
        for kind, name, labels, spec in given
    ]
    labels: Json = {"app": "talk-predictor"}
    container: Json = {"name": "server", "image": image, "env": [{"name": "AIM_ID", "value": "acme/chat"}]}
    pod: Json = {
        "metadata": {"labels": labels},
        "spec": {"containers": [container], "terminationGracePeriodSeconds": 1},
    }
    workload: Json = {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": "talk-predictor", "namespace": desk.namespace},
        "spec": {"selector": {"matchLabels": labels}, "template": pod},
    }
    return [*made, workload]


@pytest.fixture
def old(desk: Desk) -> Iterator[Desk]:
    """A namespace that the Go operator was at work in."""
    (desk.folder / "crds.json").write_text(
        json.dumps({"apiVersion": "v1", "kind": "List", "items": [definition(*one) for one in KINDS]})
    )
    (desk.folder / "old.json").write_text(json.dumps({"apiVersion": "v1", "kind": "List", "items": objects(desk)}))
    desk.run("kubectl apply -f crds.json && kubectl wait --for=condition=Established -f crds.json --timeout=30s")
    desk.run("kubectl apply -f old.json && kubectl rollout status deployment/talk-predictor --timeout=120s")
    yield desk
    desk.run("kubectl delete -f crds.json --ignore-not-found")


@pytest.mark.rule("CONV-1", "CONV-2", "CONV-3")
def test_objects_of_the_go_operator_move_and_what_it_runs_is_left_alone(old: Desk) -> None:
    desk = old
    served = json.loads(desk.run("kubectl get pods -l app=talk-predictor -o json"))["items"][0]["metadata"]["uid"]
    asked = ",".join(f"{kind.lower()}s.{OLD}" for kind, _ in KINDS)
    desk.run(f"kubectl get {asked} -A -o yaml > old.yaml")
    desk.run("aimcore convert old.yaml > new.yaml 2> notes.txt; test $? = 3")  # for something is dropped
    assert "dropped: $.metadata: has the label aim.eai.amd.com/origin" in desk.run("cat notes.txt")
    desk.run("aimcore validate new.yaml")

    pausing = "aim.silogen.ai/reconciliation-paused"
    desk.run(f"kubectl annotate --local -f new.yaml {pausing}=true --dry-run=client -o yaml > paused.yaml")
    desk.run("kubectl apply --server-side -f paused.yaml")
    for kind in ("aimmodels", "aimruntimeconfigs"):
        desk.run(f"kubectl annotate {kind}.aim.silogen.ai --all -A {pausing}-")
    new = "aimservices.aim.silogen.ai"
    desk.run("kubectl wait aimmodels.aim.silogen.ai/llama --for=jsonpath={.status.status}=Ready --timeout=60s")
    assert "(paused)" in desk.run("aimcore get services")
    assert "No resources found" in desk.run(
        f"kubectl get deployments -l aim.silogen.ai/service=talk -n {desk.namespace}"
    )

    desk.run(f"kubectl annotate {new} talk {pausing}-")
    desk.run(f"kubectl wait {new}/talk --for=condition=Ready --timeout=120s")
    assert chat(desk.address("talk")) == "weights: none"
    env = desk.run("kubectl get deployment aim-talk -o jsonpath={.spec.template.spec.containers[0].env[*].name}")
    assert "TEAM" in env, "the runtime config came along"
    still = json.loads(desk.run("kubectl get pods -l app=talk-predictor -o json"))["items"]
    assert [(one["metadata"]["uid"], one["status"]["containerStatuses"][0]["restartCount"]) for one in still] == [
        (served, 0)
    ]

    desk.run(f"kubectl delete aimservices.{OLD} talk")
    desk.run("kubectl delete -f crds.json")
    assert desk.run(f"kubectl get {new} talk -o jsonpath={{.status.status}}") == "Running"
