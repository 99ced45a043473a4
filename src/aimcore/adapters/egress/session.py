"""Every request to a host that somebody else may have named goes through a session: its rules, redirects, bounds, connections.

The steps are: read the URL strictly, find and check the addresses, connect to one of them, prove the host by TLS, send,
read within the bounds, and follow at most three redirects by the same steps. A credential goes to one origin only.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType, TracebackType
from typing import Final, Self

from aimcore.adapters.egress.answers import Answer
from aimcore.adapters.egress.asking import Method, Request, ask, broke_off, check_headers
from aimcore.adapters.egress.connecting import Connection, Guard, connection_to
from aimcore.adapters.egress.deadline import Deadline
from aimcore.adapters.egress.errors import ProtocolError, Refused, Unreachable
from aimcore.adapters.egress.metering import Meter
from aimcore.adapters.egress.origins import Origin, parse_url, redirected
from aimcore.adapters.egress.resolving import Resolve, system_resolve
from aimcore.adapters.egress.rules import Rules

__all__ = ["Exchange", "Idle", "Key", "Session"]

Key = tuple[Origin, bool]
"""The origin, and whether another host named it: what was connected to for the user is not lent to strangers."""

_AT_MOST: Final = 64


class Idle:
    """The connections nobody uses now; the one used last is taken first, and the one used longest ago makes room."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._kept: deque[tuple[Key, Connection]] = deque()
        self._closed = False

    def take(self, key: Key) -> Connection | None:
        """A connection that still stands and on which nothing has come that nobody asked for."""
        while True:
            with self._lock:
                found = next((entry for entry in reversed(self._kept) if entry[0] == key), None)
                if found is None:
                    return None
                self._kept.remove(found)
            if found[1].is_connected:
                return found[1]
            found[1].close()

    def keep(self, key: Key, connection: Connection) -> None:
        """Put a connection back whose answer was read to its end."""
        surplus = connection
        with self._lock:
            if not self._closed:
                self._kept.append((key, connection))
                if len(self._kept) <= _AT_MOST:
                    return
                surplus = self._kept.popleft()[1]
        surplus.close()

    def close(self) -> None:
        """Close all that are kept, and keep none from now on."""
        with self._lock:
            self._closed = True
            kept = tuple(self._kept)
            self._kept.clear()
        for _, connection in kept:
            connection.close()


REDIRECTS_AT_MOST: Final = 3  # SEC-4
_REDIRECTS: Final = frozenset({301, 302, 303, 307, 308})
_NO_HEADERS: Final[Mapping[str, str]] = MappingProxyType({})


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange:
    """One request that was sent, and what came of it: no status where no answer came; bytes of body; seconds."""

    method: Method
    host: str
    status: int | None
    received: int
    seconds: float


def _unobserved(_: Exchange) -> None:
    """Nobody wants to know."""


class Session:
    """Requests under one set of rules, from several threads at once; connections are kept and used again.

    `observe` is told of each request that was sent, in the thread that sent it.
    """

    def __init__(
        self,
        rules: Rules,
        *,
        resolve: Resolve = system_resolve,
        observe: Callable[[Exchange], object] = _unobserved,
    ) -> None:
        self._rules = rules
        self._observe = observe
        self._guard = Guard(rules, resolve)
        self._idle = Idle()

    @property
    def rules(self) -> Rules:
        """The settings of this session."""
        return self._rules

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections that are kept; those in use are closed when they are done."""
        self._idle.close()

    def request(  # noqa: PLR0913 - each is part of the question, and all but two go by name
        self,
        method: Method,
        url: str,
        *,
        headers: Mapping[str, str] = _NO_HEADERS,
        authorization: str | None = None,
        at_most: int,
        deadline: Deadline,
        on_behalf_of: str | None = None,
        follow: bool = True,
    ) -> Answer:
        """The answer to one question, after at most three redirects, with a body of at most `at_most` bytes.

        Without `follow` a redirect is an answer as any other.

        `authorization` is sent to the origin of `url` and to no other, not even when redirects lead back. `on_behalf_of` is
        the URL of the host that named this one, if it was not the user: like the target of a redirect, another origin
        must not be at a private address. Raises an `EgressError`, and `ValueError` for headers that are not the caller's.
        """
        check_headers(headers, authorization)
        first = parse_url(url)
        home = first.origin if on_behalf_of is None else parse_url(on_behalf_of).origin
        request = Request(
            method=method,
            url=first,
            headers=headers,
            authorization=authorization,
            at_most=at_most,
            deadline=deadline,
            told=first.origin != home,
        )
        for _ in range(1 + REDIRECTS_AT_MOST):
            answer = self._answer(request)
            location = answer.headers.get("location")
            if not follow or answer.status not in _REDIRECTS or location is None:
                return answer
            request = _followed(request, location, home)
        raise ProtocolError(f"{first.origin} redirects more than {REDIRECTS_AT_MOST} times; is it the right host?")

    def _answer(self, request: Request) -> Answer:
        origin = request.url.origin
        if origin.scheme == "http" and self._rules.scheme(origin.host, origin.port) != "http":
            raise Refused(
                f"{origin} would be spoken to without TLS; if that is right, allow it with --plain-http {origin}"
            )
        key = (origin, request.told)
        kept = self._idle.take(key)
        if kept is not None:
            meter = Meter(str(origin), request.deadline)
            kept.renew(meter)
            try:
                return self._exchanged(kept, request, meter)
            except Unreachable as error:
                if not broke_off(error, meter):
                    raise
        meter = Meter(str(origin), request.deadline)
        connection = connection_to(origin, self._guard, meter, told=request.told)
        return self._exchanged(connection, request, meter)

    def _exchanged(self, connection: Connection, request: Request, meter: Meter) -> Answer:
        began = time.monotonic()
        try:
            answer, reusable = ask(connection, request, meter)
        finally:
            self._observe(
                Exchange(
                    method=request.method,
                    host=meter.host,
                    status=meter.status,
                    received=meter.body,
                    seconds=time.monotonic() - began,
                )
            )
        if reusable:
            self._idle.keep((request.url.origin, request.told), connection)
        return answer


def _followed(request: Request, location: str, home: Origin) -> Request:
    """The request to where a redirect leads, without a credential if that is another origin (SEC-1)."""
    url = redirected(request.url, location)
    same = url.origin == request.url.origin
    return replace(
        request,
        url=url,
        authorization=request.authorization if same else None,
        told=url.origin != home,
    )
