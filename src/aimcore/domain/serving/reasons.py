"""The reasons a service may give, in the order in which they count, and the word each makes of it (STAT-2)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Final

__all__ = ["FAILING", "MEANS", "PENDING", "PROGRESS", "QUIET", "SERVING", "STARTING", "Finding", "Reason"]


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
QUIET: Final = PROGRESS | {
    Reason.MODEL_PENDING,
    Reason.TEMPLATE_PENDING,
    Reason.ROLLOUT_QUEUED,
    Reason.ROLLING_OUT,
    Reason.CONFIGURING_ROUTE,
}
"""Reasons that no event warns of: what is awaited, or under way as it should be (STAT-4)."""
MEANS: Final[Mapping[Reason, str]] = MappingProxyType(
    {
        Reason.RUNTIME_CONFIG_MISSING: "The config that it names is nowhere.",
        Reason.MODEL_MISSING: "No such model in the namespace or the cluster.",
        Reason.MULTIPLE_MODELS_FOUND: "Several models have this image.",
        Reason.TEMPLATE_MISSING: "The template that is named, or runs, is gone.",
        Reason.TEMPLATE_NOT_OF_MODEL: "The template that is named is of another model.",
        Reason.TEMPLATE_SELECTION_AMBIGUOUS: "Nothing ranks two templates apart.",
        Reason.SPEC_INVALID: "The spec contradicts itself or a rule.",
        Reason.RESOURCES_INVALID: "Requests and limits contradict each other.",
        Reason.NAME_CONFLICT: "A name that it needs is somebody else's.",
        Reason.CACHE_FAILED: "The weights cannot be downloaded until somebody acts.",
        Reason.NO_PROFILE: "The image does not say which weights it would load on such GPUs.",
        Reason.IMAGE_PULL_FAILED: "The node cannot pull the image.",
        Reason.CONTAINER_CONFIG_INVALID: "The container cannot be made: a secret, a config map, or the image is not as it should be.",
        Reason.OUT_OF_MEMORY: "The container used more memory than its limit.",
        Reason.CONTAINER_CRASHES: "The container ends again and again.",
        Reason.PROGRESS_DEADLINE_EXCEEDED: "No pod became ready in time.",
        Reason.MODEL_PENDING: "The model is being made.",
        Reason.TEMPLATE_PENDING: "The template is being made, or the image is yet to be read.",
        Reason.NO_TEMPLATE_AVAILABLE: "No template of the model can be run on these nodes.",
        Reason.SCALED_TO_ZERO: "`replicas` is 0.",
        Reason.WORKLOADS_OFF: "The operator runs nothing: it only resolves.",
        Reason.WAITING_FOR_PROFILE: "The image is asked how it would run.",
        Reason.WAITING_FOR_CACHE: "The weights are being downloaded; the message has the percent.",
        Reason.PODS_REFUSED: "A quota, a limit or a policy refuses the pod.",
        Reason.UNSCHEDULABLE: "No node takes the pod now.",
        Reason.PULLING_IMAGE: "The node pulls the image.",
        Reason.LOADING_MODEL: "The container runs, and loads the model.",
        Reason.CREATING_RUNTIME: "Deployment or pod is being made.",
        Reason.CACHE_LOST: "The volume with the weights is gone, and pods still run from memory.",
        Reason.ROLLOUT_STUCK: "Pods of the new revision do not become ready; those of the old one serve.",
        Reason.ROLLOUT_QUEUED: "Pods of the new revision wait for room.",
        Reason.ROLLING_OUT: "A change is on its way to the pods.",
        Reason.REPLICAS_UNAVAILABLE: "Fewer pods are ready than are wanted.",
        Reason.GATEWAY_NOT_CONFIGURED: "Routing is on, and no gateway is named.",
        Reason.GATEWAY_API_MISSING: "The cluster has no Gateway API.",
        Reason.PATH_TEMPLATE_INVALID: "The template of the path cannot be filled in.",
        Reason.PATH_TAKEN: "Another service has that path at that gateway.",
        Reason.ROUTE_FAILED: "The gateway refuses the route.",
        Reason.CONFIGURING_ROUTE: "The gateway has not answered yet.",
        Reason.RUNNING: "Every pod that is wanted is ready, and the route is accepted where there is one.",
    }
)
"""What each reason means, in a sentence."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing found, with the sentence a person needs."""

    reason: Reason
    message: str
