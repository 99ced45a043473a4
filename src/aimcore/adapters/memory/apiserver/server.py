"""The front itself: it listens on loopback while it is entered, and writes the kubeconfig that opens it."""

from __future__ import annotations

import json
import os
import secrets
import socket
import sys
import threading
from collections.abc import Iterable
from contextlib import AbstractContextManager, suppress
from http.server import ThreadingHTTPServer
from pathlib import Path
from socketserver import TCPServer
from types import TracebackType
from typing import Any, Self

from aimcore.adapters.memory.apiserver.endpoints import endpoints_of
from aimcore.adapters.memory.apiserver.exchange import Exchange, Site, exchanges
from aimcore.adapters.memory.apiserver.shared import Shared
from aimcore.adapters.memory.apiserver.verbs import Verbs
from aimcore.adapters.memory.kinds import Manifest
from aimcore.adapters.memory.store import MemoryStore
from aimcore.ports.errors import AlreadyExists

__all__ = ["ApiServer"]

_CONNECTIONS_AT_MOST = 128
_BUSY = b"HTTP/1.1 503 Service Unavailable\r\nRetry-After: 1\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
_NAMESPACES = ("default", "kube-node-lease", "kube-public", "kube-system")


class ApiServer:
    """The API of a cluster over a store in memory, from entering until leaving.

    `definitions` are the CustomResourceDefinitions, parsed: they say which fields there are and what kubectl shows. Nothing
    but 127.0.0.1 is listened on, at a port that the system chooses; every request needs the token. While it is entered the
    store is only to be touched through `held`. The namespaces that every cluster has are made.
    """

    def __init__(self, store: MemoryStore, definitions: Iterable[Manifest]) -> None:
        self._store = store
        self._endpoints = endpoints_of(definitions, minor=store.minor)
        self.token = secrets.token_urlsafe(32)
        self._shared: Shared
        self._server: _Server

    def __enter__(self) -> Self:
        for name in _NAMESPACES:
            with suppress(AlreadyExists):
                self._store.create(
                    {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}}, manager="kube-apiserver"
                )
        self._server = _Server(("127.0.0.1", 0), Exchange, bind_and_activate=True)
        self._shared = Shared(self._store)
        site = Site(
            shared=self._shared,
            verbs=Verbs(self._shared),
            endpoints=self._endpoints,
            token=self.token,
            hosts=frozenset(f"{host}:{self.port}" for host in ("127.0.0.1", "localhost")),
        )
        self._server.RequestHandlerClass = exchanges(site)
        self._thread = threading.Thread(target=self._server.serve_forever, name="front", daemon=True)
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._shared.close()
        self._server.shutdown()
        self._thread.join()
        self._server.hang_up()
        self._server.server_close()

    @property
    def port(self) -> int:
        """The port on 127.0.0.1."""
        port: int = self._server.server_address[1]
        return port

    @property
    def url(self) -> str:
        """Where clients find the API; the token is in it."""
        return f"http://127.0.0.1:{self.port}/{self.token}"

    def held(self) -> AbstractContextManager[MemoryStore]:
        """The store, for this thread alone until it leaves; watchers learn what was changed."""
        return self._shared.held()

    def write_kubeconfig(self, path: Path) -> None:
        """Write the configuration that `KUBECONFIG` is to name, for its owner alone to read.

        The token is in the URL: over plain HTTP, kubectl sends no credentials of a user.
        """
        text = json.dumps(_kubeconfig(self.url), indent=2) + "\n"
        beside = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
        with os.fdopen(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
            file.write(text)
        beside.replace(path)


def _kubeconfig(server: str) -> dict[str, Any]:
    return {
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [{"name": "aimcore", "cluster": {"server": server}}],
        "users": [{"name": "aimcore", "user": {}}],
        "contexts": [{"name": "aimcore", "context": {"cluster": "aimcore", "user": "aimcore"}}],
        "current-context": "aimcore",
    }


class _Server(ThreadingHTTPServer):
    """A thread for every connection, up to a number of them; who comes after that is asked to come again."""

    daemon_threads = True
    block_on_close = True
    request_queue_size = 128

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self._open: set[socket.socket] = set()
        self._lock = threading.Lock()
        super().__init__(*args, **kwargs)

    def server_bind(self) -> None:
        """Bind without asking for the name of the host."""
        TCPServer.server_bind(self)
        self.server_name, self.server_port = "127.0.0.1", self.socket.getsockname()[1]

    def process_request(self, request: Any, client_address: Any) -> None:
        """A thread for it, if there is room."""
        with self._lock:
            room = len(self._open) < _CONNECTIONS_AT_MOST
            if room:
                self._open.add(request)
        if room:
            super().process_request(request, client_address)
            return
        with suppress(OSError):
            request.settimeout(1.0)
            request.sendall(_BUSY)
        self.shutdown_request(request)

    def shutdown_request(self, request: Any) -> None:
        """The end of a connection."""
        with self._lock:
            self._open.discard(request)
        super().shutdown_request(request)

    def hang_up(self) -> None:
        """End every connection."""
        with self._lock:
            for request in self._open:
                with suppress(OSError):
                    request.shutdown(socket.SHUT_RDWR)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that went away is no error."""
        if not isinstance(sys.exception(), OSError):
            super().handle_error(request, client_address)
