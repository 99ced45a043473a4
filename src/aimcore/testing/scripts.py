"""What a test wants to happen on a `FakeCluster`: scripts, and the fates of pods, claims and routes."""

from __future__ import annotations

from aimcore.adapters.memory.controllers import ClaimFate, GatewayAnswer, Script, fates

__all__ = ["ClaimFate", "GatewayAnswer", "Script", "fates"]
