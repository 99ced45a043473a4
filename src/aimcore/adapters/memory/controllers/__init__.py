"""Kubernetes' own controllers in memory, with the faults that a scenario asks for: pods, Deployments, Jobs, claims, routes."""

from __future__ import annotations

from aimcore.adapters.memory.controllers.running import Controllers
from aimcore.adapters.memory.controllers.script import ClaimFate, GatewayAnswer, Script

__all__ = ["ClaimFate", "Controllers", "GatewayAnswer", "Script"]
