"""Which GPUs the cluster has, and whether it has what a template needs (TMPL-6)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from aimcore.domain.hardware.devices import gpu_model
from aimcore.domain.hardware.nodes import Node, node_gpus
from aimcore.domain.hardware.requirements import Gpu
from aimcore.domain.values.quantity import Quantity

__all__ = ["Inventory", "take_inventory"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Inventory:
    """GPU model -> the largest memory any such GPU of the cluster has; None where a node does not say its memory."""

    memory: Mapping[str, Quantity | None]

    def lacks(self, gpu: Gpu) -> str | None:
        """Why no node has such a GPU, or None when one does. Any listed model will do; unknown memory does not gate."""
        wanted = {gpu_model(name): name for name in gpu.models or ()}
        fitting = {name: memory for name, memory in self.memory.items() if not wanted or (name and name in wanted)}
        asked = " or ".join(wanted.values()) or "a GPU"
        if not fitting:
            found = ", ".join(sorted(name or "GPUs of unknown model" for name in self.memory)) or "no GPU"
            return f"no node has {asked}; found {found}"
        need, known = gpu.min_vram, [memory for memory in fitting.values() if memory is not None]
        if need is None or len(known) < len(fitting) or max(known) >= need:
            return None
        return f"no node has {asked} with {need} of memory; the largest has {max(known)}"


def take_inventory(nodes: Iterable[Node]) -> Inventory:
    """What the nodes offer together."""
    memory: dict[str, Quantity | None] = {}
    for node in nodes:
        for gpu in (gpu for gpu in node_gpus(node) if gpu.count):
            known = memory.get(gpu.model, gpu.vram)
            memory[gpu.model] = None if known is None or gpu.vram is None else max(known, gpu.vram)
    return Inventory(memory=memory)
