"""The records of AIM kinds: models, templates, services and runtime configurations.

A cluster object and its namespaced twin are one record; they differ in the scope of their key. None means "not said",
which is never the same as False, 0 or empty (CONF-1, CUST-3).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from aimcore.domain.hardware.requirements import Hardware
from aimcore.domain.images.metadata import ImageMetadata
from aimcore.domain.kinds.ownership import FieldClaim, Owner
from aimcore.domain.kinds.resources import Resources
from aimcore.domain.kinds.scope import Key, Scope
from aimcore.domain.kinds.statuses import ModelStatus, ServiceStatus, TemplateStatus
from aimcore.domain.kinds.workload import Caching, PodSettings, Rollout, RoutingSettings
from aimcore.domain.values.profile import Metric, Precision, TemplateType
from aimcore.domain.weights.sources import EnvVar, ModelSource

__all__ = [
    "AimObject",
    "CustomSpec",
    "CustomTemplate",
    "Discovery",
    "DownloadFilter",
    "LabelPropagation",
    "Meta",
    "Model",
    "ModelByImage",
    "ModelByRef",
    "ModelCreation",
    "ModelInline",
    "ModelSpec",
    "Overrides",
    "Resource",
    "RuntimeConfig",
    "RuntimeConfigSpec",
    "Service",
    "ServiceSpec",
    "Storage",
    "Template",
    "TemplateSpec",
]

S = TypeVar("S")
T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Meta:
    """What the API server keeps about an object. `deleting` is true from the moment it has a deletionTimestamp."""

    uid: str = ""
    generation: int = 1
    resource_version: str = ""
    labels: Mapping[str, str] = field(default_factory=dict)
    annotations: Mapping[str, str] = field(default_factory=dict)
    owners: tuple[Owner, ...] = ()
    deleting: bool = False
    claims: tuple[FieldClaim, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Resource(Generic[S, T]):
    """One object of any kind: which it is, what the server keeps about it, what is asked for, and what is said of it."""

    key: Key
    meta: Meta = Meta()
    spec: S
    status: T | None = None


AimObject = Resource[Any, Any]
"""An object of whichever kind."""


# --- models -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Discovery:
    """Whether to read the image, and whether to make templates of what it recommends (DISC-1)."""

    enabled: bool | None = None
    auto_create_templates: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomTemplate:
    """One entry of `custom.templates`; what it does not say it inherits (CUST-3)."""

    name: str | None = None
    type: TemplateType | None = None
    hardware: Hardware | None = None
    metric: Metric | None = None
    precision: Precision | None = None
    env: tuple[EnvVar, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomSpec:
    """How a custom model wants to run."""

    type: TemplateType | None = None
    hardware: Hardware | None = None
    templates: tuple[CustomTemplate, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelSpec:
    """KIND-4. `image` is the text as given; whether it is an image reference is decided, not assumed."""

    image: str | None = None
    discovery: Discovery = Discovery()
    default_service_template: str | None = None
    image_pull_secrets: tuple[str, ...] = ()
    service_account_name: str | None = None
    resources: Resources = Resources()
    runtime_config_name: str | None = None
    env: tuple[EnvVar, ...] = ()
    image_metadata: ImageMetadata | None = None
    model_sources: tuple[ModelSource, ...] = ()
    custom: CustomSpec | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Model(Resource[ModelSpec, ModelStatus]):
    """An AIMModel or AIMClusterModel."""

    spec: ModelSpec
    status: ModelStatus | None = None


# --- templates --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class TemplateSpec:
    """KIND-10. `model_name`, `metric`, `precision` and `hardware` are the immutable identity (TMPL-7)."""

    model_name: str
    metric: Metric | None = None
    precision: Precision | None = None
    hardware: Hardware | None = None
    type: TemplateType | None = None
    profile_id: str | None = None
    model_sources: tuple[ModelSource, ...] = ()
    resources: Resources = Resources()
    env: tuple[EnvVar, ...] = ()
    image_pull_secrets: tuple[str, ...] = ()
    service_account_name: str | None = None
    runtime_config_name: str | None = None
    pod: PodSettings = PodSettings()


@dataclass(frozen=True, slots=True, kw_only=True)
class Template(Resource[TemplateSpec, TemplateStatus]):
    """An AIMServiceTemplate or AIMClusterServiceTemplate."""

    spec: TemplateSpec
    status: TemplateStatus | None = None


# --- services ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelByRef:
    """The model of this name."""

    ref: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelByImage:
    """The model of this image, created if there is none (AUTO-1)."""

    image: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelInline:
    """A custom model of the service's own (AUTO-4)."""

    base_image: str | None = None
    model_sources: tuple[ModelSource, ...]
    hardware: Hardware
    type: TemplateType | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Overrides:
    """What the service wants of its template whatever the template says."""

    metric: Metric | None = None
    precision: Precision | None = None
    gpu_model: str | None = None
    gpu_count: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceSpec:
    """KIND-7. `template_name` is `template.name` or its older spelling `templateName`."""

    model: ModelByRef | ModelByImage | ModelInline
    template_name: str | None = None
    allow_unoptimized: bool | None = None
    overrides: Overrides = Overrides()
    resources: Resources = Resources()
    env: tuple[EnvVar, ...] = ()
    replicas: int | None = None
    runtime_config_name: str | None = None
    image_pull_secrets: tuple[str, ...] = ()
    service_account_name: str | None = None
    pod: PodSettings = PodSettings()
    rollout: Rollout = Rollout()
    routing: RoutingSettings = RoutingSettings()
    caching: Caching = Caching()


@dataclass(frozen=True, slots=True, kw_only=True)
class Service(Resource[ServiceSpec, ServiceStatus]):
    """An AIMService."""

    spec: ServiceSpec
    status: ServiceStatus | None = None


# --- runtime configurations -------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelCreation:
    """How models that services ask for by image are made (AUTO-1, AUTO-2)."""

    auto_discovery: bool | None = None
    creation_scope: Scope | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelPropagation:
    """Which object labels of a parent go to its children; `match` holds globs (CONF-5)."""

    enabled: bool | None = None
    match: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Storage:
    """Where caches will live, and how much room they get beyond the bytes of the weights, in percent."""

    default_storage_class_name: str | None = None
    pvc_headroom_percent: int | None = None
    access_mode: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DownloadFilter:
    """Which files of a source are downloaded: globs that a file must match, and globs that it must not (FETCH-2)."""

    include: tuple[str, ...] | None = None
    exclude: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RuntimeConfigSpec:
    """KIND-8. An empty list is said, None is not."""

    service_account_name: str | None = None
    image_pull_secrets: tuple[str, ...] | None = None
    env: tuple[EnvVar, ...] | None = None
    model: ModelCreation = ModelCreation()
    label_propagation: LabelPropagation = LabelPropagation()
    storage: Storage = Storage()
    routing: RoutingSettings = RoutingSettings()
    pod: PodSettings = PodSettings()
    rollout: Rollout = Rollout()
    caching: Caching = Caching()
    download: DownloadFilter = DownloadFilter()


@dataclass(frozen=True, slots=True, kw_only=True)
class RuntimeConfig(Resource[RuntimeConfigSpec, None]):
    """An AIMRuntimeConfig or AIMClusterRuntimeConfig. Nothing is said of it in a status."""

    spec: RuntimeConfigSpec = RuntimeConfigSpec()
