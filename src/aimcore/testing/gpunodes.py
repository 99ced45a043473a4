"""Strategies for nodes: the labels that AMD's and NVIDIA's labellers write, and what the kubelet reports (TMPL-6)."""

from __future__ import annotations

from functools import cache
from typing import Any

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from aimcore.domain.hardware.devices import DEVICES

__all__ = ["node_labels", "nodes"]

Json = dict[str, Any]
Labels = dict[str, str]

AMD = ("MI300X", "MI325X", "MI210", "MI250X")
NVIDIA = ("NVIDIA-H100-80GB-HBM3", "NVIDIA-A100-SXM4-40GB")
_IDS = {device.model: device.ids for device in DEVICES}


@st.composite
def _amd_labels(draw: st.DrawFn) -> Labels:
    """One property, or several that agree, in the plain or the count-encoded form, current or `beta.`."""
    model = draw(st.sampled_from(AMD))
    said = {
        "device-id": draw(st.sampled_from(_IDS[model])),
        "product-name": draw(st.sampled_from([f"AMD_Instinct_{model}_OAM", f"Instinct_{model}"])),
        "vram": "192G",
        "family": "AI",
    }
    kept = draw(st.sets(st.sampled_from(sorted(said)), min_size=1))
    prefix = draw(st.sampled_from(["amd.com/gpu.", "beta.amd.com/gpu."]))
    counted = draw(st.booleans())
    return {
        (f"{prefix}{name}.{said[name]}" if counted else f"{prefix}{name}"): ("8" if counted else said[name])
        for name in sorted(kept)
    }


@cache
def node_labels() -> SearchStrategy[Labels]:
    """The labels of a node: with AMD's GPUs, with NVIDIA's, or with none."""
    nvidia = st.sampled_from(NVIDIA).map(lambda product: {"nvidia.com/gpu.product": product})
    return _amd_labels() | nvidia | st.just({"kubernetes.io/arch": "amd64"})


def nodes(names: tuple[str, ...] = ("node-1", "node-2")) -> SearchStrategy[Json]:
    """Nodes whose labels and resources agree, most of the time."""
    allocatable = st.sampled_from([{"cpu": "64"}, {"cpu": "64", "amd.com/gpu": "8"}, {"nvidia.com/gpu": "4"}])
    return st.builds(
        lambda name, labels, given: {
            "apiVersion": "v1",
            "kind": "Node",
            "metadata": {"name": name, "labels": labels},
            "status": {"allocatable": given},
        },
        st.sampled_from(names),
        node_labels(),
        allocatable,
    )
