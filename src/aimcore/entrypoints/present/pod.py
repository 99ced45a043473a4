"""The pods of a service, as data and in words: each value with the layer that said it, and why they are made anew or not."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from aimcore.domain.decide.pods import settings_of
from aimcore.domain.decide.service import ServiceAnswer
from aimcore.domain.serving.masking import masked
from aimcore.domain.serving.pod import Pod
from aimcore.domain.serving.rollout import RolloutDecision
from aimcore.domain.values.layering import Layer, Layered
from aimcore.domain.weights.sources import ConfigMapKeyRef, EnvVar, SecretKeyRef
from aimcore.entrypoints.present.layers import layered_data, resources_data, told_beaten, told_value
from aimcore.entrypoints.present.outline import Entry, Section

__all__ = ["PodReport", "pod_data", "pod_sections", "rollout_data", "tell_pod"]

_DEFAULTS: Final = {
    "sharedMemorySize": "shared_memory_size",
    "startupTimeout": "startup_timeout",
    "drainSeconds": "drain_seconds",
    "terminationGracePeriodSeconds": "termination_grace_period_seconds",
}
"""The settings that have a value where nobody says one."""

_PLACEMENT: Final = ("nodeSelector", "affinity", "tolerations", "topologySpreadConstraints", "schedulerName")


@dataclass(frozen=True, slots=True, kw_only=True)
class PodReport:
    """What is told of the pods: the pod template (None where none can be made yet), its settings by their path under
    `pod`, and what becomes of the pods that run.
    """

    pod: Pod | None
    settings: Mapping[str, Layered[object]]
    rollout: RolloutDecision | None


def tell_pod(answer: ServiceAnswer) -> PodReport | None:
    """The report of a service; None where it is not resolved, or services do not run."""
    if answer.serving is None:
        return None
    pod, said = answer.workload.pod, settings_of(answer.serving).layers
    return PodReport(pod=pod, settings=said if pod is None else _filled(pod, said), rollout=answer.workload.rollout)


def _filled(pod: Pod, said: Mapping[str, Layered[object]]) -> dict[str, Layered[object]]:
    """The settings that somebody said, and those that the pod has all the same."""
    defaults = {
        path: Layered(value=getattr(pod.settings, name), layer=Layer.DEFAULT)
        for path, name in _DEFAULTS.items()
        if path not in said
    }
    return {**said, **defaults}


# Data -------------------------------------------------------------------------------------------------------------------


def pod_data(report: PodReport) -> dict[str, Any] | None:
    """The pod for programs. Known forms of credentials are masked; secrets are told by their reference (SEC-1)."""
    pod = report.pod
    if pod is None:
        return None
    spec = pod.template["spec"]
    return {
        "image": spec["containers"][0]["image"],
        "serviceAccountName": spec.get("serviceAccountName"),
        "imagePullSecrets": [one["name"] for one in spec.get("imagePullSecrets", ())],
        "env": _masked(layered_data(pod.env.variables)),
        "settings": _masked(layered_data(report.settings)),
        "resources": resources_data(pod.resources),
        "placement": {name: spec[name] for name in _PLACEMENT if name in spec},
        "revision": pod.revision,
        "problems": list(pod.problems),
    }


def rollout_data(report: PodReport) -> dict[str, Any] | None:
    """What becomes of the pods that run, and why."""
    rollout = report.rollout
    if rollout is None:
        return None
    return {"action": rollout.action.value, "reason": rollout.reason, "behind": rollout.behind}


def _masked(value: Any) -> Any:
    if isinstance(value, str):
        return masked(value)
    if isinstance(value, Mapping):
        return {name: _masked(one) for name, one in value.items()}
    return [_masked(one) for one in value] if isinstance(value, list | tuple) else value


# In words ---------------------------------------------------------------------------------------------------------------


def pod_sections(report: PodReport) -> Iterator[Section]:
    """The pod and the rollout for people."""
    if report.pod is not None:
        yield Section(title="Pod", entries=tuple(_pod(report.pod, report.settings)))
    if report.rollout is not None:
        rollout = Entry(label=report.rollout.action.value, text=report.rollout.reason)
        yield Section(title="Rollout", entries=(rollout,))


def _pod(pod: Pod, settings: Mapping[str, Layered[object]]) -> Iterator[Entry]:
    spec = pod.template["spec"]
    yield Entry(label="image", text=spec["containers"][0]["image"])
    if "serviceAccountName" in spec:
        yield Entry(label="service account", text=spec["serviceAccountName"])
    if "imagePullSecrets" in spec:
        yield Entry(label="pull secrets", text=", ".join(one["name"] for one in spec["imagePullSecrets"]))
    yield from _group("env", pod.env.variables)
    yield from _group("settings", settings)
    yield from (Entry(label="nodes", text=one) for one in _nodes(spec))
    yield from (Entry(label="problem", text=one) for one in pod.problems)


def _group(label: str, values: Mapping[str, Layered[Any]]) -> Iterator[Entry]:
    if values:
        entries = tuple(_value(name, values[name]) for name in sorted(values))
        yield Entry(label=label, text="", entries=entries)


def _value(name: str, value: Layered[Any]) -> Entry:
    alone = Layered(value=_spoken(value.value), layer=value.layer)
    beaten = tuple(masked(f"over {told_beaten(one)}") for one in value.passed_over)
    return Entry(label=name, text=masked(told_value(alone)), notes=beaten)


def _spoken(value: Any) -> Any:
    """A variable as a person says it: its text, or where Kubernetes takes it from."""
    if not isinstance(value, EnvVar):
        return value
    origin = value.value_from
    if isinstance(origin, SecretKeyRef | ConfigMapKeyRef):
        kind = "Secret" if isinstance(origin, SecretKeyRef) else "ConfigMap"
        return f"key {origin.key} of {kind} {origin.name}"
    return value


def _nodes(spec: Mapping[str, Any]) -> Iterator[str]:
    """Where the pods may be placed, beside what the section on hardware says."""
    for name, value in sorted(spec.get("nodeSelector", {}).items()):
        yield f"with {name}={value}"
    for one in spec.get("tolerations", ()):
        key, value = one.get("key", "any taint"), one.get("value")
        effect = f" ({one['effect']})" if "effect" in one else ""
        yield f"tolerates {key}{f'={value}' if value else ''}{effect}"
