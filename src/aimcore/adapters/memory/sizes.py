"""Sizes of sources in memory: bytes by URI."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from aimcore.domain.errors import quoted
from aimcore.domain.values.quantity import Quantity
from aimcore.domain.view.plan import Probe
from aimcore.domain.weights.probing import ProbeAnswer, ProbeCause, ProbeFailed, Sized

__all__ = ["MemorySizes"]


@dataclass(frozen=True, slots=True)
class MemorySizes:
    """Answers wishes for sizes over a dictionary of bytes by URI; what is not listed is nowhere.

    >>> print(MemorySizes({"hf://acme/chat": 16_000_000_000}).size(Probe("hf://acme/chat")).size)
    16G
    """

    sizes: Mapping[str, int]

    def size(self, want: Probe) -> ProbeAnswer:
        """The size of the source, as one file, or that there is no such source."""
        size = self.sizes.get(want.uri)
        if size is None:
            return ProbeFailed(cause=ProbeCause.NOT_FOUND, message=f"source {quoted(want.uri)} is not there")
        return Sized(size=Quantity.of(size), files=1)
