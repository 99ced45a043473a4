"""Whether a template is available: whether some node can give what one replica of it takes (TMPL-6).

The health of a template, the choice of a service and `capacity` ask here, and nowhere else.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from aimcore.domain.decide.templates import profile_of
from aimcore.domain.hardware.capacity import Room, room_on
from aimcore.domain.hardware.fit import Need
from aimcore.domain.hardware.inventory import Inventory
from aimcore.domain.hardware.nodes import Node
from aimcore.domain.hardware.requirements import Cpu, Gpu, Hardware, required_gpu
from aimcore.domain.hardware.taints import Toleration
from aimcore.domain.kinds.records import TemplateSpec
from aimcore.domain.kinds.resources import DEFAULT_GPU_RESOURCE, Resources, is_gpu_key
from aimcore.domain.kinds.workload import DefaultResources
from aimcore.domain.serving.amounts import pod_resources
from aimcore.domain.serving.inputs import AskedResources
from aimcore.domain.values.layering import Layer
from aimcore.domain.values.quantity import Quantity

__all__ = ["NOTHING_ELSE", "Extra", "availability", "capacity_of", "need_of", "template_layers"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Extra:
    """What a replica takes beside what its template says.

    `model` is what its model asks for (RES-1), `defaults` what each GPU brings along where nobody says (RUN-7), and
    `tolerations` what its pod tolerates: None where no pod is meant, and taints are not looked at.
    """

    model: Resources = Resources()
    defaults: DefaultResources | None = None
    tolerations: tuple[Toleration, ...] | None = None


NOTHING_ELSE = Extra()
_NOTHING = Quantity.of(0)


def availability(spec: TemplateSpec, inventory: Inventory, extra: Extra = NOTHING_ELSE) -> str | None:
    """Why no node can take a replica of the template, or None where one can."""
    return inventory.lacks(need_of(spec, extra))


def capacity_of(spec: TemplateSpec, nodes: Iterable[Node], extra: Extra = NOTHING_ELSE) -> tuple[Room, ...]:
    """How many replicas of the template fit on each node, were nothing else there, in the order of their names."""
    return room_on(need_of(spec, extra), nodes)


def need_of(spec: TemplateSpec, extra: Extra = NOTHING_ELSE) -> Need:
    """What one replica takes where no service says otherwise: GPUs as RES-2 resolves them, and all other resources.

    What is only limited is requested as well, as Kubernetes has it. A listed model must be there, even where no GPU of it
    is requested.
    """
    gpu = required_gpu(spec.hardware) or Gpu()
    resource_name = spec.hardware.gpu.resource_name if spec.hardware and spec.hardware.gpu else None
    asked = AskedResources(
        layers=template_layers(spec, extra.model),
        gpu_count=profile_of(spec).gpu_count,
        resource_name=resource_name,
    )
    merged = pod_resources(asked, extra.defaults, shared_memory=_NOTHING)
    said = {name: layered.value for name, layered in {**merged.limits, **merged.requests}.items()}
    amounts = {name: amount for name, amount in sorted(said.items()) if amount > _NOTHING}
    gpus = tuple(name for name in amounts if is_gpu_key(name, resource_name))
    if gpu != Gpu() and not gpus:
        gpus = (resource_name or DEFAULT_GPU_RESOURCE,)
        amounts = {gpus[0]: Quantity.of(1), **amounts}
    tolerated = extra.tolerations
    if tolerated is not None:
        tolerated = (*(spec.pod.tolerations or ()), *tolerated)
    return Need(amounts=amounts, gpus=gpus, gpu=gpu, tolerations=tolerated)


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
