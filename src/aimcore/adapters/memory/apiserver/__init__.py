"""A thin HTTP front of the API over a store in memory, on loopback: for the real adapter, and for a real kubectl."""

from __future__ import annotations

from aimcore.adapters.memory.apiserver.server import ApiServer

__all__ = ["ApiServer"]
