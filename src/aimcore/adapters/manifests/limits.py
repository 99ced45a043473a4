"""How much one reading takes in at most: what is beyond is refused with a message, whatever it would have become."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

__all__ = [
    "BYTES_AT_MOST",
    "DEPTH_AT_MOST",
    "DOCUMENTS_AT_MOST",
    "EXPANSION_AT_MOST",
    "NODES_AT_MOST",
    "PROBLEMS_AT_MOST",
    "Allowance",
]

BYTES_AT_MOST: Final = 64 * 2**20
"""Of all inputs together; ten thousand manifests are about ten MiB."""
DOCUMENTS_AT_MOST: Final = 100_000
"""Between separators, the empty ones included."""
NODES_AT_MOST: Final = 1_000_000
"""Fields and items of all inputs; a manifest of 25 lines has about fifty."""
EXPANSION_AT_MOST: Final = 2**20
"""Characters that aliases repeat, in all inputs."""
DEPTH_AT_MOST: Final = 100
"""Lists and mappings in one another; a pod specification has about twelve."""
PROBLEMS_AT_MOST: Final = 1_000


@dataclass(slots=True)
class Allowance:
    """What the inputs may still cost, all of them together."""

    nodes: int = NODES_AT_MOST
    expansion: int = EXPANSION_AT_MOST
