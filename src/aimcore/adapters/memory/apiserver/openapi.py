"""The description of the API (OpenAPI 3) as far as kubectl reads it: what a patch may ask for, and the fields to explain."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from aimcore.adapters.memory.apiserver.discovery import release
from aimcore.adapters.memory.apiserver.endpoints import Endpoint, Endpoints

__all__ = ["described"]

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
