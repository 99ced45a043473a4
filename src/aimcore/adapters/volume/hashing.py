"""Digests of files, read in pieces of a mebibyte (FETCH-4)."""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final, Protocol

from aimcore.domain.weights.files import Digest, DigestKind, part_size_of

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


class _Parts:
    """The MD5 of the MD5s of parts of one size, and behind it that size."""

    def __init__(self, size: int) -> None:
        self._size, self._room = size, size
        self._part, self._parts = _md5(), _md5()

    def update(self, data: memoryview, /) -> None:
        while len(data) >= self._room:
            self._part.update(data[: self._room])
            self._parts.update(self._part.digest())
            data, self._part, self._room = data[self._room :], _md5(), self._size
        self._part.update(data)
        self._room -= len(data)

    def hexdigest(self) -> str:
        if self._room < self._size:
            self._parts.update(self._part.digest())
        return f"{self._parts.hexdigest()}{self._size:016x}"


def _md5() -> Any:
    return hashlib.md5(usedforsecurity=False)


def digest_of(path: Path, wanted: Digest, worked: Callable[[], object]) -> Digest:
    """The digest of the file's content, of the kind that is wanted; `worked` is called after each piece. Raises OSError."""
    with path.open("rb", buffering=0) as file:
        hashing = _begun(wanted, path.stat().st_size)
        buffer = memoryview(bytearray(_PIECE))
        while count := file.readinto(buffer):
            hashing.update(buffer[:count])
            worked()
    return Digest(kind=wanted.kind, value=hashing.hexdigest())


def _begun(wanted: Digest, size: int) -> _Hash:
    match wanted.kind:
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
        case DigestKind.PARTS:
            return _Parts(part_size_of(wanted))
        case DigestKind.CRC32:
            return _Crc32()
