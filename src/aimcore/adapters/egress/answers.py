"""An answer is read to its declared end, within its bound, and in no encoding that nobody asked for (SEC-4)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from http.client import HTTPResponse, IncompleteRead
from typing import Final

from aimcore.adapters.egress.errors import ProtocolError, TooLarge, Unreachable
from aimcore.adapters.egress.metering import Meter

__all__ = ["Answer", "FinalResponse", "head_of", "read_body"]

_STEP: Final = 64 * 1024
_LENGTH: Final = re.compile(r"[0-9]{1,15}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a host answered; `headers` have lower-case names, and repeated ones are joined by commas.

    `url` is where it came from after redirects, without its query. Of an answer that is no success (2xx) the body is what
    could be read of it, for its status is what counts. `repr` shows neither headers nor body, which may hold tokens.
    """

    status: int
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)
    url: str


class FinalResponse(HTTPResponse):
    """An answer of http.client that reads on after interim ones (1xx), of which http.client knows one only (RFC 9110)."""

    def begin(self) -> None:
        """Read status and headers, skipping what only announces them."""
        super().begin()
        while 101 < self.status < 200:
            self.headers = None  # type: ignore[assignment]  # it is None until begun, and says so to begin()
            super().begin()


def head_of(host: str, response: HTTPResponse) -> dict[str, str]:
    """The headers, by lower-case name; `ProtocolError` if they are not a list of headers, or say two things about the body."""
    if response.status < 200:
        raise ProtocolError(f"{host} answers {response.status}, which nobody asked for; is it a registry?")
    if response.headers.defects or response.headers.get_payload():
        raise ProtocolError(f"{host} answers with lines that are no headers; is it a registry?")
    found: dict[str, str] = {}
    for name, value in response.headers.items():
        held = found.get(name.lower())
        found[name.lower()] = value.strip() if held is None else f"{held}, {value.strip()}"
    length, coding = found.get("content-length"), found.get("transfer-encoding")
    if length is not None and (coding is not None or not _LENGTH.fullmatch(length)):
        raise ProtocolError(f"{host} does not say how long its answer is; report it to whoever runs {host}")
    if coding is not None and coding.lower() != "chunked":
        raise ProtocolError(
            f"{host} answers in a transfer encoding that was not asked for; report it to whoever runs {host}"
        )
    return found


def read_body(response: HTTPResponse, headers: Mapping[str, str], at_most: int, meter: Meter) -> bytes:
    """The whole body, of at most `at_most` bytes: `TooLarge` before the first byte if its length is declared."""
    host = meter.host
    if headers.get("content-encoding", "identity").lower() != "identity":
        raise ProtocolError(f"{host} answers in an encoding that was not asked for; report it to whoever runs {host}")
    expected = response.length  # None where it is not declared, 0 where there can be no body
    if expected is not None and expected > at_most:
        raise TooLarge(f"{host} answers with {expected} bytes; expected at most {at_most}")
    parts: list[bytes] = []
    size = 0
    try:
        while part := response.read(min(_STEP, at_most + 1 - size)):
            parts.append(part)
            size += len(part)
            meter.body = size
            if size > at_most:
                raise TooLarge(f"{host} answers with more than {at_most} bytes")
    except (IncompleteRead, ValueError):
        expected = -1
    if expected is not None and size != expected:
        raise Unreachable(f"{host} broke off within its answer, after {size} bytes; try again")
    return b"".join(parts)
