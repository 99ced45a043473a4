"""Which GPUs a node offers, by the labels that GPU labellers write and the resources its kubelet reports (TMPL-6).

AMD's labeller writes a property as `amd.com/gpu.device-id=74a1` when all GPUs of the node agree on it, as
`amd.com/gpu.device-id.74a1=8` (value in the key, count in the value) when they do not, and both ways again under `beta.`.
Labels are other people's text: one that cannot be read says nothing, and none of them is an error.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass

from aimcore.domain.errors import ParseError
from aimcore.domain.hardware.devices import gpu_model, model_of_device, vram
from aimcore.domain.hardware.parts import is_gpu_resource, is_part, memory_in_name, mode_of, share, whole_product
from aimcore.domain.hardware.taints import Taint
from aimcore.domain.values.quantity import Quantity, parse_quantity

__all__ = ["AMD_LABELLERS", "AMD_RESOURCE", "NVIDIA_PRODUCT", "Node", "NodeGpu", "gpus_as", "node_gpus"]

AMD_RESOURCE = "amd.com/gpu"
NVIDIA_RESOURCE = "nvidia.com/gpu"
NVIDIA_PRODUCT = "nvidia.com/gpu.product"
AMD_LABELLERS = ("amd.com/gpu.", "beta.amd.com/gpu.")
"""What the keys of AMD's labeller begin with, the one to believe first."""
AMD_PARTITION = "amd.com/compute-memory-partition"

_COUNT = re.compile(r"[0-9]{1,6}")
_VRAM = re.compile(r"([0-9]{1,20})([KMGT]?)")
_WHOLE = "spx"


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """A node of the cluster: its object labels, what it can give to pods by resource name, and whether it takes any.

    `unschedulable` is that of its spec (cordoned), `ready` its condition `Ready`; a node without that condition counts as
    ready. `taints` keep out the pods that do not tolerate them.
    """

    name: str
    labels: Mapping[str, str]
    allocatable: Mapping[str, Quantity]
    unschedulable: bool = False
    ready: bool = True
    taints: tuple[Taint, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class NodeGpu:
    """GPUs of one model on one node, under one name of a resource.

    `model` is normalised as `gpu_model` does, and empty when nothing names it. `vram` is the memory of one GPU, or of the
    part or share that is given as one; None when unknown. `resource_name` is the resource under which pods get them, None
    when the node reports none. `count` is how many the node can give: by its resources, and by the labels where these
    count whole GPUs; 1 where neither says a number.
    """

    model: str
    vram: Quantity | None
    resource_name: str | None
    count: int


def node_gpus(node: Node, named: Collection[str] = ()) -> tuple[NodeGpu, ...]:
    """The GPUs of a node, sorted by resource and model; none for a node without any. Resources in `named` are GPUs, too.

    GPUs that are only reported as a resource are of unknown model; those that are only labelled have no resource, and no
    pod gets them.

    >>> labels = {"amd.com/gpu.product-name": "AMD_Instinct_MI300X_OAM"}
    >>> node_gpus(Node(name="n1", labels=labels, allocatable={"amd.com/gpu": Quantity.of(8)}))[0].model
    'MI300X'
    """
    resources = {name for name in node.allocatable if is_gpu_resource(name) or name in named}
    for labelled in (AMD_RESOURCE, NVIDIA_RESOURCE):
        maker = labelled.partition("/")[0]
        if not any(name.startswith(f"{maker}/") for name in resources):
            resources.add(labelled)
    return tuple(gpu for name in sorted(resources) for gpu in gpus_as(node, name) if gpu.model or gpu.count)


def gpus_as(node: Node, resource: str) -> tuple[NodeGpu, ...]:
    """The GPUs of a node that pods get under this name, sorted by model; of unknown model where no label speaks of them.

    >>> shared = {"nvidia.com/gpu.shared": Quantity.of(32)}
    >>> labels = {"nvidia.com/gpu.product": "NVIDIA-A100-SXM4-40GB-SHARED"}
    >>> gpus_as(Node(name="n1", labels=labels, allocatable=shared), "nvidia.com/gpu.shared")[0].model
    'A100-SXM4-40GB'
    """
    amd = {key: value for key, value in node.labels.items() if key.startswith(AMD_LABELLERS)}
    given = node.allocatable.get(resource)
    match resource.partition("/")[0]:
        case "amd.com":
            models, mode = _amd_models(amd), _amd_mode(node.labels, resource)
            known = {
                name: (count if mode == _WHOLE else None, _amd_vram(amd, name, mode)) for name, count in models.items()
            }
        case "nvidia.com":
            memory = _nvidia_memory(node.labels, resource)
            known = dict.fromkeys(_nvidia_models(node.labels, resource), (None, memory))
        case _:
            names = {*_amd_models(amd), *_nvidia_models(node.labels, resource)}
            known = dict.fromkeys(names, (None, None))
    if not known and given is not None:
        known = {"": (None, None)}
    return tuple(
        NodeGpu(
            model=model,
            vram=vram_of_one,
            resource_name=None if given is None else resource,
            count=_least(counted, given),
        )
        for model, (counted, vram_of_one) in sorted(known.items())
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


def _nvidia_models(labels: Mapping[str, str], resource: str) -> tuple[str, ...]:
    """The model of the product; of the whole product, where parts or shares of it are asked for by their own name."""
    product = labels.get(NVIDIA_PRODUCT) or labels.get(f"{_nvidia_base(resource)}.product")
    if not product:
        return ()
    return (gpu_model(whole_product(product) if is_part(resource) else product),)


def _nvidia_base(resource: str) -> str:
    """What the keys of the labels begin with that speak of this resource."""
    return resource.removesuffix(".shared")


def _nvidia_memory(labels: Mapping[str, str], resource: str) -> Quantity | None:
    """The memory of one, as the labeller says it in MiB; of a MIG part that its name promises, where the label is silent."""
    said = labels.get(f"{_nvidia_base(resource)}.memory", "")
    if _VRAM.fullmatch(said) and said.isdigit() and int(said):
        return _memory(said)
    return memory_in_name(resource)


def _amd_mode(labels: Mapping[str, str], resource: str) -> str:
    """How the GPUs under this name are partitioned: by the name, else by the label; empty where that is not known."""
    if resource != AMD_RESOURCE:
        return mode_of(resource) or ""
    said = _values(labels, AMD_PARTITION)
    modes = {mode_of(value) or "" for value in said} or {_WHOLE}
    return modes.pop() if len(modes) == 1 else ""


def _amd_vram(labels: Mapping[str, str], model: str, mode: str) -> Quantity | None:
    """The memory of one GPU: what the labels say in one voice, else what the table says of the model, or a part's share of it.

    A label that speaks of the whole GPU does not make a part of it any larger.
    """
    voices = {memory for memory in map(_memory, _property(labels, "vram")) if memory and memory > Quantity.of(0)}
    said = voices.pop() if len(voices) == 1 else None
    part = share(vram(model), model, mode)
    if mode == _WHOLE or said is None or part is None:
        return said or part
    return min(said, part)


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
