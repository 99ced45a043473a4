"""Short ways to say what a pod is made from, and what is seen of pods."""

from __future__ import annotations

from typing import Any

from aimcore.domain.hardware.affinity import NodeLabel
from aimcore.domain.kinds.ownership import Owner
from aimcore.domain.kinds.resources import Resources
from aimcore.domain.kinds.scope import Reference, Scope
from aimcore.domain.kinds.workload import PodSettings
from aimcore.domain.serving.amounts import DEFAULT_RESOURCES
from aimcore.domain.serving.causes import Workload
from aimcore.domain.serving.deployment import ChildMeta
from aimcore.domain.serving.inputs import Added, AskedResources, MountedWeights, PodInput
from aimcore.domain.serving.origin import InputDigests, Origin
from aimcore.domain.serving.pods import ObservedDeployment, ObservedPod
from aimcore.domain.values.layering import Layer
from aimcore.domain.values.profile import Metric, Precision
from aimcore.domain.values.quantity import Quantity, parse_quantity
from aimcore.domain.weights.sources import EnvVar, ModelSource

SOURCE = ModelSource(model_id="acme/chat", source_uri="hf://acme/chat@v1")
BUCKET = ModelSource(model_id="acme/chat", source_uri="s3://weights/chat")
MI300X = (NodeLabel(key="amd.com/gpu.device-id", values=("74a1", "74b5")),)


def quantities(**texts: str) -> dict[str, Quantity]:
    """Quantities by resource name; `gpu` is short for `amd.com/gpu`."""
    return {"amd.com/gpu" if name == "gpu" else name: parse_quantity(text) for name, text in texts.items()}


def env(**values: str) -> tuple[EnvVar, ...]:
    return tuple(EnvVar(name=name, value=value) for name, value in values.items())


def asked(gpus: int | None = 1, *layers: tuple[Layer, Resources]) -> AskedResources:
    return AskedResources(layers=layers, gpu_count=gpus)


def image_pod(**fields: Any) -> PodInput:
    """An image model on one GPU whose weights stand on a volume."""
    usual: dict[str, Any] = {
        "namespace": "ml",
        "name": "chat",
        "image": "registry.example/aim-chat:1",
        "metric": Metric.LATENCY,
        "precision": Precision.FP8,
        "gpu_models": ("MI300X",),
        "weights": MountedWeights(claim="weights-chat-0123456789"),
        "resources": asked(),
        "added": Added(base_image="amdenterpriseai/aim-base:latest", nodes=MI300X, defaults=DEFAULT_RESOURCES),
    }
    return PodInput(**(usual | fields))


def custom_pod(**fields: Any) -> PodInput:
    """A custom model on the operator's base image."""
    usual: dict[str, Any] = {"image": None, "custom": True, "sources": (SOURCE,), "metric": None, "precision": None}
    return image_pod(**(usual | fields))


def settled(settings: PodSettings, **fields: Any) -> PodInput:
    return image_pod(settings=settings, **fields)


CHILD = ChildMeta(
    namespace="ml",
    service="chat",
    owner=Owner(api_version="aim.silogen.ai/v1alpha1", kind="AIMService", name="chat", uid="u-1", controller=True),
    labels={"team": "a"},
)


def origin(**fields: Any) -> Origin:
    usual: dict[str, Any] = {
        "version": 1,
        "revision": "0123456789",
        "model": Reference(kind="AIMModel", name="chat", namespace="ml", scope=Scope.NAMESPACE, uid="m-1"),
        "template": Reference(kind="AIMClusterServiceTemplate", name="chat-1x", scope=Scope.CLUSTER, uid="t-1"),
        "config": "default",
        "choice": "c0",
        "inputs": InputDigests(service="s0", model="m0", template="t0", config="k0"),
        "added": Added(
            base_image="base", nodes=MI300X, defaults=DEFAULT_RESOURCES, pull_secrets=("p",), labels={"a": "b"}
        ),
    }
    return Origin(**(usual | fields))


# What is seen ---------------------------------------------------------------------------------------------------------

NOW = 1_000_000


def deployment(**fields: Any) -> ObservedDeployment:
    usual: dict[str, Any] = {"name": "aim-chat", "generation": 2, "observed_generation": 2}
    return ObservedDeployment(**(usual | fields))


def pod(name: str = "a", **fields: Any) -> ObservedPod:
    """A pod of ours that was placed and whose container is being made."""
    usual: dict[str, Any] = {
        "name": f"aim-chat-5f-{name}",
        "controller": "aim-chat-5f",
        "template_hash": "5f",
        "revision": "new",
        "scheduled": True,
        "created": NOW - 5,
    }
    return ObservedPod(**(usual | fields))


def ready_pod(name: str = "r", **fields: Any) -> ObservedPod:
    usual: dict[str, Any] = {"phase": "Running", "ready": True, "running": True, "started": True}
    return pod(name, **(usual | fields))


def seen(*pods: ObservedPod, **fields: Any) -> Workload:
    usual: dict[str, Any] = {"deployment": deployment(), "pods": pods, "revision": "new", "now": NOW}
    return Workload(**(usual | fields))
