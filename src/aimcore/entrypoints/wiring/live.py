"""A cluster as it stands now, for commands that only look."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from aimcore.adapters.kubernetes.connection import Timeouts, connect
from aimcore.adapters.kubernetes.kubeconfigs import context_namespace, has_context
from aimcore.adapters.kubernetes.reading import ReadView, read_live
from aimcore.adapters.kubernetes.requests import Requests
from aimcore.adapters.kubernetes.usage import read_usage
from aimcore.domain.hardware.usage import Amounts
from aimcore.domain.kinds.core import Unserved
from aimcore.domain.kinds.scope import Kind
from aimcore.domain.view.cache import ObjectCache

__all__ = ["Live", "context_namespace", "has_context", "look", "look_for", "usage"]

TIMEOUT = Timeouts(read=20.0, whole=60.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Live:
    """What stands, as records and as it came, and what of it could not be seen, in words; kinds it does not know."""

    cache: ObjectCache
    manifests: tuple[dict[str, Any], ...]
    notes: tuple[str, ...]
    unserved: frozenset[str] = frozenset()

    @property
    def created(self) -> Mapping[str, str]:
        """When each object was made, by its uid, as RFC 3339."""
        stamps = (one["metadata"] for one in self.manifests)
        return {str(one["uid"]): str(one["creationTimestamp"]) for one in stamps if one.get("creationTimestamp")}


def look(*, kubeconfig: str | None, context: str | None, namespace: str | None) -> Live:
    """The objects of a namespace and of the cluster, or of all namespaces. Raises a `PortError` where that cannot be."""
    return _live(read_live(_requests(kubeconfig, context), namespace))


def look_for(
    kinds: Iterable[str], selector: str, *, kubeconfig: str | None, context: str | None, namespace: str | None
) -> Live:
    """The same of these kinds alone, with labels that the selector selects, empty for all."""
    return _live(read_live(_requests(kubeconfig, context), namespace, kinds=kinds, selector=selector))


def _requests(kubeconfig: str | None, context: str | None) -> Requests:
    return Requests(connect(kubeconfig=kubeconfig, context=context, timeouts=TIMEOUT))


def _live(live: ReadView) -> Live:
    forbidden = (f"{resource} may not be read, and are left out" for resource in sorted(live.forbidden))
    absent = (Unserved(kind=kind) for kind in Kind if kind.api_name in live.unserved)
    cache = ObjectCache.of((*live.things, *absent), nodes_known="nodes" not in live.forbidden)
    return Live(cache=cache, manifests=live.manifests, notes=(*forbidden, *live.unreadable), unserved=live.unserved)


def usage(*, kubeconfig: str | None, context: str | None) -> Mapping[str, Amounts]:
    """What pods, everybody's, have taken of each node. Raises a `PortError` where that cannot be seen."""
    return read_usage(_requests(kubeconfig, context))
