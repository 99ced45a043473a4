"""Which nodes carry the GPUs that a template lists, in the words of their labels (TMPL-6).

It follows from the listed names alone, so that no node that comes or goes changes it. A label counts that speaks of all
GPUs of its node: AMD's labeller writes `amd.com/gpu.device-id=74a1` where they are alike, and only the counted
`amd.com/gpu.device-id.74a1=4` where they are not; a pod there may be given any of them, so such a node is not meant.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache

from aimcore.domain.hardware.devices import MAKERS, device_ids, words
from aimcore.domain.hardware.nodes import AMD_LABELLERS, NVIDIA_PRODUCT
from aimcore.domain.hardware.parts import SHARED_RESOURCE, is_part, whole_product
from aimcore.domain.values.kubenames import is_label_value

__all__ = ["NodeLabel", "node_affinity", "unreached"]

# The maker's name and what stands between words, as the labeller of each label writes a product.
_PRODUCTS = {NVIDIA_PRODUCT: ("NVIDIA", "-")} | {f"{one}product-name": ("AMD_Instinct", "_") for one in AMD_LABELLERS}


@dataclass(frozen=True, slots=True, kw_only=True)
class NodeLabel:
    """The nodes that carry the label `key` with any of `values`."""

    key: str
    values: tuple[str, ...]


@lru_cache(maxsize=1024)  # catalogues list the same few models, and templates share what follows from them
def node_affinity(models: tuple[str, ...], resource: str | None = None) -> tuple[NodeLabel, ...] | None:
    """The nodes with GPUs of any of these models, by any one of the labels; None for all nodes, where no model is listed.

    A model of the table goes by its device ids. Any other goes by its name as a product: as listed, and as a labeller
    would write it; where `resource` names a part of it or shared GPUs, as the product of the whole. Where no label can say
    what is listed, none is left, and no node will do.

    >>> for label in node_affinity(("MI325X", "H100-NVL")):
    ...     print(label.key, *label.values)
    amd.com/gpu.device-id 74a5 74b9
    beta.amd.com/gpu.device-id 74a5 74b9
    nvidia.com/gpu.product H100-NVL NVIDIA-H100-NVL
    amd.com/gpu.product-name AMD_Instinct_H100_NVL H100-NVL
    beta.amd.com/gpu.product-name AMD_Instinct_H100_NVL H100-NVL
    """
    if not models:
        return None
    ids = {device_id for model in models for device_id in device_ids(model)}
    others = [
        whole_product(model) if resource and is_part(resource) else model for model in models if not device_ids(model)
    ]
    wanted = {f"{labeller}device-id": ids for labeller in AMD_LABELLERS}
    for key, (maker, between) in _PRODUCTS.items():
        wanted[key] = {product for name in others for product in _products(name, maker, between)}
    if resource == SHARED_RESOURCE:
        wanted[NVIDIA_PRODUCT] |= {f"{product}-SHARED" for product in wanted[NVIDIA_PRODUCT]}
    return tuple(NodeLabel(key=key, values=tuple(sorted(values))) for key, values in wanted.items() if values)


def unreached(nodes: tuple[NodeLabel, ...] | None, labels: Mapping[str, str]) -> str:
    """Why no pod is placed on a node with these labels by that affinity; empty where one may be.

    >>> unreached(node_affinity(("MI210",)), {"amd.com/gpu.device-id.740f": "4", "amd.com/gpu.device-id.74a1": "4"})
    'pods are placed by amd.com/gpu.device-id (740f, 7410), which its labels do not say'
    """
    if nodes is None or any(labels.get(one.key) in one.values for one in nodes):
        return ""
    first = next(iter(nodes), None)
    if first is None:
        return "no label of a node can say the listed models, so no pod is placed"
    return f"pods are placed by {first.key} ({', '.join(first.values)}), which its labels do not say"


def _products(name: str, maker: str, between: str) -> Iterator[str]:
    """What a label can hold of the name as it is, and of its words with the maker's name before them."""
    said = words(name)
    named = said[:1] and said[0].upper() in MAKERS
    for product in (name, between.join(said if named else [maker, *said])):
        if said and is_label_value(product):
            yield product
