"""An API server that does what a script says, over real connections on loopback."""

from __future__ import annotations

import json
import socket
import struct
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, NamedTuple
from urllib.parse import parse_qs, urlsplit

from aimcore.adapters.kubernetes.connection import Connection, Timeouts

__all__ = [
    "CLOSED",
    "RESET",
    "SILENT",
    "Answer",
    "Asked",
    "Scripted",
    "bookmark",
    "listed",
    "model",
    "refused",
    "serving",
    "status",
    "told",
]

CLOSED, RESET, SILENT = "closed", "reset", "silent"


class Asked(NamedTuple):
    """One request as it came."""

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes

    @property
    def watches(self) -> bool:
        return "watch" in self.query


class Answer(NamedTuple):
    """What is sent, and how it ends: closed, reset, or silent until the server stops."""

    body: bytes = b""
    code: int = 200
    end: str = CLOSED


class Scripted:
    """Everything that was asked, and where."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.asked: list[Asked] = []
        self.over = threading.Event()

    @property
    def watches(self) -> int:
        return sum(one.watches for one in self.asked)

    @property
    def lists(self) -> int:
        return sum(not one.watches for one in self.asked)

    def connection(self, timeouts: Timeouts = Timeouts(connect=2, read=0.5, watch=0.2, whole=2)) -> Connection:  # noqa: B008 - frozen
        from kubernetes.client import Configuration  # noqa: PLC0415 - it takes a second

        return Connection(Configuration(host=self.url), timeouts)


@contextmanager
def serving(script: Callable[[Asked], Answer]) -> Iterator[Scripted]:
    """The server that answers as the script says, until the end of the block."""

    class Handler(BaseHTTPRequestHandler):
        def _do(self) -> None:
            parts = urlsplit(self.path)
            query = {name: values[0] for name, values in parse_qs(parts.query).items()}
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            asked = Asked(self.command, parts.path, query, dict(self.headers), body)
            scripted.asked.append(asked)
            answer = script(asked)
            self.send_response(answer.code)
            self.end_headers()
            self.wfile.write(answer.body)
            self.wfile.flush()
            if answer.end == RESET:
                self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            if answer.end == SILENT:
                scripted.over.wait(5)

        do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = _do  # noqa: N815 - the names the base class calls

        def log_message(self, *_: object) -> None:
            """Says nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    scripted = Scripted(f"http://127.0.0.1:{server.server_port}")
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield scripted
    finally:
        scripted.over.set()
        server.shutdown()
        thread.join()
        server.server_close()


def model(name: str, version: int | str, **spec: Any) -> dict[str, Any]:
    """An AIMModel as the server has it."""
    return {
        "metadata": {"name": name, "namespace": "ml", "uid": f"u-{name}", "resourceVersion": str(version)},
        "spec": {"image": "docker.io/amdenterpriseai/aim-llama:1", **spec},
    }


def listed(version: int | str, *items: object, more: str = "") -> Answer:
    """A page of a list."""
    metadata = {"resourceVersion": str(version), **({"continue": more} if more else {})}
    return Answer(json.dumps({"metadata": metadata, "items": list(items)}).encode())


def told(*events: tuple[str, object] | bytes, end: str = CLOSED) -> Answer:
    """The lines of a watch."""
    lines = [
        one if isinstance(one, bytes) else json.dumps({"type": one[0], "object": one[1]}).encode() for one in events
    ]
    return Answer(b"".join(line + b"\n" for line in lines), end=end)


def bookmark(version: int) -> tuple[str, object]:
    return "BOOKMARK", {"metadata": {"resourceVersion": str(version)}}


def status(code: int, reason: str, message: str = "", causes: tuple[Mapping[str, str], ...] = ()) -> dict[str, Any]:
    """A `Status` that refuses."""
    details = {"causes": list(causes)} if causes else {}
    return {"kind": "Status", "code": code, "reason": reason, "message": message, "details": details}


def refused(code: int, reason: str = "", **rest: Any) -> Answer:
    return Answer(json.dumps(status(code, reason, **rest)).encode(), code=code)
