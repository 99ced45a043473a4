"""A server on loopback that says exactly what a test wrote, byte by byte, over TCP or TLS, and remembers all it heard.

    def script(heard: Heard) -> Steps:
        return answer(200, b"hello")                     # bytes are sent, a number is waited, CLOSE and RESET end it

    with Server(script) as server:
        ...                                              # server.url, server.port, server.heard, server.connections

Without CLOSE the connection stays open for the next request, as the answer's own framing allows. With `certificate` it
speaks TLS. `greeting` is said in place of everything else, before TLS and before any request.
"""

from __future__ import annotations

import contextlib
import socket
import ssl
import struct
import subprocess
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Final, Literal, Self

__all__ = [
    "CLOSE",
    "RESET",
    "Authority",
    "Certificate",
    "Heard",
    "Server",
    "Step",
    "Steps",
    "answer",
    "chunked",
    "dripping",
    "until",
]

CLOSE: Final = "close"
RESET: Final = "reset"  # so that the other side is told at once, with what it has not read thrown away
Step = bytes | float | Literal["close", "reset"]
Steps = bytes | Iterable[Step]


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """One request as it came; header names in lower case."""

    method: str
    target: str
    headers: Mapping[str, str]
    raw: bytes
    connection: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Certificate:
    """Two files in PEM: the chain and the key."""

    chain: Path
    key: Path


Script = Callable[[Heard], Steps]


def answer(status: int, body: bytes = b"", **headers: str) -> bytes:
    """A well-formed answer; `content_type="a/b"` becomes `content-type: a/b`. A header given as "" is left out."""
    said = {"content-length": str(len(body)), **{name.replace("_", "-"): value for name, value in headers.items()}}
    lines = [f"HTTP/1.1 {status} Said", *(f"{name}: {value}" for name, value in said.items() if value)]
    return "\r\n".join(lines).encode("latin-1") + b"\r\n\r\n" + body


def chunked(*parts: bytes, status: int = 200) -> bytes:
    """An answer in chunks."""
    head = f"HTTP/1.1 {status} Said\r\ntransfer-encoding: chunked\r\n\r\n".encode()
    return head + b"".join(b"%x\r\n%b\r\n" % (len(part), part) for part in (*parts, b""))


class Server:
    """Listens on a port of its own from `with` on; one thread a connection, all ended in the end."""

    def __init__(
        self,
        script: Script = lambda _: answer(200),
        *,
        certificate: Certificate | None = None,
        greeting: Iterable[Step] | None = None,
        address: str = "127.0.0.1",
        tune: Callable[[ssl.SSLContext], object] = lambda _: None,
    ) -> None:
        self.script = script
        self.heard: list[Heard] = []
        self.bytes_heard = bytearray()
        self.connections = 0
        self.faults: list[Exception] = []
        self._address = address
        self._greeting = None if greeting is None else tuple(greeting)
        self._context = None if certificate is None else _speaking(certificate, tune)
        self._open: set[socket.socket] = set()
        self._threads: list[threading.Thread] = []
        self._over = threading.Event()

    def __enter__(self) -> Self:
        family = socket.AF_INET6 if ":" in self._address else socket.AF_INET
        self._listening = socket.create_server((self._address, 0), family=family, backlog=64)
        self._start(self._accept)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._over.set()
        for one in (self._listening, *self._open):
            with contextlib.suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
        self._listening.close()
        for thread in self._threads:
            thread.join(timeout=5)
        assert not self.faults, f"the script failed: {self.faults}"

    @property
    def port(self) -> int:
        return int(self._listening.getsockname()[1])

    @property
    def host(self) -> str:
        """Address and port, as a URL or a setting has them."""
        return f"[{self._address}]:{self.port}" if ":" in self._address else f"{self._address}:{self.port}"

    @property
    def url(self) -> str:
        return f"{'http' if self._context is None else 'https'}://{self.host}"

    def _start(self, target: Callable[..., None], *arguments: object) -> None:
        thread = threading.Thread(target=target, args=arguments, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        while not self._over.is_set():
            try:
                accepted, _ = self._listening.accept()
            except OSError:
                return
            self.connections += 1
            self._open.add(accepted)
            self._start(self._serve, accepted, self.connections)

    def _serve(self, accepted: socket.socket, number: int) -> None:
        talking = accepted
        try:
            accepted.settimeout(30)
            if self._greeting is not None:
                self._say(accepted, self._greeting)
                return
            if self._context is not None:
                talking = self._context.wrap_socket(accepted, server_side=True)
                self._open.add(talking)
            while (heard := self._hear(talking, number)) is not None:
                said = self.script(heard)
                if not self._say(talking, (said,) if isinstance(said, bytes) else said):
                    return
        except OSError:
            pass  # the other side went away, which is its right
        except Exception as error:  # noqa: BLE001 - it is raised where the test ends
            self.faults.append(error)
        finally:
            self._open -= {accepted, talking}
            talking.close()
            accepted.close()

    def _hear(self, talking: socket.socket, number: int) -> Heard | None:
        raw = b""
        while b"\r\n\r\n" not in raw:
            part = talking.recv(65536)
            if not part:
                return None
            self.bytes_heard += part
            raw += part
        first, *lines = raw.split(b"\r\n\r\n")[0].decode("latin-1").split("\r\n")
        method, target, _ = first.split(" ", 2)
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
        heard = Heard(method=method, target=target, headers=headers, raw=raw, connection=number)
        self.heard.append(heard)
        return heard

    def _say(self, talking: socket.socket, steps: Iterable[Step]) -> bool:
        """Whether the connection stays open after that."""
        for step in steps:
            if isinstance(step, bytes):
                talking.sendall(step)
            elif step == CLOSE:
                return False
            elif step == RESET:
                talking.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                return False
            elif self._over.wait(step):
                return False
        return True


def _speaking(certificate: Certificate, tune: Callable[[ssl.SSLContext], object]) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate.chain, certificate.key)
    tune(context)
    return context


class Authority:
    """A CA of one's own in `folder`; `file` is its certificate, which the other side has to be told to trust."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.file = folder / "ca.pem"
        self._key = _new_key(folder / "ca.key")
        _openssl("req", "-x509", "-new", "-key", self._key, "-out", self.file, "-days", 2, "-subj", "/CN=A test's CA")

    def certificate(self, *names: str, days: int = 1) -> Certificate:
        """For host names or, where they are digits and dots, addresses. With negative `days` it is expired."""
        stem = f"{'-'.join(names).replace('*', 'any').replace(':', '_')}.{days}"
        key = _new_key(self._folder / f"{stem}.key")
        request, chain, extension = (self._folder / f"{stem}.{end}" for end in ("csr", "pem", "cnf"))
        kinds = ("IP" if name.replace(".", "").isdigit() or ":" in name else "DNS" for name in names)
        subjects = ",".join(f"{kind}:{name}" for kind, name in zip(kinds, names, strict=True))
        extension.write_text(f"subjectAltName={subjects}\n")
        _openssl("req", "-new", "-key", key, "-out", request, "-subj", "/CN=a test's host")
        signing = ("-CA", self.file, "-CAkey", self._key, "-CAcreateserial", "-extfile", extension, "-days", days)
        _openssl("x509", "-req", "-in", request, "-out", chain, *signing)
        return Certificate(chain=chain, key=key)

    def self_signed(self, name: str) -> Certificate:
        """A certificate no CA has signed."""
        key, chain = _new_key(self._folder / f"{name}.self.key"), self._folder / f"{name}.self.pem"
        subject = ("-subj", f"/CN={name}", "-addext", f"subjectAltName=DNS:{name}")
        _openssl("req", "-x509", "-new", "-key", key, "-out", chain, "-days", 1, *subject)
        return Certificate(chain=chain, key=key)


def _new_key(path: Path) -> Path:
    _openssl("ecparam", "-name", "prime256v1", "-genkey", "-noout", "-out", path)
    return path


def _openssl(*arguments: object) -> None:
    subprocess.run(["openssl", *map(str, arguments)], check=True, capture_output=True)


def dripping(text: bytes, every: float) -> Iterable[Step]:
    """One byte at a time."""
    for byte in text:
        yield bytes((byte,))
        yield every


def until(condition: Callable[[], bool], seconds: float = 2.0) -> bool:
    """Whether it comes true in time."""
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            return False
        time.sleep(0.005)
    return True
