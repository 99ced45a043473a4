"""Answers to writes run ahead of what a source tells; whichever comes first, the newest stands, and nothing is told twice."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from aimcore.adapters.kubernetes.projection import Seen, project
from aimcore.adapters.kubernetes.resources import RESOURCES, Source
from aimcore.adapters.kubernetes.store import Store
from aimcore.ports.cluster import Gone, Put
from tests.unit.adapters.kubernetes.scripted import model

MODELS = Source(RESOURCES["AIMModel"])
PLACE = ("AIMModel", "ml", "a")


def seen(version: int, uid: str = "u-a") -> Seen:
    manifest = model("a", version)
    manifest["metadata"]["uid"] = uid
    return project(MODELS.resource, manifest)


def live(*listed: Seen, version: str = "10") -> Store:
    known = Store(lambda _: None)
    known.replace(MODELS, listed, version=version, since=known.begin())
    known.drain()
    return known


def versions(known: Store) -> list[str]:
    return [f"{'+' if isinstance(one, Put) else '-'}{one.thing.meta.resource_version}" for one in known.drain()]  # type: ignore[union-attr]  # models only


def test_an_event_older_than_the_answer_to_a_write_is_no_news() -> None:
    known = live(seen(5))
    known.wrote(MODELS, seen(13))
    assert versions(known) == ["+13"]
    known.on_upsert(MODELS, seen(11))
    known.on_upsert(MODELS, seen(13))
    assert versions(known) == []
    known.on_upsert(MODELS, seen(14))
    assert versions(known) == ["+14"]


def test_an_answer_that_comes_after_its_event_is_no_news() -> None:
    known = live(seen(5))
    known.on_upsert(MODELS, seen(13))
    known.on_upsert(MODELS, seen(14))
    known.wrote(MODELS, seen(13))
    assert versions(known) == ["+14"]


def test_an_answer_does_not_bring_back_what_was_deleted_meanwhile() -> None:
    known = live(seen(5))
    known.on_delete(MODELS, seen(14))
    known.wrote(MODELS, seen(13))
    assert versions(known) == ["-5"]
    assert known.find(PLACE) is None


def test_what_we_deleted_is_gone_at_once_and_stays_gone() -> None:
    known = live(seen(5))
    known.deleted(PLACE, "u-a")
    assert versions(known) == ["-5"]
    known.on_upsert(MODELS, seen(12))
    known.on_delete(MODELS, seen(13))
    assert versions(known) == []
    known.on_upsert(MODELS, seen(20, "u-other"))
    assert versions(known) == ["+20"]


def test_what_we_deleted_does_not_come_back_in_a_list_that_was_begun_before() -> None:
    known = live(seen(5))
    began = known.begin()
    known.deleted(PLACE, "u-a")
    known.replace(MODELS, [seen(5)], version="11", since=began)
    assert known.find(PLACE) is None
    known.replace(MODELS, [seen(5)], version="15", since=known.begin())
    assert known.find(PLACE) is not None, "a list begun after it knows better"


def test_what_we_made_is_not_lost_in_a_list_that_was_begun_before() -> None:
    known = live()
    began = known.begin()
    known.wrote(MODELS, seen(12))
    known.replace(MODELS, [], version="11", since=began)
    assert versions(known) == ["+12"]
    known.replace(MODELS, [], version="15", since=known.begin())
    assert versions(known) == ["-12"]


def test_the_end_of_a_predecessor_does_not_take_what_we_made_since() -> None:
    known = live(seen(5, "u-old"))
    known.wrote(MODELS, seen(13, "u-new"))
    known.on_delete(MODELS, seen(12, "u-old"))
    assert versions(known) == ["+13"]


def test_one_namespace_listed_anew_leaves_another_alone() -> None:
    known = live(seen(5))
    elsewhere = Source(RESOURCES["AIMModel"], "other")
    known.replace(elsewhere, [], version="20", since=known.begin())
    assert versions(known) == []


def test_whoever_waits_is_let_go_at_the_end() -> None:
    known = Store(lambda _: None)
    known.end()
    assert not known.wait(60)
    assert not known.complete([MODELS], timeout=None)


def test_there_is_something_to_wait_for_until_it_was_drained() -> None:
    known = Store(lambda _: None)
    assert not known.wait(0.01)
    known.on_upsert(MODELS, seen(5))
    assert known.wait(60)
    known.drain()
    assert not known.wait(0.01)


@given(st.lists(st.integers(11, 30), min_size=1, unique=True).map(sorted), st.data())
def test_however_answers_and_events_interleave_the_newest_stands_and_versions_only_grow(
    writes: list[int], data: st.DataObject
) -> None:
    ours = data.draw(st.sets(st.sampled_from(writes)))
    events = [("event", version) for version in writes]
    order = events[:]
    for version in sorted(ours):
        order.insert(data.draw(st.integers(0, len(order))), ("answer", version))
    known = live(seen(5))
    told: list[str] = []
    for kind, version in order:
        (known.wrote if kind == "answer" else known.on_upsert)(MODELS, seen(version))
        told += versions(known)
    assert told == sorted(set(told), key=lambda one: int(one[1:]))
    found = known.find(PLACE)
    assert found is not None
    assert found.version == str(writes[-1])


def test_the_last_word_on_an_object_is_told_alone() -> None:
    known = live(seen(5))
    known.on_upsert(MODELS, seen(11))
    known.on_delete(MODELS, seen(12))
    [change] = known.drain()
    assert isinstance(change, Gone)
