"""The environment of the serving container: our fixed block, then what each layer says, and `AIM_ENGINE_ARGS` as one object (RUN-4)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import takewhile
from math import isfinite
from typing import Any, Final

from aimcore.domain.serving.bodies import Body, canonical, said
from aimcore.domain.serving.inputs import DownloadedWeights, EnvLayers, PodInput
from aimcore.domain.values.layering import Layer, Layered, PassedOver, layer_of, stack
from aimcore.domain.weights.sources import (
    ConfigMapKeyRef,
    EnvVar,
    FieldRef,
    ModelSource,
    SecretKeyRef,
)

__all__ = ["CACHE_PATH", "ENGINE_ARGS", "MergedEnv", "env_body", "merge_env_layers", "pod_env"]

CACHE_PATH: Final = "/workspace/cache"
ENGINE_ARGS: Final = "AIM_ENGINE_ARGS"


@dataclass(frozen=True, slots=True, kw_only=True)
class MergedEnv:
    """Every variable with its layer, in the order the container gets them. `problems` is not empty where they cannot be."""

    variables: Mapping[str, Layered[EnvVar]] = field(default_factory=dict)
    problems: tuple[str, ...] = ()


def pod_env(made: PodInput) -> MergedEnv:
    """The whole environment of a pod: service > sources > template > model > configs > fixed block.

    The sources speak only where the container downloads them itself; of two sources the first wins.
    """
    layers = list(made.env)
    if isinstance(made.weights, DownloadedWeights):
        place = 1 if layers and layers[0][0] is Layer.SERVICE else 0
        theirs = tuple(variable for source in reversed(made.sources) for variable in source.env)
        layers.insert(place, (Layer.SOURCE, theirs))
    return merge_env_layers((*layers, (Layer.DEFAULT, _fixed_block(made))))


def merge_env_layers(layers: EnvLayers) -> MergedEnv:
    """All layers (strongest first) by name. Names stand in the order of their first appearance, weakest layer first.

    So a variable may refer by `$(NAME)` to any that a weaker layer says. Within one layer the last of a name counts.

    >>> near = (Layer.SERVICE, (EnvVar(name="B", value="2"),))
    >>> far = (Layer.MODEL, (EnvVar(name="A", value="1"), EnvVar(name="B", value="1")))
    >>> [(name, one.value.value, one.layer.value) for name, one in merge_env_layers((near, far)).variables.items()]
    [('A', '1', 'model'), ('B', '2', 'service')]
    """
    merged = stack(*(layer_of(layer, {one.name: one for one in each}) for layer, each in layers))
    problems: tuple[str, ...] = ()
    if ENGINE_ARGS in merged:
        merged[ENGINE_ARGS], problems = _engine_args(merged[ENGINE_ARGS])
    order = dict.fromkeys(one.name for _, each in reversed(layers) for one in each)
    return MergedEnv(variables={name: merged[name] for name in order}, problems=problems)


def env_body(variables: Mapping[str, Layered[EnvVar]]) -> list[Body]:
    """`containers[].env`, with what Kubernetes would fill in written out where it owns the whole of a reference."""
    return [_variable(one.value) for one in variables.values()]


# The fixed block ------------------------------------------------------------------------------------------------------


def _fixed_block(made: PodInput) -> tuple[EnvVar, ...]:
    block: dict[str, str | None] = {}
    if made.weights is not None:
        block["AIM_CACHE_PATH"] = CACHE_PATH
    block["VLLM_ENABLE_METRICS"] = "true"
    if made.custom:
        # The container wants exactly one of the two, and an empty one counts as none.
        downloads = isinstance(made.weights, DownloadedWeights)
        block["AIM_MODEL_ID"] = _model_id(made.sources, downloads=downloads)
        block["AIM_ID"] = ""
        block["AIM_ALLOW_GENERAL_PROFILE_FALLBACK"] = "true"
    elif made.profile_id:
        block["AIM_PROFILE_ID"] = made.profile_id
    else:
        block |= {"AIM_METRIC": made.metric, "AIM_PRECISION": made.precision}
    return tuple(EnvVar(name=name, value=str(value)) for name, value in block.items() if value is not None)


def _model_id(sources: tuple[ModelSource, ...], *, downloads: bool) -> str | None:
    """What the container is to load: its folder in the cache, or what it downloads itself, which S3 knows by its URI."""
    if not sources:
        return None
    first = sources[0]
    return first.source_uri if downloads and first.source_uri.startswith("s3://") else first.model_id


# AIM_ENGINE_ARGS ------------------------------------------------------------------------------------------------------


def _engine_args(said: Layered[EnvVar]) -> tuple[Layered[EnvVar], tuple[str, ...]]:
    """The texts merged as objects, key by key, the strongest first, down to the first that comes from somewhere else."""
    voices = [(said.layer, said.value), *((one.layer, one.value) for one in said.passed_over)]
    texts = list(takewhile(lambda voice: voice[1].value_from is None, voices))
    if not texts:
        return said, ()
    merged: dict[str, Any] = {}
    problems: list[str] = []
    for layer, variable in texts:
        try:
            merged = _object(variable.value or "") | merged
        except ValueError:
            expected = 'expected one such as {"max-model-len": 4096}'
            problems.append(f"env {ENGINE_ARGS} of the {layer} layer is not a JSON object; {expected}")
    passed = tuple(
        PassedOver(layer=layer, value=variable, reason="merged key by key" if place < len(texts) else None)
        for place, (layer, variable) in enumerate(voices)
    )
    value = EnvVar(name=ENGINE_ARGS, value=canonical(merged))
    return Layered(value=value, layer=said.layer, passed_over=passed[1:]), tuple(problems)


def _object(text: str) -> dict[str, Any]:
    """The JSON object a text writes, or a ValueError; what JSON does not know (NaN, Infinity) is none."""
    try:
        value = json.loads(text, parse_constant=_refuse, parse_float=_finite)
    except RecursionError:
        raise ValueError("nested too deeply") from None
    if not isinstance(value, dict):
        raise ValueError("not an object")  # noqa: TRY004 - a text is wrong, not a type
    return value


def _refuse(constant: str) -> float:
    raise ValueError(constant)


def _finite(text: str) -> float:
    number = float(text)
    if not isfinite(number):
        raise ValueError(text)
    return number


# The body -------------------------------------------------------------------------------------------------------------


def _variable(variable: EnvVar) -> Body:
    origin = variable.value_from
    if origin is None:
        # A server drops an empty value, which it means anyway.
        return said({"name": variable.name, "value": variable.value or None})
    if isinstance(origin, SecretKeyRef | ConfigMapKeyRef):
        kind = "secretKeyRef" if isinstance(origin, SecretKeyRef) else "configMapKeyRef"
        reference = said({"name": origin.name, "key": origin.key, "optional": origin.optional})
        return {"name": variable.name, "valueFrom": {kind: reference}}
    if isinstance(origin, FieldRef):
        reference = {"apiVersion": origin.api_version or "v1", "fieldPath": origin.field_path}
        return {"name": variable.name, "valueFrom": {"fieldRef": reference}}
    reference = said({"resource": origin.resource, "containerName": origin.container_name})
    reference["divisor"] = str(origin.divisor) if origin.divisor is not None else "0"
    return {"name": variable.name, "valueFrom": {"resourceFieldRef": reference}}
