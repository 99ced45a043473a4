"""Digests of files, read in pieces of a mebibyte (FETCH-4)."""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Final, Protocol

from aimcore.domain.weights.files import Digest, DigestKind

__all__ = ["digest_of"]

_PIECE: Final = 1024 * 1024


class _Hash(Protocol):
    def update(self, data: memoryview, /) -> object: ...

    def hexdigest(self) -> str: ...


class _Crc32:
    """CRC-32 with the face of hashlib."""

    def __init__(self) -> None:
        self._value = 0

    def update(self, data: memoryview, /) -> None:
        self._value = zlib.crc32(data, self._value)

    def hexdigest(self) -> str:
        return f"{self._value:08x}"


def digest_of(path: Path, kind: DigestKind, worked: Callable[[], object]) -> Digest:
    """The digest of the file's content; `worked` is called after each piece. Raises OSError."""
    with path.open("rb", buffering=0) as file:
        hashing = _begun(kind, path.stat().st_size)
        buffer = memoryview(bytearray(_PIECE))
        while count := file.readinto(buffer):
            hashing.update(buffer[:count])
            worked()
    return Digest(kind=kind, value=hashing.hexdigest())


def _begun(kind: DigestKind, size: int) -> _Hash:
    match kind:
        case DigestKind.SHA256:
            return hashlib.sha256()
        case DigestKind.GIT:
            blob = hashlib.sha1(usedforsecurity=False)  # what git calls a blob
            blob.update(b"blob %d\0" % size)
            return blob
        case DigestKind.SHA1:
            return hashlib.sha1(usedforsecurity=False)
        case DigestKind.MD5:
            return hashlib.md5(usedforsecurity=False)
        case DigestKind.CRC32:
            return _Crc32()
