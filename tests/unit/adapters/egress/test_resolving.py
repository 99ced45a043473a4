"""Names are looked up in bounded time, and a name nobody has is told apart from a server that does not answer (SEC-4)."""

from __future__ import annotations

import socket
import threading
from collections.abc import Sequence

import pytest

from aimcore.adapters.egress import Deadline, Unreachable, system_resolve
from aimcore.adapters.egress.resolving import resolved


@pytest.mark.parametrize("spelling", ["127.0.0.1", "127.1", "2130706433", "0x7f.1", "0177.0.0.1", "localhost"])
def test_every_spelling_of_loopback_is_the_same_address(spelling: str) -> None:
    assert set(system_resolve(spelling)) <= {"127.0.0.1", "::1"}


@pytest.mark.rule("SEC-4")
def test_a_lookup_that_hangs_ends_at_the_deadline() -> None:
    over, returned = threading.Event(), threading.Event()

    def hanging(_: str) -> Sequence[str]:
        over.wait(60)
        returned.set()
        return ()

    with pytest.raises(Unreachable, match=r"registry\.test was not found in time"):
        resolved("registry.test", hanging, Deadline.after(0.1))
    assert not returned.is_set()
    over.set()


def raising(error: Exception) -> Sequence[str]:
    raise error


@pytest.mark.parametrize(
    ("error", "message"),
    [
        (socket.gaierror(socket.EAI_NONAME, "Name or service not known"), "no host has the name registry.test"),
        (socket.gaierror(socket.EAI_AGAIN, "Temporary failure"), r"could not be looked up \(Temporary failure\)"),
        (OSError(24, "Too many open files"), "could not be looked up"),
        (UnicodeError("label too long"), "is no name DNS could know"),
    ],
    ids=["no-such-name", "server-does-not-answer", "no-socket", "label-too-long"],
)
def test_why_there_is_no_address_is_told_apart(error: Exception, message: str) -> None:
    with pytest.raises(Unreachable, match=message) as raised:
        resolved("registry.test", lambda _: raising(error), Deadline.after(1))
    assert raised.value.__cause__ is error


def test_a_name_without_addresses_is_unreachable() -> None:
    with pytest.raises(Unreachable, match="has no address"):
        resolved("registry.test", lambda _: (), Deadline.after(1))


def test_a_mistake_of_ours_is_not_called_a_fault_of_the_network() -> None:
    with pytest.raises(ZeroDivisionError):
        resolved("registry.test", lambda _: raising(ZeroDivisionError()), Deadline.after(1))
