"""What stands on a cluster at one moment, and what its pods have taken of its nodes, read once: for answers, where the operator follows what comes after."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from aimcore.adapters import wire
from aimcore.adapters.kubernetes.projection import project
from aimcore.adapters.kubernetes.requests import Requests
from aimcore.adapters.kubernetes.resources import NOT_EVERYWHERE, RESOURCES, Resource, Source, source_of
from aimcore.domain.errors import InvalidManifestError
from aimcore.domain.hardware.usage import Amounts, taken_by
from aimcore.domain.kinds.scope import Kind
from aimcore.ports.errors import AccessDenied, NotFound

__all__ = ["READ", "ReadView", "read_live", "read_usage"]

PAGE = 500
_NAMESPACED = tuple(kind.api_name for kind in Kind if kind.is_aim)
_OF_THE_CLUSTER = ("AIMClusterModel", "AIMClusterServiceTemplate", "AIMClusterRuntimeConfig", "Namespace", "Node")

_OF_SERVICES = tuple(kind.api_name for kind in Kind if kind.is_manifest or kind is Kind.POD)
"""What runs services and fills caches: of these kinds those that the operator made, and their pods."""

READ = (*_OF_THE_CLUSTER, *_NAMESPACED)
"""The kinds that are read whole. Secrets and service accounts are not: nobody should have to be allowed to list them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadView:
    """Everything that was read, as records and as it came; what may not be read, by its resource; what cannot be
    understood, with why; the kinds that the cluster does not know.
    """

    things: tuple[wire.WireObject, ...]
    manifests: tuple[dict[str, Any], ...]
    forbidden: frozenset[str]
    unreadable: tuple[str, ...]
    unserved: frozenset[str] = frozenset()


def read_live(
    requests: Requests, namespace: str | None, *, kinds: Iterable[str] = (*READ, *_OF_SERVICES), selector: str = ""
) -> ReadView:
    """All objects of a namespace and of the cluster, of these kinds and labels; without a namespace, of all.

    Raises `NotFound` where the kinds are not installed, `AccessDenied` where those of namespaces may not be read, and
    `Unavailable` where nobody answers.
    """
    reading = _Reading(requests, namespace)
    for kind in kinds:
        reading.read(RESOURCES[kind], selector)
    return ReadView(
        things=tuple(reading.things),
        manifests=tuple(reading.manifests),
        forbidden=frozenset(reading.forbidden),
        unreadable=tuple(reading.unreadable),
        unserved=frozenset(reading.unserved),
    )


class _Reading:
    """What was read so far."""

    def __init__(self, requests: Requests, namespace: str | None) -> None:
        self._requests = requests
        self._namespace = namespace
        self.things: list[wire.WireObject] = []
        self.manifests: list[dict[str, Any]] = []
        self.forbidden: set[str] = set()
        self.unreadable: list[str] = []
        self.unserved: set[str] = set()

    def read(self, resource: Resource, selector: str) -> None:
        """All objects of one resource, of those labels where any are said. What runs services may be forbidden, as nodes may; the rest of a namespace not."""
        source = source_of(resource, self._namespace if resource.namespaced else None)
        source = source._replace(selector=selector) if selector else source
        try:
            for item in _items(self._requests, source):
                self._take(resource, item)
        except AccessDenied:
            if resource.kind in _NAMESPACED:
                raise
            self.forbidden.add(resource.plural)
        except NotFound:
            if resource.kind not in NOT_EVERYWHERE:
                raise
            self.unserved.add(resource.kind)

    def _take(self, resource: Resource, item: Any) -> None:
        seen = project(resource, item)
        if isinstance(seen.thing, InvalidManifestError):
            self.unreadable.append(f"{resource.kind} {'/'.join(filter(None, seen.place[1:]))}: {seen.thing}")
        else:
            self.things.append(seen.thing)
            self.manifests.append({**item, "apiVersion": resource.api_version, "kind": resource.kind})


def _items(requests: Requests, source: Source) -> Iterator[Any]:
    token = ""
    while True:
        page = requests.page(source, limit=PAGE, token=token)
        yield from page.items
        if not page.token:
            return
        token = page.token


def read_usage(requests: Requests) -> Mapping[str, Amounts]:
    """What is taken of each node, by its name. Raises `AccessDenied` where the pods of all namespaces may not be listed."""
    return taken_by(_items(requests, Source(RESOURCES[Kind.POD.api_name])))
