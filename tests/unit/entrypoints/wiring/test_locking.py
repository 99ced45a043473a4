"""What a lock file is to hold, from what it holds and what an inspector answers."""

from __future__ import annotations

import pytest

from aimcore.adapters.manifests.lock import Lock
from aimcore.adapters.memory.outside import MemoryRegistry
from aimcore.domain.images.inspection import Inspected
from aimcore.domain.values.image import parse_image
from aimcore.domain.view.plan import Inspect
from aimcore.entrypoints.wiring.locking import Recorder, compare

REGISTRY = MemoryRegistry({"x:1": {"a": "1"}, "x:2": {"a": "2"}})
NAMES = {tag: f"docker.io/library/x:{tag}" for tag in ("1", "2", "3", "4")}
FIRST, SECOND = (REGISTRY.inspect(Inspect(parse_image(f"x:{tag}"))) for tag in ("1", "2"))
OLD = Inspected(digest="sha256:old", labels={"a": "0"})


def lock(**images: Inspected) -> Lock:
    return Lock(platform="linux/amd64", images={NAMES[tag[1:]]: image for tag, image in images.items()})


def asked(held: Lock, *wants: Inspect) -> Recorder:
    recorder = Recorder(held=held)
    list(recorder.ask(REGISTRY, str)(wants))
    return recorder


@pytest.mark.parametrize(
    ("held", "outcomes"),
    [
        pytest.param(lock(), {"1": "added", "2": "added", "3": "failed"}, id="a new file"),
        pytest.param(
            lock(_1=OLD, _3=OLD, _4=OLD),
            {"1": "changed", "2": "added", "3": "failed", "4": "dropped"},
            id="an old file",
        ),
    ],
)
def test_every_image_is_told_by_what_became_of_it(held: Lock, outcomes: dict[str, str]) -> None:
    recorder = asked(held, *(Inspect(parse_image(f"x:{tag}")) for tag in ("1", "2", "3")))
    told = compare(held, recorder.lock(), recorder.failures())
    assert {one.image: one.outcome.value for one in told} == {NAMES[tag]: word for tag, word in outcomes.items()}


def test_an_image_of_the_same_digest_keeps_what_is_held() -> None:
    assert isinstance(FIRST, Inspected)
    held = lock(_1=Inspected(digest=FIRST.digest, labels={"a": "as it was"}))
    recorder = asked(held, Inspect(parse_image("x:1")))
    assert recorder.lock() == held
    assert [one.outcome.value for one in compare(held, recorder.lock(), {})] == ["unchanged"]


def test_an_image_that_cannot_be_read_keeps_what_is_held_and_is_told() -> None:
    recorder = asked(lock(_3=OLD, _4=OLD), Inspect(parse_image("x:3")))
    assert recorder.lock() == lock(_3=OLD)
    assert recorder.failures() == {NAMES["3"]: f"NotFound: docker.io has no image {NAMES['3']}"}


def test_an_image_counts_as_read_when_any_of_its_wishes_is_answered() -> None:
    shut, open_ = Inspect(parse_image("x:1"), "a", ("shut",)), Inspect(parse_image("x:1"), "b", ("open",))
    missing = asked(lock(), Inspect(parse_image("x:3"))).answers.popitem()[1]
    assert isinstance(FIRST, Inspected)
    recorder = Recorder(held=lock(), answers={open_: FIRST, shut: missing})
    assert (recorder.failures(), recorder.lock()) == ({}, lock(_1=FIRST))


def test_half_a_character_cannot_be_locked() -> None:
    registry = MemoryRegistry({"x:4": {"a": "\ud83d"}})
    recorder = Recorder(held=lock(_4=OLD))
    list(recorder.ask(registry, str)([Inspect(parse_image("x:4"))]))
    assert recorder.lock() == lock(_4=OLD)
    assert "Malformed: image docker.io/library/x:4 has a label with half a character" in recorder.failures()[NAMES["4"]]
