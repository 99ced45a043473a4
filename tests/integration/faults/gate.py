"""The API of a cluster in memory, over real connections, in a mood: each request passes a script, which may spoil it.

What a watch has to tell is told at once, and then it ends: whoever follows it needs no thread, and nothing waits.
"""

from __future__ import annotations

import io
import json
import secrets
import select
import socket
import struct
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import ThreadingHTTPServer
from typing import Any, NamedTuple
from urllib.parse import parse_qs, urlsplit

import yaml

from aimcore.adapters.kubernetes.connection import Connection, Timeouts
from aimcore.adapters.memory.apiserver.endpoints import endpoints_of
from aimcore.adapters.memory.apiserver.exchange import Exchange, Site
from aimcore.adapters.memory.apiserver.shared import Shared
from aimcore.adapters.memory.apiserver.verbs import Verbs
from aimcore.adapters.memory.store import MemoryStore
from aimcore.adapters.memory.watching import Event, Watch
from aimcore.adapters.schemas import definitions

__all__ = ["Asked", "Gate", "Spoil", "Spoiler", "gate"]

ENDPOINTS = endpoints_of([yaml.safe_load(text) for _, text in definitions()])
PATIENT = Timeouts(connect=30, read=30, watch=30, whole=30)
LINGER = struct.pack("ii", 1, 0)


class Asked(NamedTuple):
    """One request: which of the operator's operations it is, on what, and when on the clock of the case."""

    operation: str
    plural: str
    namespace: str | None
    name: str
    body: Any
    at: float
    query: dict[str, str]
    bearer: str

    @property
    def about(self) -> str:
        """The name of the object, which a POST has in its body only."""
        return self.name or str((self.body or {}).get("metadata", {}).get("name", ""))

    @property
    def writes(self) -> bool:
        return self.operation in ("create", "apply", "fold", "status", "delete")


class Quiet(Shared):
    """A store whose controllers wait until they are called, and whose news are what there is."""

    def _settle(self) -> None:
        """Whoever turns the operator lets the controllers run."""

    def news(self, watch: Watch, seconds: float) -> list[Event]:
        del seconds
        with self._changed:
            return watch.drain()


class Spoiler(Exchange):
    """One connection. A script gets it, to do to the client what it likes."""

    gate: Gate
    looks = 0
    taken = b""

    def answer(self) -> None:
        self.taken = super()._body()
        asked = self.gate.note(self)
        self.looks = 0
        spoil = self.gate.script(asked)
        if spoil is None:
            super().answer()
        else:
            spoil(self)

    def well(self) -> None:
        """Answers as it should be."""
        super().answer()

    def lines(self) -> list[Any]:
        """The lines that a watch has to tell, which are kept from the client."""
        _, _, rest = self.really().partition(b"\r\n\r\n")
        text = b""
        while rest:
            size, _, rest = rest.partition(b"\r\n")
            text += rest[: int(size, 16)]
            rest = rest[int(size, 16) + 2 :]
        return [json.loads(line) for line in text.splitlines()]

    def page(self) -> dict[str, Any]:
        """The list that was asked for, which is kept from the client."""
        listed: dict[str, Any] = json.loads(self.really().partition(b"\r\n\r\n")[2])
        return listed

    def really(self) -> bytes:
        """Does what was asked, and keeps the answer from the client."""
        wfile, self.wfile = self.wfile, io.BytesIO()
        try:
            super().answer()
            told = self.wfile.getvalue()
        finally:
            self.wfile = wfile
        return told

    def say(self, text: bytes) -> None:
        self.wfile.write(text)
        self.wfile.flush()
        self.close_connection = True

    def answers(self, code: int, body: bytes, media: str = "application/json") -> None:
        self.close_connection = True
        self._send_bytes(body, code, media, ())

    def gives(self, document: Any, code: int = 200) -> None:
        self.answers(code, json.dumps(document).encode())

    def instead(self, body: Any) -> None:
        """Does what was asked with another body, as admission does that changes objects."""
        self.taken = json.dumps(body).encode()
        self.well()

    def tells(self, *lines: Any) -> None:
        """These lines, as a watch has them, and its end."""
        text = b"".join((line if isinstance(line, bytes) else json.dumps(line).encode()) + b"\n" for line in lines)
        self.answers(200, text)

    def hang(self) -> None:
        """Says nothing more until the client gives up."""
        self.close_connection = True
        select.select([self.connection], [], [], 5)

    def reset(self) -> None:
        self.close_connection = True
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, LINGER)
        self.connection.close()

    def _body(self) -> bytes:
        """What was taken off the line already."""
        self.close_connection = False
        return self.taken

    def _is_there(self) -> bool:
        """The client of a watch is there for one look: what there is to tell is told at once."""
        self.looks += 1
        return self.looks == 1


Spoil = Callable[[Spoiler], None]


class Gate:
    """A store behind the API. `script` says what becomes of a request: None, and it is answered as it should be."""

    def __init__(self, store: MemoryStore) -> None:
        self.shared = Quiet(store)
        self.token = secrets.token_hex(8)
        self.asked: list[Asked] = []
        self.script: Callable[[Asked], Spoil | None] = lambda _: None
        self.clock: Callable[[], float] = lambda: 0.0
        self.port = 0
        self.endpoints = dict(ENDPOINTS)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/{self.token}"

    def connection(self, timeouts: Timeouts = PATIENT) -> Connection:
        from kubernetes.client import Configuration  # noqa: PLC0415 - it takes a second

        return Connection(Configuration(host=self.url), timeouts)

    def note(self, exchange: Spoiler) -> Asked:
        parts = urlsplit(exchange.path)
        query = {name: values[0] for name, values in parse_qs(parts.query).items()}
        steps = [step for step in parts.path.split("/") if step and step != self.token]
        steps = steps[2:] if steps[0] == "api" else steps[3:]
        namespace = steps[1] if steps[0] == "namespaces" and len(steps) > 2 else None
        plural, name, *_ = (*steps[2 * (namespace is not None) :], "", "")
        operation = _operation(exchange.command, plural, exchange.headers.get("Content-Type", ""), query, name)
        bearer = exchange.headers.get("Authorization", "")
        body = json.loads(exchange.taken) if exchange.taken else None
        asked = Asked(operation, plural, namespace, name, body, self.clock(), query, bearer)
        self.asked.append(asked)
        return asked


_PATCHES = {"application/apply-patch+yaml": "apply", "application/merge-patch+json": "fold"}
_READ_BY_NAME = {"secrets": "look", "serviceaccounts": "look", "leases": "lease"}


def _operation(method: str, plural: str, media: str, query: dict[str, str], name: str) -> str:
    """Which of the operator's operations a request is."""
    match method:
        case "GET" if name:
            return _READ_BY_NAME.get(plural, "get")
        case "GET":
            return "watch" if "watch" in query else "list"
        case "POST":
            return {"events": "event", "leases": "lease"}.get(plural, "create")
        case "PATCH":
            return _PATCHES.get(media, "status")
        case "PUT":
            return "lease"
        case _:
            return "delete"


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A connection that was spoiled ends as it likes."""


@contextmanager
def gate(store: MemoryStore) -> Iterator[Gate]:
    """The API over a store, for the length of a block."""
    opened = Gate(store)
    server = _Server(("127.0.0.1", 0), Spoiler)
    opened.port = server.server_address[1]
    site = Site(
        shared=opened.shared,
        verbs=Verbs(opened.shared),
        endpoints=opened.endpoints,
        token=opened.token,
        hosts=frozenset({f"127.0.0.1:{opened.port}"}),
    )
    methods = {f"do_{method}": Spoiler.answer for method in ("GET", "POST", "PUT", "PATCH", "DELETE")}
    server.RequestHandlerClass = type("Spoiling", (Spoiler,), {"site": site, "gate": opened, **methods})
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.005}, daemon=True)
    thread.start()
    try:
        yield opened
    finally:
        opened.shared.close()
        server.shutdown()
        thread.join()
        server.server_close()
