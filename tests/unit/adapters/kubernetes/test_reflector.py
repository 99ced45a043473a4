"""A reflector under servers that behave, and under those that do not: it knows what stands, and asks in no hurry."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest

from aimcore.adapters.kubernetes.reflector import Backoff, Reflector
from aimcore.adapters.kubernetes.requests import Requests
from aimcore.adapters.kubernetes.resources import RESOURCES, Source
from aimcore.adapters.kubernetes.store import ReadWarning, Store
from aimcore.ports.cluster import Put
from tests.unit.adapters.kubernetes.scripted import (
    RESET,
    SILENT,
    Answer,
    Asked,
    Scripted,
    bookmark,
    listed,
    model,
    refused,
    serving,
    status,
    told,
)

MODELS = Source(RESOURCES["AIMModel"])


class Followed:
    """A reflector whose pauses pass at once, and what it made known."""

    def __init__(self, server: Scripted, *, optional: bool = False) -> None:
        self.now = 0.0
        self.troubles: list[ReadWarning] = []
        self.known = Store(self.troubles.append)
        self.live: dict[str, str] = {}
        self.news: list[str] = []
        backoff = Backoff(chance=lambda: 0.0, clock=lambda: self.now)
        self.connection = server.connection()
        self.reflector = Reflector(Requests(self.connection), MODELS, self.known, backoff, optional=optional)

    def turn(self, times: int = 1) -> list[float]:
        """So many turns; the pauses asked for."""
        pauses = [self.reflector.turn() for _ in range(times)]
        self.now += sum(pauses)
        for change in self.known.drain():
            name = change.thing.key.name  # type: ignore[union-attr]  # models only
            self.news.append(f"{'+' if isinstance(change, Put) else '-'}{name}")
            if isinstance(change, Put):
                self.live[name] = change.thing.meta.resource_version  # type: ignore[union-attr]  # as above
            else:
                self.live.pop(name, None)
        return pauses

    def for_a_minute(self) -> None:
        """Turns for one minute of pauses."""
        until = self.now + 60
        while self.now < until:
            self.turn()


def script(lists: list[Answer], watches: list[Answer]) -> Callable[[Asked], Answer]:
    """Each answer once, in order, and the last ever after."""
    left = {True: list(watches), False: list(lists)}

    def answer(asked: Asked) -> Answer:
        answers = left[asked.watches]
        return answers.pop(0) if len(answers) > 1 else answers[0]

    return answer


# --- well-behaved -----------------------------------------------------------------------------------------------------


def test_a_list_in_pages_and_then_what_changes() -> None:
    lists = [listed(10, model("a", 1), model("b", 2), more="page 2"), listed(10, model("c", 3))]
    watches = [
        told(("ADDED", model("d", 11)), ("MODIFIED", model("a", 12)), ("DELETED", model("b", 13)), bookmark(20)),
        told(),
    ]
    with serving(script(lists, watches)) as server:
        one = Followed(server)
        assert one.turn() == [0.0]
        assert one.live == {"a": "1", "b": "2", "c": "3"}
        one.turn(2)
        assert one.live == {"a": "12", "c": "3", "d": "11"}
    assert [each.query.get("continue") for each in server.asked[:2]] == [None, "page 2"]
    assert {each.query["limit"] for each in server.asked[:2]} == {"100"}
    assert [each.query["resourceVersion"] for each in server.asked[2:]] == ["10", "20"]
    assert {each.query["allowWatchBookmarks"] for each in server.asked[2:]} == {"true"}
    assert one.troubles == []


def test_what_vanished_between_lists_is_gone_and_what_stayed_is_not_told_again() -> None:
    lists = [listed(10, model("a", 1), model("b", 2)), listed(20, model("a", 1), model("c", 15))]
    with serving(script(lists, [told(("ERROR", status(410, "Expired")))])) as server:
        one = Followed(server)
        one.turn()
        one.turn(2)
        assert one.live == {"a": "1", "c": "15"}
        assert sorted(one.news) == ["+a", "+b", "+c", "-b"]


# --- misbehaving ------------------------------------------------------------------------------------------------------

BAD_WATCHES = {
    "closes at once": (told(), 8, 1),
    "resets at once": (told(end=RESET), 8, 1),
    "is gone, as an answer": (refused(410, "Expired"), 8, 9),
    "is gone, as an event": (told(("ERROR", status(410, "Expired"))), 8, 9),
    "is out of order": (refused(500, "InternalError"), 8, 1),
    "is too busy": (refused(429, "TooManyRequests"), 8, 1),
    "tells garbage": (told(b"<html>"), 8, 8),
    "tells an event of no type": (told(("TOMORROW", model("a", 30))), 8, 8),
    "tells an event of nothing": (told(("ADDED", None)), 8, 8),
    "tells old things again": (told(("ADDED", model("a", 1))), 8, 9),
    "tells the same bookmark": (told(bookmark(10)), 8, 1),
    "counts backwards": (told(bookmark(5)), 8, 9),
}


@pytest.mark.parametrize(("watch", "watches", "lists"), list(BAD_WATCHES.values()), ids=list(BAD_WATCHES))
def test_a_watch_that_is_never_any_good_is_tried_ever_more_slowly(watch: Answer, watches: int, lists: int) -> None:
    with serving(script([listed(10, model("a", 1))], [watch])) as server:
        one = Followed(server)
        one.for_a_minute()
        assert one.live == {"a": "1"}
        assert one.news == ["+a"]
    assert server.watches <= watches
    assert server.lists <= lists


@pytest.mark.parametrize(
    "answer",
    [refused(500), refused(403, "Forbidden"), refused(404), Answer(b"<html>"), Answer(b"[]"), Answer(b"{}"),
     Answer(end=RESET), Answer(end=SILENT)],
    ids=["error", "forbidden", "absent", "html", "no object", "no list", "reset", "silent"],
)  # fmt: skip
def test_a_list_that_fails_is_tried_again_ever_more_slowly_until_it_does_not(answer: Answer) -> None:
    with serving(script([answer, answer, answer, listed(10, model("a", 1))], [told()])) as server:
        one = Followed(server)
        assert one.turn(3) == [1.0, 2.0, 4.0]
        assert not one.known.complete([MODELS], timeout=0)
        one.turn()
        assert one.known.complete([MODELS], timeout=0)
        assert one.live == {"a": "1"}
        assert len(one.troubles) == 3


def test_a_watch_that_falls_silent_is_ended_and_goes_on_where_it_was() -> None:
    watches = [told(("ADDED", model("c", 11)), end=SILENT), told(("DELETED", model("a", 12)))]
    with serving(script([listed(10, model("a", 1))], watches)) as server:
        one = Followed(server)
        one.turn(2)
        assert one.live == {"a": "1", "c": "11"}
        one.turn()
        assert one.live == {"c": "11"}
        assert (server.lists, one.troubles) == (1, [])


def test_a_list_that_grows_too_old_between_pages_is_begun_again() -> None:
    lists = [
        listed(10, model("old", 1), more="page 2"),
        refused(410, "Expired"),
        listed(20, model("a", 15), more="page 2"),
        listed(20, model("b", 16)),
    ]
    with serving(script(lists, [told()])) as server:
        one = Followed(server)
        assert one.turn() == [0.0]
        assert one.live == {}
        one.turn()
        assert one.live == {"a": "15", "b": "16"}


def test_a_cluster_restored_from_a_backup_counts_anew() -> None:
    lists = [listed(1000, model("a", 900), model("b", 950)), listed(20, model("a", 15))]
    with serving(script(lists, [told(bookmark(18)), told(("MODIFIED", model("a", 21)))])) as server:
        one = Followed(server)
        one.turn(3)
        assert one.live == {"a": "15"}
        one.turn()
        assert one.live == {"a": "21"}


def test_what_makes_progress_is_not_held_up() -> None:
    watches = [told(("MODIFIED", model("a", 10 + number))) for number in range(1, 6)]
    with serving(script([listed(10, model("a", 1))], watches)) as server:
        one = Followed(server)
        assert one.turn(6) == [0.0, 1.0, 1.0, 1.0, 1.0, 1.0]
        assert one.live == {"a": "15"}


@pytest.mark.rule("TMPL-6")
def test_what_is_forbidden_is_marked_so_and_asked_for_rarely() -> None:
    with serving(
        script([refused(403, "Forbidden"), refused(403, "Forbidden"), listed(10, model("a", 1))], [told()])
    ) as (server):
        one = Followed(server, optional=True)
        assert one.turn(2) == [300.0, 300.0]
        assert one.known.forbidden() == {MODELS}
        assert one.known.complete([MODELS], timeout=0)
        one.turn()
        assert one.known.forbidden() == frozenset()
        assert one.live == {"a": "1"}
        assert one.troubles == []


def test_an_object_that_cannot_be_read_is_reported_once_and_stops_nothing() -> None:
    broken = model("broken", 2, image=5)
    lists = [listed(10, model("a", 1), broken, {"nothing": 1}, None, model("c", 3)), listed(20, model("c", 3), broken)]
    watches = [told(("MODIFIED", model("c", 11, image=6)), ("ADDED", model("d", 12))), refused(410)]
    with serving(script(lists, watches)) as server:
        one = Followed(server)
        one.turn()
        assert one.live == {"a": "1", "c": "3"}
        one.turn()
        assert one.live == {"a": "1", "d": "12"}
        one.turn(2)
        assert one.live == {"c": "3"}
    assert [one.where for one in one.troubles if "broken" in one.where] == ["AIMModel ml/broken"]
    assert "AIMModel ml/c" in {one.where for one in one.troubles}


def test_a_reflector_that_is_stopped_ends_the_watch_it_reads() -> None:
    with serving(script([listed(10, model("a", 1))], [told(bookmark(11), end=SILENT)])) as server:
        one = Followed(server)
        thread = threading.Thread(target=one.reflector.run)
        thread.start()
        while not server.watches:
            thread.join(0.01)
        one.reflector.stop()
        thread.join(2)
        assert not thread.is_alive()
