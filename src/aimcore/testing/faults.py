"""Strategies for manifests that are nearly valid: one or two faults are planted, and what was planted is told."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from copy import deepcopy
from dataclasses import dataclass
from functools import cache
from typing import Any

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from aimcore.testing.kinds import SMALL, Pools, manifests

__all__ = ["NearlyValid", "Planted", "nearly_valid_manifests"]

Json = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Planted:
    """One fault: the `$.path` at which it is to be reported, and what is wrong there."""

    path: str
    what: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NearlyValid:
    """A manifest, and everything that is wrong with it."""

    manifest: Json
    planted: tuple[Planted, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Fault:
    """A way to be wrong: where, what, in which kinds (by the end of their names), and how to bring it about."""

    path: str
    what: str
    plant: Callable[[Json], object]
    kinds: tuple[str, ...] = ("",)


def _set(*steps: str, to: Any) -> Callable[[Json], object]:
    def plant(manifest: Json) -> None:
        node = manifest
        for step in steps[:-1]:
            node = node.setdefault(step, {})
        node[steps[-1]] = deepcopy(to)

    return plant


def _drop(*steps: str) -> Callable[[Json], object]:
    def plant(manifest: Json) -> None:
        node = manifest
        for step in steps[:-1]:
            node = node.get(step, {})
        node.pop(steps[-1], None)

    return plant


_MODEL, _TEMPLATE, _SERVICE, _CONFIG = ("Model",), ("ServiceTemplate",), ("AIMService",), ("RuntimeConfig",)
_SPECS = (*_MODEL, *_TEMPLATE, *_SERVICE)
_FAR = {"modelId": "acme/chat", "sourceUri": "gs://bucket/chat"}
_TWICE = {"name": "A", "value": "1", "valueFrom": {"fieldRef": {"fieldPath": "metadata.name"}}}

FAULTS: tuple[_Fault, ...] = (
    _Fault(path="$.metadata.name", what="no DNS name", plant=_set("metadata", "name", to="Not a name")),
    _Fault(path="$.metadata.labels.team", what="no label value", plant=_set("metadata", "labels", "team", to="a b")),
    _Fault(path="$.spec.surprise", what="an unknown field", plant=_set("spec", "surprise", to=1)),
    _Fault(path="$.spec.env", what="text for a list", plant=_set("spec", "env", to="A=1")),
    _Fault(path="$.spec.serviceAccountName", what="a number", plant=_set("spec", "serviceAccountName", to=7)),
    _Fault(
        path="$.spec.resources.requests.cpu",
        what="no quantity",
        plant=_set("spec", "resources", to={"requests": {"cpu": "many"}}),
        kinds=_SPECS,
    ),
    _Fault(
        path="$.spec.resources.requests",
        what="a request above its limit",
        plant=_set("spec", "resources", to={"requests": {"cpu": "2"}, "limits": {"cpu": "1"}}),
        kinds=_SPECS,
    ),
    _Fault(
        path="$.spec.imagePullSecrets[0].name",
        what="a secret without a name",
        plant=_set("spec", "imagePullSecrets", to=[{}]),
    ),
    _Fault(
        path="$.spec.env[0].valueFrom",
        what="a value and where it comes from",
        plant=_set("spec", "env", to=[_TWICE]),
        kinds=_SPECS,
    ),
    _Fault(
        path="$.spec.modelSources[0].sourceUri",
        what="a scheme that is not known",
        plant=_set("spec", "modelSources", to=[_FAR]),
        kinds=(*_MODEL, *_TEMPLATE),
    ),
    _Fault(path="$.spec.metric", what="an unknown word", plant=_set("spec", "metric", to="speed"), kinds=_TEMPLATE),
    _Fault(path="$.spec.hardware", what="neither GPU nor CPU", plant=_set("spec", "hardware", to={}), kinds=_TEMPLATE),
    _Fault(path="$.spec.modelName", what="missing", plant=_drop("spec", "modelName"), kinds=_TEMPLATE),
    _Fault(path="$.spec.model", what="missing", plant=_drop("spec", "model"), kinds=_SERVICE),
    _Fault(path="$.spec.replicas", what="below 0", plant=_set("spec", "replicas", to=-1), kinds=_SERVICE),
    _Fault(
        path="$.spec.overrides.gpuSelector.count",
        what="text for a number",
        plant=_set("spec", "overrides", to={"gpuSelector": {"count": "two"}}),
        kinds=_SERVICE,
    ),
    _Fault(
        path="$.spec.discovery.enabled",
        what="text for a boolean",
        plant=_set("spec", "discovery", to={"enabled": "false"}),
        kinds=_MODEL,
    ),
    _Fault(
        path="$.spec.model.creationScope",
        what="an unknown word",
        plant=_set("spec", "model", to={"creationScope": "Everywhere"}),
        kinds=_CONFIG,
    ),
)


def _fitting(kind: str) -> list[_Fault]:
    return [fault for fault in FAULTS if any(kind.endswith(end) for end in fault.kinds)]


@cache
def nearly_valid_manifests(pools: Pools = SMALL) -> SearchStrategy[NearlyValid]:
    """A manifest of any kind with one or two faults, each in a field of its own."""
    return manifests(pools).flatmap(_spoiled)


def _spoiled(manifest: Mapping[str, Any]) -> SearchStrategy[NearlyValid]:
    chosen = st.lists(
        st.sampled_from(_fitting(manifest["kind"])),
        min_size=1,
        max_size=2,
        unique_by=lambda fault: ".".join(fault.path.split("[")[0].split(".")[:3]),
    )
    return chosen.map(lambda faults: _with(manifest, faults))


def _with(manifest: Mapping[str, Any], faults: list[_Fault]) -> NearlyValid:
    spoiled: Json = deepcopy(dict(manifest))
    for fault in faults:
        fault.plant(spoiled)
    planted = tuple(Planted(path=fault.path, what=fault.what) for fault in faults)
    return NearlyValid(manifest=spoiled, planted=planted)
