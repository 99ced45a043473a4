"""What an operator looks at by name, and what a status that lacked nothing spares it (SEC-5)."""

from __future__ import annotations

from dataclasses import replace

import pytest

from aimcore.domain.decide import decide as by_kind
from aimcore.domain.images.inspection import Cause, InspectionFailed
from aimcore.domain.kinds.core import Absent, ServiceAccount
from aimcore.domain.kinds.records import AimObject, Model, RuntimeConfig, Service
from aimcore.domain.kinds.statuses import ModelStatus, ServiceStatus
from aimcore.domain.view.cache import CoreObject, ObjectCache
from aimcore.domain.view.observed import Policy, Snapshot, Unseen
from aimcore.domain.view.plan import Inspect, Look, Plan, Recheck
from tests.unit.domain.builders import (
    BIG,
    DIGEST,
    NS,
    answering,
    condition_of,
    config,
    decide,
    metadata,
    model,
    pull_secret,
    read,
    service,
    settled,
    status_of,
    template,
)

BY_NAME = Policy(unseen=Unseen.ASKED)
ACCOUNT = Look("ServiceAccount", NS, "default")
SECRET = Look("Secret", NS, "s")
NO_SECRET = Absent(kind="Secret", namespace=NS, name="s")
DEFAULT = ServiceAccount(namespace=NS, name="default")


def plan(subject: Model | Service, *things: AimObject | CoreObject) -> Plan:
    return decide(Snapshot(view=ObjectCache.of([subject, *things]), policy=BY_NAME).of(subject))


@pytest.mark.rule("SEC-5")
@pytest.mark.parametrize(
    "subject",
    [
        pytest.param(model(image_pull_secrets=("s",)), id="a model"),
        pytest.param(service(image_pull_secrets=("s",)), id="a service"),
    ],
)
def test_nothing_is_said_before_what_it_names_was_looked_at(subject: Model | Service) -> None:
    assert plan(subject) == Plan(questions=(SECRET, ACCOUNT))
    answer = plan(subject, DEFAULT, pull_secret("s"))
    assert answer.writes != ()
    assert not any(isinstance(question, Look) for question in answer.questions)


@pytest.mark.rule("DISC-7", "DISC-5")
@pytest.mark.parametrize(
    "subject",
    [
        pytest.param(model(image_pull_secrets=("s",)), id="a model"),
        pytest.param(service(image_pull_secrets=("s",)), id="a service"),
    ],
)
def test_what_is_missing_is_looked_at_again(subject: Model | Service) -> None:
    answer = plan(subject, DEFAULT, NO_SECRET)
    assert answer.questions == (SECRET, ACCOUNT)
    told = condition_of(answer, "RuntimeResolved")
    assert told is not None
    assert told[2].endswith(f"not in namespace {NS}: pull secret s")


@pytest.mark.rule("DISC-5")
def test_what_an_image_is_read_with_is_looked_at_again_while_reading_fails() -> None:
    failed = InspectionFailed(cause=Cause.UNAUTHORIZED, message="no")
    observed = answering(model(), DEFAULT, answer=failed)
    answer = decide(replace(observed.snapshot, policy=BY_NAME).of(observed.subject))
    assert [type(question) for question in answer.questions] == [Inspect, Look]
    assert answer.questions[-1] == ACCOUNT


def _healthy() -> tuple[Model, ObjectCache]:
    view = settled(answering(model(), DEFAULT, answer=read(BIG)).subject, DEFAULT, answer=read(BIG))
    found = view.model(NS, "llama")
    assert found is not None
    assert found.status is not None
    return found, view


@pytest.mark.rule("SEC-5", "KIND-9")
def test_a_healthy_status_spares_every_look_and_every_write_after_a_restart() -> None:
    found, view = _healthy()
    fresh = ObjectCache.of(view)
    answer = decide(Snapshot(view=fresh, policy=BY_NAME).of(found))
    assert answer.writes == ()
    (recheck,) = answer.questions
    assert isinstance(recheck, Recheck)
    assert (recheck.held, type(recheck.topic)) == (DIGEST, Inspect)


@pytest.mark.rule("SEC-5", "CONF-4")
@pytest.mark.parametrize(
    "said",
    [
        pytest.param({"generation": 7}, id="a new generation"),
        pytest.param({"status": None}, id="no status"),
    ],
)
def test_a_status_of_something_else_spares_nothing(said: dict[str, int | None]) -> None:
    found, view = _healthy()
    if "generation" in said:
        found = replace(found, meta=replace(found.meta, generation=7))
    else:
        found = replace(found, status=None)
    fresh = ObjectCache.of([*(one for one in view if one.key != found.key), found])
    assert decide(Snapshot(view=fresh, policy=BY_NAME).of(found)) == Plan(questions=(ACCOUNT,))


@pytest.mark.rule("SEC-5", "CONF-4")
def test_a_status_that_lacked_something_spares_nothing() -> None:
    lacking = model(image_metadata=metadata(BIG), service_account_name="ghost")
    status: ModelStatus | ServiceStatus = status_of(
        plan(lacking, Absent(kind="ServiceAccount", namespace=NS, name="ghost"))
    )
    assert isinstance(status, ModelStatus)
    assert plan(replace(lacking, status=status)).questions == (Look("ServiceAccount", NS, "ghost"),)


@pytest.mark.rule("OWN-3")
@pytest.mark.parametrize(("value", "rests"), [("true", True), ("false", False), ("", False)])
@pytest.mark.parametrize(
    "subject", [pytest.param(one, id=one.key.kind) for one in (model(), service(), template(), config())]
)
def test_nothing_is_decided_for_what_somebody_paused(subject: AimObject, value: str, *, rests: bool) -> None:
    annotations = {"aim.silogen.ai/reconciliation-paused": value}
    paused = replace(subject, meta=replace(subject.meta, annotations=annotations))
    answer = by_kind(paused, Snapshot(view=ObjectCache.of([paused])))
    assert (answer == Plan()) is (rests or isinstance(subject, RuntimeConfig))
