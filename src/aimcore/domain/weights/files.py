"""What a host lists: the files of a source, how big they are, and by what each can be verified (FETCH-2, FETCH-4)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

from aimcore.domain.errors import ParseError

__all__ = [
    "Digest",
    "DigestKind",
    "Listed",
    "RemoteFile",
    "check_paths",
    "parse_digest",
    "part_size_of",
    "parts_digest",
]

LONGEST_PATH = 1024
"""Bytes, as a key of S3."""
LONGEST_PART = 255
"""Bytes, as a file system's name."""
_RESERVED = (".aimcore", ".cache/huggingface")
_DIGEST = re.compile(r"([a-z0-9]+):([0-9a-f]{8,64})")


class DigestKind(StrEnum):
    """How a file is verified, the word a marker says it with."""

    SHA256 = "sha256"
    """Of an LFS file, or a checksum of S3."""
    GIT = "git"
    """The SHA-1 of a git blob: its header, then the content."""
    SHA1 = "sha1"
    CRC32 = "crc32"
    MD5 = "md5"
    """The ETag of an object of S3 that was put in one part."""
    PARTS = "parts"
    """The ETag of one that was put in parts of one size: the MD5 of their MD5s, and behind it that size in 16 digits."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Digest:
    """A digest in lower-case hexadecimal."""

    kind: DigestKind
    value: str

    def __str__(self) -> str:
        return f"{self.kind.value}:{self.value}"


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoteFile:
    """One file of a source.

    `path` is where it goes below the source's folder, `key` where the host has it, `size` its bytes. `digest` is None
    where the listing gives none. `tag` changes with the content (the ETag of S3). `has_checksum` says that the host
    keeps a better digest than the listed one and gives it when asked for this file.
    """

    path: str
    key: str
    size: int
    digest: Digest | None = None
    tag: str = ""
    has_checksum: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """All files of a source, as its host lists them, and the commit they are of (empty for S3, which has none).

    `own_host` says that a store answers for the bucket under a host name of its own only.
    """

    files: tuple[RemoteFile, ...]
    commit: str = ""
    own_host: bool = False


def parts_digest(md5_of_md5s: str, part_size: int) -> Digest:
    """The digest of an object of parts, each of so many bytes but the last."""
    return Digest(kind=DigestKind.PARTS, value=f"{md5_of_md5s}{part_size:016x}")


def part_size_of(digest: Digest) -> int:
    """The bytes of each part but the last; at least 1, whatever a marker says.

    >>> part_size_of(parts_digest("0" * 32, 8 * 2**20))
    8388608
    """
    return max(1, int(digest.value[32:] or "0", 16))


def parse_digest(text: str) -> Digest:
    """The digest that `text` spells; ParseError else.

    >>> str(parse_digest("git:aabbccdd"))
    'git:aabbccdd'
    """
    found = _DIGEST.fullmatch(text)
    if found is None or found[1] not in list(DigestKind):
        raise ParseError("digest", text, problem="is malformed", expected=f"KIND:HEX of {', '.join(DigestKind)}")
    return Digest(kind=DigestKind(found[1]), value=found[2])


def check_paths(files: tuple[RemoteFile, ...]) -> None:
    """ParseError for a path that must not be written, or for two that cannot stand side by side (SEC-3, FETCH-5)."""
    paths: set[str] = set()
    for file in files:
        _check_path(file.path)
        if file.path in paths:
            raise _unsafe(file.path, "is listed twice")
        paths.add(file.path)
    for path in paths:
        parts = path.split("/")
        folders = ("/".join(parts[:count]) for count in range(1, len(parts)))
        clash = next((one for one in folders if one in paths), None)
        if clash is not None:
            raise _unsafe(clash, "is listed as a file and as a folder")


def _check_path(path: str) -> None:
    parts = path.split("/")
    if any(part in {"", ".", ".."} for part in parts):
        raise _unsafe(path, "has an empty or a dot segment")
    if any(character < " " or character == "\x7f" or "\ud800" <= character <= "\udfff" for character in path):
        raise _unsafe(path, "has control characters")
    if len(path.encode()) > LONGEST_PATH or any(len(part.encode()) > LONGEST_PART for part in parts):
        raise _unsafe(path, "is too long")
    if any(path == name or path.startswith(f"{name}/") for name in _RESERVED):
        raise _unsafe(path, "is a name that downloads keep for themselves")


def _unsafe(path: str, problem: str) -> ParseError:
    return ParseError("file name", path, problem=problem, expected="a relative path that a folder can hold")
