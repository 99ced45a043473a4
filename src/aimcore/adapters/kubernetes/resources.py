"""Which resources there are to read and write, and the paths at which an API server has them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple
from urllib.parse import quote, urlencode

from aimcore.domain.kinds.ownership import MANAGED_BY, MANAGER
from aimcore.domain.kinds.scope import Kind, Scope

__all__ = ["NOT_EVERYWHERE", "RESOURCES", "Resource", "Source", "source_of"]


class Resource(NamedTuple):
    """One kind as the API serves it."""

    api_version: str
    kind: str
    plural: str
    namespaced: bool

    def path(self, namespace: str | None, name: str = "", subresource: str = "", **query: str | int) -> str:
        """The path of one object, or of all in a namespace or the cluster when `name` is empty.

        >>> RESOURCES["AIMModel"].path("ml-team", "llama", "status", fieldManager="me")
        '/apis/aim.silogen.ai/v1alpha1/namespaces/ml-team/aimmodels/llama/status?fieldManager=me'
        >>> RESOURCES["Node"].path(None)
        '/api/v1/nodes'
        """
        root = f"/{'apis' if '/' in self.api_version else 'api'}/{self.api_version}"
        steps = ["namespaces", namespace] if namespace is not None else []
        steps += [self.plural, *filter(None, (name, subresource))]
        asked = f"?{urlencode(query)}" if query else ""
        return "/".join([root, *(quote(step, safe="") for step in steps)]) + asked


class Source(NamedTuple):
    """What one reflector follows: a resource, in one namespace or (None) wherever it is, and of it what a label selector
    selects (empty: all).
    """

    resource: Resource
    namespace: str | None = None
    selector: str = ""

    def __str__(self) -> str:
        return self.resource.plural + ("" if self.namespace is None else f" in {self.namespace}")


def _served() -> Iterator[Resource]:
    for kind in Kind:
        for scope, spelling in kind.spellings:
            yield Resource(kind.api_version, spelling.kind, spelling.plural, scope is Scope.NAMESPACE)
    yield Resource("events.k8s.io/v1", "Event", "events", namespaced=True)
    yield Resource("coordination.k8s.io/v1", "Lease", "leases", namespaced=True)


RESOURCES: Mapping[str, Resource] = {resource.kind: resource for resource in _served()}
"""Every resource the adapter asks for, by kind."""

NOT_EVERYWHERE = frozenset({Kind.HTTP_ROUTE.api_name})
"""The kinds that a cluster may lack: their definitions are installed by others."""

_SELECTORS: Mapping[str, str] = {
    **{kind.api_name: f"{MANAGED_BY}={MANAGER}" for kind in Kind if kind.is_manifest},
    Kind.POD.api_name: f"{MANAGED_BY}={MANAGER}",
}
"""What is read of the kinds that others make objects of, too: our own children, and the pods that they make."""


def source_of(resource: Resource, namespace: str | None = None) -> Source:
    """The source of a resource, with the selector that its kind is read by.

    >>> source_of(RESOURCES["Pod"], "ml").selector
    'app.kubernetes.io/managed-by=aim-operator'
    """
    return Source(resource, namespace, _SELECTORS.get(resource.kind, ""))
