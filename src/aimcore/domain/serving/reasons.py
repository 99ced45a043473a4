"""The reasons a service may give, in the order in which they count, and the word each makes of it (STAT-2)."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

__all__ = ["FAILING", "PENDING", "PROGRESS", "SERVING", "STARTING", "Finding", "Reason"]


class Reason(StrEnum):
    """The reason of the condition `Ready`. The order of the members is the order in which they apply."""

    # Failed, where no pod is ready.
    RUNTIME_CONFIG_MISSING = "RuntimeConfigMissing"
    MODEL_MISSING = "ModelMissing"
    MULTIPLE_MODELS_FOUND = "MultipleModelsFound"
    TEMPLATE_MISSING = "TemplateMissing"
    TEMPLATE_NOT_OF_MODEL = "TemplateNotOfModel"
    TEMPLATE_SELECTION_AMBIGUOUS = "TemplateSelectionAmbiguous"
    SPEC_INVALID = "SpecInvalid"
    RESOURCES_INVALID = "ResourcesInvalid"
    NAME_CONFLICT = "NameConflict"
    CACHE_FAILED = "CacheFailed"
    NO_PROFILE = "NoProfile"
    IMAGE_PULL_FAILED = "ImagePullFailed"
    CONTAINER_CONFIG_INVALID = "ContainerConfigInvalid"
    OUT_OF_MEMORY = "OutOfMemory"
    CONTAINER_CRASHES = "ContainerCrashes"
    PROGRESS_DEADLINE_EXCEEDED = "ProgressDeadlineExceeded"
    # Pending, where no pod is ready.
    MODEL_PENDING = "ModelPending"
    TEMPLATE_PENDING = "TemplatePending"
    NO_TEMPLATE_AVAILABLE = "NoTemplateAvailable"
    SCALED_TO_ZERO = "ScaledToZero"
    # Starting, where no pod is ready.
    WORKLOADS_OFF = "WorkloadsOff"
    WAITING_FOR_PROFILE = "WaitingForProfile"
    WAITING_FOR_CACHE = "WaitingForCache"
    PODS_REFUSED = "PodsRefused"
    UNSCHEDULABLE = "Unschedulable"
    PULLING_IMAGE = "PullingImage"
    LOADING_MODEL = "LoadingModel"
    CREATING_RUNTIME = "CreatingRuntime"
    # Degraded, where a pod is ready; before them those of the above that are faults.
    CACHE_LOST = "CacheLost"
    ROLLOUT_STUCK = "RolloutStuck"
    ROLLOUT_QUEUED = "RolloutQueued"
    ROLLING_OUT = "RollingOut"
    REPLICAS_UNAVAILABLE = "ReplicasUnavailable"
    GATEWAY_NOT_CONFIGURED = "GatewayNotConfigured"
    GATEWAY_API_MISSING = "GatewayAPIMissing"
    PATH_TEMPLATE_INVALID = "PathTemplateInvalid"
    PATH_TAKEN = "PathTaken"
    ROUTE_FAILED = "RouteFailed"
    # Starting, though all pods are ready.
    CONFIGURING_ROUTE = "ConfiguringRoute"
    RUNNING = "Running"


_ORDER: Final = tuple(Reason)


def _between(first: Reason, last: Reason) -> tuple[Reason, ...]:
    return _ORDER[_ORDER.index(first) : _ORDER.index(last) + 1]


FAILING: Final = _between(Reason.RUNTIME_CONFIG_MISSING, Reason.PROGRESS_DEADLINE_EXCEEDED)
PENDING: Final = _between(Reason.MODEL_PENDING, Reason.SCALED_TO_ZERO)
STARTING: Final = _between(Reason.WORKLOADS_OFF, Reason.CREATING_RUNTIME)
SERVING: Final = _between(Reason.CACHE_LOST, Reason.ROUTE_FAILED)
PROGRESS: Final = frozenset(
    {
        Reason.SCALED_TO_ZERO,
        Reason.WORKLOADS_OFF,
        Reason.WAITING_FOR_PROFILE,
        Reason.WAITING_FOR_CACHE,
        Reason.PULLING_IMAGE,
        Reason.LOADING_MODEL,
        Reason.CREATING_RUNTIME,
    }
)
"""Reasons that are no fault: beside a ready pod they only mean that a change or a replica is on its way."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing found, with the sentence a person needs."""

    reason: Reason
    message: str
