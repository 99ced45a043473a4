"""Which kinds the cluster serves, and how the lists and maps inside them merge."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from aimcore.adapters.wire.kinds import CODECS
from aimcore.domain.kinds.scope import Kind, Scope

__all__ = ["KINDS", "PLAIN", "Address", "Manifest", "Resource", "Shape", "resource_of"]

Manifest = Mapping[str, Any]
"""A document as JSON has it. Read-only by rule: whoever hands one over gives it up, whoever gets one leaves it as it is."""


class Address(NamedTuple):
    """Where one object is: `("AIMModel", "ml-team", "llama")`; no namespace for a cluster object."""

    kind: str
    namespace: str | None
    name: str

    def __str__(self) -> str:
        place = "" if self.namespace is None else f"{self.namespace}/"
        return f"{self.kind} {place}{self.name}"


@dataclass(frozen=True, slots=True)
class Shape:
    """How a value merges: what is not said here is a struct of independent fields, an atomic list or a scalar.

    `fields` are the shapes of named members. `keys` makes a list a map by those keys, or a set when empty; `items` is the
    shape of its elements. `atomic` makes a map one unit. `members` marks a map of containers, whose keys are data.
    """

    fields: Mapping[str, Shape] = field(default_factory=dict)
    keys: tuple[str, ...] | None = None
    items: Shape | None = None
    atomic: bool = False
    members: bool = False


PLAIN = Shape()
"""A struct, an atomic list or a scalar."""


class Resource(NamedTuple):
    """One kind as the API serves it. `status` says whether it has the subresource, `counted` whether it has a generation."""

    api_version: str
    kind: str
    plural: str
    namespaced: bool
    status: bool = False
    counted: bool = False
    shape: Shape = PLAIN

    @property
    def defined(self) -> bool:
        """Whether one of our definitions brings it, and not Kubernetes itself."""
        return self.kind in _DEFINED


_METADATA = Shape(
    fields={"finalizers": Shape(keys=()), "ownerReferences": Shape(keys=("uid",), items=Shape(atomic=True))}
)
_NAMED = Shape(keys=("name",), items=PLAIN)
_CONDITIONS = Shape(fields={"conditions": Shape(keys=("type",), items=PLAIN)})


def shape_of(schema: Mapping[str, Any]) -> Shape:
    """How a value of this structural schema merges; what merges as a plain value is left out of the shape.

    >>> shape_of({"type": "array", "items": {}, "x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": ["name"]}).keys
    ('name',)
    """
    if schema.get("x-kubernetes-list-type") == "map":
        return Shape(keys=tuple(schema["x-kubernetes-list-map-keys"]), items=shape_of(schema["items"]))
    if "additionalProperties" in schema:
        return Shape(members=schema["additionalProperties"].get("type") == "object")
    members = {name: shape_of(inner) for name, inner in schema.get("properties", {}).items()}
    return Shape(fields={name: shape for name, shape in members.items() if shape != PLAIN})


def _shape(spec: Shape = PLAIN, status: Shape = PLAIN, **top: Shape) -> Shape:
    return Shape(fields={"metadata": _METADATA, "spec": spec, "status": status, **top})


def _ours() -> Iterator[Resource]:
    """Our own kinds, as their codecs describe them."""
    for kind, row in CODECS.items():
        shape = _shape(shape_of(row.spec.schema), shape_of(row.status.schema))
        for scope, spelling in kind.spellings:
            namespaced = scope is Scope.NAMESPACE
            yield Resource(
                kind.api_version, spelling.kind, spelling.plural, namespaced, status=True, counted=True, shape=shape
            )


_CONTAINER = Shape(
    fields={
        "env": _NAMED,
        "ports": Shape(keys=("containerPort", "protocol"), items=PLAIN),
        "volumeMounts": Shape(keys=("mountPath",), items=PLAIN),
        "resources": Shape(fields={"claims": _NAMED}),
    }
)
_POD_SPEC = Shape(
    fields={
        "containers": Shape(keys=("name",), items=_CONTAINER),
        "volumes": _NAMED,
        "imagePullSecrets": _NAMED,
        "topologySpreadConstraints": Shape(keys=("topologyKey", "whenUnsatisfiable"), items=PLAIN),
    }
)
_POD_TEMPLATE = Shape(fields={"template": Shape(fields={"spec": _POD_SPEC})})


def _workload(kind: Kind, shape: Shape, *, counted: bool = True) -> Resource:
    return Resource(
        kind.api_version, kind.api_name, kind.plural, namespaced=True, status=True, counted=counted, shape=shape
    )


_WORKLOADS = (
    _workload(Kind.DEPLOYMENT, _shape(_POD_TEMPLATE, _CONDITIONS)),
    _workload(Kind.JOB, _shape(_POD_TEMPLATE, _CONDITIONS)),
    Resource(
        "apps/v1",
        "ReplicaSet",
        "replicasets",
        namespaced=True,
        status=True,
        counted=True,
        shape=_shape(_POD_TEMPLATE, _CONDITIONS),
    ),
    _workload(Kind.POD, _shape(_POD_SPEC, _CONDITIONS), counted=False),
    _workload(Kind.CLAIM, _shape(status=_CONDITIONS), counted=False),
    _workload(Kind.HTTP_ROUTE, _shape()),
    _workload(
        Kind.NETWORK_SERVICE,
        _shape(Shape(fields={"ports": Shape(keys=("port", "protocol"), items=PLAIN)})),
        counted=False,
    ),
)
_SERVED = (
    *_ours(),
    *_WORKLOADS,
    Resource("v1", "Namespace", "namespaces", namespaced=False, status=True, shape=_shape(status=_CONDITIONS)),
    Resource("v1", "Secret", "secrets", namespaced=True, shape=_shape()),
    Resource("v1", "ConfigMap", "configmaps", namespaced=True, shape=_shape()),
    Resource(
        "v1",
        "ServiceAccount",
        "serviceaccounts",
        namespaced=True,
        shape=_shape(secrets=Shape(keys=("name",), items=Shape(atomic=True))),
    ),
    Resource("v1", "Node", "nodes", namespaced=False, status=True, shape=_shape(status=_CONDITIONS)),
    Resource("events.k8s.io/v1", "Event", "events", namespaced=True, shape=_shape()),
    Resource("coordination.k8s.io/v1", "Lease", "leases", namespaced=True, shape=_shape()),
)
_DEFINED = frozenset(resource.kind for resource in _ours())
KINDS: Mapping[str, Resource] = {resource.kind: resource for resource in _SERVED}
"""Everything served by name; any other kind is kept as it comes (`resource_of`)."""

_OTHER = _shape()


def resource_of(manifest: Manifest) -> Resource:
    """The resource a manifest is of. A kind that is not served is one too, called by version and kind together.

    >>> resource_of({"apiVersion": "v1", "kind": "Secret"}).plural
    'secrets'
    >>> resource_of({"apiVersion": "apps/v1", "kind": "StatefulSet", "metadata": {"namespace": "ml"}}).kind
    'apps/v1/StatefulSet'
    """
    api_version, kind = manifest.get("apiVersion", ""), manifest.get("kind", "")
    served = KINDS.get(kind)
    if served is not None and served.api_version == api_version:
        return served
    name = f"{api_version}/{kind}"
    return Resource(api_version, name, name, namespaced="namespace" in manifest.get("metadata", {}), shape=_OTHER)
