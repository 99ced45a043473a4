"""Debian's `docker-registry`, started for one test run on loopback with what it holds in memory, and gone afterwards."""

from __future__ import annotations

import base64
import json
import os
import shutil
import socket
import ssl
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.integration.registry.pushing import Pusher
from tests.integration.registry.tokens import TokenServer

__all__ = [
    "PASSWORDS",
    "WRONG",
    "Registry",
    "htpasswd_registry",
    "missing",
    "open_registry",
    "tls_registry",
    "token_registry",
]

_NEEDED = ("docker-registry", "openssl")
_TIMEOUT = 20.0

PASSWORDS = {"ann": "anns-planted-password", "bob": "bobs-planted-password"}
WRONG = "planted-password-of-nobody"
# bcrypt of the two, at the least cost there is; the standard library cannot make them from Python 3.13 on.
_HTPASSWD = """\
ann:$2b$04$pELhCmfm9P.OOMZOngLqAuEABjU06YK4TZT.ZLDgplD6lxLAZ/Omy
bob:$2b$04$VosO9kAam0T4Xytjtmz6jOfZZz/TOgsVjlGKrX44WQb7Du6Xn4QN.
"""


def missing() -> str | None:
    """What a real registry lacks on this machine; None when it can be started."""
    lacking = [name for name in _NEEDED if shutil.which(name) is None]
    return f"no {' and no '.join(lacking)} on this machine (apt-get install {' '.join(lacking)})" if lacking else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Registry:
    """A registry that answers at `address`; it speaks plain HTTP unless `ca` says whom to trust.

    `tokens` is its token server; one that has none and is `guarded` asks for a password.
    """

    address: str
    log: Path
    ca: Path | None = None
    guarded: bool = False
    tokens: TokenServer | None = None

    def pusher(self) -> Pusher:
        """A connection for pushing; what belongs to a user is pushed as that user, anything else as ann."""
        tls = None if self.ca is None else ssl.create_default_context(cafile=self.ca)
        return Pusher(self.address, authorization=self._authorization, tls=tls)

    def _authorization(self, repository: str) -> str | None:
        owner = repository.partition("/")[0]
        user = owner if owner in PASSWORDS else "ann"
        if self.tokens is not None:
            return f"Bearer {self.tokens.grant(user, [f'repository:{repository}:pull,push,delete'])}"
        return f"Basic {basic(user, PASSWORDS[user])}" if self.guarded else None


def basic(user: str, password: str) -> str:
    """The two as Basic authentication and docker configs have them."""
    return base64.b64encode(f"{user}:{password}".encode()).decode()


@contextmanager
def open_registry(folder: Path, *, on_disk: bool = False) -> Iterator[Registry]:
    """Everybody may do everything, over plain HTTP. Its log has a line for each request.

    In memory, as all the others are, it answers one request at a time; on disk it answers several at once.
    """
    settings = {"storage": {"filesystem": {"rootdirectory": str(folder / "data")}}} if on_disk else {}
    with _running(folder, settings) as address:
        yield Registry(address=address, log=folder / "log")


@contextmanager
def htpasswd_registry(folder: Path, host: str = "127.0.0.1") -> Iterator[Registry]:
    """Two users may do everything, nobody else anything."""
    (folder / "htpasswd").write_text(_HTPASSWD)
    settings = {"auth": {"htpasswd": {"realm": "tests", "path": str(folder / "htpasswd")}}}
    with _running(folder, settings, host=host) as address:
        yield Registry(address=address, log=folder / "log", guarded=True)


@contextmanager
def token_registry(folder: Path, tokens: TokenServer) -> Iterator[Registry]:
    """Everybody may do what a token of that server says."""
    with _running(folder, {"auth": {"token": tokens.settings}}) as address:
        yield Registry(address=address, log=folder / "log", guarded=True, tokens=tokens)


@contextmanager
def tls_registry(folder: Path) -> Iterator[Registry]:
    """Everybody may do everything, over TLS that only a private authority vouches for."""
    _certify(folder)
    files = {"certificate": str(folder / "server.pem"), "key": str(folder / "server.key")}
    with _running(folder, {}, tls=files) as address:
        yield Registry(address=address, log=folder / "log", ca=folder / "ca.pem")


@contextmanager
def _running(
    folder: Path, settings: Mapping[str, object], *, tls: Mapping[str, str] | None = None, host: str = "127.0.0.1"
) -> Iterator[str]:
    with socket.socket() as free:
        free.bind((host, 0))
        address = f"{host}:{free.getsockname()[1]}"
    http = {"addr": address, "secret": "tests"} | ({} if tls is None else {"tls": tls})
    storage = {"inmemory": {}, "delete": {"enabled": True}, "maintenance": {"uploadpurging": {"enabled": False}}}
    config = {"version": "0.1", "log": {"level": "warn"}, "storage": storage, "http": http, **settings}
    (folder / "config.yml").write_text(json.dumps(config))  # JSON is YAML
    # REGISTRY_* in the environment would change the configuration.
    environment = {"PATH": os.environ["PATH"], "OTEL_TRACES_EXPORTER": "none"}
    command = ["docker-registry", "serve", str(folder / "config.yml")]
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log, cwd=folder, env=environment)
    try:
        _await(address, process, folder / "log")
        yield address
    finally:
        process.kill()
        process.wait()


def _await(address: str, process: subprocess.Popen[bytes], log: Path) -> None:
    host, _, port = address.partition(":")
    until = time.monotonic() + _TIMEOUT
    while True:
        try:
            socket.create_connection((host, int(port)), timeout=1).close()
        except OSError as error:
            if process.poll() is not None or time.monotonic() > until:
                tail = log.read_text(errors="replace")[-2000:]
                raise TimeoutError(f"docker-registry does not answer at {address}:\n{tail}") from error
            time.sleep(0.02)
        else:
            return


def _certify(folder: Path) -> None:
    """An authority, and a server that it vouches for."""
    curve = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2"]
    ca = ["-subj", "/CN=authority of the tests", "-addext", "keyUsage=critical,keyCertSign"]
    names = ["-subj", "/CN=registry of the tests", "-addext", "subjectAltName=IP:127.0.0.1,DNS:localhost"]
    signed = ["-CA", str(folder / "ca.pem"), "-CAkey", str(folder / "ca.key"), "-addext", "basicConstraints=CA:FALSE"]
    for name, more in (("ca", ca), ("server", [*names, *signed])):
        files = ["-keyout", str(folder / f"{name}.key"), "-out", str(folder / f"{name}.pem")]
        subprocess.run(["openssl", "req", "-x509", *curve, *files, *more], check=True, capture_output=True)
