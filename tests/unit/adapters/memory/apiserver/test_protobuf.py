"""What kubectl sends as protobuf is read, and what is none is refused."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aimcore.adapters.memory.apiserver.protobuf import ProtobufError, object_of


def field(number: int, content: bytes) -> bytes:
    """One field with a length below 128."""
    return bytes([number << 3 | 2, len(content)]) + content


def sent(kind: str, *fields: bytes) -> bytes:
    named = field(1, field(1, b"v1") + field(2, kind.encode()))
    return b"k8s\x00" + named + field(2, b"".join(fields))


NAMED = field(1, field(1, b"hub") + field(11, field(1, b"app") + field(2, b"a")) + field(14, b"f/one"))
METADATA = {"name": "hub", "labels": {"app": "a"}, "finalizers": ["f/one"]}


@pytest.mark.parametrize(
    ("body", "read"),
    [
        (sent("Namespace", NAMED), {}),
        (
            sent("Secret", NAMED, field(2, field(1, b"t") + field(2, b"\xff")), field(3, b"Opaque")),
            {"data": {"t": "/w=="}, "type": "Opaque"},
        ),
        (
            sent("ConfigMap", NAMED, field(2, field(1, b"t") + field(2, b"u")), b"\x20\x01"),
            {"data": {"t": "u"}, "immutable": True},
        ),
        (
            sent("ServiceAccount", NAMED, field(2, field(3, b"one")), field(3, field(1, b"pull"))),
            {"secrets": [{"name": "one"}], "imagePullSecrets": [{"name": "pull"}]},
        ),
    ],
    ids=["Namespace", "Secret", "ConfigMap", "ServiceAccount"],
)
def test_an_object(body: bytes, read: dict[str, object]) -> None:
    said = object_of(body)
    assert {name: one for name, one in said.items() if name not in ("apiVersion", "kind")} == {
        "metadata": METADATA,
        **read,
    }


@pytest.mark.parametrize(
    "body", [b"", b"{}", b"k8s\x00", sent("Pod", NAMED), sent("Secret", NAMED)[:-1], sent("Secret", b"\xff" * 20)]
)
def test_what_is_none_is_refused(body: bytes) -> None:
    with pytest.raises(ProtobufError):
        object_of(body)


@given(st.binary(max_size=60))
def test_any_bytes_are_an_object_or_one_kind_of_error(noise: bytes) -> None:
    with suppress(ProtobufError):
        object_of(b"k8s\x00" + field(1, field(1, b"v1") + field(2, b"Secret")) + field(2, noise))
