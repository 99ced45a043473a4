"""What an image runs on, as an index or a config says it; what is left unsaid is linux/amd64 (DISC-4)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

__all__ = ["DEFAULT_PLATFORM", "Platform", "parse_platform"]

_UNKNOWN: Final = "unknown"
_SPELLINGS: Final = {"x86_64": "amd64", "x86-64": "amd64", "aarch64": "arm64"}
"""Names of architectures that some tools write, and what the OCI specification calls them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Platform:
    """What a child of an index runs on, `linux/amd64`."""

    os: str
    architecture: str

    def __str__(self) -> str:
        return f"{self.os}/{self.architecture}"

    @property
    def is_unknown(self) -> bool:
        """Whether this is what tools write of an attestation, which runs nowhere: `unknown/unknown`."""
        return _UNKNOWN in {self.os, self.architecture}


DEFAULT_PLATFORM: Final = Platform(os="linux", architecture="amd64")  # DISC-4


def parse_platform(value: Mapping[str, object]) -> Platform | None:
    """The platform that `os` and `architecture` of a document say; None where they say none.

    >>> str(parse_platform({"architecture": "aarch64"})), parse_platform({"os": "linux", "architecture": ""})
    ('linux/arm64', None)
    """
    os, architecture = _word(value.get("os")), _word(value.get("architecture"))
    if not architecture and os in {"", DEFAULT_PLATFORM.os}:
        return None
    architecture = architecture or DEFAULT_PLATFORM.architecture
    return Platform(os=os or DEFAULT_PLATFORM.os, architecture=_SPELLINGS.get(architecture, architecture))


def _word(value: object) -> str:
    return value.strip().lower() if isinstance(value, str) else ""
