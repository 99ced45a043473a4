"""What people do to a cluster, said so that a failure can tell it."""

from __future__ import annotations

from typing import Any

from aimcore.adapters.memory.kinds import Manifest
from aimcore.testing.world import address_of
from tests.integration.simulations.timeline import Act

__all__ = ["creating", "deleting", "labelling", "setting"]


def creating(manifest: Manifest) -> Act:
    return Act(says=f"create {address_of(manifest)}", do=lambda timeline: timeline.create(manifest))


def deleting(manifest: Manifest) -> Act:
    return Act(says=f"delete {address_of(manifest)}", do=lambda timeline: timeline.delete(address_of(manifest)))


def setting(manifest: Manifest, **spec: Any) -> Act:
    """Changes these fields of a spec; None takes one away."""
    address = address_of(manifest)
    fields = ", ".join(f"{name}={value!r}" for name, value in spec.items())
    return Act(says=f"set {fields} of {address}", do=lambda timeline: timeline.edit(address, {"spec": spec}))


def labelling(manifest: Manifest, **labels: str | None) -> Act:
    address = address_of(manifest)
    return Act(
        says=f"label {address} with {labels}",
        do=lambda timeline: timeline.edit(address, {"metadata": {"labels": labels}}),
    )
