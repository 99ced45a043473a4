"""Which GPUs a node offers, by the labels that GPU labellers write and the resources its kubelet reports (TMPL-6).

AMD's labeller writes a property as `amd.com/gpu.device-id=74a1` when all GPUs of the node agree on it, as
`amd.com/gpu.device-id.74a1=8` (value in the key, count in the value) when they do not, and both ways again under `beta.`.
Labels are other people's text: one that cannot be read says nothing, and none of them is an error.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from aimcore.domain.errors import ParseError
from aimcore.domain.hardware.devices import gpu_model, model_of_device, vram
from aimcore.domain.values.quantity import Quantity, parse_quantity

__all__ = ["AMD_LABELLERS", "NVIDIA_PRODUCT", "Node", "NodeGpu", "node_gpus"]

AMD_RESOURCE = "amd.com/gpu"
NVIDIA_RESOURCE = "nvidia.com/gpu"
NVIDIA_PRODUCT = "nvidia.com/gpu.product"
AMD_LABELLERS = ("amd.com/gpu.", "beta.amd.com/gpu.")
"""What the keys of AMD's labeller begin with, the one to believe first."""

_COUNT = re.compile(r"[0-9]{1,6}")
_VRAM = re.compile(r"([0-9]{1,20})([KMGT]?)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """A node of the cluster: its object labels, and what it can give to pods, by resource name."""

    name: str
    labels: Mapping[str, str]
    allocatable: Mapping[str, Quantity]


@dataclass(frozen=True, slots=True, kw_only=True)
class NodeGpu:
    """GPUs of one model on one node.

    `model` is normalised as `gpu_model` does, and empty when nothing names it. `vram` is the memory of one GPU, None when
    unknown. `resource_name` is the resource under which pods get them, None when the node reports none. `count` is how
    many the node can give: by its resources, and by the labels where these count; 1 where neither says a number.
    """

    model: str
    vram: Quantity | None
    resource_name: str | None
    count: int


def node_gpus(node: Node) -> tuple[NodeGpu, ...]:
    """The GPUs of a node, sorted by resource and model; none for a node without any.

    GPUs that are only reported as a resource (its name ends in `/gpu`) are of unknown model.

    >>> labels = {"amd.com/gpu.product-name": "AMD_Instinct_MI300X_OAM"}
    >>> node_gpus(Node(name="n1", labels=labels, allocatable={"amd.com/gpu": Quantity.of(8)}))[0].model
    'MI300X'
    """
    amd = {key: value for key, value in node.labels.items() if key.startswith(AMD_LABELLERS)}
    models = {AMD_RESOURCE: _amd_models(amd), NVIDIA_RESOURCE: _nvidia_models(node.labels)}
    for resource, amount in node.allocatable.items():
        if resource.endswith("/gpu") and amount > Quantity.of(0) and not models.get(resource):
            models[resource] = {"": None}
    return tuple(
        NodeGpu(
            model=model,
            vram=_amd_vram(amd, model) if resource == AMD_RESOURCE else None,
            resource_name=resource if resource in node.allocatable else None,
            count=_least(counted, node.allocatable.get(resource)),
        )
        for resource in sorted(models)
        for model, counted in sorted(models[resource].items())
    )


def _amd_models(labels: Mapping[str, str]) -> dict[str, int | None]:
    """Each model the labels name, with its count where they count; the empty model where they only say: AMD GPUs.

    The device id is the surest word, then the product name. A family is mostly an architecture (`AI`), which is no model.
    """
    answers = [
        _renamed(_property(labels, "device-id"), lambda text: model_of_device(text) or ""),
        _renamed(_property(labels, "product-name"), gpu_model),
        _renamed(_property(labels, "family"), lambda text: "" if vram(text) is None else gpu_model(text)),
    ]
    given = [models for models in answers if models]
    return next((models for models in given if "" not in models), given[0] if given else {})


def _nvidia_models(labels: Mapping[str, str]) -> dict[str, int | None]:
    product = labels.get(NVIDIA_PRODUCT)
    return {gpu_model(product): None} if product else {}


def _amd_vram(labels: Mapping[str, str], model: str) -> Quantity | None:
    """The memory of one GPU: what the labels say in one voice, else what the table says of the model."""
    said = {memory for memory in map(_memory, _property(labels, "vram")) if memory and memory > Quantity.of(0)}
    return said.pop() if len(said) == 1 else vram(model)


def _memory(text: str) -> Quantity | None:
    """The labeller's `192G` is 192 times 2**30 bytes; a bare number is MiB, if a GPU can have as many."""
    plain = _VRAM.fullmatch(text)
    try:
        if plain is None:
            return parse_quantity(text)
        number, unit = plain.groups()
        return parse_quantity(text if not unit and int(number) >= 2**30 else f"{number}{unit or 'M'}i")
    except ParseError:
        return None


def _property(labels: Mapping[str, str], kind: str) -> dict[str, int | None]:
    """The values of one property, each with its count where labels count it; `beta.` speaks where the other is silent."""
    stable, beta = (_values(labels, f"{labeller}{kind}") for labeller in AMD_LABELLERS)
    return {value: count or beta.get(value) for value, count in stable.items()} or beta


def _values(labels: Mapping[str, str], key: str) -> dict[str, int | None]:
    values: dict[str, int | None] = {labels[key]: None} if labels.get(key) else {}
    for name, count in labels.items():
        if name.startswith(f"{key}.") and _COUNT.fullmatch(count) and int(count):
            values[name.removeprefix(f"{key}.")] = int(count)
    return values


def _renamed(values: Mapping[str, int | None], name: Callable[[str], str]) -> dict[str, int | None]:
    """Values under their models; the counts of one model add up, and are unknown if one of them is."""
    models: dict[str, int | None] = {}
    for value, count in values.items():
        model = name(value)
        before = models.get(model, 0)
        models[model] = None if before is None or count is None else before + count
    return models


def _least(counted: int | None, allocatable: Quantity | None) -> int:
    known = [] if counted is None else [counted]
    return min(known if allocatable is None else [*known, allocatable.value], default=1)
