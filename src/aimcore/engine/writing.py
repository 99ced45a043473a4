"""How a write is carried out on a cluster, whoever does it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from aimcore.domain.view.plan import Apply, Create, Delete, SetStatus, Write
from aimcore.ports.cluster import Cluster

__all__ = ["ACTIONS", "carry_out"]

ACTIONS: Final[Mapping[type[Write], str]] = {
    Create: "create",
    Apply: "apply",
    Delete: "delete",
    SetStatus: "status",
}
"""The word for each write, in logs, metrics and plans."""


def carry_out(cluster: Cluster, write: Write) -> None:
    """Carries out one write. Raises `PortError` where the cluster does not take it; nothing has changed then."""
    match write:
        case Create():
            cluster.create(write.thing)
        case Apply():
            cluster.apply(write.thing)
        case Delete():
            cluster.delete(write)
        case SetStatus():
            cluster.set_status(write)
