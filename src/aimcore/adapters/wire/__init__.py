"""Manifests as the API spells them, and the records they stand for: the one place that knows both."""

from __future__ import annotations

from aimcore.adapters.wire.concern import concerns, elsewhere, mentions
from aimcore.adapters.wire.document import (
    WireObject,
    admit,
    decode,
    decode_stored,
    encode,
    encode_status,
    faults,
    is_child,
    is_pod,
    knows,
)

__all__ = [
    "WireObject",
    "admit",
    "concerns",
    "decode",
    "decode_stored",
    "elsewhere",
    "encode",
    "encode_status",
    "faults",
    "is_child",
    "is_pod",
    "knows",
    "mentions",
]
