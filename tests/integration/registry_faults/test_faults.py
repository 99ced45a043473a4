"""Whatever a registry does, an inspection ends in time with the right cause, in one line, and nobody else notices."""

from __future__ import annotations

import logging
import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor

import pytest

from aimcore.domain.image import parse_image
from aimcore.domain.inspection import Cause, Inspected, InspectionFailed
from aimcore.domain.plan import Inspect
from tests.integration.registry_faults import access_faults, connection_faults, content_faults
from tests.integration.registry_faults.fault import Fault
from tests.integration.registry_faults.hostile import GOOD, HASTE, Stage, inspect, stage

FAULTS: Mapping[str, Fault] = {**connection_faults.FAULTS, **access_faults.FAULTS, **content_faults.FAULTS}
MARGIN = 5.0  # seconds: what a busy machine may add to an answer that waits for nothing


def test_there_are_as_many_faults_as_were_promised() -> None:
    assert len(FAULTS) == sum(map(len, (connection_faults.FAULTS, access_faults.FAULTS, content_faults.FAULTS)))
    assert len(FAULTS) >= 55


@pytest.mark.rule("DISC-5", "SEC-1", "SEC-4")
@pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS)
def test_a_fault_is_told_by_its_cause(fault: Fault, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    with stage() as here, ThreadPoolExecutor() as two:
        fault.arrange(here)
        if fault.slow:
            here.session.seconds = HASTE
        began = time.monotonic()
        bystander = two.submit(here.inspector.inspect, good(here))
        found = inspect(here)
        spent = time.monotonic() - began
        assert bystander.result(timeout=MARGIN) == Inspected(digest=GOOD.digest, labels=GOOD.labels)
        told = str(found) if fault.cause is None else message(found, fault.cause)
        assert fault.says in told
        assert spent < MARGIN + (HASTE if fault.slow else 0)
        assert here.requests == fault.asks
        assert_no_leak(here, told, repr(found), caplog.text)


def good(here: Stage) -> Inspect:
    return Inspect(parse_image(f"{here.good.address}/acme/chat:1"))


def message(found: object, cause: Cause) -> str:
    """What a failure says, if it is one line for a terminal that names the image and its registry."""
    assert isinstance(found, InspectionFailed), found
    assert found.cause is cause, found
    text = found.message
    assert text.isascii()
    assert text.isprintable()
    assert text.startswith("image registry.acme.example:")
    assert len(text) < 500
    return text


def assert_no_leak(here: Stage, *shown: str) -> None:
    """SEC-1: nobody but the registry and its token service heard the password, and nothing that was shown holds it."""
    heard = [bytes(host.server.bytes_heard) for host in here.strangers]
    assert here.canary.leaks(*shown, repr(here.inspector), repr(here.session), *heard) == []
