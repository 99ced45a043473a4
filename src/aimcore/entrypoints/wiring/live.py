"""A cluster as it stands now, for commands that only look."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from aimcore.adapters.kubernetes.connection import Waits, connect
from aimcore.adapters.kubernetes.reading import read_standing
from aimcore.adapters.kubernetes.requests import Requests
from aimcore.domain.view.cache import Catalogue

__all__ = ["Live", "look"]

PATIENCE = Waits(read=20.0, whole=60.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Live:
    """What stands, as records and as it came, and what of it could not be seen, in words."""

    catalogue: Catalogue
    manifests: tuple[dict[str, Any], ...]
    notes: tuple[str, ...]


def look(*, kubeconfig: str | None, context: str | None, namespace: str | None) -> Live:
    """The objects of a namespace and of the cluster, or of all namespaces. Raises a `PortError` where that cannot be."""
    standing = read_standing(Requests(connect(kubeconfig=kubeconfig, context=context, waits=PATIENCE)), namespace)
    withheld = (f"{resource} may not be read, and are left out" for resource in sorted(standing.withheld))
    catalogue = Catalogue.of(standing.things, nodes_known="nodes" not in standing.withheld)
    return Live(catalogue=catalogue, manifests=standing.manifests, notes=(*withheld, *standing.unreadable))
