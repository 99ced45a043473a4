"""Whether a template is available: whether some node can give what one replica of it takes (TMPL-6).

The health of a template, the choice of a service and `capacity` ask here, and nowhere else.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

from aimcore.domain.hardware.capacity import Room, room_on
from aimcore.domain.hardware.fit import Need
from aimcore.domain.hardware.inventory import Inventory
from aimcore.domain.hardware.nodes import Node
from aimcore.domain.hardware.requirements import Cpu, Gpu, Hardware, required_gpu
from aimcore.domain.hardware.taints import Toleration
from aimcore.domain.kinds.records import TemplateSpec
from aimcore.domain.kinds.resources import DEFAULT_GPU_RESOURCE, NO_RESOURCES, Resources, is_gpu_key
from aimcore.domain.kinds.workload import DefaultResources
from aimcore.domain.serving.amounts import pod_resources
from aimcore.domain.serving.inputs import AskedResources
from aimcore.domain.values.layering import Layer
from aimcore.domain.values.quantity import Notation, Quantity

__all__ = ["NOTHING_ELSE", "Extra", "availability", "capacity_of", "need_of", "template_layers", "wants_gpu"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Extra:
    """What a replica takes beside what its template says.

    `model` is what its model asks for (RES-1), `defaults` what each GPU brings along where nobody says (RUN-7), and
    `tolerations` what its pod tolerates: None where no pod is meant, and taints are not looked at.
    """

    model: Resources = NO_RESOURCES
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
    tolerated = extra.tolerations
    if tolerated is not None:
        tolerated = (*(spec.pod.tolerations or ()), *tolerated)
    asking = _Asking(
        hardware=spec.hardware,
        template=_listed(spec.resources),
        model=_listed(extra.model),
        defaults=extra.defaults,
        tolerated=tolerated,
        notations=_notations(spec.hardware, extra.defaults),
    )
    return _need_of(asking)


def wants_gpu(spec: TemplateSpec) -> bool:
    """Whether a replica needs a GPU by what its template says alone."""
    if required_gpu(spec.hardware) is not None:
        return True
    return spec.resources != NO_RESOURCES and bool(need_of(spec).gpus)


def template_layers(spec: TemplateSpec, model: Resources) -> tuple[tuple[Layer, Resources], ...]:
    """What asks for resources where no service does, the strongest first (RES-1)."""
    return _layers(spec.resources, spec.hardware, model)


def _layers(template: Resources, hardware: Hardware | None, model: Resources) -> tuple[tuple[Layer, Resources], ...]:
    return (Layer.TEMPLATE, template), (Layer.HARDWARE, _of_hardware(hardware)), (Layer.MODEL, model)


# Most templates need one of a few things, so that is worked out once: for amounts that are equal, and written alike ------

_Amount = tuple[str, Quantity, Notation]
_Listed = tuple[tuple[_Amount, ...], tuple[_Amount, ...]]
_NO_GPU, _NO_CPU = Gpu(), Cpu()
_NOTHING_LISTED: _Listed = ((), ())


class _Asking(NamedTuple):
    hardware: Hardware | None
    template: _Listed
    model: _Listed
    defaults: DefaultResources | None
    tolerated: tuple[Toleration, ...] | None
    notations: tuple[Notation | None, ...]


@lru_cache(maxsize=1024)
def _need_of(asking: _Asking) -> Need:
    hardware = asking.hardware
    listed, gpu = (hardware and hardware.gpu) or _NO_GPU, required_gpu(hardware) or _NO_GPU
    resource_name = listed.resource_name
    asked = AskedResources(
        layers=_layers(_resources(asking.template), hardware, _resources(asking.model)),
        gpu_count=listed.count,
        resource_name=resource_name,
    )
    merged = pod_resources(asked, asking.defaults, shared_memory=_NOTHING)
    said = {name: layered.value for name, layered in {**merged.limits, **merged.requests}.items()}
    amounts = {name: amount for name, amount in sorted(said.items()) if amount > _NOTHING}
    gpus = tuple(name for name in amounts if is_gpu_key(name, resource_name))
    if gpu != _NO_GPU and not gpus:
        gpus = (resource_name or DEFAULT_GPU_RESOURCE,)
        amounts = {gpus[0]: Quantity.of(1), **amounts}
    return Need(amounts=amounts, gpus=gpus, gpu=gpu, tolerations=asking.tolerated)


def _notations(hardware: Hardware | None, defaults: DefaultResources | None) -> tuple[Notation | None, ...]:
    gpu, cpu = (hardware and hardware.gpu) or _NO_GPU, (hardware and hardware.cpu) or _NO_CPU
    said = [gpu.min_vram, cpu.requests, cpu.limits]
    if defaults is not None:
        said += [defaults.cpu_request, defaults.memory_request, defaults.memory_limit]
    return tuple([None if amount is None else amount.notation for amount in said])


def _listed(resources: Resources) -> _Listed:
    """The amounts as something that can be compared and hashed; claims are no amounts."""
    if resources == NO_RESOURCES:
        return _NOTHING_LISTED
    requests, limits = resources.requests.items(), resources.limits.items()
    return (
        tuple((name, amount, amount.notation) for name, amount in requests),
        tuple((name, amount, amount.notation) for name, amount in limits),
    )


def _resources(listed: _Listed) -> Resources:
    requests, limits = ({name: amount for name, amount, _ in amounts} for amounts in listed)
    return Resources(requests=requests, limits=limits)


def _of_hardware(hardware: Hardware | None) -> Resources:
    cpu = (hardware.cpu if hardware else None) or Cpu()
    return Resources(
        requests={} if cpu.requests is None else {"cpu": cpu.requests},
        limits={} if cpu.limits is None else {"cpu": cpu.limits},
    )
