"""What every answer of an inspection is held to, whoever attacked it."""

from __future__ import annotations

from aimcore.domain.images.inspection import Cause, InspectionFailed
from tests.integration.registry_faults.hostile import Stage

__all__ = ["MARGIN", "assert_no_leak", "refusal"]

MARGIN = 5.0  # seconds: what a busy machine may add to an answer that waits for nothing


def refusal(found: object, cause: Cause) -> str:
    """The message of a failure of this cause, if it is one short line for a terminal that names the image."""
    assert isinstance(found, InspectionFailed), found
    assert found.cause is cause, found
    text = found.message
    assert text.isascii()
    assert text.isprintable()
    assert text.startswith("image ")
    assert len(text) < 500
    return text


def assert_no_leak(here: Stage, *shown: str) -> None:
    """SEC-1: nobody but the registry and its token service heard the password, and nothing that was shown holds it."""
    heard = [bytes(host.server.bytes_heard) for host in here.strangers]
    assert here.canary.leaks(*shown, repr(here.inspector), repr(here.session), repr(here.want()), *heard) == []
