"""How lives are told: a timeline that has begun or settled, and what one comes to in a word."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from aimcore.adapters.memory.kinds import Address, Manifest
from aimcore.testing import World
from tests.integration.simulations.timeline import Timeline

__all__ = ["begun", "made", "owners", "reason", "settled", "word"]


def begun(given: World) -> Timeline:
    """Everything is decided for the first time, and nothing written yet."""
    timeline = Timeline(given)
    timeline.hold()
    return timeline


def settled(given: World) -> Timeline:
    timeline = Timeline(given)
    timeline.rest()
    return timeline


def word(timeline: Timeline, address: Address) -> str:
    said: str = timeline.find(address)["status"]["status"]
    return said


def reason(timeline: Timeline, address: Address, kind: str) -> str | None:
    conditions: list[Mapping[str, Any]] = timeline.find(address)["status"]["conditions"]
    return next((one["reason"] for one in conditions if one["type"] == kind), None)


def made(timeline: Timeline, kind: str = "AIMServiceTemplate") -> dict[Address, Manifest]:
    """What the operator made of a kind."""
    return {address: manifest for address, manifest in timeline.run.made().items() if address.kind == kind}


def owners(manifests: Mapping[Address, Manifest]) -> set[str]:
    return {owner["uid"] for one in manifests.values() for owner in one["metadata"]["ownerReferences"]}
