"""The records of kinds that are Kubernetes' own: the children that are made, and what decisions look at beside AIM objects."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from aimcore.domain.kinds.records import Resource
from aimcore.domain.kinds.scope import Key, Kind

__all__ = ["Absent", "Child", "Namespace", "Secret", "ServiceAccount", "Unserved"]


# --- children that are manifests ---------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Child(Resource[Mapping[str, Any], Mapping[str, Any]]):
    """A Deployment, Service, HTTPRoute, claim or Job, as its manifest has it: `spec` and `status` are JSON objects.

    `created` is its creationTimestamp, RFC 3339; empty for one that is still to be made.
    """

    spec: Mapping[str, Any]
    status: Mapping[str, Any] | None = None
    created: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Unserved:
    """That the server does not know a kind: its definition is not installed."""

    kind: Kind

    @property
    def key(self) -> Key:
        """A name that no object of the kind can have."""
        return Key(self.kind, None, "")


# --- core objects that decisions look at --------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Namespace:
    """A namespace; nothing is written to one that is `deleting` (OWN-3)."""

    name: str
    deleting: bool = False

    @property
    def key(self) -> Key:
        """Which object it is."""
        return Key(Kind.NAMESPACE, None, self.name)


@dataclass(frozen=True, slots=True, kw_only=True)
class Secret:
    """That a secret exists, of which type, and in which version, where that is known; never what is in it."""

    namespace: str
    name: str
    type: str = "Opaque"
    version: str = ""

    @property
    def key(self) -> Key:
        """Which object it is."""
        return Key(Kind.SECRET, self.namespace, self.name)


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceAccount:
    """A service account and the pull secrets it brings (CONF-4)."""

    namespace: str
    name: str
    image_pull_secrets: tuple[str, ...] = ()

    @property
    def key(self) -> Key:
        """Which object it is."""
        return Key(Kind.SERVICE_ACCOUNT, self.namespace, self.name)


@dataclass(frozen=True, slots=True, kw_only=True)
class Absent:
    """That there is no secret or service account of that name: somebody looked (SEC-5)."""

    kind: Literal["Secret", "ServiceAccount"]
    namespace: str
    name: str

    @property
    def key(self) -> Key:
        """Which object is not there."""
        return Key(Kind.SECRET if self.kind == "Secret" else Kind.SERVICE_ACCOUNT, self.namespace, self.name)
