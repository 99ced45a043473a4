"""What the histories are made of, each in a few words: the manifests of the document's examples, canaries planted in them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from aimcore.adapters.memory.kinds import Manifest
from aimcore.domain.view.observed import Policy, Unseen
from aimcore.testing import World

__all__ = [
    "CANARY",
    "CHAT",
    "LATENCY",
    "NEXT",
    "SOURCES",
    "TEAM",
    "config",
    "custom",
    "env",
    "labels_of",
    "model",
    "node",
    "secret",
    "service",
    "template",
    "thing",
    "world",
]

API_VERSION = "aim.silogen.ai/v1alpha1"
CANARY = "canary"
"""Stands in every value that nobody may tell; where it shows up, a secret was told."""
TEAM = "ml-team"
CHAT, NEXT = "ghcr.io/silogen/aim-llama:0.7.0", "ghcr.io/silogen/aim-llama:0.8.0"


def thing(
    kind: str, name: str, namespace: str | None, /, labels: Mapping[str, str] | None = None, **spec: Any
) -> Manifest:
    """An object of ours; in no namespace it is the cluster's."""
    metadata: dict[str, Any] = {"name": name}
    metadata |= {"namespace": namespace} if namespace else {}
    metadata |= {"labels": dict(labels)} if labels else {}
    scope = "AIM" if namespace else "AIMCluster"
    return {"apiVersion": API_VERSION, "kind": f"{scope}{kind}", "metadata": metadata, "spec": spec}


def model(name: str, namespace: str | None = TEAM, /, **spec: Any) -> Manifest:
    return thing("Model", name, namespace, **spec)


def template(name: str, namespace: str | None = TEAM, /, **spec: Any) -> Manifest:
    return thing("ServiceTemplate", name, namespace, **{"hardware": {"cpu": {"requests": "4"}}, **spec})


def service(name: str, namespace: str = TEAM, /, **spec: Any) -> Manifest:
    return thing("Service", name, namespace, **spec)


def config(name: str, namespace: str | None = TEAM, /, **spec: Any) -> Manifest:
    return thing("RuntimeConfig", name, namespace, **spec)


def custom(**entries: Any) -> dict[str, Any]:
    """The fields of a model with weights of its own."""
    hardware = {"gpu": {"requests": 1, "models": ["MI300X"]}}
    return {"modelSources": SOURCES, "custom": {"hardware": hardware, **entries}}


def env(*names: str) -> list[dict[str, Any]]:
    return [{"name": name, "value": f"{CANARY}-{name}"} for name in names]


SOURCES = [
    {
        "modelId": "meta-llama/Llama-3-8B",
        "sourceUri": "s3://models/llama",
        "size": "16Gi",
        "env": env("HF_TOKEN"),
    }
]


def node(name: str = "gpu-1", gpu: str = "MI300X") -> Manifest:
    labels = {"amd.com/gpu.product-name": f"AMD_Instinct_{gpu}_OAM"}
    status = {"allocatable": {"amd.com/gpu": "8"}}
    return {"apiVersion": "v1", "kind": "Node", "metadata": {"name": name, "labels": labels}, "status": status}


def secret(name: str, namespace: str = TEAM) -> Manifest:
    metadata = {"name": name, "namespace": namespace, "labels": {"note": "kept"}}
    data = {".dockerconfigjson": "e30=", CANARY: CANARY}
    return {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": metadata,
        "type": "kubernetes.io/dockerconfigjson",
        "data": data,
    }


def labels_of(*deployments: Mapping[str, Any], name: str = "meta-llama/Llama-3.1-8B") -> dict[str, str]:
    """The labels of an image that recommends these."""
    return {"com.amd.aim.model.canonicalName": name, "com.amd.aim.model.deployments": json.dumps(deployments)}


LATENCY = {"gpuModel": "MI300X", "gpuCount": 1, "metric": "latency", "precision": "fp8"}
THROUGHPUT = {**LATENCY, "metric": "throughput"}
FOUR = {**LATENCY, "gpuCount": 4, "profileId": "four"}
FOUR_AGAIN = {**FOUR, "profileId": "four-again"}
FAR = {**LATENCY, "gpuModel": "MI355X"}

IMAGES = {
    CHAT: labels_of(LATENCY, THROUGHPUT, FOUR),
    NEXT: labels_of(THROUGHPUT, FOUR_AGAIN, FAR),
    "ghcr.io/example/plain:1": {"com.amd.aim.model.canonicalName": "acme/plain"},
    "ghcr.io/example/mute:1": {"maintainer": "nobody"},
}
"""0.8.0 keeps one template of 0.7.0, drops two, and brings two; `four` and `four-again` differ in their profile alone."""


def world(*manifests: Manifest, **said: Any) -> World:
    """A world of the images above in which secrets that nobody made are not there."""
    made = World(manifests=manifests, images=IMAGES, policy=Policy(unseen=Unseen.ABSENT))
    return replace(made, **said)
