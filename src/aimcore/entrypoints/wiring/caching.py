"""Caches that a person makes and deletes."""

from __future__ import annotations

from typing import Any, Final

from aimcore.adapters import wire
from aimcore.adapters.kubernetes.connection import Timeouts, connect
from aimcore.adapters.kubernetes.requests import At, Requests
from aimcore.adapters.kubernetes.resources import RESOURCES
from aimcore.domain.kinds.caches import Cache

__all__ = ["delete_cache", "make_cache", "manifest_of"]

PERSON: Final = "aimcore"
"""Who writes what a person asked for: somebody else than the operator."""
TIMEOUT: Final = Timeouts(read=20.0, whole=60.0)


def manifest_of(cache: Cache) -> dict[str, Any]:
    """The cache as a person would write it."""
    metadata = {"name": cache.key.name, "namespace": cache.key.namespace}
    return {**wire.encode(cache), "metadata": metadata}


def make_cache(cache: Cache, *, kubeconfig: str | None, context: str | None) -> None:
    """Makes it. Raises a `PortError`, `AlreadyExists` among them."""
    requests = Requests(connect(kubeconfig=kubeconfig, context=context, timeouts=TIMEOUT))
    requests.create(RESOURCES[cache.key.api_kind], manifest_of(cache), manager=PERSON)


def delete_cache(cache: Cache, *, kubeconfig: str | None, context: str | None) -> None:
    """Deletes it as it was seen. Raises a `PortError`, `Conflict` where it is another by now."""
    requests = Requests(connect(kubeconfig=kubeconfig, context=context, timeouts=TIMEOUT))
    at = At(RESOURCES[cache.key.api_kind], cache.key.namespace, cache.key.name)
    requests.delete(at, uid=cache.meta.uid, version=cache.meta.resource_version)
