"""What a cluster asks of the operator's process: whether it lives, whether it is ready, and its figures.

`/healthz` fails when the deciding thread has stood still for too long, `/readyz` until everything was read. `/metrics` is
in Prometheus' text format. Nothing else is answered, and no request has long to be made.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Final

__all__ = ["Health", "serve"]

STANDSTILL: Final = 60.0
TIMEOUT: Final = 5.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Health:
    """How to find out: seconds since the last turn, whether all was read, the figures as they are now, as text."""

    idle: Callable[[], float]
    ready: Callable[[], bool]
    metrics: Callable[[], str]

    def answer(self, path: str) -> tuple[int, str, str] | None:
        """Status, content type and body; None for a path that is none of ours."""
        match path.partition("?")[0]:
            case "/healthz":
                stands = self.idle() > STANDSTILL
                return (503, "text/plain", "standing still\n") if stands else (200, "text/plain", "ok\n")
            case "/readyz":
                return (200, "text/plain", "ok\n") if self.ready() else (503, "text/plain", "reading\n")
            case "/metrics":
                return 200, "text/plain; version=0.0.4; charset=utf-8", self.metrics()
            case _:
                return None


def serve(health: Health, host: str, port: int) -> ThreadingHTTPServer:
    """Answers in the background until `shutdown`; a `port` of 0 takes a free one."""

    class Handler(BaseHTTPRequestHandler):
        timeout = TIMEOUT
        server_version = "aimcore"
        sys_version = ""

        def do_GET(self) -> None:
            status, kind, body = health.answer(self.path) or (404, "text/plain", "not found\n")
            content = body.encode()
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, format: str, *args: object) -> None:
            """Probes come every few seconds, and say nothing."""

    server = ThreadingHTTPServer((host, port), Handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, name="health", daemon=True).start()
    return server
