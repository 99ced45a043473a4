"""Bodies of Kubernetes objects: plain dicts, built so that the same input gives the same text, and their digests."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import fields, is_dataclass
from enum import Enum
from hashlib import sha256
from typing import Any

from aimcore.domain.values.quantity import Quantity

__all__ = ["Body", "canonical", "claim_mounted", "digest", "plain", "said"]

Body = dict[str, Any]
_encode = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False).encode
SHORT_DIGEST = 10


def said(entries: Mapping[str, Any]) -> Body:
    """The entries that are said; None is not. What is false, zero or empty stays.

    >>> said({"a": 0, "b": None, "c": ""})
    {'a': 0, 'c': ''}
    """
    return {name: value for name, value in entries.items() if value is not None}


def plain(value: Any, *, without: Iterable[str] = ()) -> Any:
    """A record as JSON could say it: fields by name, what is None left out, an amount by its value.

    Fields named in `without` are left out wherever they stand. The result is for digests and annotations, not for the API.

    >>> from aimcore.domain.values.profile import Metric
    >>> plain({"metric": Metric.LATENCY, "memory": Quantity.of(2)})
    {'memory': '2', 'metric': 'latency'}
    """
    left_out = frozenset(without)
    if isinstance(value, Quantity):
        return str(Quantity(nanos=value.nanos))
    if isinstance(value, Enum):
        return value.value
    if is_dataclass(value):
        value = {one.name: getattr(value, one.name) for one in fields(value)}
    if isinstance(value, Mapping):
        return {
            name: plain(value[name], without=left_out)
            for name in sorted(value)
            if value[name] is not None and name not in left_out
        }
    if isinstance(value, list | tuple):
        return [plain(one, without=left_out) for one in value]
    return value


def canonical(body: Any) -> str:
    """The one text of a JSON value: sorted keys, no spaces.

    >>> canonical({"b": [1], "a": None})
    '{"a":null,"b":[1]}'
    """
    return _encode(body)


def digest(body: Any) -> str:
    """The first ten hexadecimal digits of the SHA-256 of the canonical text."""
    # Half a surrogate pair is no UTF-8; it must still have a digest, and one of its own.
    return sha256(canonical(body).encode(errors="surrogatepass")).hexdigest()[:SHORT_DIGEST]


def claim_mounted(deployment: Mapping[str, Any]) -> str | None:
    """The claim that the pods of a Deployment, given by its `spec`, have their weights on; None where they have none.

    >>> claim_mounted({"template": {"spec": {"volumes": [{"name": "weights", "persistentVolumeClaim": {"claimName": "w"}}]}}})
    'w'
    """
    pod = (deployment.get("template") or {}).get("spec") or {}
    volume: Mapping[str, Any] = next((one for one in pod.get("volumes") or () if one.get("name") == "weights"), {})
    claim = (volume.get("persistentVolumeClaim") or {}).get("claimName")
    return None if claim is None else str(claim)
