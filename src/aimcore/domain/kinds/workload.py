"""What a person says of how a service runs: the spec fields `pod`, `rollout`, `routing` and `caching`.

None means "not said", which is never the same as False, 0 or empty. What Kubernetes defines (affinity, security contexts)
is kept as the mapping that the API takes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final

from aimcore.domain.hardware.taints import Toleration
from aimcore.domain.values.quantity import Quantity

__all__ = [
    "ONE_NODE",
    "Caching",
    "CachingMode",
    "DefaultResources",
    "ExistingClaim",
    "GatewayRef",
    "PodSettings",
    "Rollout",
    "RolloutStrategy",
    "RoutingSettings",
]

KubernetesBody = Mapping[str, Any]
"""A part of a Kubernetes object as JSON says it; its shape is checked by the schema, not here."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PodSettings:
    """`spec.pod` of a service, a template and a runtime config; the list is closed (RUN-8).

    ```text
    pod:
      tolerations: [Toleration]             nodeSelector: {label: value}
      affinity: as in a Pod                 topologySpreadConstraints: [as in a Pod]
      priorityClassName, schedulerName, runtimeClassName: text
      labels, annotations: {key: value}     of the pod
      sharedMemorySize: quantity            of /dev/shm
      startupTimeout: duration ("1h30m")    kept here in whole seconds
      drainSeconds, terminationGracePeriodSeconds: whole seconds, at least 0
      securityContext: as in a Pod          containerSecurityContext: as in a container
    ```
    """

    tolerations: tuple[Toleration, ...] | None = None
    node_selector: Mapping[str, str] | None = None
    affinity: KubernetesBody | None = None
    topology_spread_constraints: tuple[KubernetesBody, ...] | None = None
    priority_class_name: str | None = None
    scheduler_name: str | None = None
    runtime_class_name: str | None = None
    labels: Mapping[str, str] | None = None
    annotations: Mapping[str, str] | None = None
    shared_memory_size: Quantity | None = None
    startup_timeout: int | None = None
    drain_seconds: int | None = None
    termination_grace_period_seconds: int | None = None
    security_context: KubernetesBody | None = None
    container_security_context: KubernetesBody | None = None


class RolloutStrategy(StrEnum):
    """Whether the old pod goes first (`InPlace`) or the new one comes first (`Surge`)."""

    IN_PLACE = "InPlace"
    SURGE = "Surge"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rollout:
    """`spec.rollout` of a service and a runtime config: `{strategy: InPlace | Surge}` (RUN-12)."""

    strategy: RolloutStrategy | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class GatewayRef:
    """The gateway that routes attach to: one unit, never merged field by field (CONF-1).

    `others` are the fields that this release does not know, as they were written.
    """

    name: str
    namespace: str | None = None
    group: str | None = None
    kind: str | None = None
    section_name: str | None = None
    port: int | None = None
    others: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class RoutingSettings:
    """`spec.routing` of a service and a runtime config (ROUTE).

    ```text
    routing:
      enabled: bool                   gatewayRef: {name, namespace?, group?, kind?, sectionName?, port?}, one unit
      hostnames: [name]               pathTemplate: text, such as "/{namespace}/{name}"
      requestTimeout: duration, "0s" for none; what is absent is left to the gateway
      annotations: {key: value}       of the HTTPRoute
      allowedAnnotations: [glob]      a config alone: the annotations that a service may set
    ```

    `others` are the fields that this release does not read, as they were written (KIND-8).
    """

    enabled: bool | None = None
    gateway_ref: GatewayRef | None = None
    hostnames: tuple[str, ...] | None = None
    path_template: str | None = None
    request_timeout: str | None = None
    annotations: Mapping[str, str] | None = None
    allowed_annotations: tuple[str, ...] | None = None
    others: Mapping[str, object] = field(default_factory=dict)


ONE_NODE: Final = "ReadWriteOnce"
"""The access mode of a claim that one node alone can mount at a time."""


class CachingMode(StrEnum):
    """Who shares a volume of weights. `Auto` says: what is usual for this sort of model (CACHE-2)."""

    SHARED = "Shared"
    DEDICATED = "Dedicated"
    NONE = "None"
    AUTO = "Auto"


@dataclass(frozen=True, slots=True, kw_only=True)
class ExistingClaim:
    """A claim that somebody else filled: `{name, subPath?, trust?}`; with `trust` it is used unseen (CACHE-6)."""

    name: str
    sub_path: str | None = None
    trust: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Caching:
    """`spec.caching` of a service, `{mode?, existingClaim?}`, and of a runtime config, `{mode?}` (CACHE-2)."""

    mode: CachingMode | None = None
    existing_claim: ExistingClaim | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DefaultResources:
    """The setting `--default-resources`: what each GPU brings along where nobody says anything else (RUN-7)."""

    cpu_request: Quantity
    memory_request: Quantity
    memory_limit: Quantity
