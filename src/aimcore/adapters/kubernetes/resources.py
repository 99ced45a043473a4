"""Which resources there are to read and write, and the paths at which an API server has them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple
from urllib.parse import quote, urlencode

from aimcore.domain.kinds.scope import GROUP, VERSION

__all__ = ["RESOURCES", "Resource", "Source"]


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
    """What one reflector follows: a resource, in one namespace or (None) wherever it is."""

    resource: Resource
    namespace: str | None = None

    def __str__(self) -> str:
        return self.resource.plural + ("" if self.namespace is None else f" in {self.namespace}")


def _aim(kind: str, plural: str) -> Resource:
    return Resource(f"{GROUP}/{VERSION}", kind, plural, "Cluster" not in kind)


_SERVED = (
    _aim("AIMModel", "aimmodels"),
    _aim("AIMClusterModel", "aimclustermodels"),
    _aim("AIMServiceTemplate", "aimservicetemplates"),
    _aim("AIMClusterServiceTemplate", "aimclusterservicetemplates"),
    _aim("AIMRuntimeConfig", "aimruntimeconfigs"),
    _aim("AIMClusterRuntimeConfig", "aimclusterruntimeconfigs"),
    _aim("AIMService", "aimservices"),
    Resource("v1", "Namespace", "namespaces", namespaced=False),
    Resource("v1", "Node", "nodes", namespaced=False),
    Resource("v1", "Secret", "secrets", namespaced=True),
    Resource("v1", "ServiceAccount", "serviceaccounts", namespaced=True),
    Resource("events.k8s.io/v1", "Event", "events", namespaced=True),
    Resource("coordination.k8s.io/v1", "Lease", "leases", namespaced=True),
)
RESOURCES: Mapping[str, Resource] = {resource.kind: resource for resource in _SERVED}
"""Every resource the adapter asks for, by kind."""
