"""The resources of the serving container: what the layers say, and per whole GPU a default where nobody speaks (RUN-7)."""

from __future__ import annotations

from typing import Final

from aimcore.domain.hardware.parts import gives_whole_gpus
from aimcore.domain.kinds.resources import (
    MergedResources,
    ResourceClaim,
    Resources,
    is_gpu_key,
    merge_resources,
)
from aimcore.domain.kinds.workload import DefaultResources
from aimcore.domain.serving.bodies import Body, said
from aimcore.domain.serving.inputs import AskedResources
from aimcore.domain.values.layering import Layer, Layered
from aimcore.domain.values.quantity import Quantity, parse_quantity

__all__ = [
    "DEFAULT_RESOURCES",
    "gpus_of",
    "pod_resources",
    "resources_body",
    "shared_memory_default",
    "shared_memory_warning",
]

DEFAULT_RESOURCES: Final = DefaultResources(
    cpu_request=parse_quantity("4"), memory_request=parse_quantity("32Gi"), memory_limit=parse_quantity("48Gi")
)
"""What each GPU brings along unless `--default-resources` says otherwise."""
_ONE_GPU: Final = parse_quantity("16Gi")
_MORE_GPUS: Final = parse_quantity("32Gi")


def gpus_of(asked: AskedResources) -> int:
    """How many GPUs the container gets; a count said under two names is one count (RES-2)."""
    return max(_counts(_merged(asked), asked.resource_name).values(), default=0)


def shared_memory_default(gpus: int) -> Quantity:
    """The size of /dev/shm where nobody says one: engines on several GPUs talk through it (RUN-6)."""
    return _MORE_GPUS if gpus > 1 else _ONE_GPU


def pod_resources(
    asked: AskedResources, defaults: DefaultResources | None, *, shared_memory: Quantity
) -> MergedResources:
    """All layers, and below them the default per GPU, to whose limit the shared memory is added once.

    Without GPUs, or where the setting is switched off (None), nothing is added; nor for what may be a part of a GPU, as
    nobody knows which share of the node goes with it.
    """
    merged = _merged(asked)
    if defaults is None:
        return merged
    gpus = max(
        (count for name, count in _counts(merged, asked.resource_name).items() if gives_whole_gpus(name)), default=0
    )
    if not gpus:
        return merged
    weakest = Resources(
        requests={"cpu": defaults.cpu_request * gpus, "memory": defaults.memory_request * gpus},
        limits={"memory": defaults.memory_limit * gpus + shared_memory},
    )
    return _merged(asked, (Layer.DEFAULT, weakest))


def shared_memory_warning(resources: MergedResources, size: Quantity) -> str | None:
    """What to say when /dev/shm does not fit under the memory limit: what is in it counts as the container's memory."""
    limit = resources.limits.get("memory")
    if limit is None or size < limit.value:
        return None
    return (
        f"pod.sharedMemorySize is {size} and the memory limit {limit.value} ({limit.layer}): shared memory counts as the "
        "container's memory; raise resources.limits.memory or lower pod.sharedMemorySize"
    )


def resources_body(resources: MergedResources) -> Body:
    """`containers[].resources`, each quantity in its canonical text (RES-4)."""
    claims = [_claim(one) for _, one in sorted(resources.claims.items())]
    return said(
        {
            "requests": {name: str(one.value) for name, one in sorted(resources.requests.items())} or None,
            "limits": {name: str(one.value) for name, one in sorted(resources.limits.items())} or None,
            "claims": claims or None,
        }
    )


def _claim(one: Layered[ResourceClaim]) -> Body:
    return said({"name": one.value.name, "request": one.value.request})


def _counts(merged: MergedResources, resource_name: str | None) -> dict[str, int]:
    return {name: one.value.value for name, one in merged.limits.items() if is_gpu_key(name, resource_name)}


def _merged(asked: AskedResources, *weaker: tuple[Layer, Resources]) -> MergedResources:
    return merge_resources((*asked.layers, *weaker), gpu_count=asked.gpu_count, resource_name=asked.resource_name)
