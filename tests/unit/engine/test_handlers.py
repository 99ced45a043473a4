"""What each type of question is asked of, and what counts where that goes wrong."""

from __future__ import annotations

from typing import Any

import pytest

from aimcore.domain.images.inspection import Inspected, Inspection, InspectionFailed, Unchanged
from aimcore.domain.kinds.core import Absent, Secret, ServiceAccount
from aimcore.domain.kinds.diagnostics import LogCause, LogFailed, ObjectEvent, PodLog
from aimcore.domain.kinds.scope import Key, Kind
from aimcore.domain.values.image import parse_image
from aimcore.domain.values.quantity import Quantity
from aimcore.domain.view.plan import Inspect, Look, Probe, ReadEvents, ReadLog, Recheck
from aimcore.domain.weights.probing import ProbeAnswer, ProbeCause, ProbeFailed, Sized
from aimcore.engine.handlers import HANDLERS, Lane, Sources, handler_of
from aimcore.engine.questions import AnyQuestion
from aimcore.ports.errors import AccessDenied, Invalid, NotFound, PortError, Unavailable

IMAGE = Inspect(parse_image("registry.example.com/acme/chat:1"))
EVENTS = ReadEvents(Key(Kind.JOB, "ml", "get-1"), "u-1")
REFUSED = ObjectEvent(reason="FailedCreate", message="exceeded quota")
LOG = ReadLog("ml", "get-1-x", "download", 3)
SECRET = Look("Secret", "ml", "s")
DIGEST = "sha256:" + "0" * 64
READ = Inspected(digest=DIGEST, labels={})
BIG = Sized(size=Quantity.of(2**30), files=1)
THERE = Secret(namespace="ml", name="s")


class World:
    """Answers everything, but for what it may not."""

    def __init__(self, refusal: PortError | None = None) -> None:
        self._refusal = refusal
        self.sources = Sources(inspector=self, lookups=self, size=self._size, logs=self, events=self)

    def inspect(self, want: Inspect) -> Inspection:
        assert want == IMAGE
        return READ

    def recheck(self, want: Inspect, held: str) -> Inspection | Unchanged:
        assert want == IMAGE
        return Unchanged(digest=held)

    def look(self, look: Look) -> Secret | ServiceAccount:
        assert look == SECRET
        if self._refusal:
            raise self._refusal
        return THERE

    def _size(self, question: Probe) -> ProbeAnswer:
        return BIG if question.uri == "s3://weights/chat" else ProbeFailed(cause=ProbeCause.NOT_FOUND, message="no")

    def tail(self, namespace: str, pod: str, container: str, *, lines: int) -> str:
        assert (namespace, pod, container, lines) == ("ml", "get-1-x", "download", 3)
        if self._refusal:
            raise self._refusal
        return "the end"

    def of(self, key: Key, uid: str) -> tuple[ObjectEvent, ...]:
        assert (key, uid) == (EVENTS.key, "u-1")
        if self._refusal:
            raise self._refusal
        return (REFUSED,)

    def answer(self, question: AnyQuestion) -> Any:
        return handler_of(question).ask(self.sources, question)


@pytest.mark.parametrize(
    ("question", "answer", "count"),
    [
        pytest.param(IMAGE, READ, ("inspections", "Read"), id="an image"),
        pytest.param(Recheck(IMAGE, DIGEST), Unchanged(digest=DIGEST), ("rechecks", "Read"), id="a tag"),
        pytest.param(Probe("s3://weights/chat"), BIG, ("probes", "Sized"), id="a source"),
        pytest.param(
            Probe("s3://weights/none"),
            ProbeFailed(cause=ProbeCause.NOT_FOUND, message="no"),
            ("probes", "NotFound"),
            id="a source that is not there",
        ),
        pytest.param(SECRET, THERE, None, id="a secret"),
        pytest.param(LOG, PodLog(text="the end"), ("logs", "Read"), id="a log"),
        pytest.param(EVENTS, (REFUSED,), ("looks_at_events", "Read"), id="the events of an object"),
    ],
)
def test_each_question_has_its_source_and_its_counter(
    question: AnyQuestion, answer: object, count: tuple[str, str] | None
) -> None:
    handler = handler_of(question)
    assert World().answer(question) == answer
    assert (handler.count(answer) if handler.count else None) == count


@pytest.mark.rule("SEC-5")
@pytest.mark.parametrize("refusal", [NotFound("no"), AccessDenied("no")], ids=["not there", "forbidden"])
def test_what_is_not_there_or_may_not_be_read_counts_as_absent(refusal: PortError) -> None:
    assert World(refusal).answer(SECRET) == Absent(kind="Secret", namespace="ml", name="s")


@pytest.mark.rule("SEC-5")
def test_nobody_can_say_what_there_is_where_the_server_does_not_answer() -> None:
    handler = handler_of(SECRET)
    assert World(Unavailable("no")).answer(SECRET) is None
    assert (handler.failed(None), handler.failed(THERE)) == (True, False)


@pytest.mark.rule("PROFILE-2", "CACHE-7")
@pytest.mark.parametrize(
    ("refusal", "cause"),
    [
        (NotFound("no"), LogCause.GONE),
        (AccessDenied("no"), LogCause.FORBIDDEN),
        (Unavailable("no"), LogCause.UNREACHABLE),
        (Invalid("no"), LogCause.UNREACHABLE),
    ],
)
def test_a_log_that_cannot_be_read_says_why(refusal: PortError, cause: LogCause) -> None:
    answer = World(refusal).answer(LOG)
    assert answer == LogFailed(cause=cause, message="" if cause is LogCause.GONE else "no")
    assert handler_of(LOG).count is not None
    assert handler_of(LOG).count(answer) == ("logs", cause.value)  # type: ignore[misc]  # it counts


@pytest.mark.rule("STAT-2")
@pytest.mark.parametrize("refusal", [AccessDenied("no"), Unavailable("no")], ids=["forbidden", "unreachable"])
def test_events_that_cannot_be_read_are_none_and_asked_for_again(refusal: PortError) -> None:
    answer = World(refusal).answer(EVENTS)
    assert answer is None
    assert handler_of(EVENTS).count is not None
    assert handler_of(EVENTS).count(answer) == ("looks_at_events", "Unreadable")  # type: ignore[misc]  # it counts


def test_where_asking_itself_goes_wrong_the_question_counts_as_failed() -> None:
    for handler in HANDLERS.values():
        assert handler.failed(handler.fallback)
        told = isinstance(handler.fallback, InspectionFailed | ProbeFailed | LogFailed)
        assert handler.is_object or handler.fades or told


def test_sources_are_sized_and_logs_are_read_in_lanes_of_their_own() -> None:
    assert [kind for kind, handler in HANDLERS.items() if handler.lane is Lane.SIZING] == [Probe]
    assert [kind for kind, handler in HANDLERS.items() if handler.lane is Lane.LOGS] == [ReadLog]
