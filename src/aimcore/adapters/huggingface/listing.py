"""What a hub says of a repository at a revision: names, bytes and digests of its files, each checked (SEC-4)."""

from __future__ import annotations

import json
import re
from typing import Any, Final

from aimcore.adapters.huggingface.refusals import HubError
from aimcore.domain.weights.files import Digest, DigestKind, Listed, RemoteFile
from aimcore.domain.weights.filter import FileFilter, FilteredSum, TooManyFoldersError
from aimcore.domain.weights.probing import ProbeCause, Sized

__all__ = ["LISTING_AT_MOST", "add_up", "parse_listing"]

LISTING_AT_MOST: Final = 16 * 1024 * 1024  # bytes: some 50,000 files, of which the largest repositories have fewer
_SIZE_AT_MOST: Final = 10**18
_COMMIT: Final = re.compile(r"[0-9a-f]{40}")
_SHA256: Final = re.compile(r"[0-9a-f]{64}")


def add_up(body: bytes, by: FileFilter) -> Sized:
    """The bytes and number of the files that `model_info` of a hub lists; `HubError` where it is no such answer."""
    sums, listed = FilteredSum(by=by), _files(_parsed(body))
    sized = [(file, size) for file in listed if (size := _size(file)) is not None]
    if not sized:
        raise _malformed("lists its files without a size in bytes; report it to whoever runs it")
    for file, size in sized:
        try:
            sums.add(str(file.get("rfilename", "")), size)
        except TooManyFoldersError as error:
            raise HubError(f"lists {error}; give the size by hand", cause=ProbeCause.TOO_LARGE) from error
    return sums.sized(uncounted=len(listed) - len(sized))


def parse_listing(body: bytes) -> Listed:
    """The files that `model_info` of a hub lists with `blobs=true`, and their commit; `HubError` as `add_up`."""
    answer = _parsed(body)
    commit = answer.get("sha")
    if not isinstance(commit, str) or not _COMMIT.fullmatch(commit):
        raise _malformed("answers with no commit; is HF_ENDPOINT the address of a hub?")
    return Listed(files=tuple(map(_file, _files(answer))), commit=commit)


def _files(answer: dict[str, Any]) -> list[Any]:
    files = answer.get("siblings")
    if not isinstance(files, list):
        raise _malformed("answers with no repository; is HF_ENDPOINT the address of a hub?")
    if not files:
        raise HubError("has no files in the repository; check its name and revision", cause=ProbeCause.NOT_A_SOURCE)
    return files


def _file(file: object) -> RemoteFile:
    name, size = _name(file), _size(file)
    if size is None:
        raise _malformed("lists a file without a size in bytes; report it to whoever runs it")
    return RemoteFile(path=name, key=name, size=size, digest=_digest(file))


def _name(file: object) -> str:
    name = file.get("rfilename") if isinstance(file, dict) else None
    if not isinstance(name, str) or not name:
        raise _malformed("lists a file without a name; report it to whoever runs it")
    return name


def _digest(file: object) -> Digest:
    """The sha256 of an LFS file, the blob id of another one."""
    found = file if isinstance(file, dict) else {}
    lfs = found.get("lfs")
    sha256 = lfs.get("sha256") if isinstance(lfs, dict) else None
    if isinstance(sha256, str) and _SHA256.fullmatch(sha256):
        return Digest(kind=DigestKind.SHA256, value=sha256)
    blob = found.get("blobId")
    if lfs is None and isinstance(blob, str) and _COMMIT.fullmatch(blob):
        return Digest(kind=DigestKind.GIT, value=blob)
    raise _malformed("lists a file without a digest; report it to whoever runs it")


def _parsed(body: bytes) -> dict[str, Any]:
    try:
        answer = json.loads(body)
    except (ValueError, RecursionError):  # it may quote what came
        answer = None
    if not isinstance(answer, dict):
        raise _malformed("answers with what is no JSON object; is HF_ENDPOINT the address of a hub?")
    return answer


def _size(file: object) -> int | None:
    """The bytes of a file, which some hubs tell of large files only as what is stored for them; None where none are told."""
    if not isinstance(file, dict):
        return None
    lfs = file.get("lfs")
    told = (file.get("size"), lfs.get("size") if isinstance(lfs, dict) else None)
    return next((size for size in map(_bytes, told) if size is not None), None)


def _bytes(size: object) -> int | None:
    if not isinstance(size, int) or isinstance(size, bool):
        return None
    return size if 0 <= size <= _SIZE_AT_MOST else None


def _malformed(problem: str) -> HubError:
    return HubError(problem, cause=ProbeCause.MALFORMED)
