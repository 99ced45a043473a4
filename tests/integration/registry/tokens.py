"""A token server, as the distribution specification has it: signed tokens that say who may do what with a repository.

Anyone may pull what is under `public/`; a user does everything with what is under its own name, and nothing else. Who gives
no name gets a token that is good for the public part, and who gives a wrong password gets none.
"""

from __future__ import annotations

import base64
import json
import ssl
import subprocess
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import NamedTuple
from urllib.parse import parse_qs, urlsplit

__all__ = ["Asked", "TokenServer", "token_server"]

ISSUER = "token server of the tests"
SERVICE = "registry of the tests"
LIFETIME = 300


class Asked(NamedTuple):
    """What the server was asked for: by whom ("" for nobody), and which scopes."""

    user: str
    scopes: tuple[str, ...]


@dataclass(kw_only=True)
class TokenServer:
    """Signs with `key`; the registry trusts `certificate`. `asked` is what it was asked, in order."""

    folder: Path
    passwords: Mapping[str, str]
    address: str = ""
    asked: list[Asked] = field(default_factory=list)

    @property
    def certificate(self) -> Path:
        return self.folder / "token.pem"

    @property
    def key(self) -> Path:
        return self.folder / "token.key"

    @property
    def settings(self) -> dict[str, str]:
        """The `auth.token` of a registry that believes this server."""
        return {
            "realm": f"http://{self.address}/token",
            "service": SERVICE,
            "issuer": ISSUER,
            "rootcertbundle": str(self.certificate),
        }

    def grant(self, user: str, scopes: Sequence[str]) -> str:
        """A token for as much of the scopes as the user may have."""
        access = [each for each in (self._allowed(user, scope) for scope in scopes) if each["actions"]]
        now = int(time.time())
        head = {"typ": "JWT", "alg": "RS256", "x5c": [self._certificate_text()]}
        claims = {
            "iss": ISSUER,
            "sub": user,
            "aud": SERVICE,
            "exp": now + LIFETIME,
            "nbf": now - 10,
            "iat": now,
            "access": access,
        }
        signed = f"{_encoded(json.dumps(head).encode())}.{_encoded(json.dumps(claims).encode())}"
        return f"{signed}.{_encoded(self._signature(signed.encode()))}"

    def _allowed(self, user: str, scope: str) -> dict[str, object]:
        kind, name, actions = scope.split(":")
        wanted = set(actions.split(","))
        may = wanted & {"pull"} if name.startswith("public/") else set()
        if user and name.startswith((f"{user}/", "public/")):
            may = wanted
        return {"type": kind, "name": name, "actions": sorted(may)}

    def _certificate_text(self) -> str:
        return base64.b64encode(ssl.PEM_cert_to_DER_cert(self.certificate.read_text())).decode()

    def _signature(self, content: bytes) -> bytes:
        command = ["openssl", "dgst", "-sha256", "-sign", str(self.key)]
        return subprocess.run(command, input=content, check=True, capture_output=True).stdout


def _encoded(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


def _user(header: str | None) -> tuple[str, str]:
    """Name and password of a Basic header; both empty where there is none."""
    name, _, password = base64.b64decode((header or "").removeprefix("Basic ")).decode().partition(":")
    return name, password


@contextmanager
def token_server(folder: Path, passwords: Mapping[str, str]) -> Iterator[TokenServer]:
    """One on loopback, with a key of its own in `folder`."""
    tokens = TokenServer(folder=folder, passwords=passwords)
    files = ["-keyout", str(tokens.key), "-out", str(tokens.certificate)]
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=tokens", "-days", "2", *files],
        check=True,
        capture_output=True,
    )

    class Answering(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            user, password = _user(self.headers["Authorization"])
            scopes = tuple(parse_qs(urlsplit(self.path).query).get("scope", ()))
            tokens.asked.append(Asked(user, scopes))
            if user and tokens.passwords.get(user) != password:
                self._answer(401, {"errors": [{"code": "UNAUTHORIZED", "message": "no such user and password"}]})
            else:
                self._answer(200, {"token": tokens.grant(user, scopes), "expires_in": LIFETIME})

        def _answer(self, status: int, document: Mapping[str, object]) -> None:
            body = json.dumps(document).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            """Nothing: the tests look at `asked`."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Answering) as server:
        server.daemon_threads = True
        tokens.address = f"127.0.0.1:{server.server_port}"
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            yield tokens
        finally:
            server.shutdown()
            thread.join()
