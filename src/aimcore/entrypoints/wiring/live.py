"""A cluster as it stands now, for commands that only look."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from aimcore.adapters.kubernetes.connection import Timeouts, connect
from aimcore.adapters.kubernetes.kubeconfigs import context_namespace, has_context
from aimcore.adapters.kubernetes.reading import ReadView, read_live, read_usage
from aimcore.adapters.kubernetes.reflector import Backoff, Reflector
from aimcore.adapters.kubernetes.requests import Requests
from aimcore.adapters.kubernetes.resources import RESOURCES, source_of
from aimcore.adapters.kubernetes.store import ReadWarning, Store
from aimcore.domain.hardware.usage import Amounts
from aimcore.domain.kinds.core import Unserved
from aimcore.domain.kinds.scope import Kind
from aimcore.domain.view.cache import ObjectCache
from aimcore.ports.cluster import Change
from aimcore.ports.errors import AccessDenied, Expired, PortError

__all__ = ["Followed", "Live", "context_namespace", "follow", "has_context", "look", "look_for", "usage"]

TIMEOUT = Timeouts(read=20.0, whole=60.0)
LOOK_AGAIN = 2.0
"""Seconds between two looks where nothing can be watched."""


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


class Followed:
    """What changes of some kinds, as it is told; `report` hears why it cannot be."""

    def __init__(self) -> None:
        self.known = Store(self.report)
        self._is_denied = False
        self._is_troubled = False

    def report(self, warning: ReadWarning) -> None:
        """What went wrong: who may list and not watch has to look again and again, as has whoever nobody answers."""
        self._is_denied = self._is_denied or isinstance(warning.error, AccessDenied)
        self._is_troubled = isinstance(warning.error, PortError) and not isinstance(warning.error, Expired)

    def wait(self) -> Sequence[Change] | None:
        """The next changes; None where they cannot be told, and somebody should look again."""
        while not self.known.wait(LOOK_AGAIN):
            if self._is_denied or self._is_troubled:
                self._is_troubled = False
                return None
        return self.known.drain()


@contextmanager
def follow(
    kinds: Iterable[str], selector: str, *, kubeconfig: str | None, context: str | None, namespace: str | None
) -> Iterator[Followed]:
    """Follows what `look_for` looks at, with the operator's own list and watch."""
    requests, followed = _requests(kubeconfig, context), Followed()
    pace = Backoff(chance=random.random, clock=time.monotonic)
    resources = [RESOURCES[kind] for kind in kinds]
    sources = [source_of(one, namespace if one.namespaced else None)._replace(selector=selector) for one in resources]
    reflectors = [Reflector(requests, source, followed.known, pace, optional=True) for source in sources]
    for reflector in reflectors:
        threading.Thread(target=reflector.run, daemon=True).start()
    try:
        yield followed
    finally:
        for reflector in reflectors:
            reflector.stop()


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
