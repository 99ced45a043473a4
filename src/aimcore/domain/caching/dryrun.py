"""The Job that asks an image what it would load: `dry-run --format=json`, read from the log of its pod (PROFILE-2)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from aimcore.domain.caching.job import ATTEMPT, IDS, TRIED_WITH, job_place, job_pod
from aimcore.domain.hardware.affinity import NodeLabel
from aimcore.domain.hardware.requirements import Gpu
from aimcore.domain.kinds.core import Child
from aimcore.domain.kinds.naming import derived_name
from aimcore.domain.kinds.ownership import DRY_RUN_LABEL, MANAGED_BY, MANAGER, Owner
from aimcore.domain.kinds.records import Meta, TemplateSpec
from aimcore.domain.kinds.scope import Key, Kind
from aimcore.domain.kinds.workload import PodSettings
from aimcore.domain.serving.bodies import Body, digest, plain, said
from aimcore.domain.serving.env import env_body, merge_env_layers
from aimcore.domain.serving.inputs import EnvLayers
from aimcore.domain.values.layering import Layer, Layered
from aimcore.domain.weights.sources import EnvVar

__all__ = ["CONTAINER", "DryRunWanted", "dry_run_digest", "dry_run_of", "selecting_env", "selection_digest"]

CONTAINER: Final = "dry-run"
_TTL: Final = 7200
"""Seconds; longer than the longest pause, so that what failed is known until it is tried again."""
_DEADLINE: Final = 7200
"""Seconds; most of it is for pulling the image, which may have tens of gigabytes."""
_RESOURCES: Final = {"requests": {"cpu": "100m", "memory": "256Mi"}, "limits": {"memory": "2Gi"}}
_SELECTING: Final = frozenset(
    {
        "AIM_ALLOW_GENERAL_PROFILE_FALLBACK",
        "AIM_ALLOW_UNOPTIMIZED",
        "AIM_ENGINE",
        "AIM_GPU_COUNT",
        "AIM_GPU_MODEL",
        "AIM_METRIC",
        "AIM_PRECISION",
        "AIM_PROFILE_ID",
    }
)
"""The variables by which an image chooses a profile."""
_QUIET: Final = ("AIM_LOG_LEVEL", "AIM_LOG_LEVEL_ROOT")


@dataclass(frozen=True, slots=True, kw_only=True)
class DryRunWanted:
    """What is asked, and of which image.

    `digest` is that of the image where it was read. `env` is of `selecting_env`. `nodes` is where the template may run, whose
    pods need the image there, too; None for any node.
    """

    namespace: str
    template: Key
    image: str
    digest: str | None = None
    env: Mapping[str, Layered[EnvVar]]
    nodes: tuple[NodeLabel, ...] | None = None
    settings: PodSettings = PodSettings()
    pull_secrets: tuple[str, ...] = ()
    account: str | None = None

    @property
    def selection(self) -> str:
        """A digest of what is asked beside the image."""
        return selection_digest(self.template, self.env)


def selecting_env(template: TemplateSpec, layers: EnvLayers) -> Mapping[str, Layered[EnvVar]]:
    """What chooses the profile: what the template asks for, and over that what `layers` (strongest first) say of it.

    No GPU is in a dry run, so which and how many there will be is told.
    """
    gpu = (template.hardware.gpu if template.hardware else None) or Gpu()
    asked: dict[str, object] = {
        "AIM_GPU_MODEL": gpu.models[0] if gpu.models else None,
        "AIM_GPU_COUNT": gpu.count,
    }
    if template.profile_id:
        asked["AIM_PROFILE_ID"] = template.profile_id
    else:
        asked |= {"AIM_METRIC": template.metric, "AIM_PRECISION": template.precision}
    fixed = tuple(EnvVar(name=name, value=str(value)) for name, value in said(asked).items())
    heard = tuple((layer, tuple(one for one in each if one.name in _SELECTING)) for layer, each in layers)
    return merge_env_layers((*heard, (Layer.DEFAULT, fixed))).variables


def selection_digest(template: Key, env: Mapping[str, Layered[EnvVar]]) -> str:
    """Of what is asked beside the image: it differs where another profile may be the answer."""
    asked = {name: plain(one.value) for name, one in env.items()}
    return digest({"identity": "selection/1", "template": [template.api_kind, template.name], "env": asked})


def dry_run_digest(wanted: DryRunWanted) -> str:
    """Of all that is asked: of the image by its digest, or by its reference where that is not known."""
    image = wanted.digest or wanted.image
    return digest({"identity": "dry-run/1", "image": image, "selection": wanted.selection})


def dry_run_of(wanted: DryRunWanted, owner: Owner, *, attempt: int, tried_with: str, ids: bool = True) -> Child:
    """The Job of one attempt. `ids` is off where a cluster gives user ids of its own."""
    identity = dry_run_digest(wanted)
    suffix = identity if attempt == 1 else f"{identity}-{attempt}"
    labels = {MANAGED_BY: MANAGER, DRY_RUN_LABEL: identity}
    disrupted = {"type": "DisruptionTarget", "status": "True"}
    return Child(
        key=Key(Kind.JOB, wanted.namespace, derived_name(("discover", wanted.template.name), suffix)),
        meta=Meta(labels=labels, annotations={ATTEMPT: str(attempt), TRIED_WITH: tried_with}, owners=(owner,)),
        spec={
            "backoffLimit": 0,
            "activeDeadlineSeconds": _DEADLINE,
            "ttlSecondsAfterFinished": _TTL,
            "podFailurePolicy": {"rules": [{"action": "Ignore", "onPodConditions": [disrupted]}]},
            "template": {"metadata": {"labels": labels}, "spec": _pod(wanted, ids=ids)},
        },
    )


def _pod(wanted: DryRunWanted, *, ids: bool) -> Body:
    """The pod, whichever user the image would run as."""
    place = job_place(wanted.nodes, wanted.settings, account=wanted.account, pull_secrets=wanted.pull_secrets)
    runs_as = {"runAsUser": IDS, "runAsGroup": IDS} if ids else {}
    return {**place, **job_pod(runs_as, _container(wanted), [{"name": "tmp", "emptyDir": {}}])}


def _container(wanted: DryRunWanted) -> Body:
    quiet = [{"name": name, "value": "ERROR"} for name in _QUIET]
    return {
        "name": CONTAINER,
        "image": wanted.image,
        "args": ["dry-run", "--format=json"],
        "env": [{"name": "HOME", "value": "/tmp"}, *quiet, *env_body(wanted.env)],  # noqa: S108 - a path in the container
        "resources": _RESOURCES,
        "securityContext": {"allowPrivilegeEscalation": False, "capabilities": {"drop": ["ALL"]}},
        "terminationMessagePolicy": "FallbackToLogsOnError",
        "volumeMounts": [{"name": "tmp", "mountPath": "/tmp"}],  # noqa: S108 - likewise
    }
