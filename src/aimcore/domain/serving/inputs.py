"""What a pod is made from: what the specs say, and apart from it what the operator adds (RUN-13)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from aimcore.domain.hardware.affinity import NodeLabel
from aimcore.domain.kinds.resources import Resources
from aimcore.domain.kinds.workload import DefaultResources, PodSettings
from aimcore.domain.values.layering import Layer
from aimcore.domain.values.profile import Metric, Precision
from aimcore.domain.weights.sources import EnvVar, ModelSource

__all__ = [
    "Added",
    "AskedResources",
    "DownloadedWeights",
    "EnvLayers",
    "MountedWeights",
    "PodInput",
    "Weights",
]

EnvLayers = tuple[tuple[Layer, tuple[EnvVar, ...]], ...]
"""What each layer says, the strongest first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MountedWeights:
    """Weights that stand on a volume: the claim, and the folder on it (the whole volume when None).

    `access_mode` is how it is mounted, where that is known: pods of one that a single node mounts come together (CACHE-5).
    """

    claim: str
    sub_path: str | None = None
    access_mode: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DownloadedWeights:
    """Weights that the container downloads itself when it starts: caching mode `None`."""


Weights = MountedWeights | DownloadedWeights | None
"""Where the weights are; None when the image model has no source to fetch, so they may be in the image."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AskedResources:
    """What the layers say of resources (strongest first), how many GPUs the profile has, and how they are called (RES)."""

    layers: tuple[tuple[Layer, Resources], ...] = ()
    gpu_count: int | None = None
    resource_name: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Added:
    """What the operator adds to a pod: from its settings, its table of devices, the account and the parents' labels.

    A running pod keeps what was added when it was made. `nodes` is `resolvedHardware.nodeAffinity`: None for any node.
    `pull_secrets` are those that the service account brings, `labels` those propagated to the pod (CONF-5).
    """

    base_image: str = ""
    nodes: tuple[NodeLabel, ...] | None = None
    defaults: DefaultResources | None = None
    pull_secrets: tuple[str, ...] = ()
    labels: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class PodInput:
    """Everything a pod follows from. All but `added` comes from specs, so a change of it may roll pods.

    `image` is None where the operator's base image serves a custom model. `gpu_models` are the models that the template
    lists: they stand for `added.nodes`, which follows from them and the table of devices. `pull_secrets` are the union of
    service, template, model and config, in this order; `account` is the service account, None for `default`.
    """

    namespace: str
    name: str
    image: str | None
    custom: bool = False
    profile_id: str | None = None
    metric: Metric | None = None
    precision: Precision | None = None
    gpu_models: tuple[str, ...] = ()
    sources: tuple[ModelSource, ...] = ()
    weights: Weights = None
    env: EnvLayers = ()
    settings: PodSettings = PodSettings()
    resources: AskedResources = AskedResources()
    pull_secrets: tuple[str, ...] = ()
    account: str | None = None
    added: Added = Added()
