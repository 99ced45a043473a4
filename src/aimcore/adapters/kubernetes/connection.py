"""One API server as the official client's configuration reaches it: its transport and credentials, our bounds and timeouts.

Only configuration, transport and credentials are the client's. Its typed objects cost ten times the time and memory of
the few fields that are looked at, and it timeouts for ever unless told otherwise.
"""

from __future__ import annotations

import json
import math
import os
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from functools import partial
from types import TracebackType
from typing import TYPE_CHECKING, Any, NamedTuple, Self
from urllib.parse import urlsplit

from aimcore.adapters.kubernetes.answers import refusal_of
from aimcore.adapters.kubernetes.kubeconfigs import unusable
from aimcore.ports.errors import BadAnswer, NotFound, PortError, Unavailable

if TYPE_CHECKING:
    from kubernetes.client import Configuration
    from urllib3 import BaseHTTPResponse

__all__ = [
    "APPLY",
    "JSON",
    "JSON_PATCH",
    "MERGE",
    "Body",
    "Connection",
    "Timeouts",
    "WatchStream",
    "connect",
]

JSON = "application/json"
APPLY = "application/apply-patch+yaml"
MERGE = "application/merge-patch+json"
JSON_PATCH = "application/json-patch+json"

ANSWER_AT_MOST = 64 * 1024 * 1024
LINE_AT_MOST = 8 * 1024 * 1024
CHUNK = 256 * 1024
AGENT = "aimcore"
CONNECTIONS = 64
UNKNOWN_HERE = 401


class Timeouts(NamedTuple):
    """How long to wait, in seconds: for a connection, for the next bytes of an answer, for the next event of a watch, and
    for an answer as a whole; and how long to go on with credentials before the client is asked for them again.
    """

    connect: float = 5.0
    read: float = 30.0
    watch: float = 90.0
    whole: float = 120.0
    credentials: float = 1.0


PATIENT = Timeouts()
_NEVER: tuple[float, Mapping[str, str]] = (-math.inf, {})


class Body(NamedTuple):
    """What is sent, and as what."""

    document: Any
    media: str = JSON


class Connection:
    """Sends requests to one API server, from any thread. Raises the port's errors only.

    `renew` is called once whoever asks is not known to the server: a token that was rotated may be in its file already.
    """

    def __init__(
        self, configuration: Configuration, timeouts: Timeouts = PATIENT, *, renew: Callable[[], None] = lambda: None
    ) -> None:
        from kubernetes.client.rest import RESTClientObject  # noqa: PLC0415 - it takes a second, which files never need

        configuration.connection_pool_maxsize = CONNECTIONS
        self._configuration = configuration
        self._pool = RESTClientObject(configuration).pool_manager
        self._timeouts = timeouts
        self._renew = renew
        self._asking = threading.Lock()
        self._held: tuple[float, Mapping[str, str]] = _NEVER

    def send(self, method: str, path: str, body: Body | None = None, *, accept: str = JSON) -> dict[str, Any]:
        """The answer to one request: a JSON object."""
        return parse(self._answer(method, path, body, accept))

    def date(self) -> str:
        """What time it is for the server, as HTTP says it; empty where it does not."""
        response = self._open("GET", "/version", None, (JSON, self._timeouts.read))
        try:
            return str(response.headers.get("Date", ""))
        finally:
            response.close()

    def read(self, path: str) -> bytes:
        """The answer to a GET of what is no JSON: a log, as it is."""
        return self._answer("GET", path, None, "*/*")

    def stream(self, path: str, *, accept: str = JSON) -> WatchStream:
        """The answer to a GET that does not end by itself, line by line."""
        response = self._open("GET", path, None, (accept, self._timeouts.watch))
        if response.status >= 300:
            try:
                raise self._refusal(response.status, _read(response, time.monotonic() + self._timeouts.whole))
            finally:
                _let_go(response)
        return WatchStream(response)

    def close(self) -> None:
        """Closes what is idle."""
        self._pool.clear()

    def _answer(self, method: str, path: str, body: Body | None, accept: str) -> bytes:
        until = time.monotonic() + self._timeouts.whole
        response = self._open(method, path, body, (accept, self._timeouts.read))
        try:
            text = _read(response, until)
        finally:
            _let_go(response)
        if response.status >= 300:
            raise self._refusal(response.status, text)
        return text

    def _open(self, method: str, path: str, body: Body | None, expected: tuple[str, float]) -> BaseHTTPResponse:
        from urllib3 import Timeout  # noqa: PLC0415 - comes with the client
        from urllib3.exceptions import HTTPError  # noqa: PLC0415 - comes with the client

        accept, wait = expected
        headers = {"Accept": accept, "User-Agent": AGENT, **self._credentials()}
        if body is not None:
            headers["Content-Type"] = body.media
        try:
            return self._pool.request(
                method,
                self._configuration.host + path,
                body=None if body is None else json.dumps(body.document, ensure_ascii=False).encode(),
                headers=headers,
                timeout=Timeout(connect=self._timeouts.connect, read=wait),
                retries=False,
                preload_content=False,
            )
        except (HTTPError, OSError) as error:
            raise Unavailable(f"no answer from the API server at {self._host()}: {_why(error)}") from error

    def _host(self) -> str:
        """Without the path, in which some write a token."""
        return urlsplit(self._configuration.host).netloc.rpartition("@")[2]

    def _refusal(self, status: int, text: bytes) -> PortError:
        if status == UNKNOWN_HERE:
            with self._asking:
                self._renew()
                self._held = _NEVER
        return refusal_of(status, text)

    def _credentials(self) -> Mapping[str, str]:
        """Asked of the client every second, or a token that was rotated would never be seen; for each request would cost
        more than sending it does.
        """
        with self._asking:
            asked, held = self._held
            now = time.monotonic()
            if now - asked >= self._timeouts.credentials:
                held = self._ask_for_credentials()
                self._held = now, held
            return held

    def _ask_for_credentials(self) -> Mapping[str, str]:
        try:
            settings = self._configuration.auth_settings()
        except (
            Exception
        ) as error:  # a plugin, a file, a token service: whatever the client asks may fail in its own way
            raise Unavailable(f"no credentials for the API server: {type(error).__name__}") from error
        token = settings.get("BearerToken")
        return {token["key"]: token["value"]} if token and token["value"] else {}


class WatchStream:
    """The lines of an answer that goes on; `end` ends it, from any thread."""

    def __init__(self, response: BaseHTTPResponse) -> None:
        self._response = response
        self._ended = False

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._response.close()

    def __iter__(self) -> Iterator[bytes]:
        """Each whole line, until the answer ends. One that falls silent has ended: a server has no bookmark to send where
        nothing ever changes, and whoever was cut off goes on from the version that was told last, and misses nothing.
        """
        left = b""
        while chunk := self._next():
            *lines, left = (left + chunk).split(b"\n") if b"\n" in chunk else (left + chunk,)
            yield from filter(None, lines)
            if len(left) > LINE_AT_MOST:
                raise BadAnswer(f"a line of more than {LINE_AT_MOST} bytes")

    def end(self) -> None:
        """Ends the answer; whoever reads it reads no more."""
        self._ended = True
        try:
            self._response.shutdown()
        except (RuntimeError, ValueError, OSError):  # it has ended by itself
            return

    def _next(self) -> bytes:
        from urllib3.exceptions import HTTPError, ReadTimeoutError  # noqa: PLC0415 - comes with the client

        try:
            return b"" if self._ended else self._response.read1(CHUNK)
        except ReadTimeoutError:
            return b""
        except (HTTPError, OSError, ValueError) as error:
            if self._ended:
                return b""
            raise Unavailable(f"the watch broke: {type(error).__name__}") from error


def _read(response: BaseHTTPResponse, until: float) -> bytes:
    from urllib3.exceptions import HTTPError  # noqa: PLC0415 - comes with the client

    chunks: list[bytes] = []
    size = 0
    try:
        while chunk := response.read1(CHUNK):
            chunks.append(chunk)
            size += len(chunk)
            if size > ANSWER_AT_MOST:
                raise BadAnswer(f"an answer of more than {ANSWER_AT_MOST} bytes")
            if time.monotonic() > until:
                raise Unavailable("the answer of the API server took too long")
    except (HTTPError, OSError) as error:
        raise Unavailable(f"the answer of the API server broke off: {type(error).__name__}") from error
    return b"".join(chunks)


def _let_go(response: BaseHTTPResponse) -> None:
    """Gives the connection back if the answer was read to its end, and closes it if not."""
    if response.closed:
        response.release_conn()
    else:
        response.close()


def parse(text: bytes) -> dict[str, Any]:
    """The JSON object of an answer. Raises `BadAnswer`."""
    try:
        answer = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise BadAnswer("an answer that is no JSON; expected a JSON object") from error
    if not isinstance(answer, dict):
        raise BadAnswer("an answer that is no JSON object; expected one")
    return answer


def connect(*, kubeconfig: str | None = None, context: str | None = None, timeouts: Timeouts = PATIENT) -> Connection:
    """The API server that a kubeconfig names, or the one whose pod this is where there is neither file nor context.

    Raises `NotFound` when there is no way to one. What the client says of it is not repeated: it quotes whole entries of
    the file, with their tokens (SEC-1).
    """
    from kubernetes import config  # noqa: PLC0415 - it takes a second, which files never need
    from kubernetes.client import Configuration  # noqa: PLC0415 - as above

    def load_file() -> None:
        config.load_kube_config(  # type: ignore[no-untyped-call]  # the client types its generated half only
            config_file=kubeconfig, context=context, client_configuration=configuration, persist_config=False
        )

    def load_pod() -> None:
        config.load_incluster_config(client_configuration=configuration)  # type: ignore[no-untyped-call]  # as above

    configuration = Configuration()
    try:
        load_file()
    except Exception:  # noqa: BLE001 - a file written by hand fails the client in many ways
        if kubeconfig is not None or context is not None:
            raise NotFound(unusable(kubeconfig, context)) from None
        try:
            load_pod()
        except config.ConfigException:
            message = f"{unusable(None, None)}, and this is no pod of a cluster; KUBECONFIG or --kubeconfig names one"
            raise NotFound(message) from None
        return Connection(configuration, timeouts, renew=partial(_again, load_pod))
    return Connection(configuration, timeouts, renew=partial(_again, load_file))


def _why(error: Exception) -> str:
    """What kept an answer away, by the type of the error: its words may hold what nobody else is to see (SEC-1)."""
    from urllib3 import exceptions  # noqa: PLC0415 - comes with the client

    if isinstance(error, exceptions.NameResolutionError):
        return "no host has that name"
    if isinstance(error, exceptions.SSLError):
        return "its certificate is not trusted, or it speaks no TLS"
    cause = error.__cause__
    if isinstance(cause, OSError) and cause.errno:
        return os.strerror(cause.errno).lower()
    return "it took too long" if isinstance(error, exceptions.TimeoutError) else type(error).__name__


def _again(load: Callable[[], None]) -> None:
    """Reads the credentials anew; while they are being replaced there may be none, and the old ones have to do."""
    with suppress(Exception):
        load()
