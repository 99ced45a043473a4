"""Compute resources: what each layer asks for, and the one answer with the layer of every value (RES).

1. Layers merge name by name, requests and limits apart, strongest first: service, template, the template's hardware,
   model (RES-1).
2. GPUs are one question whatever their resource name: the strongest layer that names a GPU key answers it for both
   sides; if none does, the template's profile does (RES-2).
3. A request above its limit yields to the stronger layer, or is invalid within one layer (RES-3).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from aimcore.domain.values.layering import Layer, Layered, PassedOver, layer_of, stack
from aimcore.domain.values.quantity import Quantity

__all__ = [
    "DEFAULT_GPU_RESOURCE",
    "NO_RESOURCES",
    "MergedResources",
    "ResourceClaim",
    "Resources",
    "is_gpu_key",
    "merge_resources",
]

DEFAULT_GPU_RESOURCE = "amd.com/gpu"

Quantities = Mapping[str, Quantity]
LayeredQuantities = dict[str, Layered[Quantity]]


@dataclass(frozen=True, slots=True, kw_only=True)
class ResourceClaim:
    """One claim of dynamic resource allocation, by name."""

    name: str
    request: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Resources:
    """What one layer asks for: quantities by resource name, and claims."""

    requests: Quantities = field(default_factory=dict)
    limits: Quantities = field(default_factory=dict)
    claims: tuple[ResourceClaim, ...] = ()


NO_RESOURCES = Resources()


@dataclass(frozen=True, slots=True, kw_only=True)
class MergedResources:
    """The answer: every value with its layer. `problems` is not empty when the layers contradict themselves."""

    requests: Mapping[str, Layered[Quantity]] = field(default_factory=dict)
    limits: Mapping[str, Layered[Quantity]] = field(default_factory=dict)
    claims: Mapping[str, Layered[ResourceClaim]] = field(default_factory=dict)
    problems: tuple[str, ...] = ()


def is_gpu_key(name: str, resource_name: str | None) -> bool:
    """Whether a resource of this name is GPUs (RES-2)."""
    return name.endswith("/gpu") or name == resource_name


def merge_resources(
    layers: tuple[tuple[Layer, Resources], ...], *, gpu_count: int | None, resource_name: str | None
) -> MergedResources:
    """All layers (strongest first) as one, with GPUs decided and contradictions settled or named.

    `gpu_count` is what the template's profile says, `resource_name` how its hardware calls a GPU.
    """
    layers = tuple([layer for layer in layers if layer[1] != NO_RESOURCES])  # most say nothing
    named, nameless = _split_gpus(layers, resource_name)
    requests = stack(*(layer_of(layer, one.requests) for layer, one in nameless))
    limits = stack(*(layer_of(layer, one.limits) for layer, one in nameless))
    claims = stack(*(layer_of(layer, {claim.name: claim for claim in one.claims}) for layer, one in layers))
    problems = _settle(requests, limits, [layer for layer, _ in layers])
    gpus, gpu_problems = _decide_gpus(named, gpu_count, resource_name or DEFAULT_GPU_RESOURCE)
    return MergedResources(
        requests=requests | gpus, limits=limits | gpus, claims=claims, problems=(*problems, *gpu_problems)
    )


# Rule 2: GPUs ---------------------------------------------------------------------------------------------------------

GpuValues = tuple[tuple[str, Quantity], ...]


def _split_gpus(
    layers: tuple[tuple[Layer, Resources], ...], resource_name: str | None
) -> tuple[list[tuple[Layer, GpuValues]], list[tuple[Layer, Resources]]]:
    named: list[tuple[Layer, GpuValues]] = []
    nameless: list[tuple[Layer, Resources]] = []
    for layer, one in layers:
        said = (*one.requests.items(), *one.limits.items())
        values = sorted({(name, value) for name, value in said if is_gpu_key(name, resource_name)})
        if values:
            named.append((layer, tuple(values)))
        nameless.append((layer, _without(one, {name for name, _ in values}) if values else one))
    return named, nameless


def _without(one: Resources, names: set[str]) -> Resources:
    return Resources(
        requests={name: value for name, value in one.requests.items() if name not in names},
        limits={name: value for name, value in one.limits.items() if name not in names},
    )


def _decide_gpus(
    named: list[tuple[Layer, GpuValues]], gpu_count: int | None, default_name: str
) -> tuple[LayeredQuantities, tuple[str, ...]]:
    if not named:
        if not gpu_count:
            return {}, ()
        return {default_name: Layered(value=Quantity.of(gpu_count), layer=Layer.PROFILE)}, ()
    (layer, values), *weaker = named
    if len({value for _, value in values}) > 1:
        said = " and ".join(f"{name}={value}" for name, value in values)
        return {}, (f"the {layer} layer names several GPU counts, {said}; expected one",)
    fallen = [(beaten, name, value) for beaten, theirs in weaker for name, value in theirs]
    if gpu_count:
        fallen.append((Layer.PROFILE, default_name, Quantity.of(gpu_count)))
    return {
        name: Layered(
            value=value,
            layer=layer,
            passed_over=tuple(
                PassedOver(layer=beaten, value=other, name=None if called == name else called)
                for beaten, called, other in fallen
            ),
        )
        for name, value in values
    }, ()


# Rule 3: requests and limits ------------------------------------------------------------------------------------------


def _settle(requests: LayeredQuantities, limits: LayeredQuantities, strength: list[Layer]) -> tuple[str, ...]:
    problems: list[str] = []
    for name in requests.keys() & limits.keys():
        request, limit = requests[name], limits[name]
        if request.value <= limit.value:
            continue
        if request.layer is limit.layer:
            said = f"the {request.layer} layer requests {name}={request.value}, above its limit {limit.value}"
            problems.append(f"{said}; expected at most the limit")
        elif strength.index(request.layer) < strength.index(limit.layer):
            limits[name] = _yield(limit, request, f"below the request of the {request.layer} layer")
        else:
            requests[name] = _yield(request, limit, f"above the limit of the {limit.layer} layer")
    return tuple(sorted(problems))


def _yield(weaker: Layered[Quantity], stronger: Layered[Quantity], reason: str) -> Layered[Quantity]:
    beaten = PassedOver(layer=weaker.layer, value=weaker.value, reason=reason)
    return Layered(value=stronger.value, layer=stronger.layer, passed_over=(beaten, *weaker.passed_over))
