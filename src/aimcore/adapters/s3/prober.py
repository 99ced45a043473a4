"""The size of what an `s3://` source names: a folder, page by page, or one object (SIZE-1, SIZE-2)."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Final, Literal

from aimcore.adapters.egress import Answer, Deadline, EgressError, ProtocolError, Session, TooLarge, Unreachable
from aimcore.adapters.s3.listing import Page, parse_page
from aimcore.adapters.s3.refusals import S3Error, refusal, wants_host
from aimcore.adapters.s3.settings import parse_settings
from aimcore.adapters.s3.visit import Visit
from aimcore.domain.errors import quoted
from aimcore.domain.values.quantity import Quantity
from aimcore.domain.weights.probing import ProbeAnswer, ProbeCause, ProbeFailed, Sized
from aimcore.domain.weights.sources import S3Uri

__all__ = ["S3Prober"]

_SECONDS_IN_ALL: Final = 60.0
_PAGES_AT_MOST: Final = 2_000  # of a thousand keys each
_KEY_AT_MOST: Final = 1024  # bytes, as S3 has it
_DIRECTORY: Final = "--x-s3"  # its host is made of its name whatever the endpoint, and it wants a session
_NOTHING: Final = Sized(size=Quantity.of(0), files=0)


@dataclass(frozen=True, slots=True)
class S3Prober:
    """A `SizeProber` of `S3Uri`, for several threads at once; a probe ends within 60 s, and holds one page at a time.

    A key names the folder of that name: `models/llama` is what stands under `models/llama/`, and never `models/llama-2`.
    Where nothing stands there, it is the object of that very name.
    """

    session: Session

    def probe(self, source: S3Uri, environment: Mapping[str, str]) -> ProbeAnswer:
        """The bytes and number of files of the folder or object, or why they are not known."""
        visit: Visit | None = None
        try:
            visit = Visit(self.session, parse_settings(environment), Deadline.after(_SECONDS_IN_ALL))
            return _sized(source, visit)
        except S3Error as error:
            return _failed(source, visit, error.cause, error.problem)
        except EgressError as error:
            return _failed(source, None, _cause(error), str(error))


def _sized(source: S3Uri, visit: Visit) -> Sized:
    if source.bucket.endswith(_DIRECTORY):
        problem = "a directory bucket (S3 Express) is not read; name a bucket of another kind, or give the size by hand"
        raise S3Error(problem, cause=ProbeCause.NOT_A_SOURCE)
    if len(source.key.encode(errors="surrogatepass")) > _KEY_AT_MOST:
        problem = f"the key is longer than the {_KEY_AT_MOST} bytes a key can have"
        raise S3Error(problem, cause=ProbeCause.NOT_A_SOURCE)
    denied: S3Error | None = None
    try:
        found = _folder(source, visit)
    except S3Error as error:
        if error.cause is not ProbeCause.ACCESS_DENIED:
            raise
        found, denied = _NOTHING, error
    if not found.files and not source.key.endswith("/"):
        found = _object(source, visit, denied)
    if denied is not None and not found.files:
        raise denied
    if not found.files:
        problem = f"has no files under {quoted(_prefix(source))}, and no object of that name"
        raise S3Error(f"{problem}; check the key", cause=ProbeCause.NOT_A_SOURCE)
    return found


def _folder(source: S3Uri, visit: Visit) -> Sized:
    prefix = _prefix(source)
    size = files = uncounted = 0
    following: str | None = None
    for _ in range(_PAGES_AT_MOST):
        page = _page(source.bucket, prefix, following, visit)
        size += page.size
        files += page.files
        uncounted += page.uncounted
        if page.following is None and uncounted and not files:
            problem = "lists its keys without a size in bytes; report it to whoever runs it"
            raise S3Error(problem, cause=ProbeCause.MALFORMED)
        if page.following is None:
            return Sized(size=Quantity.of(size), files=files, uncounted=uncounted)
        if page.following == following:
            raise S3Error(
                "lists the same page again and again; report it to whoever runs it", cause=ProbeCause.MALFORMED
            )
        following = page.following
    problem = f"lists more than {_PAGES_AT_MOST} pages; name a smaller folder, or give the size by hand"
    raise S3Error(problem, cause=ProbeCause.TOO_LARGE)


def _prefix(source: S3Uri) -> str:
    """What the keys of the folder begin with: the key as it was asked for, and one slash at its end."""
    return source.key if source.key.endswith("/") else f"{source.key}/"


def _page(bucket: str, prefix: str, following: str | None, visit: Visit) -> Page:
    parameters = {"Bucket": bucket, "Prefix": prefix}
    if following is not None:
        parameters["ContinuationToken"] = following
    answer = _answer("list_objects_v2", parameters, visit)
    if answer.status != 200:
        raise _refused(answer, visit)
    return parse_page(answer.body, prefix)


def _object(source: S3Uri, visit: Visit, denied: S3Error | None) -> Sized:
    """The object of that very name, which may be read even where the bucket may not be listed; nothing if there is none."""
    answer = _answer("head_object", {"Bucket": source.bucket, "Key": source.key}, visit)
    length = answer.headers.get("content-length", "")
    if answer.status == 200 and length:
        return Sized(size=Quantity.of(int(length)), files=1)
    if answer.status == 404 or denied is not None:
        return _NOTHING
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


def _cause(error: EgressError) -> ProbeCause:
    match error:
        case Unreachable():
            return ProbeCause.UNREACHABLE
        case TooLarge():
            return ProbeCause.TOO_LARGE
        case ProtocolError():
            return ProbeCause.MALFORMED
        case _:  # Refused, Untrusted
            return ProbeCause.UNTRUSTED
