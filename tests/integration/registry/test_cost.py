"""What an inspection costs at a real registry: requests and bytes, counted where they are sent (B7)."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from aimcore.adapters.egress import Exchange
from aimcore.domain.images.inspection import Cause, Inspected, InspectionFailed, Unchanged
from tests.integration.registry.contents import image, index
from tests.integration.registry.places import RegistryPlace

LABELS = {"com.amd.aim.model.canonicalName": "meta-llama/Llama-3.1-8B-Instruct"}
LAYER = bytes(512 * 1024)

on_registries = pytest.mark.parametrize("place", ["open_to_all", "htpasswd", "tls", "token"], indirect=True)


def several_platforms() -> list[str]:
    return ["linux/arm64", "linux/amd64"]


@on_registries
@pytest.mark.rule("DISC-4")
def test_a_first_reading_takes_six_requests_and_64_kib_at_most_and_no_layer(place: RegistryPlace, home: str) -> None:
    children = [image(LABELS, platform=platform, layer=LAYER) for platform in several_platforms()]
    place.put(index(children), home, "1.0")
    sent: list[Exchange] = []
    assert isinstance(place.observed(sent.append).inspect(place.want(f"{home}:1.0")), Inspected)
    assert len(sent) <= 6
    assert sum(each.received for each in sent) <= 64 * 1024


@pytest.mark.parametrize(
    ("platforms", "requests"),
    [
        pytest.param(["linux/amd64"], 2, id="an image: manifest and config"),
        pytest.param(several_platforms(), 3, id="an index: itself, the child and its config"),
    ],
)
@pytest.mark.rule("DISC-4")
def test_nothing_is_asked_that_is_not_needed(
    open_to_all: RegistryPlace, home: str, platforms: list[str], requests: int
) -> None:
    children = [image(LABELS, platform=platform) for platform in platforms]
    open_to_all.put(children[0] if len(children) == 1 else index(children), home, "1.0")
    sent: list[Exchange] = []
    open_to_all.observed(sent.append).inspect(open_to_all.want(f"{home}:1.0"))
    assert [each.method for each in sent] == ["GET"] * requests


@on_registries
@pytest.mark.rule("DISC-3")
def test_a_tag_that_did_not_move_costs_one_head(place: RegistryPlace, home: str) -> None:
    digest = place.put(image(LABELS), home, "1.0")
    sent: list[Exchange] = []
    inspector = place.observed(sent.append)
    inspector.inspect(place.want(f"{home}:1.0"))
    sent.clear()
    assert inspector.recheck(place.want(f"{home}:1.0"), digest) == Unchanged(digest=digest)
    assert [(each.method, each.received) for each in sent] == [("HEAD", 0)]


@on_registries
@pytest.mark.rule("DISC-3")
def test_an_image_named_by_its_digest_costs_nothing_to_check_again(place: RegistryPlace, home: str) -> None:
    digest = place.put(image(LABELS), home, "1.0")
    sent: list[Exchange] = []
    inspector = place.observed(sent.append)
    want = place.want(f"{home}:1.0@{digest}")
    inspector.inspect(want)
    sent.clear()
    assert inspector.recheck(want, digest) == Unchanged(digest=digest)
    assert sent == []


@on_registries
@pytest.mark.rule("DISC-4")
def test_a_config_that_this_credential_has_read_is_not_fetched_again(place: RegistryPlace, home: str) -> None:
    place.put(image(LABELS), home, "1.0", "1")
    sent: list[Exchange] = []
    inspector = place.observed(sent.append)
    first = inspector.inspect(place.want(f"{home}:1.0"))
    sent.clear()
    assert inspector.inspect(place.want(f"{home}:1")) == first
    assert [each.method for each in sent] == ["GET"]


@on_registries
@pytest.mark.rule("DISC-4")
def test_a_config_that_was_read_in_one_repository_is_fetched_in_another(place: RegistryPlace, home: str) -> None:
    for repository in (home, f"{home}/copy"):
        place.put(image(LABELS), repository, "1.0")
    sent: list[Exchange] = []
    inspector = place.observed(sent.append)
    first = inspector.inspect(place.want(f"{home}:1.0"))
    before = len(sent)
    assert inspector.inspect(place.want(f"{home}/copy:1.0")) == first
    assert len([each for each in sent[before:] if each.status == 200 and each.host == place.host]) == 2


@pytest.mark.parametrize("place", ["htpasswd", "token"], indirect=True)
@pytest.mark.rule("DISC-4")
def test_who_asks_while_another_is_reading_is_not_told_what_that_one_reads(place: RegistryPlace, home: str) -> None:
    place.put(image(LABELS), home, "1.0")
    begun = threading.Event()

    def observe(_: Exchange) -> None:
        begun.set()
        time.sleep(0.1)  # long enough for the other to come

    inspector = place.observed(observe)
    with ThreadPoolExecutor(1) as thread:
        reading = thread.submit(inspector.inspect, place.want(f"{home}:1.0"))
        assert begun.wait(10)
        stranger = inspector.inspect(place.want_with(f"{home}:1.0"))
        assert isinstance(reading.result(), Inspected)
    assert isinstance(stranger, InspectionFailed)
    assert stranger.cause is Cause.UNAUTHORIZED


@on_registries
@pytest.mark.rule("DISC-4")
def test_one_image_asked_for_by_many_at_once_is_read_once(place: RegistryPlace, home: str) -> None:
    place.put(image(LABELS), home, "1.0")
    alone: list[Exchange] = []
    place.observed(alone.append).inspect(place.want(f"{home}:1.0"))
    sent: list[Exchange] = []

    def observe(exchange: Exchange) -> None:
        sent.append(exchange)
        time.sleep(0.1)  # long enough for all to come

    inspector = place.observed(observe)
    with ThreadPoolExecutor(8) as threads:
        answers = list(threads.map(inspector.inspect, [place.want(f"{home}:1.0")] * 8))
    assert answers == [answers[0]] * 8
    assert len(sent) == len(alone)


@pytest.mark.rule("DISC-4")
def test_a_thousand_tags_beside_it_cost_nothing(open_to_all: RegistryPlace, home: str) -> None:
    digest = open_to_all.put(image(LABELS), home, *(f"v{number}" for number in range(1_000)))
    sent: list[Exchange] = []
    answer = open_to_all.observed(sent.append).inspect(open_to_all.want(f"{home}:v500"))
    assert answer == Inspected(digest=digest, labels=LABELS)
    assert len(sent) == 2
    assert sum(each.received for each in sent) < 4_096
