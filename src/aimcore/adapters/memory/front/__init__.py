"""A thin HTTP front of the API over a store in memory, on loopback: for the real adapter, and for a real kubectl."""

from __future__ import annotations

from aimcore.adapters.memory.front.server import Front

__all__ = ["Front"]
