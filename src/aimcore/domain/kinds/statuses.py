"""What a status says: the verdict, its conditions, and what was resolved (KIND-9, KIND-10, STAT)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from aimcore.domain.hardware.affinity import NodeLabel
from aimcore.domain.hardware.requirements import Cpu, Gpu
from aimcore.domain.images.metadata import ImageMetadata
from aimcore.domain.kinds.conditions import Condition
from aimcore.domain.kinds.resources import MergedResources
from aimcore.domain.kinds.scope import Reference, Scope
from aimcore.domain.values.profile import Metric, Precision, TemplateType
from aimcore.domain.values.quantity import Quantity
from aimcore.domain.weights.probing import ProbeCause

__all__ = [
    "AnyStatus",
    "CacheProfile",
    "CacheProgress",
    "CacheStatus",
    "CacheUse",
    "CachedSource",
    "Candidate",
    "ConfigReference",
    "DiscoveredSource",
    "Endpoint",
    "MergedWith",
    "ModelStatus",
    "ProfileMetadata",
    "ResolvedHardware",
    "ResolvedImage",
    "RoutingStatus",
    "RuntimeStatus",
    "ServiceStatus",
    "SourceStatus",
    "SourceType",
    "TemplateSelection",
    "TemplateStatus",
    "Verdict",
]


class Verdict(StrEnum):
    """The one word of a status (STAT). Each kind uses those that its rules name."""

    PENDING = "Pending"
    PROGRESSING = "Progressing"
    NOT_AVAILABLE = "NotAvailable"
    READY = "Ready"
    DEGRADED = "Degraded"
    FAILED = "Failed"
    STARTING = "Starting"
    RUNNING = "Running"


class SourceType(StrEnum):
    """Where a model's weights are: in its image, or at its sources (CUST-1)."""

    IMAGE = "Image"
    CUSTOM = "Custom"


@dataclass(frozen=True, slots=True, kw_only=True)
class MergedWith:
    """The cluster configuration below a namespaced one (CONF-3)."""

    kind: str
    name: str
    uid: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfigReference:
    """The runtime configuration that was resolved; `scope` is Namespace, Cluster or Merged (CONF-3)."""

    kind: str
    name: str
    namespace: str | None = None
    scope: str
    uid: str
    merged_with: MergedWith | None = None

    def __str__(self) -> str:
        place = "" if self.namespace is None else f"{self.namespace}/"
        return f"{self.kind} {place}{self.name}, scope {self.scope}"


@dataclass(frozen=True, slots=True, kw_only=True)
class ResolvedImage:
    """Which image the metadata came from: the reference as the spec had it, and the digest it named (DISC-3)."""

    reference: str
    digest: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelStatus:
    """The status of a model."""

    status: Verdict
    observed_generation: int | None = None
    conditions: tuple[Condition, ...] = ()
    source_type: SourceType | None = None
    resolved_runtime_config: ConfigReference | None = None
    resolved_image: ResolvedImage | None = None
    image_metadata: ImageMetadata | None = None
    effective_pull_secrets: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ProfileMetadata:
    """`status.profile.metadata`: a function of the template's own spec (TMPL-1)."""

    gpu: str | None = None
    gpu_count: int | None = None
    metric: Metric | None = None
    precision: Precision | None = None
    type: TemplateType = TemplateType.UNOPTIMIZED


@dataclass(frozen=True, slots=True, kw_only=True)
class ResolvedHardware:
    """What a template runs on with nothing left unsaid, and the nodes that will do; None for any node (TMPL-6)."""

    gpu: Gpu | None = None
    cpu: Cpu | None = None
    nodes: tuple[NodeLabel, ...] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceStatus:
    """What is known of one source: its `size` in bytes, and since when (RFC 3339) unless the spec gives it; or why not.

    A `message` beside a size says what of the source is not in it.
    """

    model_id: str
    source_uri: str
    size: Quantity | None = None
    discovered_at: str | None = None
    cause: ProbeCause | None = None
    message: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TemplateStatus:
    """The status of a template."""

    status: Verdict
    observed_generation: int | None = None
    conditions: tuple[Condition, ...] = ()
    resolved_model: Reference | None = None
    resolved_runtime_config: ConfigReference | None = None
    profile: ProfileMetadata | None = None
    hardware_summary: str | None = None
    resolved_hardware: ResolvedHardware | None = None
    model_sources: tuple[SourceStatus, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """One template that was considered: `chosen`, or passed over at a stage for a reason (SEL-3)."""

    name: str
    scope: Scope
    verdict: str
    stage: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TemplateSelection:
    """Which template was chosen, and every candidate with its reason; at most 64 in a status (KIND-10)."""

    chosen: str | None = None
    candidates: tuple[Candidate, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class RuntimeStatus:
    """The Deployment of a service and its pods: all that count, the ready ones, those of the wanted revision (RUN-11).

    `ready` is how many are ready of how many are wanted, as kubectl prints it: `1/2`.
    """

    name: str
    replicas: int = 0
    ready_replicas: int = 0
    updated_replicas: int = 0
    revision: str | None = None
    ready: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CacheUse:
    """The cache that a service uses: its name, its word, and how much of it is there, in percent (CACHE-7)."""

    name: str
    status: str | None = None
    percent: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RoutingStatus:
    """Where the gateway has the service: the path, and the address where a host name is known (ROUTE-4)."""

    path: str | None = None
    url: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """Where the service answers: inside the cluster, outside of it, and under which model names."""

    cluster: str
    external: str | None = None
    models: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceStatus:
    """The status of a service."""

    status: Verdict
    observed_generation: int | None = None
    conditions: tuple[Condition, ...] = ()
    resolved_runtime_config: ConfigReference | None = None
    resolved_model: Reference | None = None
    resolved_template: Reference | None = None
    resolved_resources: MergedResources | None = None
    effective_pull_secrets: tuple[str, ...] = ()
    template_selection: TemplateSelection | None = None
    runtime: RuntimeStatus | None = None
    cache: CacheUse | None = None
    routing: RoutingStatus | None = None
    endpoint: Endpoint | None = None
    selector: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CachedSource:
    """One source of a cache: its `bytes`, how many are `done`, and why it is not there, in one word."""

    model_id: str
    source_uri: str
    revision: str | None = None
    bytes: int | None = None
    done: int | None = None
    cause: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DiscoveredSource:
    """One source that an image named: what it is called, and where it comes from."""

    model_id: str
    source_uri: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CacheProfile:
    """What the dry run of an image said it would load, and how (PROFILE-3).

    `image` and `selection` are what it was asked of: the reference as the spec had it, and a digest of what chooses a profile.
    A value of `engine_args` is JSON.
    """

    image: str
    selection: str
    id: str | None = None
    engine_args: Mapping[str, str] = field(default_factory=dict)
    env_vars: Mapping[str, str] = field(default_factory=dict)
    model_sources: tuple[DiscoveredSource, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class CacheProgress:
    """How much of the weights is there, in bytes and in percent."""

    bytes: int
    total: int | None = None
    percent: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CacheStatus:
    """The status of a cache (CACHE-7). `next_attempt` and `unused_since` are RFC 3339; `used_by` names services."""

    status: Verdict
    observed_generation: int | None = None
    conditions: tuple[Condition, ...] = ()
    claim: str | None = None
    node: str | None = None
    size: Quantity | None = None
    profile: CacheProfile | None = None
    sources: tuple[CachedSource, ...] = ()
    progress: CacheProgress | None = None
    attempts: int | None = None
    next_attempt: str | None = None
    used_by: tuple[str, ...] = ()
    unused_since: str | None = None


AnyStatus = ModelStatus | TemplateStatus | ServiceStatus | CacheStatus
"""The status of whichever kind has a word."""
