"""How a download ended: the cause in one word, its exit code, and the document a pod leaves behind (FETCH-6)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum, StrEnum
from types import MappingProxyType
from typing import Any, Final

from aimcore.domain.errors import AimError

__all__ = ["FetchCause", "FetchError", "FetchExit", "FetchResult", "SourceResult", "exit_of", "termination_message"]

TERMINATION_AT_MOST: Final = 4096
"""Bytes of a termination message that Kubernetes keeps of one container."""
_MESSAGE_AT_MOST: Final = 1024


class FetchExit(IntEnum):
    """The exit codes; a Job's podFailurePolicy reads them."""

    DONE = 0
    TRY_AGAIN = 10
    PERMANENT = 20
    DISK_FULL = 28
    CHECKSUM = 30


class FetchCause(StrEnum):
    """Why a download did not come to its end; those of ProbeCause under the same words."""

    UNAUTHORIZED = "Unauthorized"
    ACCESS_DENIED = "AccessDenied"
    GATED = "Gated"
    NOT_FOUND = "NotFound"
    MOVED = "Moved"
    RATE_LIMITED = "RateLimited"
    UNREACHABLE = "Unreachable"
    UNTRUSTED = "Untrusted"
    TOO_LARGE = "TooLarge"
    MALFORMED = "Malformed"
    NOT_A_SOURCE = "NotASource"
    SECRET_MISSING = "SecretMissing"  # noqa: S105  (a word of the vocabulary, not a password)
    INVALID = "Invalid"
    NO_FILES = "NoFiles"
    NOT_WRITABLE = "NotWritable"
    FOLDER_TAKEN = "FolderTaken"
    NOT_WHOLE = "NotWhole"
    CHANGED = "Changed"
    STALLED = "Stalled"
    LOCKED = "Locked"
    INTERRUPTED = "Interrupted"
    DISK_FULL = "DiskFull"
    CHECKSUM = "Checksum"


_EXITS: Final[Mapping[FetchCause, FetchExit]] = MappingProxyType(
    {
        **dict.fromkeys(FetchCause, FetchExit.PERMANENT),
        FetchCause.RATE_LIMITED: FetchExit.TRY_AGAIN,
        FetchCause.UNREACHABLE: FetchExit.TRY_AGAIN,
        FetchCause.CHANGED: FetchExit.TRY_AGAIN,
        FetchCause.STALLED: FetchExit.TRY_AGAIN,
        FetchCause.LOCKED: FetchExit.TRY_AGAIN,
        FetchCause.INTERRUPTED: FetchExit.TRY_AGAIN,
        FetchCause.DISK_FULL: FetchExit.DISK_FULL,
        FetchCause.CHECKSUM: FetchExit.CHECKSUM,
    }
)


def exit_of(cause: FetchCause | None) -> FetchExit:
    """The exit code of a cause; that of None is 0.

    >>> exit_of(FetchCause.STALLED)
    <FetchExit.TRY_AGAIN: 10>
    """
    return FetchExit.DONE if cause is None else _EXITS[cause]


class FetchError(AimError):
    """A download cannot go on: the `cause`, and a message that names what and where and no secret.

    `retry_after` is how many seconds the host wants to be left alone, None where it says nothing; `lacking` how many bytes more
    the volume needs, None where that is not known.
    """

    def __init__(
        self, cause: FetchCause, message: str, *, retry_after: int | None = None, lacking: int | None = None
    ) -> None:
        super().__init__(message)
        self.cause = cause
        self.message = message
        self.retry_after = retry_after
        self.lacking = lacking


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceResult:
    """One source that is whole on the volume; `verified` counts its files by how each was verified."""

    model_id: str
    uri: str
    commit: str
    bytes: int
    files: int
    verified: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class FetchResult:
    """What became of a call. `fetched` counts the bytes that came over the network in it."""

    sources: tuple[SourceResult, ...] = ()
    fetched: int = 0
    cause: FetchCause | None = None
    message: str = ""
    retry_after: int | None = None
    lacking: int | None = None
    content: str = ""

    @property
    def exit(self) -> FetchExit:
        """The exit code that says so."""
        return exit_of(self.cause)


def termination_message(result: FetchResult) -> str:
    """The result as one line of JSON of at most 4,096 bytes; the list of sources goes where it would not fit."""
    told = _document(result)
    text = json.dumps(told, ensure_ascii=True)
    if len(text) > TERMINATION_AT_MOST:
        text = json.dumps({**told, "sources": None}, ensure_ascii=True)
    return text


def _document(result: FetchResult) -> dict[str, Any]:
    return {
        "exitCode": int(result.exit),
        "cause": None if result.cause is None else result.cause.value,
        "message": _cut(result.message),
        "retryAfterSeconds": result.retry_after,
        "lackingBytes": result.lacking,
        "content": result.content or None,
        "bytes": sum(one.bytes for one in result.sources),
        "fetchedBytes": result.fetched,
        "sources": [
            {
                "modelId": one.model_id,
                "uri": one.uri,
                "commit": one.commit or None,
                "bytes": one.bytes,
                "files": one.files,
                "verified": dict(one.verified),
            }
            for one in result.sources
        ],
    }


def _cut(message: str) -> str:
    """At most 1,024 bytes once it is escaped."""
    escaped = message.encode("ascii", "backslashreplace").decode()
    return escaped if len(escaped) <= _MESSAGE_AT_MOST else f"{escaped[: _MESSAGE_AT_MOST - 3]}..."
