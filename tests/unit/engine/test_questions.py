"""Each question is asked once at a time, again as late as it failed often, and no longer than somebody wants to know."""

from __future__ import annotations

import pytest

from aimcore.domain.images.inspection import Cause, Inspected, InspectionFailed, Unchanged
from aimcore.domain.kinds.core import Secret
from aimcore.domain.kinds.diagnostics import LogCause, LogFailed, ObjectEvent, PodLog
from aimcore.domain.kinds.scope import Key, Kind
from aimcore.domain.values.image import parse_image
from aimcore.domain.values.quantity import Quantity
from aimcore.domain.view import plan
from aimcore.domain.view.plan import Inspect, Look, Probe, Question, ReadEvents, ReadLog, Recheck
from aimcore.domain.weights.probing import ProbeCause, ProbeFailed, Sized
from aimcore.engine.handlers import EVENTS_AGAIN, HANDLERS, LOOK_AGAIN, Lane
from aimcore.engine.questions import ASKED_AT_ONCE, FIRST_DELAY, LONGEST_DELAY, AnyQuestion, Asking, Questions

READING, SIZING = ASKED_AT_ONCE[Lane.READING], ASKED_AT_ONCE[Lane.SIZING]
HOUR = 3600.0
WANT = Inspect(parse_image("registry.example.com/acme/chat:1"), "ml", ("s",))
HELD = "sha256:" + "0" * 64
RECHECK = Recheck(WANT, HELD)
LOOK = Look("Secret", "ml", "s")
THERE = Secret(namespace="ml", name="s", type="kubernetes.io/dockerconfigjson")
READ = Inspected(digest=HELD, labels={})
REFUSED = InspectionFailed(cause=Cause.UNAUTHORIZED, message="no")
PROBE = Probe("s3://weights/chat")
BIG = Sized(size=Quantity.of(2**30), files=1)
A, B = Key(Kind.MODEL, "ml", "a"), Key(Kind.MODEL, "ml", "b")


class World:
    """Questions with a clock to turn, and what they asked since somebody looked."""

    def __init__(self, *, interval: float = 6 * HOUR) -> None:
        self.now = 0.0
        self._asked: list[AnyQuestion] = []
        asking = Asking(interval=interval)
        self.questions = Questions(self._asked.append, clock=lambda: self.now, chance=lambda: 1.0, asking=asking)

    def asked(self) -> list[AnyQuestion]:
        asked, self._asked[:] = list(self._asked), []
        return asked

    def wait(self, seconds: float) -> list[AnyQuestion]:
        self.now += seconds
        self.questions.ask_what_is_due()
        return self.asked()


@pytest.fixture
def world() -> World:
    return World()


@pytest.mark.rule("DISC-4")
def test_what_two_keys_want_is_asked_once_and_wakes_both(world: World) -> None:
    assert world.questions.follow(A, (WANT,))
    assert world.questions.follow(B, (WANT,))
    assert world.asked() == [WANT]
    assert world.questions.answered(WANT, READ) == {A, B}
    assert world.questions.answers == {WANT: READ}


def test_an_answer_is_kept_until_nobody_wants_it_any_more(world: World) -> None:
    world.questions.follow(A, (WANT,))
    world.questions.follow(B, (WANT,))
    world.questions.answered(WANT, READ)
    assert not world.questions.follow(A, ())
    assert world.questions.answers == {WANT: READ}
    world.questions.forget(B)
    assert world.questions.answers == {}


def test_an_answer_that_comes_too_late_wakes_nobody(world: World) -> None:
    world.questions.follow(A, (WANT,))
    world.questions.forget(A)
    assert world.questions.answered(WANT, READ) == frozenset()
    assert world.questions.answers == {}


@pytest.mark.rule("DISC-5")
def test_what_waiting_may_mend_is_asked_again_each_time_twice_as_late(world: World) -> None:
    world.questions.follow(A, (WANT,))
    world.asked()
    for failures in range(12):
        affected = world.questions.answered(WANT, REFUSED)
        assert affected == ({A} if failures == 0 else set()), "the same news is no news"
        due = min(LONGEST_DELAY, FIRST_DELAY * 2**failures)
        assert world.questions.seconds_to_wait() == due
        assert world.wait(due / 2) == []
        assert world.wait(due / 2) == [WANT]


@pytest.mark.rule("DISC-5")
@pytest.mark.parametrize("cause", [pytest.param(cause, id=cause) for cause in Cause if not cause.may_recover])
def test_what_the_image_got_wrong_waits_for_a_change(world: World, cause: Cause) -> None:
    world.questions.follow(A, (WANT,))
    world.asked()
    world.questions.answered(WANT, InspectionFailed(cause=cause, message="bad"))
    assert world.questions.seconds_to_wait() is None
    world.questions.hurry([A])
    assert world.asked() == [WANT]


@pytest.mark.rule("DISC-5")
def test_a_missing_secret_is_asked_for_again_within_a_minute_however_often_it_was_missing(world: World) -> None:
    world.questions.follow(A, (WANT,))
    missing = InspectionFailed(cause=Cause.SECRET_MISSING, message="gone")
    for _ in range(10):
        world.questions.answered(WANT, missing)
        assert (world.questions.seconds_to_wait() or 0) <= 60
        world.wait(60)


@pytest.mark.rule("DISC-5")
def test_a_change_asks_again_at_once_what_failed_and_nothing_else(world: World) -> None:
    world.questions.follow(A, (WANT,))
    world.questions.hurry([A])
    assert world.asked() == [WANT], "it is being asked already"
    world.questions.answered(WANT, REFUSED)
    world.questions.hurry([B])
    assert world.asked() == []
    world.questions.hurry([A])
    assert world.asked() == [WANT]
    world.questions.answered(WANT, READ)
    world.questions.hurry([A])
    assert world.asked() == []


@pytest.mark.rule("DISC-3")
def test_a_tag_is_looked_at_again_once_an_interval_at_the_keys_own_moment(world: World) -> None:
    world.questions.follow(A, (RECHECK,))
    first = world.questions.seconds_to_wait()
    assert world.asked() == []
    assert first is not None
    assert 0 < first < 6 * HOUR
    other = World()
    other.questions.follow(B, (RECHECK,))
    assert other.questions.seconds_to_wait() != first
    assert world.wait(first) == [RECHECK]
    assert world.questions.answered(RECHECK, Unchanged(digest=HELD)) == {A}
    assert world.questions.seconds_to_wait() == 6 * HOUR
    world.wait(6 * HOUR)
    assert world.questions.answered(RECHECK, Unchanged(digest=HELD)) == frozenset()


@pytest.mark.rule("DISC-3")
def test_an_interval_of_nothing_never_looks_again() -> None:
    world = World(interval=0)
    world.questions.follow(A, (RECHECK,))
    assert (world.asked(), world.questions.seconds_to_wait()) == ([], None)


def test_a_tag_read_for_one_key_and_rechecked_for_another_keeps_its_answer_for_both(world: World) -> None:
    world.questions.follow(A, (RECHECK,))
    world.questions.follow(B, (WANT,))
    world.questions.answered(WANT, READ)
    world.questions.forget(A)
    assert world.questions.answers == {WANT: READ}
    assert not world.questions.follow(B, (WANT,))


@pytest.mark.rule("SEC-5")
def test_a_look_is_taken_at_once_and_again_for_as_long_as_it_is_wanted(world: World) -> None:
    assert world.questions.follow(A, (LOOK,))
    assert world.asked() == [LOOK]
    assert world.questions.answered(LOOK, THERE) == {A}
    assert not world.questions.follow(A, (LOOK,))
    assert world.wait(LOOK_AGAIN) == [LOOK]
    assert world.questions.answered(LOOK, None) == {A}
    assert world.questions.seconds_to_wait() == FIRST_DELAY
    world.questions.follow(A, ())
    assert world.wait(HOUR) == []


def test_every_type_of_question_has_a_handler() -> None:
    types = [one for one in vars(plan).values() if isinstance(one, type) and issubclass(one, Question)]
    assert {one for one in types if one is not Question} == set(HANDLERS)


def test_a_driver_asks_nothing_that_it_does_not_know_how_to_and_waits_for_none_of_it() -> None:
    asked: list[AnyQuestion] = []
    asking = Asking(types=frozenset({Inspect}))
    questions = Questions(asked.append, clock=lambda: 0.0, chance=lambda: 0.0, asking=asking)
    assert not questions.follow(A, (PROBE, RECHECK, LOOK))
    assert questions.follow(A, (PROBE, WANT))
    assert asked == [WANT]


# Sizes ----------------------------------------------------------------------------------------------------------------


def no_size(cause: ProbeCause) -> ProbeFailed:
    return ProbeFailed(cause=cause, message="no")


@pytest.mark.rule("SIZE-3")
def test_a_source_of_two_keys_is_sized_once_and_forgotten_with_the_last_of_them(world: World) -> None:
    assert world.questions.follow(A, (PROBE,))
    assert world.questions.follow(B, (PROBE,))
    assert world.asked() == [PROBE]
    assert world.questions.answered(PROBE, BIG) == {A, B}
    assert world.questions.answers == {PROBE: BIG}
    assert not world.questions.follow(A, ())
    assert world.questions.answers == {PROBE: BIG}
    assert world.questions.seconds_to_wait() is None, "what was found is not asked for again"
    world.questions.forget(B)
    assert world.questions.answers == {}
    assert world.questions.answered(PROBE, BIG) == frozenset()
    assert world.questions.answers == {}


@pytest.mark.rule("SIZE-3")
def test_a_size_that_may_yet_be_found_is_asked_for_each_time_twice_as_late(world: World) -> None:
    world.questions.follow(A, (PROBE,))
    world.asked()
    for failures in range(12):
        affected = world.questions.answered(PROBE, no_size(ProbeCause.RATE_LIMITED))
        assert affected == ({A} if failures == 0 else set()), "the same news is no news"
        due = min(LONGEST_DELAY, FIRST_DELAY * 2**failures)
        assert world.questions.seconds_to_wait() == due
        assert world.wait(due / 2) == []
        assert world.wait(due / 2) == [PROBE]
    assert world.questions.answered(PROBE, BIG) == {A}


@pytest.mark.rule("SIZE-3")
@pytest.mark.parametrize("cause", [ProbeCause.SECRET_MISSING, ProbeCause.UNAUTHORIZED, ProbeCause.NOT_FOUND], ids=str)
def test_what_another_secret_may_mend_is_tried_again_within_a_minute(world: World, cause: ProbeCause) -> None:
    secretive = Probe("s3://weights/chat", "ml")
    world.questions.follow(A, (secretive, PROBE))
    for _ in range(10):
        world.asked()
        world.questions.answered(secretive, no_size(cause))
        world.questions.answered(PROBE, no_size(cause))
        assert (world.questions.seconds_to_wait() or 0) <= LOOK_AGAIN
        assert secretive in world.wait(LOOK_AGAIN)
    world.questions.follow(A, (PROBE,))
    assert (world.questions.seconds_to_wait() or 0) > LOOK_AGAIN, "which has no secret"


@pytest.mark.rule("SIZE-3")
def test_what_only_a_change_mends_waits_for_one(world: World) -> None:
    world.questions.follow(A, (PROBE,))
    world.asked()
    world.questions.hurry([A])
    assert world.asked() == [], "it is being asked"
    world.questions.answered(PROBE, no_size(ProbeCause.MALFORMED))
    assert world.questions.seconds_to_wait() is None
    world.questions.hurry([A])
    assert world.asked() == [PROBE]
    world.questions.answered(PROBE, BIG)
    world.questions.hurry([A])
    assert world.asked() == []


# Many -----------------------------------------------------------------------------------------------------------------


def crowd(world: World, count: int) -> list[Inspect]:
    """So many images of one namespace, each wanted by a key of its own."""
    wants = [Inspect(parse_image(f"registry.example.com/crowd/{number}:1")) for number in range(count)]
    for number, want in enumerate(wants):
        world.questions.follow(Key(Kind.MODEL, "crowd", f"m-{number}"), (want,))
    return wants


def test_of_many_questions_so_many_are_under_way_and_who_asks_later_has_the_next_turn_but_one(world: World) -> None:
    wants = crowd(world, READING + 10)
    assert world.asked() == wants[:READING]
    world.questions.follow(A, (WANT,))
    assert world.asked() == []
    for want in wants[:2]:
        world.questions.answered(want, READ)
    assert world.asked() == [wants[READING], WANT]


def test_a_question_whose_turn_comes_when_nobody_wants_to_know_is_not_asked(world: World) -> None:
    wants = crowd(world, READING + 2)
    world.asked()
    for _ in range(2):
        world.questions.follow(A, (WANT,))
        world.questions.forget(A)
    world.questions.follow(A, (WANT,))
    for want in wants:
        world.questions.answered(want, READ)
    assert sorted(map(str, world.asked())) == sorted(map(str, (*wants[READING:], WANT)))


def test_sources_that_are_being_sized_keep_nothing_else_waiting(world: World) -> None:
    probes = tuple(Probe(f"s3://weights/{number}") for number in range(SIZING + 10))
    world.questions.follow(A, (*probes, WANT))
    asked = world.asked()
    assert WANT in asked
    assert len(asked) == SIZING + 1


@pytest.mark.rule("CACHE-7")
def test_a_log_is_read_once_or_every_so_often(world: World) -> None:
    once, often = ReadLog("ml", "a", "dry-run", 9), ReadLog("ml", "b", "download", 3, every=10)
    world.questions.follow(A, (once, often))
    assert world.asked() == [once, often]
    world.questions.answered(once, PodLog(text=""))
    world.questions.answered(often, PodLog(text="1"))
    assert world.wait(9.0) == []
    assert world.wait(1.0) == [often]
    assert world.questions.answered(often, PodLog(text="1")) == frozenset(), "nothing new was written"
    assert world.wait(HOUR) == [often]


@pytest.mark.rule("STAT-2")
def test_events_of_what_is_stuck_are_asked_for_ever_more_slowly_and_never_once_it_goes_on(world: World) -> None:
    stuck = ReadEvents(Key(Kind.JOB, "ml", "get-1"), "u")
    world.questions.follow(A, (stuck,))
    assert world.asked() == [stuck]
    told = (ObjectEvent(reason="FailedCreate", message="exceeded quota"),)
    assert world.questions.answered(stuck, told) == {A}
    pauses = []
    for _ in range(9):
        before = world.now
        while not world.wait(1.0):
            assert world.now < before + EVENTS_AGAIN
        pauses.append(world.now - before)
        assert world.questions.answered(stuck, told) == frozenset(), "nothing new was told"
    assert pauses == sorted(pauses)
    assert (pauses[0], pauses[-1]) == (FIRST_DELAY, EVENTS_AGAIN)
    world.questions.follow(A, ())
    assert world.wait(HOUR) == []


@pytest.mark.rule("PROFILE-3")
def test_a_log_that_is_gone_is_not_asked_for_again_and_one_that_is_refused_is(world: World) -> None:
    gone, refused = ReadLog("ml", "a", "dry-run", 9), ReadLog("ml", "b", "dry-run", 9)
    world.questions.follow(A, (gone, refused))
    world.asked()
    world.questions.answered(gone, LogFailed(cause=LogCause.GONE))
    world.questions.answered(refused, LogFailed(cause=LogCause.FORBIDDEN))
    assert world.wait(FIRST_DELAY) == [refused]
