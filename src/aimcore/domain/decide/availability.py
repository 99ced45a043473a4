"""Whether a template is available: whether some node can give what one replica of it takes (TMPL-6).

The health of a template, the choice of a service and `capacity` ask here, and nowhere else.
"""

from __future__ import annotations

from collections.abc import Iterable

from aimcore.domain.decide.templates import profile_of
from aimcore.domain.hardware.capacity import Room, room_on
from aimcore.domain.hardware.fit import Need
from aimcore.domain.hardware.inventory import Inventory
from aimcore.domain.hardware.nodes import Node
from aimcore.domain.hardware.requirements import Cpu, Gpu, Hardware, required_gpu
from aimcore.domain.kinds.records import TemplateSpec
from aimcore.domain.kinds.resources import DEFAULT_GPU_RESOURCE, Resources, is_gpu_key, merge_resources
from aimcore.domain.values.layering import Layer
from aimcore.domain.values.quantity import Quantity

__all__ = ["NOTHING_SAID", "availability", "capacity_of", "need_of", "template_layers"]

NOTHING_SAID = Resources()


def availability(spec: TemplateSpec, inventory: Inventory, *, model: Resources = NOTHING_SAID) -> str | None:
    """Why no node can take a replica of the template, or None where one can. `model` is what its model asks for (RES-1)."""
    return inventory.lacks(need_of(spec, model=model))


def capacity_of(spec: TemplateSpec, nodes: Iterable[Node], *, model: Resources = NOTHING_SAID) -> tuple[Room, ...]:
    """How many replicas of the template fit on each node, were nothing else there, in the order of their names."""
    return room_on(need_of(spec, model=model), nodes)


def need_of(spec: TemplateSpec, *, model: Resources = NOTHING_SAID) -> Need:
    """What one replica takes where no service says otherwise: GPUs as RES-2 resolves them, and all other resources.

    What is only limited is requested as well, as Kubernetes has it. A listed model must be there, even where no GPU of it
    is requested.
    """
    gpu = required_gpu(spec.hardware) or Gpu()
    resource_name = spec.hardware.gpu.resource_name if spec.hardware and spec.hardware.gpu else None
    merged = merge_resources(
        template_layers(spec, model), gpu_count=profile_of(spec).gpu_count, resource_name=resource_name
    )
    asked = {name: layered.value for name, layered in {**merged.limits, **merged.requests}.items()}
    amounts = {name: amount for name, amount in sorted(asked.items()) if amount > Quantity.of(0)}
    gpus = tuple(name for name in amounts if is_gpu_key(name, resource_name))
    if gpu != Gpu() and not gpus:
        gpus = (resource_name or DEFAULT_GPU_RESOURCE,)
        amounts = {gpus[0]: Quantity.of(1), **amounts}
    return Need(amounts=amounts, gpus=gpus, gpu=gpu)


def template_layers(spec: TemplateSpec, model: Resources) -> tuple[tuple[Layer, Resources], ...]:
    """What asks for resources where no service does, the strongest first (RES-1)."""
    return (
        (Layer.TEMPLATE, spec.resources),
        (Layer.HARDWARE, _of_hardware(spec.hardware)),
        (Layer.MODEL, model),
    )


def _of_hardware(hardware: Hardware | None) -> Resources:
    cpu = (hardware.cpu if hardware else None) or Cpu()
    return Resources(
        requests={} if cpu.requests is None else {"cpu": cpu.requests},
        limits={} if cpu.limits is None else {"cpu": cpu.limits},
    )
