"""Faults between an inspection and the bytes of an answer: names, connections, and what is no HTTP or never ends."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import chain, repeat
from typing import Final

from aimcore.domain.images.inspection import Cause
from tests.integration.egress.server import CLOSE, RESET, Step, Steps, answer, dripping
from tests.integration.registry_faults.fault import Fault
from tests.integration.registry_faults.hostile import CHAT, Stage, manifest_path, said

__all__ = ["FAULTS"]

HEAD: Final = b"HTTP/1.1 200 OK\r\n"
JSON: Final = b"content-type: application/vnd.oci.image.manifest.v1+json\r\n"
LONG: Final = b"content-length: 1000\r\n"
BODY: Final = b"\r\n"


def manifest(*steps: Step) -> Callable[[Stage], None]:
    """The registry answers that, byte by byte, where the manifest should be."""
    return lambda stage: stage.registry.on(manifest_path(), steps)


def endless(*first: bytes, again: bytes) -> Callable[[Stage], None]:
    """The registry begins so and then says `again` for ever."""
    # An endless answer can be given once only: an iterator remembers where it is.
    return lambda stage: stage.registry.on(manifest_path(), lambda _: chain(first, repeat(again)))


def slowly(text: bytes) -> Callable[[Stage], None]:
    """The registry says one byte every now and then: often enough for each wait, and never done."""
    return lambda stage: stage.registry.on(manifest_path(), lambda _: dripping(text, 0.05))


def names(answer: Callable[[], Sequence[str]]) -> Callable[[Stage], None]:
    """What the lookup of the registry's name comes to."""

    def arrange(stage: Stage) -> None:
        stage.addresses[stage.registry.name] = answer

    return arrange


def failing(number: int) -> Callable[[], Sequence[str]]:
    def look_up() -> Sequence[str]:
        raise socket.gaierror(number, "planted failure of a lookup")

    return look_up


def never() -> Sequence[str]:
    time.sleep(2)
    return ()


def nobody_listens(stage: Stage) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        stage.reference = f"{stage.registry.name}:{free.getsockname()[1]}/acme/chat:1"


def deaf(stage: Stage) -> None:
    stage.reference = f"{stage.registry.name}:{stage.deaf_port()}/acme/chat:1"


def interim(_: object) -> Steps:
    """Answers that only announce the answer."""
    announcing: Iterable[bytes] = repeat(b"HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\n")
    return announcing


FAULTS: Final[Mapping[str, Fault]] = {
    "nobody listens at the port": Fault(
        arrange=nobody_listens, cause=Cause.UNREACHABLE, asks=0, says="refuses connections"
    ),
    "a port that takes no connection": Fault(
        arrange=deaf, cause=Cause.UNREACHABLE, asks=0, says="does not take connections", slow=True
    ),
    "a name that DNS does not know": Fault(
        arrange=names(failing(socket.EAI_NONAME)), cause=Cause.UNREACHABLE, asks=0, says="no host has the name"
    ),
    "a DNS server that is ill": Fault(
        arrange=names(failing(socket.EAI_AGAIN)), cause=Cause.UNREACHABLE, asks=0, says="could not be looked up"
    ),
    "a name without an address": Fault(
        arrange=names(lambda: ()), cause=Cause.UNREACHABLE, asks=0, says="has no address"
    ),
    "a DNS server that is slow": Fault(
        arrange=names(never), cause=Cause.UNREACHABLE, asks=0, says="was not found in time", slow=True
    ),
    "a connection reset at once": Fault(
        arrange=manifest(RESET), cause=Cause.UNREACHABLE, asks=1, says="broke the connection off"
    ),
    "a connection closed without a word": Fault(
        arrange=manifest(CLOSE), cause=Cause.UNREACHABLE, asks=1, says="broke the connection off"
    ),
    "a connection reset within the headers": Fault(
        arrange=manifest(HEAD + LONG, RESET), cause=Cause.UNREACHABLE, asks=1, says="broke the connection off"
    ),
    "a connection closed within the headers": Fault(
        arrange=manifest(HEAD + LONG, CLOSE), cause=Cause.UNREACHABLE, asks=1, says="broke off"
    ),
    "a connection reset within the body": Fault(
        arrange=manifest(HEAD + LONG + BODY + b"{", 0.05, RESET), cause=Cause.UNREACHABLE, asks=1, says="broke"
    ),
    "a body shorter than it was said to be": Fault(
        arrange=manifest(HEAD + LONG + BODY + b"{", CLOSE), cause=Cause.UNREACHABLE, asks=1, says="broke off"
    ),
    "a chunk shorter than it was said to be": Fault(
        arrange=manifest(HEAD + b"transfer-encoding: chunked\r\n\r\nff\r\n{", CLOSE), cause=Cause.UNREACHABLE, asks=1
    ),
    "chunks of no size": Fault(
        arrange=manifest(HEAD + b"transfer-encoding: chunked\r\n\r\nzz\r\n{}\r\n0\r\n\r\n", CLOSE),
        cause=Cause.UNREACHABLE,
        asks=1,
    ),
    "a registry that says nothing": Fault(
        arrange=manifest(30.0), cause=Cause.UNREACHABLE, asks=1, says="within 0.6 s", slow=True
    ),
    "a status line that drips": Fault(
        arrange=slowly(b"HTTP/1.1 200 " + b"O" * 200), cause=Cause.UNREACHABLE, asks=1, says="within 0.6 s", slow=True
    ),
    "headers that drip": Fault(
        arrange=slowly(HEAD + b"x: " + b"y" * 200), cause=Cause.UNREACHABLE, asks=1, says="within 0.6 s", slow=True
    ),
    "a body that drips": Fault(
        arrange=slowly(HEAD + LONG + BODY + b" " * 200), cause=Cause.UNREACHABLE, asks=1, says="within 0.6 s", slow=True
    ),
    "chunk sizes that drip": Fault(
        arrange=slowly(HEAD + b"transfer-encoding: chunked\r\n\r\n" + b"0" * 200),
        cause=Cause.UNREACHABLE,
        asks=1,
        says="within 0.6 s",
        slow=True,
    ),
    "headers without end": Fault(arrange=endless(HEAD, again=b"x: y\r\n"), cause=Cause.TOO_LARGE, asks=1),
    "one header without end": Fault(arrange=endless(HEAD + b"x: ", again=b"y" * 9_000), cause=Cause.TOO_LARGE, asks=1),
    "a status line without end": Fault(arrange=endless(HEAD[:-2], again=b"K" * 9_000), cause=Cause.TOO_LARGE, asks=1),
    "announcements without end": Fault(
        arrange=lambda stage: stage.registry.on(manifest_path(), interim), cause=Cause.TOO_LARGE, asks=1
    ),
    "a body without end": Fault(
        arrange=endless(HEAD + JSON + BODY, again=b" " * 65_536),
        cause=Cause.TOO_LARGE,
        asks=1,
        says="more than 4194304 bytes",
    ),
    "chunks without end": Fault(
        arrange=endless(HEAD + b"transfer-encoding: chunked\r\n\r\n", again=b"8000\r\n" + b" " * 0x8000 + b"\r\n"),
        cause=Cause.TOO_LARGE,
        asks=1,
    ),
    "chunks of one byte, each with a story, without end": Fault(
        arrange=endless(HEAD + b"transfer-encoding: chunked\r\n\r\n", again=(b"1;" + b"x" * 200 + b"\r\n \r\n") * 100),
        cause=Cause.TOO_LARGE,
        asks=1,
    ),
    "what is not HTTP": Fault(
        arrange=manifest(b"SSH-2.0-OpenSSH_9.2\r\n", CLOSE),
        cause=Cause.MALFORMED,
        asks=1,
        says="does not answer in HTTP",
    ),
    "TLS where it is said to be plain": Fault(
        arrange=manifest(b"\x15\x03\x01\x00\x02\x02\x46", CLOSE), cause=Cause.MALFORMED, asks=1
    ),
    "another protocol than was asked for": Fault(
        arrange=manifest(b"HTTP/1.1 101 Switching Protocols\r\nupgrade: h2c\r\n\r\n"), cause=Cause.MALFORMED, asks=1
    ),
    "two lengths of one body": Fault(
        arrange=manifest(HEAD + LONG + b"content-length: 5\r\n\r\nhello"), cause=Cause.MALFORMED, asks=1
    ),
    "a length that is no number": Fault(
        arrange=manifest(HEAD + b"content-length: +5\r\n\r\nhello"), cause=Cause.MALFORMED, asks=1
    ),
    "a length and chunks": Fault(
        arrange=manifest(HEAD + LONG + b"transfer-encoding: chunked\r\n\r\n0\r\n\r\n"), cause=Cause.MALFORMED, asks=1
    ),
    "lines that are no headers": Fault(
        arrange=manifest(HEAD + b"what is this\r\n\r\n{}", CLOSE), cause=Cause.MALFORMED, asks=1
    ),
    "a second answer that nobody asked for": Fault(
        arrange=lambda stage: stage.registry.on(manifest_path(), said(CHAT.top) + answer(200, b"{}")),
        cause=None,
        asks=2,
    ),
}
