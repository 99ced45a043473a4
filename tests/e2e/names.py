"""The names of Services, which a cluster's DNS answers: for the pods of the node, at its address."""

from __future__ import annotations

import contextlib
import socket
import struct
import subprocess
import threading
from collections.abc import Iterator

from tests.e2e.node import ADDRESS, Node

__all__ = ["DOMAIN", "names"]

DOMAIN = "cluster.local"
_A, _IN = 1, 1
_FOUND, _NO_SUCH_NAME = 0x8580, 0x8583
_EVERY = 0.5
_SECONDS_IT_HOLDS = 5


@contextlib.contextmanager
def names(node: Node) -> Iterator[None]:
    """Answers until the block ends."""
    over = threading.Event()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as here:
        here.bind((ADDRESS, 53))
        here.settimeout(_EVERY)

        def serve() -> None:
            while not over.is_set():
                with contextlib.suppress(TimeoutError):
                    query, whence = here.recvfrom(512)
                    here.sendto(_answer(node, query), whence)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        try:
            yield
        finally:
            over.set()
            thread.join()


def _answer(node: Node, query: bytes) -> bytes:
    labels, place = list[str](), 12
    while length := query[place]:
        labels.append(query[place + 1 : place + 1 + length].decode("ascii"))
        place += 1 + length
    asked = query[12 : place + 5]
    address = _address(node, labels)
    records = b""
    if address is not None and asked.endswith(struct.pack(">HH", _A, _IN)):
        records = struct.pack(">HHHIH", 0xC00C, _A, _IN, _SECONDS_IT_HOLDS, 4) + socket.inet_aton(address)
    flags = _NO_SUCH_NAME if address is None else _FOUND
    return query[:2] + struct.pack(">HHHHH", flags, 1, bool(records), 0, 0) + asked + records


def _address(node: Node, labels: list[str]) -> str | None:
    """The address of a Service that is called in full, None where there is none."""
    match labels:
        case [name, namespace, "svc", *domain] if ".".join(domain) == DOMAIN:
            try:
                found = node.kubectl("get", "service", name, "-n", namespace, "-o", "jsonpath={.spec.clusterIP}")
            except subprocess.CalledProcessError:
                return None
            return found if found.count(".") == 3 else None
        case _:
            return None
