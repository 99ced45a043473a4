"""One connection: requests of HTTP/1.1 come in, are guarded, and are answered, one after the other."""

from __future__ import annotations

import io
import socket
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer  # it is a name of the checker's only
import hmac
import json
import logging
import re
import select
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from aimcore.adapters.memory.apiserver.calls import Call, Route, route_of
from aimcore.adapters.memory.apiserver.discovery import described, discovered
from aimcore.adapters.memory.apiserver.endpoints import Endpoints
from aimcore.adapters.memory.apiserver.protobuf import MEDIA, ProtobufError, object_of
from aimcore.adapters.memory.apiserver.refusals import Refusal, bad_request, unsupported
from aimcore.adapters.memory.apiserver.shared import Shared
from aimcore.adapters.memory.apiserver.streams import Told, watched
from aimcore.adapters.memory.apiserver.verbs import Answer, Verbs

__all__ = ["Exchange", "Paced", "Site", "exchanges"]


class Paced(io.RawIOBase):
    """The incoming side of a connection. `allow` sets how long all reads together may take from now on."""

    def __init__(self, connection: socket.socket) -> None:
        super().__init__()
        self._connection = connection
        self._until = 0.0

    def allow(self, seconds: float) -> None:
        """Reads end with `TimeoutError` after so long."""
        self._until = time.monotonic() + seconds

    def readable(self) -> bool:
        """It is for reading."""
        return True

    def readinto(self, buffer: WriteableBuffer) -> int:
        """What has come, as soon as anything has. Raises `TimeoutError`."""
        left = self._until - time.monotonic()
        if left <= 0:
            raise TimeoutError
        self._connection.settimeout(left)
        return self._connection.recv_into(buffer)


_METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")

_BODY_AT_MOST = 3 * 1024 * 1024
_IDLE_SECONDS = 120.0
_SECONDS = 30.0
_JSON_BODIES = ("application/json", "application/merge-patch+json", "application/json-patch+json")
_BODIES = (*_JSON_BODIES, "application/strategic-merge-patch+json", "application/apply-patch+yaml", MEDIA)
_HEALTH = ("healthz", "livez", "readyz")

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """What all connections have in common. `token` opens it, as the first step of every path or as a bearer token."""

    shared: Shared
    verbs: Verbs
    endpoints: Endpoints
    token: str
    hosts: frozenset[str]


class Exchange(BaseHTTPRequestHandler):
    """The requests of one connection; `exchanges` makes the class for a front."""

    site: Site
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = 1 << 16
    rfile: io.BufferedReader

    def setup(self) -> None:
        """Read through a deadline."""
        super().setup()
        self.rfile.close()
        self._paced = Paced(self.connection)
        self.rfile = io.BufferedReader(self._paced)

    def handle_one_request(self) -> None:
        """Wait long for a request to begin, and not so long for it to end."""
        try:
            self._paced.allow(_IDLE_SECONDS)
            if not self.rfile.peek(1):
                self.close_connection = True
                return
            self._paced.allow(_SECONDS)
            super().handle_one_request()
        except (TimeoutError, ConnectionError):
            self.close_connection = True

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing: paths hold the token."""

    def version_string(self) -> str:
        """Who answers."""
        return "aimcore"

    def answer(self) -> None:
        """Answer one request, of whatever method: the verbs tell them apart."""
        try:
            self._answered()
        except Refusal as refusal:
            self._send(Answer(document=refusal.document(), code=refusal.code))
        except (TimeoutError, ConnectionError):
            raise
        except Exception:  # whatever a body makes of us, whoever sent it gets an answer
            log.exception("a request failed")
            failed = Refusal(500, "InternalError", "Internal error occurred: see the log of the server")
            self._send(Answer(document=failed.document(), code=failed.code))

    # --- in ---

    def _answered(self) -> None:
        url = urlsplit(self.path)
        path = self._guarded([unquote(step) for step in url.path.split("/")[1:]])
        body = self._body()
        if path and path[0] in _HEALTH and self.command == "GET":
            self._send_text("ok")
            return
        base, minor = f"/{self.site.token}" if self._in_path else "", self.site.shared.minor
        document = discovered(path, self.site.endpoints, minor=minor)
        document = document or described(path, self.site.endpoints, base=base, minor=minor)
        if document is not None and self.command == "GET":
            self._send(Answer(document=document))
            return
        route = route_of(path, self.site.endpoints)
        if route is None:
            self._send_text("404 page not found", HTTPStatus.NOT_FOUND)
            return
        query = dict(parse_qsl(url.query, keep_blank_values=True, max_num_fields=50))
        call = self._call(route, query, body)
        if call.method == "GET" and not route.name and call.flag("watch"):
            self._stream(watched(call, self.site.shared, self._is_there))
        else:
            self._send(self.site.verbs.answer(call))

    def _guarded(self, path: list[str]) -> list[str]:
        """The steps after the token, for whoever has it and means this host. Raises `Refusal`."""
        self.close_connection = True  # unless all is well: what is not read cannot be told from the next request
        if self.headers.get("Host", "").lower() not in self.site.hosts:
            raise Refusal(
                403, "Forbidden", "this host is not served here; expected 127.0.0.1 or localhost, and the port"
            )
        bearer = self.headers.get("Authorization", "").partition(" ")[2]
        self._in_path = _same(path[0], self.site.token)
        if not self._in_path and not _same(bearer.strip(), self.site.token):
            raise Refusal(401, "Unauthorized", "Unauthorized")
        return path[1:] if self._in_path else path

    def _body(self) -> bytes:
        if "Transfer-Encoding" in self.headers:
            raise Refusal(411, "BadRequest", "a body needs a Content-Length")
        text = self.headers.get("Content-Length", "0")
        if not (text.isascii() and text.isdigit()) or len(text) > 12:
            raise bad_request("Content-Length is no number")
        if int(text) > _BODY_AT_MOST:
            message = f"Request entity too large: limit is {_BODY_AT_MOST}"
            raise Refusal(413, "RequestEntityTooLarge", message, {})
        body = self.rfile.read(int(text))
        if len(body) < int(text):
            raise ConnectionError
        self.close_connection = (
            self.headers.get("Connection", "").lower() == "close" or self.request_version == "HTTP/1.0"
        )
        return body

    def _call(self, route: Route, query: Mapping[str, str], body: bytes) -> Call:
        media = self.headers.get("Content-Type", "").partition(";")[0].strip() or "application/json"
        if body and media not in _BODIES:
            raise unsupported(
                f"the body of the request was in an unknown format - accepted media types include: {', '.join(_JSON_BODIES)}"
            )
        return Call(
            method=self.command,
            route=route,
            query=query,
            accept=self.headers.get("Accept", ""),
            media=media,
            body=_parsed(body, media) if body else None,
            manager=self.headers.get("User-Agent", "").partition("/")[0][:128] or "unknown",
        )

    def _is_there(self) -> bool:
        """Whether the client of a watch still listens: it has nothing to say, so what can be read is its end."""
        readable, _, _ = select.select([self.connection], [], [], 0)
        return not readable

    # --- out ---

    def _send(self, answer: Answer) -> None:
        self._send_bytes(_written(answer.document), answer.code, "application/json", answer.warnings)

    def _send_text(self, text: str, code: int = HTTPStatus.OK) -> None:
        self._send_bytes(text.encode(), code, "text/plain; charset=utf-8", ())

    def _send_bytes(self, body: bytes, code: int, media: str, warnings: Sequence[str]) -> None:
        self.connection.settimeout(_SECONDS)
        self.send_response(code)
        self.send_header("Content-Type", media)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Cache-Control", "no-cache, private")
        self.send_header("X-Content-Type-Options", "nosniff")
        for text in warnings:
            self.send_header("Warning", f"299 - {_quoted(text)}")
        if self.close_connection:
            self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(body)
        self.wfile.flush()

    def _stream(self, lines: Iterator[Sequence[Told]]) -> None:
        """The lines of a watch, each sent as soon as it is told."""
        self.connection.settimeout(_SECONDS)
        self.close_connection = True
        self.send_response(HTTPStatus.OK)
        for name, value in (
            ("Content-Type", "application/json"),
            ("Transfer-Encoding", "chunked"),
            ("Connection", "close"),
        ):
            self.send_header(name, value)
        self.end_headers()
        self.wfile.flush()
        for told in lines:
            if told:
                text = b"".join(_written(line) + b"\n" for line in told)
                self.wfile.write(b"%x\r\n%b\r\n" % (len(text), text))
                self.wfile.flush()
        self.wfile.write(b"0\r\n\r\n")


def exchanges(site: Site) -> type[Exchange]:
    """The connections of one front."""
    return type("Exchanges", (Exchange,), {"site": site} | {f"do_{method}": Exchange.answer for method in _METHODS})


def _same(given: str, token: str) -> bool:
    return hmac.compare_digest(given.encode("utf-8", "replace"), token.encode())


def _quoted(text: str) -> str:
    """A warning as a header holds it."""
    plain = re.sub(r"[^ -~]", "?", text[:200])
    return '"' + plain.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _written(document: Mapping[str, Any]) -> bytes:
    return json.dumps(document, separators=(",", ":")).encode()


def _no_number(text: str) -> None:
    raise ValueError(f"{text} is no number of JSON")


def _parsed(body: bytes, media: str) -> Any:
    try:
        if media == MEDIA:
            return object_of(body)
        return json.loads(body, parse_constant=_no_number)
    except ProtobufError as error:
        raise unsupported(f"{error}; accepted media types include: {', '.join(_JSON_BODIES)}") from error
    except (ValueError, RecursionError) as error:
        raise bad_request("the object provided is unrecognized: it is no JSON, or too deep") from error
