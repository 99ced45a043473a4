"""What a client asks before it asks anything: the groups, versions and resources, the release, and the description (OpenAPI 3)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from aimcore.adapters.memory.apiserver.endpoints import Endpoint, Endpoints

__all__ = ["described", "discovered", "release"]

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


_PATCHES = ("application/json-patch+json", "application/merge-patch+json", "application/apply-patch+yaml")
_OPTIONS = ("dryRun", "fieldManager", "fieldValidation", "force")


def described(path: Sequence[str], endpoints: Endpoints, *, base: str, minor: int) -> Mapping[str, Any] | None:
    """The document at one of the paths below `openapi/v3`, None for any other path; `base` is what all paths begin with."""
    versions = dict.fromkeys(version for version, _ in endpoints)
    places = {(f"apis/{version}" if "/" in version else f"api/{version}"): version for version in versions}
    match path:
        case ["openapi", "v3"]:
            return {"paths": {place: {"serverRelativeURL": f"{base}/openapi/v3/{place}"} for place in places}}
        case ["openapi", "v3", *rest] if "/".join(rest) in places:
            place = "/".join(rest)
            served = [one for one in endpoints.values() if one.api_version == places[place]]
            return {**_document(place, served), "info": {"title": "Kubernetes", "version": release(minor)}}
        case _:
            return None


def _document(place: str, endpoints: Sequence[Endpoint]) -> dict[str, Any]:
    return {
        "openapi": "3.0.0",
        "paths": dict(_path(place, one) for one in endpoints),
        "components": {"schemas": {_name(one): _schema(one) for one in endpoints}},
    }


def _gvk(endpoint: Endpoint) -> dict[str, str]:
    return {"group": endpoint.group, "version": endpoint.api_version.rpartition("/")[2], "kind": endpoint.kind}


def _name(endpoint: Endpoint) -> str:
    """`ai.silogen.aim.v1alpha1.AIMModel`."""
    group = ".".join(reversed(endpoint.group.split("."))) if endpoint.group else "io.k8s.api.core"
    return f"{group}.{_gvk(endpoint)['version']}.{endpoint.kind}"


def _schema(endpoint: Endpoint) -> Mapping[str, Any]:
    return {**(endpoint.schema or {"type": "object"}), "x-kubernetes-group-version-kind": [_gvk(endpoint)]}


def _path(place: str, endpoint: Endpoint) -> tuple[str, Mapping[str, Any]]:
    inside = "namespaces/{namespace}/" if endpoint.resource.namespaced else ""
    reference = {"$ref": f"#/components/schemas/{_name(endpoint)}"}
    patch = {
        "operationId": f"patch{endpoint.kind}",
        "parameters": [{"name": name, "in": "query", "schema": {"type": "string"}} for name in _OPTIONS],
        "requestBody": {"content": {media: {"schema": {"type": "object"}} for media in _PATCHES}},
        "responses": {"200": {"description": "OK", "content": {"application/json": {"schema": reference}}}},
        "x-kubernetes-action": "patch",
        "x-kubernetes-group-version-kind": _gvk(endpoint),
    }
    return f"/{place}/{inside}{endpoint.plural}/{{name}}", {"patch": patch}
