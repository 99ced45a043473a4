"""What a hub says of a repository at a revision: names, bytes and digests of its files, each checked (SEC-4)."""

from __future__ import annotations

import json
import re
from typing import Any, Final

from aimcore.adapters.huggingface.refusals import HubError
from aimcore.domain.probing import ProbeCause, Sized
from aimcore.domain.weights.files import Digest, DigestKind, Listed, RemoteFile
from aimcore.domain.weights.filter import FileFilter, FilteredSum, TooManyFoldersError

__all__ = ["LISTING_AT_MOST", "add_up", "parse_listing"]

LISTING_AT_MOST: Final = 16 * 1024 * 1024  # bytes: some 50,000 files, of which the largest repositories have fewer
_SIZE_AT_MOST: Final = 10**18
_COMMIT: Final = re.compile(r"[0-9a-f]{40}")
_SHA256: Final = re.compile(r"[0-9a-f]{64}")


def add_up(body: bytes, by: FileFilter) -> Sized:
    """The bytes and number of the files that `model_info` of a hub lists; `HubError` where it is no such answer."""
    sums = FilteredSum(by=by)
    for file in _files(_parsed(body)):
        try:
            sums.add(_name(file), _size(file))
        except TooManyFoldersError as error:
            raise HubError(f"lists {error}; give the size by hand", cause=ProbeCause.TOO_LARGE) from error
    size, files, left_out, files_left_out = sums.totals()
    return Sized(size=size, files=files, left_out=left_out, files_left_out=files_left_out)


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


def _size(file: object) -> int:
    size = file.get("size") if isinstance(file, dict) else None
    if not isinstance(size, int) or isinstance(size, bool) or not 0 <= size <= _SIZE_AT_MOST:
        raise _malformed("lists a file without a size in bytes; report it to whoever runs it")
    return size


def _malformed(problem: str) -> HubError:
    return HubError(problem, cause=ProbeCause.MALFORMED)
