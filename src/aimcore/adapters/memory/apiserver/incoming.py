"""What is read of a body before the store sees it: that it is an object of this path, and what of it its definition knows."""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Mapping
from typing import Any

from aimcore.adapters.memory.apiserver.calls import Call
from aimcore.adapters.memory.apiserver.endpoints import Endpoint
from aimcore.adapters.memory.apiserver.refusals import bad_request, invalid
from aimcore.adapters.memory.kinds import Manifest
from aimcore.domain.values.kubenames import SUBDOMAIN_AT_MOST, is_dns1123_subdomain

__all__ = ["as_kept", "as_sent", "named"]

_LETTERS = "bcdfghjklmnpqrstvwxz2456789"
_WORDS = ("name", "generateName", "namespace", "uid", "resourceVersion")
_TEXTS = ("labels", "annotations")
_LISTS = ("finalizers", "ownerReferences", "managedFields")


def as_sent(call: Call) -> Manifest:
    """The manifest in a body, if it is an object of the path it was sent to. Raises `Refusal`."""
    endpoint, manifest = call.route.endpoint, call.body
    if not isinstance(manifest, dict):
        raise bad_request(f"the object provided is unrecognized (must be of type {endpoint.kind}): it is no object")
    version, kind = manifest.get("apiVersion"), manifest.get("kind")
    manifest = {**manifest, "apiVersion": version or endpoint.api_version, "kind": kind or endpoint.kind}
    name = str((manifest.get("metadata") or {}).get("name", "")) if isinstance(manifest.get("metadata"), dict) else ""
    if manifest["kind"] != endpoint.kind:
        cause = ("FieldValueInvalid", "kind", f'Invalid value: "{kind}": must be {endpoint.kind}')
        raise invalid(endpoint, name, [cause])
    if manifest["apiVersion"] != endpoint.api_version:
        raise bad_request(
            f"the API version in the data ({str(version)[:60]}) does not match the expected API version "
            f"({endpoint.api_version})"
        )
    _check_metadata(manifest.setdefault("metadata", {}), endpoint, name)
    return manifest


def _check_metadata(metadata: Any, endpoint: Endpoint, name: str) -> None:
    """That whoever reads metadata may trust in what it is made of."""
    if not isinstance(metadata, dict):
        raise invalid(endpoint, name, [("FieldValueTypeInvalid", "metadata", "Invalid value: expected an object")])
    wrong = [
        *(word for word in _WORDS if not isinstance(metadata.get(word, ""), str)),
        *(word for word in _TEXTS if not _is_texts(metadata.get(word))),
        *(word for word in _LISTS if not isinstance(metadata.get(word, []), list)),
    ]
    wrong += [] if wrong else list(_wrong_items(metadata))
    if wrong:
        causes = [("FieldValueTypeInvalid", f"metadata.{word}", "Invalid value: of another type") for word in wrong]
        raise invalid(endpoint, name, causes)


def _is_texts(value: Any) -> bool:
    return value is None or (isinstance(value, dict) and all(isinstance(one, str) for one in value.values()))


def _wrong_items(metadata: Mapping[str, Any]) -> Iterator[str]:
    if not all(isinstance(one, str) for one in metadata.get("finalizers", ())):
        yield "finalizers"
    needed = ("apiVersion", "kind", "name", "uid")
    owners = metadata.get("ownerReferences", ())
    if not all(isinstance(one, dict) and all(isinstance(one.get(word), str) for word in needed) for one in owners):
        yield "ownerReferences"
    if not all(
        isinstance(one, dict) and isinstance(one.get("fieldsV1", {}), dict) for one in metadata.get("managedFields", ())
    ):
        yield "managedFields"


def named(manifest: Manifest, call: Call) -> Manifest:
    """The manifest under the name and in the namespace of its path. Raises `Refusal` when it says another one."""
    metadata = dict(manifest["metadata"])
    namespace, name = call.route.namespace, call.route.name
    given = metadata.setdefault("namespace", namespace)
    if given != namespace and (given or namespace is not None):
        raise bad_request("the namespace of the provided object does not match the namespace sent on the request")
    if namespace is None:
        del metadata["namespace"]
    if not name and not metadata.get("name") and metadata.get("generateName"):
        metadata["name"] = metadata["generateName"] + "".join(secrets.choice(_LETTERS) for _ in range(5))
    if metadata.setdefault("name", name) != name and name:
        raise bad_request(f"the name of the object ({metadata['name']}) does not match the name on the URL ({name})")
    _check_name(metadata["name"], call.route.endpoint)
    return {**manifest, "metadata": metadata}


def _check_name(name: str, endpoint: Endpoint) -> None:
    if not name:
        cause = ("FieldValueRequired", "metadata.name", "Required value: name or generateName is required")
        raise invalid(endpoint, "", [cause])
    if not is_dns1123_subdomain(name):
        said = "a lowercase RFC 1123 subdomain of lower case letters, digits, '-' and '.' is expected"
        raise invalid(
            endpoint,
            name,
            [("FieldValueInvalid", "metadata.name", f'Invalid value: "{name[:SUBDOMAIN_AT_MOST]}": {said}')],
        )


def as_kept(manifest: Manifest, call: Call, warnings: list[str]) -> Manifest:
    """The manifest as the store takes it, without the fields that its definition does not know.

    They are refused when the call asks for it, else warned of unless it asks not to be.
    """
    endpoint = call.route.endpoint
    if endpoint.schema is None:
        return endpoint.kept(manifest)
    unknown: list[str] = []
    pruned: Manifest = _pruned(manifest, endpoint.schema, "", unknown)
    validation = call.query.get("fieldValidation") or "Warn"
    said = [f'unknown field "{path}"' for path in unknown]
    if said and validation == "Strict":
        version = endpoint.api_version.rpartition("/")[2]
        raise bad_request(
            f'{endpoint.kind} in version "{version}" cannot be handled as a {endpoint.kind}: '
            f"strict decoding error: {', '.join(said)}"
        )
    if validation == "Warn":
        warnings += said
    return pruned


def _pruned(value: Any, schema: Mapping[str, Any], path: str, unknown: list[str]) -> Any:
    if isinstance(value, dict) and "properties" in schema:
        known = schema["properties"]
        out = {}
        for name, one in value.items():
            where = f"{path}.{name}" if path else name
            if name in known:
                out[name] = _pruned(one, known[name], where, unknown)
            elif schema.get("x-kubernetes-preserve-unknown-fields"):
                out[name] = one
            else:
                unknown.append(where)
        return out
    if isinstance(value, dict) and isinstance(schema.get("additionalProperties"), Mapping):
        inner = schema["additionalProperties"]
        return {name: _pruned(one, inner, f"{path}.{name}", unknown) for name, one in value.items()}
    if isinstance(value, list) and "items" in schema:
        return [_pruned(one, schema["items"], f"{path}[{at}]", unknown) for at, one in enumerate(value)]
    return value
