"""What an API server makes of a Secret before it is kept: plain values become data, and there is always a type."""

from __future__ import annotations

from base64 import b64encode
from typing import Any

from aimcore.adapters.memory.kinds import Manifest

__all__ = ["settled"]


def settled(secret: Manifest) -> Manifest:
    """The Secret with its `stringData` among its data.

    >>> settled({"kind": "Secret", "stringData": {"token": "hf_x"}})
    {'kind': 'Secret', 'data': {'token': 'aGZfeA=='}}
    """
    plain = secret.get("stringData")
    if not isinstance(plain, dict):
        return secret
    out: dict[str, Any] = {name: value for name, value in secret.items() if name != "stringData"}
    encoded = {name: b64encode(str(value).encode("utf-8", "replace")).decode() for name, value in plain.items()}
    out["data"] = {**(out.get("data") or {}), **encoded}
    return out
