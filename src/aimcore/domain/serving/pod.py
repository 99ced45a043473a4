"""The pod that serves a model, as a pure function of what it is made from; one function for each version (RUN-3 to RUN-10).

A version that was released never changes: pods that run were made by it, and another result would restart them (RUN-13).
`tests/vectors/pods-*.json` guards that. A new version is a new function beside the old.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Final

from aimcore.domain.kinds.ownership import CLAIM_LABEL
from aimcore.domain.kinds.resources import MergedResources
from aimcore.domain.kinds.scope import GROUP
from aimcore.domain.kinds.workload import ONE_NODE, PodSettings
from aimcore.domain.serving.amounts import gpus_of, pod_resources, resources_body, shared_memory_default
from aimcore.domain.serving.bodies import Body, digest, said
from aimcore.domain.serving.env import CACHE_PATH, MergedEnv, env_body, pod_env
from aimcore.domain.serving.inputs import DownloadedWeights, MountedWeights, PodInput, Weights
from aimcore.domain.serving.names import child_labels
from aimcore.domain.serving.placement import placement

__all__ = ["CONTAINER", "POD_VERSION", "POD_VERSIONS", "PORT", "REVISION", "Pod", "make_pod", "pod_defaults"]

CONTAINER: Final = "aim"
PORT: Final = 8000
REVISION: Final = f"{GROUP}/revision"
"""The annotation of pods and Deployments that tells which pods are of the same making."""

_STARTUP: Final = 3600
_STARTUP_WITH_DOWNLOAD: Final = 7200
_STARTUP_PERIOD: Final = 10
_DRAIN: Final = 30
_GRACE_AFTER_DRAIN: Final = 90


@dataclass(frozen=True, slots=True, kw_only=True)
class Pod:
    """A pod template and what it was put together from; `problems` is not empty where it cannot be.

    `template` is the body of `spec.template`. `settings` has every default filled in. `revision` differs where a pod has
    to be made anew.
    """

    template: Body
    revision: str
    env: MergedEnv
    resources: MergedResources
    settings: PodSettings
    problems: tuple[str, ...] = ()


def make_pod(made: PodInput, *, version: int | None = None) -> Pod:
    """The pod of the present version, or of an older one of `POD_VERSIONS`."""
    return POD_VERSIONS[POD_VERSION if version is None else version](made)


def pod_defaults(settings: PodSettings, *, gpus: int, weights: Weights) -> PodSettings:
    """The settings that hold where nobody says others: for `explain` as the weakest layer, and for the pod.

    Where only the grace period is said, the time to drain stays within half of it.
    """
    grace = settings.termination_grace_period_seconds
    drain = settings.drain_seconds
    if drain is None:
        drain = _DRAIN if grace is None else min(_DRAIN, grace // 2)
    return PodSettings(
        shared_memory_size=shared_memory_default(gpus),
        startup_timeout=_STARTUP_WITH_DOWNLOAD if isinstance(weights, DownloadedWeights) else _STARTUP,
        drain_seconds=drain,
        termination_grace_period_seconds=drain + _GRACE_AFTER_DRAIN,
    )


# Version 1 ------------------------------------------------------------------------------------------------------------


def _version_1(made: PodInput) -> Pod:
    settings = _filled(made)
    env = pod_env(made)
    shared_memory = settings.shared_memory_size or shared_memory_default(gpus_of(made.resources))
    resources = pod_resources(made.resources, made.added.defaults, shared_memory=shared_memory)
    together = _together(made.weights)
    placed = placement(made.added.nodes, settings, together=together)
    spec = {
        **placed.fields,
        "automountServiceAccountToken": False,
        "enableServiceLinks": False,
        "securityContext": {"seccompProfile": {"type": "RuntimeDefault"}, **(settings.security_context or {})},
        "terminationGracePeriodSeconds": settings.termination_grace_period_seconds,
        "containers": [_container(made, settings, env=env, resources=resources)],
        "volumes": _volumes(made.weights, settings),
    }
    secrets = dict.fromkeys((*made.pull_secrets, *made.added.pull_secrets))
    spec |= said(
        {
            "serviceAccountName": made.account,
            "imagePullSecrets": [{"name": name} for name in secrets] or None,
        }
    )
    labels = {**child_labels(made.name, {**made.added.labels, **(settings.labels or {})}), **together}
    return _finished(
        made,
        Pod(
            template={"metadata": {"labels": labels, "annotations": dict(settings.annotations or {})}, "spec": spec},
            revision="",
            env=env,
            resources=resources,
            settings=settings,
            problems=(*env.problems, *resources.problems, *placed.problems),
        ),
    )


def _finished(made: PodInput, pod: Pod) -> Pod:
    """The pod with its revision in its annotations. The GPUs listed are part of it: the nodes that follow may be old ones."""
    template = pod.template
    revision = digest({"template": template, "gpuModels": list(made.gpu_models)})
    metadata = template["metadata"]
    annotations = {**metadata["annotations"], REVISION: revision}
    marked = {**template, "metadata": {**metadata, "annotations": annotations}}
    return replace(pod, template=marked, revision=revision)


def _filled(made: PodInput) -> PodSettings:
    said_settings = made.settings
    filled = pod_defaults(said_settings, gpus=gpus_of(made.resources), weights=made.weights)
    names = ("shared_memory_size", "startup_timeout", "drain_seconds", "termination_grace_period_seconds")
    missing = {name: getattr(filled, name) for name in names if getattr(said_settings, name) is None}
    return replace(said_settings, **missing)


def _together(weights: Weights) -> dict[str, str]:
    """The label of all pods that mount a volume which one node alone can mount; empty where they may be anywhere."""
    if isinstance(weights, MountedWeights) and weights.access_mode == ONE_NODE:
        return {CLAIM_LABEL: weights.claim}
    return {}


def _container(made: PodInput, settings: PodSettings, *, env: MergedEnv, resources: MergedResources) -> Body:
    drain = settings.drain_seconds
    container: Body = {
        "name": CONTAINER,
        "image": made.image or made.added.base_image,
        "env": env_body(env.variables),
        "ports": [{"name": "http", "containerPort": PORT, "protocol": "TCP"}],
        "resources": resources_body(resources),
        "securityContext": {"allowPrivilegeEscalation": False, **(settings.container_security_context or {})},
        "terminationMessagePolicy": "FallbackToLogsOnError",
        "volumeMounts": _mounts(made.weights),
        **_probes(settings),
    }
    if drain:
        container["lifecycle"] = {"preStop": {"sleep": {"seconds": drain}}}
    return container


def _probes(settings: PodSettings) -> Body:
    startup = -(-(settings.startup_timeout or 0) // _STARTUP_PERIOD)
    return {
        "startupProbe": _probe(period=_STARTUP_PERIOD, failures=max(1, startup)),
        "readinessProbe": _probe(period=5, failures=3),
        "livenessProbe": _probe(period=15, failures=4),
    }


def _probe(*, period: int, failures: int) -> Body:
    return {
        "httpGet": {"path": "/health", "port": PORT},
        "periodSeconds": period,
        "timeoutSeconds": 10,
        "failureThreshold": failures,
    }


def _mounts(weights: Weights) -> list[Body]:
    places: list[Body] = []
    if isinstance(weights, MountedWeights):
        places = [said({"name": "weights", "mountPath": CACHE_PATH, "readOnly": True, "subPath": weights.sub_path})]
    elif weights is not None:
        places = [
            {"name": "weights", "mountPath": CACHE_PATH},
            {"name": "model-cache", "mountPath": "/workspace/model-cache"},
        ]
    return [*places, {"name": "dshm", "mountPath": "/dev/shm"}, {"name": "tmp", "mountPath": "/tmp"}]  # noqa: S108 - paths in the container


def _volumes(weights: Weights, settings: PodSettings) -> list[Body]:
    volumes: list[Body] = []
    if isinstance(weights, MountedWeights):
        volumes = [{"name": "weights", "persistentVolumeClaim": {"claimName": weights.claim}}]
    elif weights is not None:
        volumes = [{"name": "weights", "emptyDir": {}}, {"name": "model-cache", "emptyDir": {}}]
    shared = {"medium": "Memory", "sizeLimit": str(settings.shared_memory_size)}
    return [*volumes, {"name": "dshm", "emptyDir": shared}, {"name": "tmp", "emptyDir": {}}]


POD_VERSION: Final = 1
POD_VERSIONS: Final[Mapping[int, Callable[[PodInput], Pod]]] = {1: _version_1}
