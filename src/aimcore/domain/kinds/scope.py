"""Where an object lives, and what names it: kinds, scopes, keys and references."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

__all__ = ["DEFAULT_CONFIG", "GROUP", "VERSION", "Key", "Kind", "Reference", "Scope"]

GROUP = "aim.silogen.ai"
VERSION = "v1alpha1"
DEFAULT_CONFIG = "default"
"""The runtime configuration of those that name none (CONF-1)."""


class Scope(StrEnum):
    """Whether an object belongs to one namespace or to the whole cluster."""

    NAMESPACE = "Namespace"
    CLUSTER = "Cluster"


class Kind(StrEnum):
    """What an object is, whatever its scope: `AIMModel` and `AIMClusterModel` are one kind (KIND-2)."""

    MODEL = "Model"
    TEMPLATE = "ServiceTemplate"
    RUNTIME_CONFIG = "RuntimeConfig"
    SERVICE = "Service"


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
        return f"AIM{'Cluster' if self.namespace is None else ''}{self.kind.value}"

    def __str__(self) -> str:
        place = "" if self.namespace is None else f"{self.namespace}/"
        return f"{self.api_kind} {place}{self.name}"

    def __lt__(self, other: Key) -> bool:
        return self.sort_key < other.sort_key

    @property
    def sort_key(self) -> tuple[str, str, str]:
        """Orders keys by kind, namespace and name, as every output lists them."""
        return (self.api_kind, self.namespace or "", self.name)


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
    def to(cls, key: Key, uid: str) -> Reference:
        """The reference to the object of this key and uid."""
        return cls(kind=key.api_kind, name=key.name, namespace=key.namespace, scope=key.scope, uid=uid)
