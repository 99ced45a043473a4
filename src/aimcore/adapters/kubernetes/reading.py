"""What stands on a cluster at one moment, read once: for answers, where the operator follows what comes after."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from aimcore.adapters import wire
from aimcore.adapters.kubernetes.projection import project
from aimcore.adapters.kubernetes.requests import Requests
from aimcore.adapters.kubernetes.resources import RESOURCES, Source
from aimcore.domain.errors import InvalidManifestError
from aimcore.ports.errors import AccessDenied

__all__ = ["READ", "ReadView", "read_live"]

PAGE = 500
_NAMESPACED = ("AIMModel", "AIMServiceTemplate", "AIMRuntimeConfig", "AIMService")
_OF_THE_CLUSTER = ("AIMClusterModel", "AIMClusterServiceTemplate", "AIMClusterRuntimeConfig", "Namespace", "Node")

READ = (*_OF_THE_CLUSTER, *_NAMESPACED)
"""The kinds that are read. Secrets and service accounts are not: nobody should have to be allowed to list them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadView:
    """Everything that was read, as records and as it came; what may not be read, by its resource; what cannot be
    understood, with why.
    """

    things: tuple[wire.WireObject, ...]
    manifests: tuple[dict[str, Any], ...]
    forbidden: frozenset[str]
    unreadable: tuple[str, ...]


def read_live(requests: Requests, namespace: str | None) -> ReadView:
    """All objects of a namespace and of the cluster; without a namespace, of all.

    Raises `NotFound` where the kinds are not installed, `AccessDenied` where those of namespaces may not be read, and
    `Unavailable` where nobody answers.
    """
    things: list[wire.WireObject] = []
    manifests: list[dict[str, Any]] = []
    forbidden: set[str] = set()
    unreadable: list[str] = []
    for resource in (RESOURCES[kind] for kind in READ):
        source = Source(resource, namespace if resource.namespaced else None)
        try:
            for item in _items(requests, source):
                seen = project(resource, item)
                if isinstance(seen.thing, InvalidManifestError):
                    unreadable.append(f"{resource.kind} {'/'.join(filter(None, seen.place[1:]))}: {seen.thing}")
                else:
                    things.append(seen.thing)
                    manifests.append({**item, "apiVersion": resource.api_version, "kind": resource.kind})
        except AccessDenied:
            if resource.namespaced:
                raise
            forbidden.add(resource.plural)
    return ReadView(
        things=tuple(things),
        manifests=tuple(manifests),
        forbidden=frozenset(forbidden),
        unreadable=tuple(unreadable),
    )


def _items(requests: Requests, source: Source) -> Iterator[Any]:
    token = ""
    while True:
        page = requests.page(source, limit=PAGE, token=token)
        yield from page.items
        if not page.token:
            return
        token = page.token
