"""One request on one connection, and its answer; what goes wrong is told without quoting what was sent (SEC-1)."""

from __future__ import annotations

import http.client
import re
import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Literal

from aimcore.adapters.egress.answers import Answer, head_of, read_body
from aimcore.adapters.egress.connecting import Connection
from aimcore.adapters.egress.deadline import TIMEOUT, Deadline
from aimcore.adapters.egress.errors import EgressError, ProtocolError, Refused, TooLarge, Unreachable
from aimcore.adapters.egress.metering import HEAD_AT_MOST, Meter
from aimcore.adapters.egress.origins import Url

__all__ = ["Method", "Request", "ask", "broke_off", "check_headers"]

Method = Literal["GET", "HEAD"]

_ERROR_AT_MOST: Final = 64 * 1024  # bytes read of an answer that is no success
_NAME: Final = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_VALUE: Final = re.compile(r"[\t -~]*")
# What a session says itself, and what would carry a credential past its eyes.
_OWN: Final = frozenset(
    {"accept-encoding", "authorization", "connection", "content-length", "cookie", "host", "proxy-authorization"}
    | {"te", "transfer-encoding", "upgrade", "user-agent"}
)
_BROKEN: Final = (ConnectionError, ssl.SSLEOFError, ssl.SSLZeroReturnError)


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What is asked of one origin; `told` says that another host named it."""

    method: Method
    url: Url
    headers: Mapping[str, str]
    authorization: str | None = field(repr=False)
    at_most: int
    deadline: Deadline
    told: bool


def check_headers(headers: Mapping[str, str], authorization: str | None) -> None:
    """Refuse what would end a line early and begin another; `ValueError` for a header that is the session's own."""
    for name, value in headers.items():
        if name.lower() in _OWN or not _NAME.fullmatch(name):
            raise ValueError(f"header {name!a} is not for callers to set")
        if not _VALUE.fullmatch(value):
            raise Refused(f"header {name!a} has characters that cannot be sent; expected printable ASCII")
    if authorization is not None and not _VALUE.fullmatch(authorization):
        raise Refused("a credential has characters that cannot be sent; expected printable ASCII, and no line break")


def ask(connection: Connection, request: Request, meter: Meter) -> tuple[Answer, bool]:
    """The answer, and whether the connection can be used again; it is closed where it cannot. Raises an `EgressError`."""
    kept = False
    try:
        _send(connection, request)
        answer, kept = _received(connection, request, meter)
    except OSError as error:
        raise _broken(meter, error) from error
    except http.client.HTTPException as error:
        # Its text quotes the peer, who may quote us, so nothing of it is chained (SEC-1).
        problem = _protocol_error(meter.host, type(error))
    else:
        return answer, kept
    finally:
        if not kept:
            connection.close()
    raise problem


def broke_off(error: EgressError, meter: Meter) -> bool:
    """Whether the connection ended before anything came, as one does that was kept too long."""
    return meter.received == 0 and isinstance(error.__cause__, _BROKEN)


def _send(connection: Connection, request: Request) -> None:
    connection.putrequest(request.method, request.url.target, skip_accept_encoding=True)
    connection.putheader("Accept-Encoding", "identity")
    connection.putheader("User-Agent", "aimcore")
    for name, value in request.headers.items():
        connection.putheader(name, value)
    if request.authorization is not None:
        connection.putheader("Authorization", request.authorization)
    connection.endheaders()


def _received(connection: Connection, request: Request, meter: Meter) -> tuple[Answer, bool]:
    # That of http.client: urllib3's own decodes bodies, and writes the URL with its query into the log.
    with http.client.HTTPConnection.getresponse(connection) as response:
        headers = head_of(meter.host, response)
        meter.expect_body(response.status, request.at_most)
        if 200 <= response.status < 300:
            body = read_body(response, headers, request.at_most, meter)
        else:
            try:
                body = read_body(response, headers, min(request.at_most, _ERROR_AT_MOST), meter)
            except (ProtocolError, TooLarge, Unreachable):
                body = b""
        kept = response.isclosed() and not response.will_close
    return Answer(status=response.status, headers=headers, body=body, url=str(request.url)), kept


def _broken(meter: Meter, error: OSError) -> Unreachable:
    if isinstance(error, TimeoutError):
        if meter.deadline.spent():
            return Unreachable(f"{meter.host} has not answered in full within {meter.deadline.allowed:g} s; try again")
        return Unreachable(f"{meter.host} has sent nothing for {TIMEOUT:g} s; try again")
    return Unreachable(f"{meter.host} broke the connection off; try again")


def _protocol_error(host: str, kind: type[http.client.HTTPException]) -> EgressError:
    if kind in {http.client.LineTooLong, http.client.HTTPException}:  # the latter: more than 100 headers
        return TooLarge(f"{host} sends headers without end; expected at most {HEAD_AT_MOST} bytes of them")
    return ProtocolError(f"{host} does not answer in HTTP; is it the right port?")
