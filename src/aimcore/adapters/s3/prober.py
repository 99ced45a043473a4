"""What an `s3://` source names, and its size: a folder, page by page, or one object (SIZE-1, SIZE-2)."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Final, Literal, TypeVar

from aimcore.adapters.egress import Answer, Deadline, EgressError, Session
from aimcore.adapters.s3.listing import Entry, Page, parse_page
from aimcore.adapters.s3.refusals import S3Error, refusal, wants_host
from aimcore.adapters.s3.settings import parse_settings
from aimcore.adapters.s3.visit import Visit
from aimcore.domain.errors import quoted
from aimcore.domain.weights.files import Digest, DigestKind, Listed, RemoteFile
from aimcore.domain.weights.filter import ALL_BUT_DUPLICATES, FileFilter, FilteredSum, TooManyFoldersError
from aimcore.domain.weights.probing import ProbeAnswer, ProbeCause, ProbeFailed, Sized
from aimcore.domain.weights.sources import S3Uri

__all__ = ["S3Prober"]

T = TypeVar("T")

_SECONDS_IN_ALL: Final = 60.0
_PAGES_AT_MOST: Final = 2_000  # of a thousand keys each
_KEY_AT_MOST: Final = 1024  # bytes, as S3 has it
_DIRECTORY: Final = "--x-s3"  # its host is made of its name whatever the endpoint, and it wants a session
_FILES_AT_MOST: Final = 200_000  # of a download, which holds them all
_MD5: Final = re.compile(r"[0-9a-f]{32}")


@dataclass(frozen=True, slots=True)
class S3Prober:
    """A `SizeProber` of `S3Uri`, for several threads at once; a probe ends within 60 s, and holds one page at a time.

    A key names the folder of that name: `models/llama` is what stands under `models/llama/`, and never `models/llama-2`.
    Where nothing stands there, it is the object of that very name.
    """

    session: Session

    def probe(
        self, source: S3Uri, environment: Mapping[str, str], *, by: FileFilter = ALL_BUT_DUPLICATES
    ) -> ProbeAnswer:
        """The bytes and number of files of the folder or object, or why they are not known."""
        return self._told(source, environment, lambda visit: _summed(source, _entries(source, visit), by))

    def files(self, source: S3Uri, environment: Mapping[str, str]) -> Listed | ProbeFailed:
        """The files of the folder, or the one object, or why they are not known."""
        return self._told(source, environment, lambda visit: _listed(source, visit))

    def _told(self, source: S3Uri, environment: Mapping[str, str], read: Callable[[Visit], T]) -> T | ProbeFailed:
        visit: Visit | None = None
        try:
            visit = Visit(self.session, parse_settings(environment), Deadline.after(_SECONDS_IN_ALL))
            return read(visit)
        except S3Error as error:
            return _failed(source, visit, error.cause, error.problem)
        except EgressError as error:
            return _failed(source, None, ProbeCause(error.word), str(error))


def _summed(source: S3Uri, entries: Iterator[Entry], by: FileFilter) -> Sized:
    sums, uncounted, files = FilteredSum(by=by), 0, 0
    for entry in entries:
        if entry.size is None:
            uncounted += 1
            continue
        files += 1
        try:
            sums.add(_path(source, entry), entry.size)
        except TooManyFoldersError as error:
            raise S3Error(f"lists {error}; give the size by hand", cause=ProbeCause.TOO_LARGE) from error
    if not files:
        raise _sizeless()
    return sums.sized(uncounted=uncounted)


def _listed(source: S3Uri, visit: Visit) -> Listed:
    files: list[RemoteFile] = []
    for entry in _entries(source, visit):
        if len(files) == _FILES_AT_MOST:
            raise S3Error(f"lists more than {_FILES_AT_MOST} files; name a smaller folder", cause=ProbeCause.TOO_LARGE)
        files.append(_file(_path(source, entry), entry))
    return Listed(files=tuple(files), own_host=visit.own_host)


def _sizeless() -> S3Error:
    problem = "lists its keys without a size in bytes; report it to whoever runs it"
    return S3Error(problem, cause=ProbeCause.MALFORMED)


def _path(source: S3Uri, entry: Entry) -> str:
    """Below the folder that the source names, or the last part of the one object's key."""
    prefix = _prefix(source)
    return entry.key.removeprefix(prefix) if entry.key.startswith(prefix) else entry.key.rpartition("/")[2]


def _file(path: str, entry: Entry) -> RemoteFile:
    if entry.size is None:
        raise _sizeless()
    md5 = Digest(kind=DigestKind.MD5, value=entry.etag) if _MD5.fullmatch(entry.etag) else None
    return RemoteFile(
        path=path, key=entry.key, size=entry.size, digest=md5, tag=entry.etag, has_checksum=entry.has_checksum
    )


def _entries(source: S3Uri, visit: Visit) -> Iterator[Entry]:
    _check(source)
    denied: S3Error | None = None
    found = False
    try:
        for entry in _folder(source, visit):
            found = True
            yield entry
    except S3Error as error:
        if found or error.cause is not ProbeCause.ACCESS_DENIED:
            raise
        denied = error
    if found:
        return
    one = None if source.key.endswith("/") else _object(source, visit, denied)
    if one is not None:
        yield one
    elif denied is not None:
        raise denied
    else:
        problem = f"has no files under {quoted(_prefix(source))}, and no object of that name"
        raise S3Error(f"{problem}; check the key", cause=ProbeCause.NOT_A_SOURCE)


def _check(source: S3Uri) -> None:
    if source.bucket.endswith(_DIRECTORY):
        problem = "a directory bucket (S3 Express) is not read; name a bucket of another kind, or give the size by hand"
        raise S3Error(problem, cause=ProbeCause.NOT_A_SOURCE)
    if len(source.key.encode(errors="surrogatepass")) > _KEY_AT_MOST:
        problem = f"the key is longer than the {_KEY_AT_MOST} bytes a key can have"
        raise S3Error(problem, cause=ProbeCause.NOT_A_SOURCE)


def _prefix(source: S3Uri) -> str:
    """What the keys of the folder begin with: the key as it was asked for, and one slash at its end."""
    return source.key if source.key.endswith("/") else f"{source.key}/"


def _folder(source: S3Uri, visit: Visit) -> Iterator[Entry]:
    following: str | None = None
    for _ in range(_PAGES_AT_MOST):
        page = _page(source.bucket, _prefix(source), following, visit)
        yield from page.entries
        if page.following is None:
            return
        if page.following == following:
            raise S3Error(
                "lists the same page again and again; report it to whoever runs it", cause=ProbeCause.MALFORMED
            )
        following = page.following
    problem = f"lists more than {_PAGES_AT_MOST} pages; name a smaller folder, or give the size by hand"
    raise S3Error(problem, cause=ProbeCause.TOO_LARGE)


def _page(bucket: str, prefix: str, following: str | None, visit: Visit) -> Page:
    parameters = {"Bucket": bucket, "Prefix": prefix}
    if following is not None:
        parameters["ContinuationToken"] = following
    answer = _answer("list_objects_v2", parameters, visit)
    if answer.status != 200:
        raise _refused(answer, visit)
    return parse_page(answer.body, prefix)


def _object(source: S3Uri, visit: Visit, denied: S3Error | None) -> Entry | None:
    """The object of that very name, which may be read even where the bucket may not be listed; None if there is none."""
    answer = _answer("head_object", {"Bucket": source.bucket, "Key": source.key}, visit)
    length = answer.headers.get("content-length", "")
    if answer.status == 200 and length:
        etag = answer.headers.get("etag", "").strip('"')
        return Entry(key=source.key, size=int(length), etag=etag, has_checksum=False)
    if answer.status == 404 or denied is not None:
        return None
    raise _refused(answer, visit)


def _answer(
    operation: Literal["list_objects_v2", "head_object"], parameters: Mapping[str, str], visit: Visit
) -> Answer:
    # boto3, 0.3 s that only those pay who ask S3
    from botocore.exceptions import BotoCoreError  # noqa: PLC0415

    from aimcore.adapters.s3.shaping import url_of  # noqa: PLC0415

    method: Literal["GET", "HEAD"] = "GET" if operation == "list_objects_v2" else "HEAD"
    while True:
        url = None
        with suppress(BotoCoreError, ValueError):  # which quote what they were given
            url = url_of(operation, visit.settings, parameters, own_host=visit.own_host)
        if url is None:
            problem = "the bucket has no address there; check its name, AWS_REGION and AWS_ENDPOINT_URL"
            raise S3Error(problem, cause=ProbeCause.MALFORMED)
        answer = visit.ask(method, url)
        if visit.own_host or not visit.settings.has_name or not wants_host(answer, parameters["Bucket"]):
            return answer
        visit.own_host = True


def _refused(answer: Answer, visit: Visit) -> S3Error:
    return refusal(answer, visit.settings.keys, signed_for=visit.settings.region)


def _failed(source: S3Uri, visit: Visit | None, cause: ProbeCause, problem: str) -> ProbeFailed:
    host = "" if visit is None or visit.host is None else f"{visit.host} "
    return ProbeFailed(cause=cause, message=f"source {quoted(f's3://{source.bucket}/{source.key}')}: {host}{problem}")
