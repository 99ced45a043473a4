"""What a store means that does not say yes, told apart by its code, or by the status where it gives none (SIZE-2).

Codes are compared with those known here and never repeated, nor is a message of the store: it may send back what it heard
(SEC-1). Source of the codes: the list of error responses in the S3 API reference.
"""

from __future__ import annotations

import re
from typing import Final

from aimcore.adapters.egress import Answer
from aimcore.adapters.egress.origins import moved_to, parse_url
from aimcore.adapters.egress.retry_policy import LATER
from aimcore.adapters.s3.keys import Keys
from aimcore.domain.errors import AimError
from aimcore.domain.weights.probing import ProbeCause

__all__ = ["S3Error", "is_putting_off", "refusal", "refused", "wants_host"]

_CODE: Final = re.compile(rb"<Code>\s*([A-Za-z0-9]{1,64})\s*</Code>")
_TOLD_REGION: Final = re.compile(rb"<Region>\s*([a-zA-Z0-9-]{1,63})\s*</Region>|; expecting '([a-zA-Z0-9-]{1,63})'")
_ENDPOINT: Final = re.compile(rb"<Endpoint>\s*([a-zA-Z0-9.-]{1,253})(?::[0-9]{1,5})?\s*</Endpoint>")
_REGION: Final = re.compile(r"[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?")

_ELSEWHERE: Final = frozenset(
    {"AuthorizationHeaderMalformed", "IllegalLocationConstraintException", "PermanentRedirect", "Redirect"}
    | {"IncorrectEndpoint", "IncorrectRegion", "InvalidRegion", "InvalidRegionName", "TemporaryRedirect"}
)
_NO_SUCH_REGION: Final = frozenset({"IncorrectRegion", "InvalidRegion", "InvalidRegionName"})
_PATHS_FORBIDDEN: Final = frozenset(
    {"InvalidPathAccess", "PathStyleDomainForbidden", "SecondLevelDomainForbidden", "VirtualHostDomainRequired"}
)
_BAD_KEYS: Final = frozenset(
    {"ExpiredToken", "InvalidAccessKeyId", "InvalidToken", "SignatureDoesNotMatch", "TokenRefreshRequired"}
    | {"AuthorizationHeaderMalformed", "InvalidSecurity", "MissingAuthenticationToken", "MissingSecurityHeader"}
    | {"XAdminUserNotFound"}  # versitygw's word for InvalidAccessKeyId
)
_TOO_FAST: Final = frozenset(
    {"RequestLimitExceeded", "SlowDown", "Throttling", "ThrottlingException", "TooManyRequests"}
    | {"TooManyRequestsException"}
)


class S3Error(AimError):
    """A store does not give what was asked: the `cause` for the probe, and the `problem` in one lower-case line."""

    def __init__(self, problem: str, *, cause: ProbeCause) -> None:
        super().__init__(problem)
        self.problem = problem
        self.cause = cause


def is_putting_off(answer: Answer) -> bool:
    """Whether the same question may be answered a little later."""
    return answer.status in LATER or _code(answer) in _TOO_FAST


def refusal(answer: Answer, keys: Keys | None, *, signed_for: str) -> S3Error:
    """What an answer that is no 200 means to one who has shown these keys, or none, in that region."""
    status, code = answer.status, _code(answer)
    region = _told_region(answer)
    if region == signed_for or (region is not None and keys is not None and keys.hold(region)):
        region = None  # it sends back what it was shown
    if region and (code in _ELSEWHERE | _BAD_KEYS or (status == 400 and not code)):
        return _moved(answer, region, keys)
    if code in _NO_SUCH_REGION:
        problem = "does not know the region that was asked for; set AWS_REGION to one of its own"
        return S3Error(problem, cause=ProbeCause.MOVED)
    if 300 <= status < 400 or code in _ELSEWHERE - _BAD_KEYS:
        return _moved(answer, region, keys)
    if code in _PATHS_FORBIDDEN:
        problem = (
            "answers for buckets under their own host names only; set AWS_ENDPOINT_URL to a host name, not an address"
        )
        return S3Error(problem, cause=ProbeCause.MOVED)
    return refused(status, code, signed=keys is not None)


def refused(status: int, code: str, *, signed: bool) -> S3Error:
    """What a status and a code mean, neither of which is a success or leads elsewhere."""
    if status == 429 or code in _TOO_FAST:
        return S3Error("asks to be left alone for a while; try again later", cause=ProbeCause.RATE_LIMITED)
    if code == "RequestTimeTooSkewed":
        return S3Error("says that the clock of this machine is wrong; set it", cause=ProbeCause.UNAUTHORIZED)
    if code in _BAD_KEYS or status == 401:
        return _unauthorized(code, signed=signed)
    if status == 403:
        return _denied(signed=signed)
    if code == "NoSuchBucket":
        return S3Error("has no such bucket; check its name, and AWS_ENDPOINT_URL", cause=ProbeCause.NOT_FOUND)
    if status == 404:
        problem = "answers 404 and does not say that it lacks a bucket; is it the address of a store that speaks S3?"
        return S3Error(problem, cause=ProbeCause.NOT_FOUND)
    if status >= 500:
        return S3Error(f"answers {status}; try again later", cause=ProbeCause.UNREACHABLE)
    problem = f"answers {status}, which means nothing here; is it the address of a store that speaks S3?"
    return S3Error(problem, cause=ProbeCause.MALFORMED)


def _told_region(answer: Answer) -> str | None:
    """The region that an answer says the bucket is in, by whatever name its store calls it."""
    in_body = _TOLD_REGION.search(answer.body)
    text = answer.headers.get("x-amz-bucket-region") or ((in_body[1] or in_body[2]).decode() if in_body else "")
    return text if _REGION.fullmatch(text) else None


def wants_host(answer: Answer, bucket: str) -> bool:
    """Whether the store answers for the bucket only under a host name of its own, `BUCKET.STORE`."""
    named = _ENDPOINT.search(answer.body)
    own = f"{bucket}.{parse_url(answer.url).origin.host}".lower()
    return _code(answer) in _PATHS_FORBIDDEN or (named is not None and named[1].decode().lower() == own)


def _code(answer: Answer) -> str:
    found = _CODE.search(answer.body)
    return found[1].decode() if found else ""


def _moved(answer: Answer, region: str | None, keys: Keys | None) -> S3Error:
    if region is not None:
        return S3Error(f"has the bucket in region {region}; set AWS_REGION to it", cause=ProbeCause.MOVED)
    where = moved_to(answer.url, answer.headers.get("location", ""))
    if where is not None and not (keys is not None and keys.hold(where)):
        return S3Error(f"sends on to {where}, and is not followed; set AWS_ENDPOINT_URL to it", cause=ProbeCause.MOVED)
    problem = "sends elsewhere for the bucket, which is not followed; name its region in AWS_REGION, or its store in AWS_ENDPOINT_URL"
    return S3Error(problem, cause=ProbeCause.MOVED)


def _unauthorized(code: str, *, signed: bool) -> S3Error:
    if not signed:
        return S3Error("asks for keys; give AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY", cause=ProbeCause.UNAUTHORIZED)
    if code in {"ExpiredToken", "TokenRefreshRequired"}:
        return S3Error("says that the session token is over; renew the keys", cause=ProbeCause.UNAUTHORIZED)
    problem = "does not accept the keys; check AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_SESSION_TOKEN"
    if code == "AuthorizationHeaderMalformed":  # what a store says of another region, with or without its name
        problem = f"{problem}, and AWS_REGION"
    return S3Error(problem, cause=ProbeCause.UNAUTHORIZED)


def _denied(*, signed: bool) -> S3Error:
    if signed:
        problem = "denies it to these keys; allow them s3:ListBucket on the bucket and s3:GetObject on its keys"
    else:
        problem = "denies it to those without keys; give AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY"
    return S3Error(problem, cause=ProbeCause.ACCESS_DENIED)
