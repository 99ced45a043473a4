"""Where an object lives, and what names it: kinds, scopes, keys and references."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from typing import Any, NamedTuple, Self

__all__ = ["DEFAULT_CONFIG", "GROUP", "VERSION", "Key", "Kind", "Reference", "Scope", "Spelling"]

GROUP = "aim.silogen.ai"
VERSION = "v1alpha1"
DEFAULT_CONFIG = "default"
"""The runtime configuration of those that name none (CONF-1)."""


class Scope(StrEnum):
    """Whether an object belongs to one namespace or to the whole cluster."""

    NAMESPACE = "Namespace"
    CLUSTER = "Cluster"


class Kind(StrEnum):
    """What an object is, whatever its scope: `AIMModel` and `AIMClusterModel` are one kind (KIND-2).

    Its value is the word for it in messages. The other columns say how the API spells it: `api_name` is the kind in a
    namespace, `plural` the name in paths, `short` kubectl's short name, `has_twin` whether there is a kind of the cluster
    beside it (`AIMModel` has `AIMClusterModel`), `namespaced` whether its objects live in a namespace.
    """

    group: str
    version: str
    api_name: str
    plural: str
    short: str
    has_twin: bool
    namespaced: bool

    def __new__(cls, value: str, *row: Any) -> Self:
        """One row: the word; group, version, (kind, plural, short name), and where its objects live if not in a namespace."""
        api_group, api_version, names, scopes = (*row, "namespace")[:4]
        one = str.__new__(cls, value)
        one._value_ = value
        one.api_name, one.plural, one.short = names
        one.group = api_group
        one.version = api_version
        one.has_twin = scopes == "both"
        one.namespaced = scopes != "cluster"
        return one

    MODEL = "Model", GROUP, VERSION, ("AIMModel", "aimmodels", "aimmdl"), "both"
    TEMPLATE = "ServiceTemplate", GROUP, VERSION, ("AIMServiceTemplate", "aimservicetemplates", "aimtpl"), "both"
    RUNTIME_CONFIG = "RuntimeConfig", GROUP, VERSION, ("AIMRuntimeConfig", "aimruntimeconfigs", "aimrc"), "both"
    SERVICE = "Service", GROUP, VERSION, ("AIMService", "aimservices", "aimsvc")
    CACHE = "TemplateCache", GROUP, VERSION, ("AIMTemplateCache", "aimtemplatecaches", "aimtc")
    NAMESPACE = "Namespace", "", "v1", ("Namespace", "namespaces", "ns"), "cluster"
    NODE = "Node", "", "v1", ("Node", "nodes", "no"), "cluster"
    SECRET = "Secret", "", "v1", ("Secret", "secrets", "")
    SERVICE_ACCOUNT = "ServiceAccount", "", "v1", ("ServiceAccount", "serviceaccounts", "sa")
    DEPLOYMENT = "Deployment", "apps", "v1", ("Deployment", "deployments", "deploy")
    NETWORK_SERVICE = "NetworkService", "", "v1", ("Service", "services", "svc")
    HTTP_ROUTE = "HTTPRoute", "gateway.networking.k8s.io", "v1", ("HTTPRoute", "httproutes", "")
    CLAIM = "PersistentVolumeClaim", "", "v1", ("PersistentVolumeClaim", "persistentvolumeclaims", "pvc")
    JOB = "Job", "batch", "v1", ("Job", "jobs", "")
    POD = "Pod", "", "v1", ("Pod", "pods", "po")

    @property
    def api_version(self) -> str:
        """As a manifest has it: `aim.silogen.ai/v1alpha1`, `apps/v1`, `v1`."""
        return f"{self.group}/{self.version}" if self.group else self.version

    @property
    def word(self) -> str:
        """The short word that people use for it, as titles and commands do.

        >>> [kind.word for kind in (Kind.MODEL, Kind.TEMPLATE, Kind.SERVICE)]
        ['Model', 'Template', 'Service']
        """
        return _SHORT_WORDS.get(self.value, self.value)

    @property
    def is_aim(self) -> bool:
        """Whether it is a kind of this project's group."""
        return self.group == GROUP

    @property
    def is_manifest(self) -> bool:
        """Whether its objects are made by the operator and kept as the manifests they are."""
        return self in _MANIFESTS

    def spelling(self, scope: Scope) -> Spelling:
        """How the API spells the kind in that scope."""
        if not (scope is Scope.CLUSTER and self.has_twin):
            return Spelling(kind=self.api_name, plural=self.plural, short=self.short)
        return Spelling(*(_of_the_cluster(name) for name in (self.api_name, self.plural, self.short)))

    @property
    def spellings(self) -> tuple[tuple[Scope, Spelling], ...]:
        """Every spelling that the API has for the kind, by scope."""
        scopes = (
            (Scope.NAMESPACE, Scope.CLUSTER) if self.has_twin else ((Scope.CLUSTER, Scope.NAMESPACE)[self.namespaced],)
        )
        return tuple((scope, self.spelling(scope)) for scope in scopes)


_SHORT_WORDS = {"ServiceTemplate": "Template", "TemplateCache": "Cache"}
_MANIFESTS = frozenset({Kind.DEPLOYMENT, Kind.NETWORK_SERVICE, Kind.HTTP_ROUTE, Kind.CLAIM, Kind.JOB})


class Spelling(NamedTuple):
    """How the API calls one kind in one scope."""

    kind: str
    plural: str
    short: str


def _of_the_cluster(name: str) -> str:
    """The name of the kind of the cluster beside one of a namespace.

    >>> _of_the_cluster("AIMModel"), _of_the_cluster("aimmodels"), _of_the_cluster("aimmdl")
    ('AIMClusterModel', 'aimclustermodels', 'aimclmdl')
    """
    head, rest = name[:3], name[3:]
    return head + ("Cluster" if head == "AIM" else "cluster" if rest.endswith("s") else "cl") + rest


@dataclass(frozen=True, slots=True)
class Key:
    """The name of one object. `namespace` is None for a cluster object.

    >>> print(Key(Kind.MODEL, "ml-team", "llama"))
    AIMModel ml-team/llama
    >>> print(Key(Kind.MODEL, None, "llama"))
    AIMClusterModel llama
    """

    kind: Kind
    namespace: str | None
    name: str

    @property
    def scope(self) -> Scope:
        """Whether the key names something of one namespace or of the whole cluster."""
        return Scope.CLUSTER if self.namespace is None else Scope.NAMESPACE

    @property
    def api_kind(self) -> str:
        """The kind as the API spells it: `AIMModel`, `AIMClusterModel`."""
        return _API_KINDS[self.kind, self.namespace is None]

    def __str__(self) -> str:
        place = "" if self.namespace is None else f"{self.namespace}/"
        return f"{self.api_kind} {place}{self.name}"

    def __lt__(self, other: Key) -> bool:
        return self.sort_key < other.sort_key

    @property
    def sort_key(self) -> tuple[str, str, str]:
        """Orders keys by kind, namespace and name, as every output lists them."""
        return (self.api_kind, self.namespace or "", self.name)


_API_KINDS = {
    (kind, of_cluster): kind.spelling(Scope.CLUSTER if of_cluster else Scope.NAMESPACE).kind
    for kind in Kind
    for of_cluster in (True, False)
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Reference:
    """One particular object, by name and uid: what a status points at (KIND-10)."""

    kind: str
    name: str
    namespace: str | None = None
    scope: Scope
    uid: str

    def __str__(self) -> str:
        place = "" if self.namespace is None else f"{self.namespace}/"
        return f"{self.kind} {place}{self.name}"

    @classmethod
    @lru_cache(maxsize=4096)  # a model's templates point at one, again and again
    def to(cls, key: Key, uid: str) -> Self:
        """The reference to the object of this key and uid."""
        return cls(kind=key.api_kind, name=key.name, namespace=key.namespace, scope=key.scope, uid=uid)
