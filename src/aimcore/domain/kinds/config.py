"""Runtime configuration: the namespaced one over the cluster's, by presence, each value with its layer (CONF).

Lists replace, but `env` merges by name and `imagePullSecrets` is a union; `gatewayRef` is one unit.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import cast

from aimcore.domain.kinds.records import RuntimeConfig, RuntimeConfigSpec
from aimcore.domain.kinds.scope import DEFAULT_CONFIG, Key, Scope
from aimcore.domain.kinds.statuses import ConfigReference, MergedWith
from aimcore.domain.values.layering import Layer, Layered, layer_of, stack
from aimcore.domain.weights.sources import EnvVar

__all__ = ["NO_CONFIG", "ConfigMissing", "ResolvedConfig", "config_name", "in_force", "merge_configs"]

MERGED = "Merged"

_FIELDS: Mapping[str, Callable[[RuntimeConfigSpec], object]] = {
    "serviceAccountName": lambda spec: spec.service_account_name,
    "model.autoDiscovery": lambda spec: spec.model.auto_discovery,
    "model.creationScope": lambda spec: spec.model.creation_scope,
    "labelPropagation.enabled": lambda spec: spec.label_propagation.enabled,
    "labelPropagation.match": lambda spec: spec.label_propagation.match,
    "storage.defaultStorageClassName": lambda spec: spec.storage.default_storage_class_name,
    "storage.pvcHeadroomPercent": lambda spec: spec.storage.pvc_headroom_percent,
    "storage.accessMode": lambda spec: spec.storage.access_mode,
    "routing.enabled": lambda spec: spec.routing.enabled,
    "routing.gatewayRef": lambda spec: spec.routing.gateway_ref,
    "routing.pathTemplate": lambda spec: spec.routing.path_template,
    "routing.requestTimeout": lambda spec: spec.routing.request_timeout,
}
"""Every value that merges as a whole, by its path in the spec; annotations, and other fields of routing, merge one by one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfigMissing:
    """No configuration of this name; `named` tells whether somebody asked for it by name (CONF-2)."""

    name: str
    named: bool
    looked: tuple[Key, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ResolvedConfig:
    """One configuration out of two, each value layered. Without a `reference` it says nothing: there is none.

    `layers` are the two as they are, the namespace's first, for what is merged with the layers of others.
    """

    reference: ConfigReference | None = None
    values: Mapping[str, Layered[object]] = field(default_factory=dict)
    env: Mapping[str, Layered[EnvVar]] = field(default_factory=dict)
    pull_secrets: Mapping[str, Layered[str]] = field(default_factory=dict)
    layers: tuple[tuple[Layer, RuntimeConfigSpec], ...] = ()

    def value(self, path: str) -> object:
        """What the merged configuration says at `path`, None when it says nothing."""
        said = self.values.get(path)
        return None if said is None else said.value

    @property
    def service_account_name(self) -> str | None:
        """The account of those that name none themselves (CONF-4)."""
        return cast("str | None", self.value("serviceAccountName"))

    @property
    def auto_discovery(self) -> bool:
        """Whether models that services create run discovery: unless told otherwise (AUTO-2)."""
        return self.value("model.autoDiscovery") is not False

    @property
    def creation_scope(self) -> Scope:
        """Where models that services create go: into the namespace unless told otherwise (AUTO-1)."""
        return cast("Scope | None", self.value("model.creationScope")) or Scope.NAMESPACE

    @property
    def propagated(self) -> tuple[str, ...]:
        """The globs of object labels that go from parent to child (CONF-5)."""
        if not self.value("labelPropagation.enabled"):
            return ()
        return cast("tuple[str, ...] | None", self.value("labelPropagation.match")) or ()


def config_name(asked: str | None) -> str:
    """The name of the configuration: the one asked for, else `default` (CONF-1)."""
    return asked or DEFAULT_CONFIG


def merge_configs(namespaced: RuntimeConfig | None, cluster: RuntimeConfig | None) -> ResolvedConfig:
    """The namespaced configuration over the cluster's, by presence: what is False, 0 or empty is said too (CONF-1)."""
    present = [
        (layer, config.spec)
        for layer, config in ((Layer.NAMESPACE_CONFIG, namespaced), (Layer.CLUSTER_CONFIG, cluster))
        if config is not None
    ]
    return ResolvedConfig(
        layers=tuple(present),
        reference=_reference(namespaced, cluster),
        values=stack(*(layer_of(layer, _said(spec)) for layer, spec in present)),
        env=stack(*(layer_of(layer, {one.name: one for one in spec.env or ()}) for layer, spec in present)),
        pull_secrets=stack(
            *(layer_of(layer, {name: name for name in spec.image_pull_secrets or ()}) for layer, spec in present)
        ),
    )


def _said(spec: RuntimeConfigSpec) -> dict[str, object]:
    read = {path: value(spec) for path, value in _FIELDS.items()}
    read |= {f"routing.annotations[{key}]": value for key, value in (spec.routing.annotations or {}).items()}
    read |= {f"routing.{name}": value for name, value in spec.routing.others.items()}
    return {path: value for path, value in read.items() if value is not None}


def _reference(namespaced: RuntimeConfig | None, cluster: RuntimeConfig | None) -> ConfigReference | None:
    """The namespaced object's, naming the cluster's as the other where both are (CONF-3)."""
    near = namespaced or cluster
    if near is None:
        return None
    other = cluster if namespaced else None
    return ConfigReference(
        kind=near.key.api_kind,
        name=near.key.name,
        namespace=near.key.namespace,
        scope=MERGED if other else near.key.scope.value,
        uid=near.meta.uid,
        merged_with=MergedWith(kind=other.key.api_kind, name=other.key.name, uid=other.meta.uid) if other else None,
    )


NO_CONFIG = ResolvedConfig()


def in_force(config: ResolvedConfig | ConfigMissing) -> ResolvedConfig:
    """The configuration that counts: one that says nothing where there is none."""
    return NO_CONFIG if isinstance(config, ConfigMissing) else config


"""What is said where there is no configuration: nothing."""
