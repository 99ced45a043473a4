"""What an API server says when it refuses becomes the port's errors: by status and reason, never by words in a message."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from typing import Any

from aimcore.ports.errors import (
    AccessDenied,
    AlreadyExists,
    BadAnswer,
    Conflict,
    Contested,
    Expired,
    Invalid,
    NotFound,
    PortError,
    Unavailable,
)

__all__ = ["refusal", "refusal_of"]

SHOWN_AT_MOST = 1024
_QUOTED = re.compile(r'"((?:[^"\\]|\\.)*)"')
_VALUE = re.compile(r'(value: )"(?:[^"\\]|\\.)*"')


def refusal_of(status: int, text: bytes) -> PortError:
    """The error of an answer that is none, from its status and its body, which should be a `Status`.

    >>> refusal_of(503, b"<html>")
    Unavailable('503')
    """
    try:
        answer = json.loads(text)
    except (ValueError, RecursionError):
        answer = None
    return refusal(status, answer if isinstance(answer, dict) else {})


def refusal(status: int, answer: Mapping[str, Any]) -> PortError:
    """The error that a `Status` means; its message keeps no value that the server quotes back (SEC-1)."""
    message = _message(status, answer)
    causes = _causes(answer)
    match status, answer.get("reason"):
        case 404, _:
            return NotFound(message)
        case 409, "AlreadyExists":
            return AlreadyExists(message)
        case 409, _:
            return Conflict(message, tuple(sorted(_contested(causes))))
        case 422, _ if not causes or any(cause.get("field") == "metadata.uid" for cause in causes):
            return Conflict(message)  # the object of that name is another one than was meant, or fails a patch's test
        case ((401 | 403), _):
            return AccessDenied(message)
        case 410, _:
            return Expired(message)
        case ((400 | 413 | 422), _):
            return Invalid(message)
        case ((408 | 429), _):
            return Unavailable(message)
        case _ if status >= 500:
            return Unavailable(message)
        case _:
            return BadAnswer(message)


def _message(status: int, answer: Mapping[str, Any]) -> str:
    said = str(answer.get("message") or answer.get("reason") or "")
    said = _VALUE.sub(r"\1(not shown)", " ".join(said.split()))
    said = said if len(said) <= SHOWN_AT_MOST else f"{said[: SHOWN_AT_MOST - 3]}..."
    return f"{status}: {said}" if said else str(status)


def _causes(answer: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    details = answer.get("details")
    causes = details.get("causes") if isinstance(details, dict) else None
    return [cause for cause in causes if isinstance(cause, dict)] if isinstance(causes, list) else []


def _contested(causes: Iterable[Mapping[str, Any]]) -> Iterable[Contested]:
    """The fields that others own, and who: the manager stands quoted in the text, and nowhere else."""
    for cause in causes:
        if cause.get("reason") == "FieldManagerConflict":
            manager = _QUOTED.search(str(cause.get("message", "")))
            yield Contested(str(cause.get("field", "")), manager[1] if manager else "")
