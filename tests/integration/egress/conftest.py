"""What the tests of outgoing connections share: one CA, and a witness of every connection this process tries to make."""

from __future__ import annotations

import sys
from collections.abc import Iterator

import pytest

from tests.integration.egress.server import Authority


@pytest.fixture(scope="session")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("authority"))


_attempts: list[str] | None = None
_LOOPBACK = ("127.", "::1")


def _witness(event: str, arguments: tuple[object, ...]) -> None:
    if event == "socket.connect" and _attempts is not None:
        address = arguments[1]
        host = str(address[0]) if isinstance(address, tuple) else str(address)
        _attempts.append(host)
        if not host.startswith(_LOOPBACK):
            raise ConnectionRefusedError(f"no test connects to {host}")


sys.addaudithook(_witness)  # of the interpreter: it sees every connection, whoever makes it


@pytest.fixture
def attempts() -> Iterator[list[str]]:
    """The addresses connected to, in order; those that are not on loopback refuse."""
    global _attempts  # noqa: PLW0603 - an audit hook cannot be taken back, so it is told when to look
    _attempts = []
    yield _attempts
    _attempts = None
