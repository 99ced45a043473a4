"""Refusals become the port's errors by status and reason."""

from __future__ import annotations

import json
from collections.abc import Mapping

import pytest

from aimcore.adapters.kubernetes.answers import refusal_of
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
from tests.unit.adapters.kubernetes.scripted import status

UID = ({"reason": "FieldValueInvalid", "field": "metadata.uid", "message": "immutable"},)
VALUE = ({"reason": "FieldValueInvalid", "field": "spec.image", "message": "too long"},)


@pytest.mark.parametrize(
    ("code", "reason", "causes", "error"),
    [
        (400, "BadRequest", (), Invalid),
        (401, "Unauthorized", (), AccessDenied),
        (403, "Forbidden", (), AccessDenied),
        (404, "NotFound", (), NotFound),
        (405, "MethodNotAllowed", (), BadAnswer),
        (409, "AlreadyExists", (), AlreadyExists),
        (409, "Conflict", (), Conflict),
        (410, "Expired", (), Expired),
        (413, "RequestEntityTooLarge", (), Invalid),
        (422, "Invalid", VALUE, Invalid),
        (422, "Invalid", UID, Conflict),
        (422, "Invalid", (), Conflict),
        (429, "TooManyRequests", (), Unavailable),
        (500, "InternalError", (), Unavailable),
        (504, "Timeout", (), Unavailable),
        (302, "", (), BadAnswer),
    ],
)
def test_each_status_is_one_error(
    code: int, reason: str, causes: tuple[Mapping[str, str], ...], error: type[PortError]
) -> None:
    assert type(refusal_of(code, json.dumps(status(code, reason, "said", causes)).encode())) is error


@pytest.mark.rule("OWN-4")
def test_contested_fields_are_named_with_their_managers() -> None:
    causes = tuple(
        {"reason": "FieldManagerConflict", "field": field, "message": f'conflict with "{manager}" using v1'}
        for field, manager in ((".spec.metric", "kubectl"), (".spec.image", "argo"))
    )
    error = refusal_of(409, json.dumps(status(409, "Conflict", "Apply failed", causes)).encode())
    assert isinstance(error, Conflict)
    assert error.contested == (Contested(".spec.image", "argo"), Contested(".spec.metric", "kubectl"))


@pytest.mark.parametrize(
    "body",
    [b"", b"<html>", b"[]", b"null", b'{"details": 5}', b'{"details": {"causes": [5, {}]}}', b"[" * 100_000, b"\xff"],
    ids=["empty", "html", "list", "null", "no details", "no causes", "deep", "no text"],
)
def test_a_refusal_without_a_status_is_told_by_its_code(body: bytes) -> None:
    assert isinstance(refusal_of(404, body), NotFound)
    assert isinstance(refusal_of(503, body), Unavailable)


@pytest.mark.rule("SEC-1")
def test_a_message_keeps_no_value_that_the_server_quotes_back() -> None:
    said = 'AIMModel "llama" is invalid: spec.env[0].value: Invalid value: "canary-\\"4711": should match \'^x$\''
    message = str(refusal_of(422, json.dumps(status(422, "Invalid", said, VALUE)).encode()))
    assert "canary" not in message
    assert "4711" not in message
    assert "should match" in message


def test_a_long_message_is_cut() -> None:
    assert len(str(refusal_of(500, json.dumps(status(500, "InternalError", "x" * 10**6)).encode()))) < 2000
