"""How lives are told: a history that has begun or settled, and what one comes to in a word."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from aimcore.adapters.memory.kinds import Address, Manifest
from aimcore.testing import World
from tests.integration.histories.history import History

__all__ = ["begun", "made", "owners", "reason", "settled", "word"]


def begun(given: World) -> History:
    """Everything is decided for the first time, and nothing written yet."""
    history = History(given)
    history.hold()
    return history


def settled(given: World) -> History:
    history = History(given)
    history.rest()
    return history


def word(history: History, address: Address) -> str:
    said: str = history.find(address)["status"]["status"]
    return said


def reason(history: History, address: Address, kind: str) -> str | None:
    conditions: list[Mapping[str, Any]] = history.find(address)["status"]["conditions"]
    return next((one["reason"] for one in conditions if one["type"] == kind), None)


def made(history: History, kind: str = "AIMServiceTemplate") -> dict[Address, Manifest]:
    """What the operator made of a kind."""
    return {address: manifest for address, manifest in history.run.made().items() if address.kind == kind}


def owners(manifests: Mapping[Address, Manifest]) -> set[str]:
    return {owner["uid"] for one in manifests.values() for owner in one["metadata"]["ownerReferences"]}
