"""What of its environment a source is read with (SIZE-1, SEC-5)."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

__all__ = ["VARIABLES"]

VARIABLES: Final[Mapping[str, frozenset[str]]] = MappingProxyType(
    {
        "hf": frozenset({"HF_ENDPOINT", "HF_TOKEN"}),
        "s3": frozenset(
            {"AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"}
            | {"AWS_REGION", "AWS_DEFAULT_REGION", "AWS_ENDPOINT_URL"}
        ),
    }
)
"""What of its environment a source is read with, by scheme; no secret is read for the rest of it (SEC-5)."""
