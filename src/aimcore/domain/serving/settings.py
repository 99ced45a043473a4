"""Settings of pods, rollouts, routes and caches merged over their layers: each value knows who said it (RUN-8, ROUTE, CACHE-2).

Layers are given strongest first: the service, its template (pod settings alone), the namespace's config, the cluster's.
Maps (`nodeSelector`, `labels`, `annotations`) merge key by key and tolerations are a union; all else is taken whole.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from operator import attrgetter
from typing import Any, Final, TypeVar, cast

from aimcore.domain.hardware.taints import Toleration
from aimcore.domain.kinds.scope import GROUP
from aimcore.domain.kinds.workload import (
    Caching,
    CachingMode,
    ExistingClaim,
    GatewayRef,
    PodSettings,
    Rollout,
    RolloutStrategy,
    RoutingSettings,
)
from aimcore.domain.serving.bodies import canonical, plain
from aimcore.domain.values.globs import matches
from aimcore.domain.values.layering import Layer, Layered, layer_of, stack

__all__ = [
    "OLDER_WORDS",
    "MergedCaching",
    "MergedPodSettings",
    "MergedRouting",
    "merge_caching",
    "merge_pod_settings",
    "merge_rollout",
    "merge_routing",
]

S = TypeVar("S")
T = TypeVar("T")
Layers = tuple[tuple[Layer, S], ...]


# Pod settings ---------------------------------------------------------------------------------------------------------

_WHOLE: Final[Mapping[str, str]] = {
    "affinity": "affinity",
    "topology_spread_constraints": "topologySpreadConstraints",
    "priority_class_name": "priorityClassName",
    "scheduler_name": "schedulerName",
    "runtime_class_name": "runtimeClassName",
    "shared_memory_size": "sharedMemorySize",
    "startup_timeout": "startupTimeout",
    "drain_seconds": "drainSeconds",
    "termination_grace_period_seconds": "terminationGracePeriodSeconds",
    "security_context": "securityContext",
    "container_security_context": "containerSecurityContext",
}
_MAPS: Final[Mapping[str, str]] = {"node_selector": "nodeSelector", "labels": "labels", "annotations": "annotations"}


@dataclass(frozen=True, slots=True, kw_only=True)
class MergedPodSettings:
    """The settings in force, and every value with its layer by its path under `pod`: `nodeSelector[pool]`, `tolerations[0]`.

    `problems` is not empty where they cannot be (RUN-8, RUN-10, RUN-13).
    """

    settings: PodSettings = PodSettings()
    layers: Mapping[str, Layered[object]] = field(default_factory=dict)
    problems: tuple[str, ...] = ()


def merge_pod_settings(layers: Layers[PodSettings]) -> MergedPodSettings:
    """One set of settings out of all layers, strongest first; the union of tolerations has the strongest's first.

    >>> near = (Layer.SERVICE, PodSettings(priority_class_name="high"))
    >>> far = (Layer.CLUSTER_CONFIG, PodSettings(priority_class_name="low", node_selector={"pool": "a"}))
    >>> for path, value in merge_pod_settings((near, far)).layers.items():
    ...     print(path, value.value, value.layer)
    priorityClassName high service
    nodeSelector[pool] a clusterConfig
    """
    told: dict[str, Layered[Any]] = {}
    merged: dict[str, Any] = {}
    for name, path in _WHOLE.items():
        value = _strongest(layers, attrgetter(name))
        if value is not None:
            told[path], merged[name] = value, value.value
    for name, path in _MAPS.items():
        values = _by_key(layers, attrgetter(name))
        told |= {f"{path}[{key}]": value for key, value in values.items()}
        if any(getattr(one, name) is not None for _, one in layers):
            merged[name] = {key: value.value for key, value in values.items()}
    tolerations = _union(layers)
    told |= {f"tolerations[{place}]": value for place, value in enumerate(tolerations)}
    if any(one.tolerations is not None for _, one in layers):
        merged["tolerations"] = tuple(value.value for value in tolerations)
    settings = PodSettings(**merged)
    return MergedPodSettings(settings=settings, layers=told, problems=_problems(settings, told))


def _union(layers: Layers[PodSettings]) -> tuple[Layered[Toleration], ...]:
    each = (
        layer_of(layer, {canonical(plain(toleration)): toleration for toleration in one.tolerations or ()})
        for layer, one in layers
    )
    return tuple(stack(*each).values())


def _problems(settings: PodSettings, told: Mapping[str, Layered[object]]) -> tuple[str, ...]:
    found = [
        f"the {value.layer} layer says pod.{path}; expected no key under {GROUP}/, those are the operator's own"
        for path, value in told.items()
        if path.startswith((f"labels[{GROUP}/", f"annotations[{GROUP}/"))
    ]
    grace, drain = settings.termination_grace_period_seconds, settings.drain_seconds
    if grace is not None and drain is not None and grace <= drain:
        found.append(
            f"pod.terminationGracePeriodSeconds is {grace}; expected more than pod.drainSeconds, which is {drain}"
        )
    return tuple(found)


# Rollout and caching --------------------------------------------------------------------------------------------------

OLDER_WORDS: Final[Mapping[str, CachingMode]] = {"Always": CachingMode.SHARED, "Never": CachingMode.DEDICATED}
"""Older words for a caching mode, which are still read; `Auto` is a word of its own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MergedCaching:
    """Who shares the volume, never `Auto` any more, and the claim that somebody else filled."""

    mode: Layered[CachingMode]
    existing_claim: Layered[ExistingClaim] | None = None


def merge_rollout(layers: Layers[Rollout]) -> Layered[RolloutStrategy]:
    """The strategy: `InPlace` where nobody says one (RUN-12)."""
    default = Layered(value=RolloutStrategy.IN_PLACE, layer=Layer.DEFAULT)
    return _strongest(layers, lambda one: one.strategy) or default


def merge_caching(layers: Layers[Caching]) -> MergedCaching:
    """The mode, where `Auto` or nothing means None: each pod downloads its weights (CACHE-2)."""
    usual = CachingMode.NONE
    mode = _strongest(layers, lambda one: one.mode) or Layered(value=usual, layer=Layer.DEFAULT)
    if mode.value is CachingMode.AUTO:
        mode = Layered(value=usual, layer=mode.layer, passed_over=mode.passed_over)
    return MergedCaching(mode=mode, existing_claim=_strongest(layers, lambda one: one.existing_claim))


# Routing --------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class MergedRouting:
    """How the service is reached. `values` holds every value with its layer by its path under `routing`.

    `refused` names the annotations that the service sets and no config allows.
    """

    values: Mapping[str, Layered[object]] = field(default_factory=dict)
    annotations: Mapping[str, Layered[str]] = field(default_factory=dict)
    refused: tuple[str, ...] = ()

    @property
    def enabled(self) -> bool:
        """Whether there is a route at all: only where somebody says so (ROUTE-1)."""
        return self._said("enabled") is True

    @property
    def gateway_ref(self) -> GatewayRef | None:
        """The gateway to attach to, one unit."""
        return cast("GatewayRef | None", self._said("gatewayRef"))

    @property
    def hostnames(self) -> tuple[str, ...]:
        """The host names of the route; none means all of the gateway."""
        return cast("tuple[str, ...] | None", self._said("hostnames")) or ()

    @property
    def path_template(self) -> str | None:
        """The template of the path, None where nobody says one."""
        return cast("str | None", self._said("pathTemplate"))

    @property
    def request_timeout(self) -> str | None:
        """How long a request may take: None leaves it to the gateway (ROUTE-3)."""
        return cast("str | None", self._said("requestTimeout"))

    def _said(self, path: str) -> object:
        value = self.values.get(path)
        return None if value is None else value.value


_ROUTING: Final[Mapping[str, Callable[[RoutingSettings], object]]] = {
    "enabled": lambda one: one.enabled,
    "gatewayRef": lambda one: one.gateway_ref,
    "hostnames": lambda one: one.hostnames,
    "pathTemplate": lambda one: one.path_template,
    "requestTimeout": lambda one: one.request_timeout,
}


def merge_routing(layers: Layers[RoutingSettings]) -> MergedRouting:
    """One answer out of the service's routing and the configs'. A service sets the annotations that a config allows (ROUTE-3)."""
    values = {path: _strongest(layers, read) for path, read in _ROUTING.items()}
    allowed = _strongest(_configs(layers), lambda one: one.allowed_annotations)
    globs = allowed.value if allowed else ()

    def may_set(layer: Layer, key: str) -> bool:
        return layer is not Layer.SERVICE or any(matches(glob, key) for glob in globs)

    annotations = stack(
        *(
            layer_of(layer, {key: value for key, value in (one.annotations or {}).items() if may_set(layer, key)})
            for layer, one in layers
        )
    )
    refused = {key for layer, one in layers for key in one.annotations or {} if not may_set(layer, key)}
    return MergedRouting(
        values={path: value for path, value in values.items() if value is not None},
        annotations=annotations,
        refused=tuple(sorted(refused)),
    )


def _configs(layers: Layers[RoutingSettings]) -> Layers[RoutingSettings]:
    return tuple((layer, one) for layer, one in layers if layer is not Layer.SERVICE)


# Merging --------------------------------------------------------------------------------------------------------------


def _strongest(layers: Layers[S], read: Callable[[S], T | None]) -> Layered[T] | None:
    """What the strongest layer says that says anything, with what it beat."""
    voices = [(layer, value) for layer, one in layers if (value := read(one)) is not None]
    return stack(*(layer_of(layer, {"": value}) for layer, value in voices)).get("")


def _by_key(layers: Layers[S], read: Callable[[S], Mapping[str, str] | None]) -> dict[str, Layered[str]]:
    return stack(*(layer_of(layer, read(one) or {}) for layer, one in layers))
