"""The few objects that kubectl sends as protobuf whatever a server prefers: what `kubectl create` makes by itself."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterator, Mapping
from typing import Any, Literal, NamedTuple

__all__ = ["MEDIA", "ProtobufError", "object_of"]

MEDIA = "application/vnd.kubernetes.protobuf"
_MAGIC = b"k8s\x00"


class ProtobufError(ValueError):
    """A body is no protobuf, or of a kind that is only read as JSON."""


class _Field(NamedTuple):
    """One field of a message: its name in JSON and what it holds; `many` for a list."""

    name: str
    holds: Literal["text", "bytes", "texts", "blobs", "yes", "message"]
    message: Mapping[int, _Field] | None = None
    many: bool = False


_METADATA: Mapping[int, _Field] = {
    1: _Field("name", "text"),
    2: _Field("generateName", "text"),
    3: _Field("namespace", "text"),
    11: _Field("labels", "texts"),
    12: _Field("annotations", "texts"),
    14: _Field("finalizers", "text", many=True),
}
_REFERENCE: Mapping[int, _Field] = {
    1: _Field("kind", "text"),
    2: _Field("namespace", "text"),
    3: _Field("name", "text"),
}
_OBJECT = _Field("metadata", "message", _METADATA)

_KINDS: Mapping[tuple[str, str], Mapping[int, _Field]] = {
    ("v1", "Namespace"): {1: _OBJECT},
    ("v1", "Secret"): {
        1: _OBJECT,
        2: _Field("data", "blobs"),
        3: _Field("type", "text"),
        4: _Field("stringData", "texts"),
        5: _Field("immutable", "yes"),
    },
    ("v1", "ConfigMap"): {
        1: _OBJECT,
        2: _Field("data", "texts"),
        3: _Field("binaryData", "blobs"),
        4: _Field("immutable", "yes"),
    },
    ("v1", "ServiceAccount"): {
        1: _OBJECT,
        2: _Field("secrets", "message", _REFERENCE, many=True),
        3: _Field("imagePullSecrets", "message", {1: _Field("name", "text")}, many=True),
        4: _Field("automountServiceAccountToken", "yes"),
    },
}
_ENVELOPE: Mapping[int, _Field] = {
    1: _Field("type", "message", {1: _Field("apiVersion", "text"), 2: _Field("kind", "text")}),
    2: _Field("raw", "bytes"),
}


def object_of(body: bytes) -> dict[str, Any]:
    """The object in a body, as JSON has it. Raises `ProtobufError`."""
    if not body.startswith(_MAGIC):
        raise ProtobufError("the body does not begin as an object of Kubernetes does")
    envelope = _message(body[len(_MAGIC) :], _ENVELOPE)
    named = envelope.get("type", {})
    fields = _KINDS.get((named.get("apiVersion"), named.get("kind")))
    if fields is None:
        raise ProtobufError(f"{named.get('kind')!a} is only read as JSON")
    return {**named, **_message(envelope.get("raw", b""), fields)}


def _message(data: bytes, fields: Mapping[int, _Field]) -> dict[str, Any]:
    out: dict[str, Any] = {}
    for number, value in _pairs(data):
        field = fields.get(number)
        if field is None:
            continue
        if field.holds in ("texts", "blobs"):
            key, member = _entry(value)
            out.setdefault(field.name, {})[key] = (
                b64encode(member).decode() if field.holds == "blobs" else _text(member)
            )
        elif field.many:
            out.setdefault(field.name, []).append(_value(value, field))
        elif (read := _value(value, field)) not in ("", {}):
            out[field.name] = read
    return out


def _value(value: bytes | int, field: _Field) -> Any:
    if field.holds == "yes":
        return bool(value)
    if isinstance(value, int):
        raise ProtobufError(f"{field.name} has a number")
    match field.holds:
        case "bytes":
            return value
        case "message":
            return _message(value, field.message or {})
        case _:
            return _text(value)


def _entry(value: bytes | int) -> tuple[str, bytes]:
    if isinstance(value, int):
        raise ProtobufError("an entry of a map is a number")
    parts = {number: part for number, part in _pairs(value) if isinstance(part, bytes)}
    return _text(parts.get(1, b"")), parts.get(2, b"")


def _text(value: bytes) -> str:
    try:
        return value.decode()
    except UnicodeDecodeError as error:
        raise ProtobufError("a text is no UTF-8") from error


def _pairs(data: bytes) -> Iterator[tuple[int, bytes | int]]:
    """The number and the value of each field of a message, in order."""
    at = 0
    while at < len(data):
        tag, at = _varint(data, at)
        match tag & 7:
            case 0:
                value, at = _varint(data, at)
                yield tag >> 3, value
            case 2:
                length, at = _varint(data, at)
                if at + length > len(data):
                    raise ProtobufError("a field ends after the message")
                yield tag >> 3, data[at : at + length]
                at += length
            case 1:
                at += 8
            case 5:
                at += 4
            case _:
                raise ProtobufError("a field of no known type")


def _varint(data: bytes, at: int) -> tuple[int, int]:
    value = 0
    for shift in range(0, 70, 7):
        if at >= len(data):
            break
        value |= (data[at] & 0x7F) << shift
        at += 1
        if data[at - 1] < 0x80:
            return value, at
    raise ProtobufError("a number does not end")
