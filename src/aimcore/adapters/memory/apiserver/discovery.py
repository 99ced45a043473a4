"""What a client asks before it asks anything: which groups, versions and resources there are, and of which release."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from aimcore.adapters.memory.apiserver.endpoints import Endpoint, Endpoints

__all__ = ["discovered", "release"]

_VERBS = ["create", "delete", "deletecollection", "get", "list", "patch", "update", "watch"]
_STATUS_VERBS = ["get", "patch", "update"]


def release(minor: int) -> str:
    """The version that is told of a cluster that behaves as this minor does.

    >>> release(37)
    'v1.37.0+aimcore'
    """
    return f"v1.{minor}.0+aimcore"


def discovered(path: Sequence[str], endpoints: Endpoints, *, minor: int) -> Mapping[str, Any] | None:
    """The document at one of the paths of discovery, None for any other path."""
    versions = list(dict.fromkeys(version for version, _ in endpoints))
    groups = [version for version in versions if "/" in version]
    match path:
        case ["version"]:
            return {"major": "1", "minor": str(minor), "gitVersion": release(minor), "platform": "python/memory"}
        case ["api"]:
            return {"kind": "APIVersions", "versions": ["v1"], "serverAddressByClientCIDRs": []}
        case ["apis"]:
            return {"kind": "APIGroupList", "apiVersion": "v1", "groups": [_group(version) for version in groups]}
        case ["apis", group]:
            found = [version for version in groups if version.startswith(f"{group}/")]
            return {"kind": "APIGroup", "apiVersion": "v1", **_group(found[0])} if found else None
        case ["api", version] if version in versions:
            return _resources(version, endpoints)
        case ["apis", group, version] if f"{group}/{version}" in versions:
            return _resources(f"{group}/{version}", endpoints)
        case _:
            return None


def _group(version: str) -> dict[str, Any]:
    name, _, short = version.partition("/")
    one = {"groupVersion": version, "version": short}
    return {"name": name, "versions": [one], "preferredVersion": one}


def _resources(version: str, endpoints: Endpoints) -> dict[str, Any]:
    served = [entry for one in endpoints.values() if one.api_version == version for entry in _entries(one)]
    return {"kind": "APIResourceList", "apiVersion": "v1", "groupVersion": version, "resources": served}


def _entries(endpoint: Endpoint) -> list[dict[str, Any]]:
    entry = {
        "name": endpoint.plural,
        "singularName": endpoint.singular,
        "namespaced": endpoint.resource.namespaced,
        "kind": endpoint.kind,
        "verbs": _VERBS,
    }
    if endpoint.short:
        entry["shortNames"] = list(endpoint.short)
    if endpoint.categories:
        entry["categories"] = list(endpoint.categories)
    status = {**entry, "name": f"{endpoint.plural}/status", "singularName": "", "verbs": _STATUS_VERBS}
    status.pop("shortNames", None)
    status.pop("categories", None)
    return [entry, status] if endpoint.resource.status else [entry]
