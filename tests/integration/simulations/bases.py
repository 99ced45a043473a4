"""Worlds in which every field of every kind is set in some object: what the fields are changed in."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from aimcore.adapters.memory.kinds import Manifest
from aimcore.testing import Run, World
from tests.integration.simulations.schema import UNSET, Path
from tests.integration.simulations.things import (
    CANARY,
    CHAT,
    LATENCY,
    TEAM,
    config,
    model,
    node,
    secret,
    service,
    template,
    world,
)
from tests.integration.simulations.timeline import Timeline

__all__ = ["BASES", "Base", "changed", "found"]

SYSTEM = "aim-system"
PULL = [{"name": "pull"}, {"name": "more"}]
ENV: list[dict[str, Any]] = [
    {"name": "LITERAL", "value": f"{CANARY}-literal"},
    {"name": "SECRET", "valueFrom": {"secretKeyRef": {"name": "s", "key": "k", "optional": True}}},
    {"name": "CONFIG", "valueFrom": {"configMapKeyRef": {"name": "c", "key": "k", "optional": False}}},
    {"name": "FIELD", "valueFrom": {"fieldRef": {"fieldPath": "metadata.name", "apiVersion": "v1"}}},
    {
        "name": "RESOURCE",
        "valueFrom": {"resourceFieldRef": {"resource": "limits.cpu", "containerName": "main", "divisor": "1m"}},
    },
]
RESOURCES: dict[str, Any] = {
    "requests": {"memory": "1Gi", "cpu": "500m"},
    "limits": {"memory": "2Gi", "amd.com/gpu": "1"},
    "claims": [{"name": "gpus", "request": "fast"}, {"name": "nics"}],
}
GPU = {"requests": 1, "models": ["MI300X", "MI250X"], "minVram": "64Gi", "resourceName": "amd.com/gpu"}
HARDWARE = {"gpu": GPU, "cpu": {"requests": "4", "limits": "8"}}
SOURCES = [
    {"modelId": "acme/chat", "sourceUri": "hf://acme/chat", "size": "16Gi", "env": ENV},
    {"modelId": "acme/more", "sourceUri": "s3://acme/more"},
]
ENTRIES = [
    {
        "name": "high",
        "type": "optimized",
        "hardware": HARDWARE,
        "profile": {"metric": "throughput", "precision": "bf16"},
        "env": ENV,
    },
    {"name": "plain"},
]
LIST = ["one", "two"]
METADATA = {
    "model": {
        **dict.fromkeys(("canonicalName", "source", "title", "descriptionFull", "releaseNotes"), "acme/given"),
        **dict.fromkeys(("tags", "versions", "variants"), LIST),
        "hfTokenRequired": True,
        "recommendedDeployments": [
            {**LATENCY, "profileId": "p", "description": "fast"},
            {"gpuModel": "MI250X", "gpuCount": 2},
        ],
    },
    "oci": dict.fromkeys(
        (
            *("title", "description", "licenses", "vendor", "authors"),
            *("source", "documentation", "created", "revision", "version"),
        ),
        "said",
    ),
    "originalLabels": {"memory": "none", "other": "label"},
}
POD: dict[str, Any] = {
    "tolerations": [
        {"key": "gpu", "operator": "Equal", "value": "reserved", "effect": "NoExecute", "tolerationSeconds": 30},
        {"operator": "Exists"},
    ],
    "nodeSelector": {"memory": "large"},
    "affinity": {"nodeAffinity": {}},
    "topologySpreadConstraints": [
        {"maxSkew": 1, "topologyKey": "zone", "whenUnsatisfiable": "DoNotSchedule"},
        {"maxSkew": 2, "topologyKey": "host", "whenUnsatisfiable": "ScheduleAnyway"},
    ],
    "priorityClassName": "high",
    "schedulerName": "own",
    "runtimeClassName": "gvisor",
    "labels": {"memory": "large"},
    "annotations": {"memory": "large"},
    "sharedMemorySize": "32Gi",
    "startupTimeout": "1h30m",
    "drainSeconds": 10,
    "terminationGracePeriodSeconds": 90,
    "securityContext": {"runAsNonRoot": True},
    "containerSecurityContext": {"runAsUser": 1000},
}
COMMON: dict[str, Any] = {
    "env": ENV,
    "imagePullSecrets": PULL,
    "serviceAccountName": "runner",
    "runtimeConfigName": "mine",
    "resources": RESOURCES,
}
SETTINGS: dict[str, Any] = {
    "serviceAccountName": "runner",
    "imagePullSecrets": PULL,
    "env": ENV,
    "model": {"autoDiscovery": True, "creationScope": "Namespace"},
    "labelPropagation": {"enabled": True, "match": ["team", "cost/*"]},
    "storage": {"defaultStorageClassName": "fast", "pvcHeadroomPercent": 10, "accessMode": "ReadWriteMany"},
    "routing": {
        "enabled": True,
        "gatewayRef": {
            "name": "web",
            "namespace": "edge",
            "group": "gateway.networking.k8s.io",
            "kind": "Gateway",
            "sectionName": "https",
            "port": 443,
        },
        "pathTemplate": "/{name}",
        "requestTimeout": "30s",
        "hostnames": ["chat.example.com", "*.example.com"],
        "annotations": {"memory": "none", "note": "kept"},
        "allowedAnnotations": ["note", "team/*"],
    },
    "pod": POD,
    "rollout": {"strategy": "InPlace"},
    "caching": {"mode": "Shared"},
    "download": {"include": ["*.safetensors", "*.json"], "exclude": ["original/*", "*.pth"]},
}


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Base:
    """One object with many fields, and a world for it to stand in."""

    manifest: Manifest
    world: World

    @cache  # noqa: B019 - there are two dozen of them
    def live(self) -> Run:
        """Its cluster once the operator rests."""
        timeline = Timeline(self.world)
        timeline.rest()
        return timeline.run


def _bases() -> Iterator[Base]:
    for namespace in (TEAM, None):
        yield from _models(namespace)
        yield _template(namespace)
        yield _config(namespace)
    yield from _services()
    yield _cache()


def _surroundings(namespace: str | None) -> list[Manifest]:
    secrets = [secret(name, home) for name in ("pull", "more") for home in (TEAM, SYSTEM)]
    return [node(), *secrets, config("mine", namespace)]


def _models(namespace: str | None) -> Iterator[Base]:
    discovery = {"enabled": True, "autoCreateTemplates": True}
    custom = {"type": "preview", "hardware": HARDWARE, "templates": ENTRIES}
    named = {"defaultServiceTemplate": "by-hand"}
    hand = template("by-hand", namespace, modelName="llama")
    for spec in (
        {"image": CHAT, "discovery": discovery, **COMMON},
        {"image": CHAT, "imageMetadata": METADATA, "custom": custom, **named},
        {"modelSources": SOURCES, "custom": custom, "env": ENV},
    ):
        subject = model("llama", namespace, **spec)
        asks = service("chat", model={"ref": "llama"})
        yield Base(manifest=subject, world=world(subject, asks, hand, *_surroundings(namespace)))


def _template(namespace: str | None) -> Base:
    spec = {
        **COMMON,
        "metric": "latency",
        "precision": "fp8",
        "type": "optimized",
        "profileId": "p",
        "hardware": HARDWARE,
        "modelSources": SOURCES,
        "pod": POD,
    }
    subject = template("by-hand", namespace, modelName="llama", **spec)
    read = model("llama", namespace, image="ghcr.io/example/plain:1")
    asks = service("chat", model={"ref": "llama"})
    return Base(manifest=subject, world=world(subject, read, asks, *_surroundings(namespace)))


def _config(namespace: str | None) -> Base:
    subject = config("mine", namespace, **SETTINGS)
    users = (
        service("chat", model={"image": CHAT}, runtimeConfigName="mine"),
        model("own", namespace, modelSources=SOURCES, custom={"hardware": HARDWARE}, runtimeConfigName="mine"),
    )
    rest = [one for one in _surroundings(namespace) if one["metadata"]["name"] != "mine"]
    return Base(manifest=subject, world=world(subject, *users, *rest))


def _cache() -> Base:
    spec = {
        "templateName": "by-hand",
        "templateScope": "Namespace",
        "mode": "Shared",
        "storageClassName": "fast",
        "accessMode": "ReadWriteMany",
        "volumeSize": "32Gi",
        "existingClaim": {"name": "weights", "subPath": "a/b", "trust": True},
        "runtimeConfigName": "mine",
        "suspend": False,
        "retry": "once",
    }
    subject = {
        "apiVersion": "aim.silogen.ai/v1alpha1",
        "kind": "AIMTemplateCache",
        "metadata": {"name": "by-hand-0", "namespace": TEAM},
        "spec": spec,
    }
    return Base(manifest=subject, world=world(subject, *_surroundings(TEAM)))


def _services() -> Iterator[Base]:
    overrides = {"metric": "latency", "precision": "fp8", "gpuSelector": {"model": "MI300X", "count": 1}}
    read = model("llama", image=CHAT)
    hand = template("by-hand", modelName="llama", type="optimized")
    custom = {"baseImage": CHAT, "modelSources": SOURCES, "hardware": HARDWARE, "type": "preview"}
    for spec in (
        {
            "model": {"ref": "llama"},
            "template": {"name": "by-hand", "allowUnoptimized": True},
            "overrides": overrides,
            "replicas": 1,
            "pod": POD,
            "rollout": {"strategy": "Surge"},
            "routing": {key: value for key, value in SETTINGS["routing"].items() if key != "allowedAnnotations"},
            "caching": {"mode": "Dedicated", "existingClaim": {"name": "weights", "subPath": "a/b", "trust": True}},
            **COMMON,
        },
        {"model": {"image": CHAT}, "templateName": "by-hand"},
        {"model": {"custom": custom}, "env": ENV},
    ):
        subject = service("chat", **spec)
        yield Base(manifest=subject, world=world(subject, read, hand, *_surroundings(TEAM)))


BASES: Mapping[str, tuple[Base, ...]] = {
    kind: tuple(base for base in _bases() if base.manifest["kind"] == kind)
    for kind in {base.manifest["kind"] for base in _bases()}
}
"""The bases of every kind."""


def found(spec: Any, path: Path) -> tuple[Path, Any] | None:
    """Where a field stands in a spec, and with what value; of a list the first item that has it will do."""
    if not path:
        return (), spec
    step, rest = path[0], path[1:]
    places = range(len(spec)) if isinstance(spec, list) else [step] if isinstance(spec, dict) and step in spec else []
    for place in places:
        below = found(spec[place], rest)
        if below is not None:
            return (place, *below[0]), below[1]
    return None


def changed(spec: Any, path: Path, value: Any) -> Any:
    """The spec with another value there, or without the field."""
    step, rest = path[0], path[1:]
    if isinstance(spec, list):
        return [changed(one, rest, value) if place == step else one for place, one in enumerate(spec)]
    if not rest and value is UNSET:
        return {name: one for name, one in spec.items() if name != step}
    return {**spec, step: changed(spec[step], rest, value) if rest else value}
