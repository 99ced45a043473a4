"""Files of an `s3://` source, by boto3's transfer manager: large ones in parts side by side (FETCH-1, FETCH-3, FETCH-4).

The session is sealed as that of the size probe is: only the keys of the source are used (decision 0005).
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from boto3.s3.transfer import TransferConfig, create_transfer_manager
from botocore.exceptions import ClientError
from s3transfer.subscribers import BaseSubscriber

from aimcore.adapters.s3.keys import Keys
from aimcore.adapters.s3.refusals import refused
from aimcore.adapters.s3.settings import parse_settings
from aimcore.adapters.s3.shaping import transfer_client
from aimcore.domain.errors import quoted
from aimcore.domain.weights.files import Digest, DigestKind, RemoteFile, parts_digest
from aimcore.domain.weights.outcome import FetchCause, FetchError
from aimcore.domain.weights.sources import S3Uri
from aimcore.ports.fetching import Activity, Fetcher

__all__ = ["s3_fetcher"]

_MIB: Final = 1024 * 1024
_AT_ONCE: Final = 10  # as many connections as a client keeps
_WAIT_AT_MOST: Final = 120  # seconds that a host may put us off for within one attempt
_ATTEMPTS: Final = 5
_SHAS: Final = {"ChecksumSHA256": DigestKind.SHA256, "ChecksumSHA1": DigestKind.SHA1}
_CRCS: Final = {"ChecksumCRC32": DigestKind.CRC32}
_ETAG_OF_PARTS: Final = re.compile(r"\"?([0-9a-f]{32})-([0-9]{1,5})\"?")
_PARTS_AT_MOST: Final = 1000
"""Parts that are asked about one by one where an object does not match."""
_OF_PARTS: Final = re.compile(r"-[0-9]+\"?$")
_SECONDS: Final = re.compile(r"[0-9]{1,6}")


@contextmanager
def s3_fetcher(
    source: S3Uri,
    environment: Mapping[str, str],
    *,
    own_host: bool,
    authorities: str | None,
    activity: Activity,
) -> Iterator[Fetcher]:
    """A `Fetcher` of that bucket; `authorities` is a file of CAs to trust instead of the usual ones.

    `own_host` says that the store answers for the bucket under a host name of its own only.
    """
    settings = parse_settings(environment)
    client = transfer_client(settings, source.bucket, own_host=own_host, authorities=authorities)
    client.meta.events.register_first("needs-retry.s3", _Obedient(activity))
    config = TransferConfig(
        max_concurrency=_AT_ONCE,
        multipart_threshold=64 * _MIB,
        multipart_chunksize=32 * _MIB,
        max_io_queue=16,  # pieces of 256 KiB that wait to be written
        preferred_transfer_client="classic",
    )
    manager = create_transfer_manager(client, config)
    try:
        yield _S3Fetcher(source=source, client=client, manager=manager, activity=activity, keys=settings.keys)
    finally:
        manager.shutdown(cancel=True)
        client.close()


class _S3Fetcher:
    def __init__(self, *, source: S3Uri, client: Any, manager: Any, activity: Activity, keys: Keys | None) -> None:
        self._source, self._client, self._manager, self._activity = source, client, manager, activity
        self._signed = keys is not None

    def digest(self, file: RemoteFile) -> Digest | None:
        """A SHA of the store, else the ETag of an object, else a CRC-32; None where there are none."""
        if file.digest is not None and not file.has_checksum:
            return file.digest
        head = self._head(file)
        return _offered(head, _SHAS) or file.digest or self._of_parts(file, head) or _offered(head, _CRCS)

    def disputed(self, file: RemoteFile) -> Digest | None:
        """The ETag of an object that is encrypted with a key of a service is no digest of what is read."""
        head = self._head(file)
        if file.tag and head.get("ETag", "").strip('"') != file.tag:
            raise self._error(FetchCause.CHANGED, file, "has another version by now; it is fetched at the next try")
        offered = _offered(head, {**_SHAS, **_CRCS})
        if offered is not None or head.get("ServerSideEncryption", "AES256") != "AES256":
            return offered
        return file.digest or self._of_parts(file, head, each=True)

    def _of_parts(self, file: RemoteFile, head: Mapping[str, Any], *, each: bool = False) -> Digest | None:
        """The ETag of an object of parts of one size, as far as the store tells it of its first part, or of `each` part."""
        found = _ETAG_OF_PARTS.fullmatch(head.get("ETag", ""))
        if found is None or head.get("ServerSideEncryption", "AES256") != "AES256":
            return None
        count = int(found[2])
        size = self._part_size(file, 1)
        if not size or -(-file.size // size) != count:
            return None
        if each and (count > _PARTS_AT_MOST or any(self._part_size(file, one) != size for one in range(2, count))):
            return None
        return parts_digest(found[1], size)

    def _part_size(self, file: RemoteFile, number: int) -> int:
        """The bytes of one part of an object; 0 where the store does not say."""
        try:
            head = self._client.head_object(Bucket=self._source.bucket, Key=file.key, PartNumber=number)
        except ClientError:
            return 0
        return int(head["ContentLength"]) if head.get("PartsCount") else 0

    def fetch(self, file: RemoteFile, part: str) -> None:
        """Write to a file beside the part, in no order, and rename it when it is whole."""
        beside = Path(f"{part}.open")
        with beside.open("wb") as out, self._told(file):
            heard = _Progress(file, self._activity)
            self._manager.download(self._source.bucket, file.key, out, subscribers=[heard]).result()
        beside.rename(part)

    def _head(self, file: RemoteFile) -> Mapping[str, Any]:
        with self._told(file):
            found: Mapping[str, Any] = self._client.head_object(
                Bucket=self._source.bucket, Key=file.key, ChecksumMode="ENABLED"
            )
        return found

    @contextmanager
    def _told(self, file: RemoteFile) -> Iterator[None]:
        """What a store or the way to it does, as a `FetchError` that repeats nothing of it (SEC-1)."""
        failure: FetchError
        try:
            yield
        except FetchError:
            raise
        except ClientError as error:
            failure = self._refused(file, error)
        except (ConnectionError, TimeoutError):
            failure = self._error(FetchCause.UNREACHABLE, file, "broke off; try again")
        except OSError:  # of the disk
            raise
        except Exception as error:  # noqa: BLE001 - botocore's, urllib3's and s3transfer's own, whose words may quote
            failure = self._unknown(file, error)
        else:
            return
        raise failure

    def _refused(self, file: RemoteFile, error: ClientError) -> FetchError:
        status = int(error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0))
        code = str(error.response.get("Error", {}).get("Code", ""))
        if status in {404, 412} and code != "NoSuchBucket":
            problem = "has another version by now; it is fetched at the next try"
            return self._error(FetchCause.CHANGED, file, problem)
        told = refused(status, code, signed=self._signed)
        return self._error(FetchCause(told.cause.value), file, told.problem)

    def _unknown(self, file: RemoteFile, error: Exception) -> FetchError:
        kind = type(error).__name__
        if kind == "S3DownloadFailedError":  # s3transfer: 412 within a file
            return self._error(FetchCause.CHANGED, file, "changed while it was read; it is fetched at the next try")
        if "SSL" in kind:
            problem = "cannot prove who it is; name its CA with --ca FILE (the operator: AIM_CA_FILE)"
            return self._error(FetchCause.UNTRUSTED, file, problem)
        return self._error(FetchCause.UNREACHABLE, file, f"broke off ({kind}); try again")

    def _error(self, cause: FetchCause, file: RemoteFile, problem: str) -> FetchError:
        return FetchError(cause, f"file {quoted(file.path)} of s3://{self._source.bucket}: the store {problem}")


class _Progress(BaseSubscriber):  # type: ignore[misc]  # s3transfer ships no types
    """Says what is known from the listing, so that nobody asks for it again, and tells of bytes as they come."""

    def __init__(self, file: RemoteFile, activity: Activity) -> None:
        self._file, self._activity = file, activity

    def on_queued(self, future: Any, **_: object) -> None:
        """The size, and the version that each part must be of."""
        future.meta.provide_transfer_size(self._file.size)
        if self._file.tag:
            future.meta.provide_object_etag(f'"{self._file.tag}"')

    def on_progress(self, bytes_transferred: int, **_: object) -> None:
        """So many bytes came, or are thrown away."""
        self._activity.received(bytes_transferred)


class _Obedient:
    """Waits as long as `Retry-After` says, which botocore does not; what this leaves to it, it decides as ever."""

    def __init__(self, activity: Activity) -> None:
        self._activity = activity

    def __call__(self, response: Any = None, attempts: int = 0, **_: object) -> float | None:
        if response is None or response[0].status_code not in {429, 503}:
            return None
        said = response[0].headers.get("retry-after", "")
        if not _SECONDS.fullmatch(said):
            return None
        if int(said) > _WAIT_AT_MOST:
            message = f"the store asks to be left alone for {said} s"
            raise FetchError(FetchCause.RATE_LIMITED, message, retry_after=int(said))
        if attempts >= _ATTEMPTS:
            return None
        self._activity.waits(float(said))
        return float(said)


def _offered(head: Mapping[str, Any], checksums: Mapping[str, DigestKind]) -> Digest | None:
    """A checksum of the whole object that can be worked out here; those of parts, and other kinds, cannot."""
    of_parts = _OF_PARTS.search(head.get("ETag", ""))  # where the store does not say of what its checksum is
    if head.get("ChecksumType", "COMPOSITE" if of_parts else "FULL_OBJECT") != "FULL_OBJECT":
        return None
    for name, kind in checksums.items():
        text = head.get(name)
        if isinstance(text, str):
            try:
                return Digest(kind=kind, value=base64.b64decode(text, validate=True).hex())
            except binascii.Error:  # "...-3", of three parts
                continue
    return None
