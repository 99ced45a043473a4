"""What an API server says when it refuses: the port's errors, and its own, as `Status` documents."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from aimcore.adapters.memory.admission import Refused
from aimcore.adapters.memory.apiserver.endpoints import Endpoint
from aimcore.ports.errors import AccessDenied, AlreadyExists, Conflict, Expired, Invalid, NotFound, PortError

__all__ = [
    "Cause",
    "Refusal",
    "bad_request",
    "gone",
    "invalid",
    "invalid_options",
    "moved_on",
    "not_found",
    "refusal_of",
    "unsupported",
]

Cause = tuple[str, str, str]
"""Reason, field and message of one thing that is wrong."""

MODIFIED = "the object has been modified; please apply your changes to the latest version and try again"


class Refusal(Exception):  # noqa: N818 - it is an answer
    """One refusal: its code, reason, message and details."""

    def __init__(self, code: int, reason: str, message: str, details: Mapping[str, Any] | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.reason = reason
        self.message = message
        self.details = details

    def document(self) -> dict[str, Any]:
        """The `Status` that tells of it."""
        out = {
            "kind": "Status",
            "apiVersion": "v1",
            "metadata": {},
            "status": "Failure",
            "message": self.message,
            "reason": self.reason,
            "details": self.details,
            "code": self.code,
        }
        if self.details is None:
            del out["details"]
        return out


def bad_request(message: str) -> Refusal:
    """What was sent cannot be understood (400)."""
    return Refusal(400, "BadRequest", message)


def unsupported(message: str) -> Refusal:
    """The body is of a type that is not read here (415)."""
    return Refusal(415, "UnsupportedMediaType", message)


def gone(message: str) -> Refusal:
    """The history asked for is not kept any more (410)."""
    return Refusal(410, "Expired", message)


def not_found(endpoint: Endpoint, name: str) -> Refusal:
    """Nothing has that name (404)."""
    return Refusal(404, "NotFound", f'{endpoint.qualified} "{name}" not found', _details(endpoint, name))


def invalid(endpoint: Endpoint, name: str, causes: Iterable[Cause]) -> Refusal:
    """What was sent breaks the rules (422)."""
    listed = list(causes)
    kind = f"{endpoint.kind}.{endpoint.group}" if endpoint.group else endpoint.kind
    said = [f"{field}: {message}" for _, field, message in listed]
    text = said[0] if len(said) == 1 else f"[{', '.join(said)}]"
    details = {
        **_details(endpoint, name),
        "kind": endpoint.kind,
        "causes": [{"reason": reason, "message": message, "field": field} for reason, field, message in listed],
    }
    return Refusal(422, "Invalid", f'{kind} "{name}" is invalid: {text}', details)


def moved_on(endpoint: Endpoint, name: str, why: str = MODIFIED) -> Refusal:
    """The object is not the one that was meant, or not as it was then (409)."""
    message = f'Operation cannot be fulfilled on {endpoint.qualified} "{name}": {why}'
    return Refusal(409, "Conflict", message, _details(endpoint, name))


def refusal_of(error: PortError, endpoint: Endpoint, name: str) -> Refusal:
    """How an API server says what the store says."""
    match error:
        case Refused(faults=faults):
            return invalid(
                endpoint, name, (("FieldValueInvalid", path.removeprefix("$."), text) for path, text in faults)
            )
        case Invalid():
            return invalid(endpoint, name, [("FieldValueInvalid", "metadata", str(error))])
        case Conflict(contested=contested) if contested:
            return _contested(contested, endpoint)
        case Conflict():
            return moved_on(endpoint, name)
        case NotFound():
            return not_found(endpoint, name)
        case AlreadyExists():
            message = f'{endpoint.qualified} "{name}" already exists'
            return Refusal(409, "AlreadyExists", message, _details(endpoint, name))
        case AccessDenied():
            return _terminating(endpoint, name)
        case Expired():
            return gone(f"too old resource version: {error}")
        case _:
            return Refusal(500, "InternalError", f"Internal error occurred: {error}")


def _details(endpoint: Endpoint, name: str) -> dict[str, Any]:
    group = {"group": endpoint.group} if endpoint.group else {}
    return {"name": name, **group, "kind": endpoint.plural}


def _contested(contested: Iterable[tuple[str, str]], endpoint: Endpoint) -> Refusal:
    causes = [
        {
            "reason": "FieldManagerConflict",
            "message": f'conflict with "{manager}" using {endpoint.api_version}',
            "field": path,
        }
        for path, manager in contested
    ]
    if len(causes) == 1:
        message = f"Apply failed with 1 conflict: {causes[0]['message']}: {causes[0]['field']}"
    else:
        lines = "\n".join(f"- {cause['message']}: {cause['field']}" for cause in causes)
        message = f"Apply failed with {len(causes)} conflicts:\n{lines}"
    return Refusal(409, "Conflict", message, {"causes": causes})


def _terminating(endpoint: Endpoint, name: str) -> Refusal:
    message = (
        f'{endpoint.qualified} "{name}" is forbidden: '
        "unable to create new content in its namespace because it is being terminated"
    )
    cause = {
        "reason": "NamespaceTerminating",
        "message": "the namespace is being terminated",
        "field": "metadata.namespace",
    }
    return Refusal(403, "Forbidden", message, {**_details(endpoint, name), "causes": [cause]})


def invalid_options(field: str, message: str) -> Refusal:
    """An option of the query is wrong or missing (422)."""
    reason = "FieldValueRequired" if message.startswith("Required") else "FieldValueForbidden"
    cause = {"reason": reason, "message": message, "field": field}
    text = f'Options.meta.k8s.io "" is invalid: {field}: {message}'
    return Refusal(422, "Invalid", text, {"group": "meta.k8s.io", "kind": "Options", "causes": [cause]})
