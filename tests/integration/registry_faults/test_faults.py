"""Whatever a registry does, an inspection ends in time with the right cause, in one line, and nobody else notices."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor

import pytest

from aimcore.adapters.egress import Rules, Session
from aimcore.adapters.oci.registry import RegistryInspector
from aimcore.domain.images.inspection import Cause, Inspected, Unchanged
from aimcore.domain.values.image import parse_image
from aimcore.domain.view.plan import Inspect
from tests.integration.egress.server import Authority, Certificate, Server, answer
from tests.integration.registry.contents import index
from tests.integration.registry_faults import access_faults, connection_faults, content_faults
from tests.integration.registry_faults.fault import Fault
from tests.integration.registry_faults.hostile import CHAT, GOOD, HASTE, Stage, inspect, manifest_path, said, stage
from tests.integration.registry_faults.verdicts import MARGIN, assert_no_leak, refusal

FAULTS: Mapping[str, Fault] = {**connection_faults.FAULTS, **access_faults.FAULTS, **content_faults.FAULTS}


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
        bystander = two.submit(here.inspector.inspect, good(here))
        found = inspect(here)
        assert bystander.result(timeout=MARGIN) == Inspected(digest=GOOD.digest, labels=GOOD.labels)
        told = str(found) if fault.cause is None else refusal(found, fault.cause)
        assert fault.says in told
        assert fault.cause is None or told.startswith(f"image {here.want().image}: ")
        assert here.requests == fault.asks
        assert_no_leak(here, told, repr(found), caplog.text)


def good(here: Stage) -> Inspect:
    return Inspect(parse_image(f"{here.good.address}/acme/chat:1"))


# --- TLS -------------------------------------------------------------------------------------------------------------


NAME = "registry.acme.example"


@pytest.mark.rule("SEC-3")
@pytest.mark.parametrize(
    ("certify", "says"),
    [
        pytest.param(lambda ca: ca.self_signed(NAME), "of no CA known here", id="self-signed"),
        pytest.param(lambda ca: ca.certificate("other.example"), "for other names", id="of another host"),
        pytest.param(lambda ca: ca.certificate(NAME, days=-1), "is expired", id="expired"),
    ],
)
def test_a_certificate_that_proves_nothing_ends_it_before_a_word_is_said(
    authority: Authority, certify: Callable[[Authority], Certificate], says: str
) -> None:
    """A33: not one byte of HTTP is sent, so no credential either."""
    with stage(certificate=certify(authority), ca_file=authority.file) as here:
        assert says in refusal(inspect(here), Cause.UNTRUSTED)
        assert (here.requests, bytes(here.registry.server.bytes_heard)) == (0, b"")


def test_a_certificate_of_nobody_known_is_refused(authority: Authority) -> None:
    with stage(certificate=authority.certificate(NAME)) as here:
        assert "name the CA with --ca FILE" in refusal(inspect(here), Cause.UNTRUSTED)
        assert here.requests == 0


def test_a_certificate_of_an_authority_that_the_settings_name_is_good(authority: Authority) -> None:
    with stage(certificate=authority.certificate(NAME), ca_file=authority.file) as here:
        assert inspect(here) == Inspected(digest=CHAT.digest, labels=CHAT.labels)


@pytest.mark.parametrize(
    "greeting", [b"HTTP/1.1 400 This is not TLS\r\n\r\n", b"SSH-2.0-OpenSSH_9.2\r\n"], ids=["HTTP", "SSH"]
)
def test_what_is_not_tls_is_not_trusted(here: Stage, greeting: bytes) -> None:
    with Server(greeting=[greeting, "close"]) as plain:
        here.reference = f"{here.inside.name}:{plain.port}/acme/chat:1"
        rules = Rules(allow_hosts=frozenset({here.inside.name}))
        with Session(rules, resolve=lambda _: ("127.0.0.1",)) as session:
            found = RegistryInspector(session, secrets=here.secrets).inspect(here.want())
        assert "does not speak TLS" in refusal(found, Cause.UNTRUSTED)


# --- asking again ----------------------------------------------------------------------------------------------------


def test_an_image_that_is_the_same_costs_one_head(here: Stage) -> None:
    assert here.inspector.recheck(here.want(), CHAT.digest) == Unchanged(digest=CHAT.digest)
    assert [heard.method for heard in here.registry.heard] == ["HEAD"]


@pytest.mark.parametrize("status", [405, 501])
def test_a_registry_that_knows_no_head_is_asked_by_get(here: Stage, status: int) -> None:
    here.registry.on(f"HEAD {manifest_path()}", answer(status))
    assert here.inspector.recheck(here.want(), CHAT.digest) == Unchanged(digest=CHAT.digest)
    assert [heard.method for heard in here.registry.heard] == ["HEAD", "GET"]


def test_a_tag_that_moves_between_head_and_get_is_what_was_got(here: Stage) -> None:
    here.registry.on(f"HEAD {manifest_path()}", said(GOOD.top))
    assert here.inspector.recheck(here.want(), "sha256:" + "0" * 64) == Inspected(
        digest=CHAT.digest, labels=CHAT.labels
    )


def test_a_tag_that_moves_back_is_unchanged(here: Stage) -> None:
    here.registry.on(f"HEAD {manifest_path()}", said(GOOD.top))
    assert here.inspector.recheck(here.want(), CHAT.digest) == Unchanged(digest=CHAT.digest)


def test_a_tag_that_moves_between_index_and_child_is_still_one_image(here: Stage) -> None:
    both = index([CHAT])
    here.registry.holds(both)
    here.registry.on(manifest_path(), said(both.top), said(GOOD.top))
    assert inspect(here) == Inspected(digest=both.digest, labels=CHAT.labels)


@pytest.mark.parametrize("fault", ["403", "404", "500", "429 for two minutes", "a redirect to loopback"])
def test_asking_again_fails_as_asking_does(here: Stage, fault: str) -> None:
    arranged = FAULTS[fault]
    assert arranged.cause is not None
    arranged.arrange(here)
    refusal(here.inspector.recheck(here.want(), CHAT.digest), arranged.cause)
