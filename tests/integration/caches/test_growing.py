"""A volume that was too small grows where its class lets it, and only then is filled; else the size that is needed is said."""

from __future__ import annotations

import pytest

from aimcore.adapters.memory.controllers import ClaimFate
from aimcore.adapters.memory.controllers.fates import ends
from tests.integration.caches.bench import Bench, last_words, model, service

GIB = 2**30
FULL = ends(28, message=last_words("DiskFull", "needs 5 GiB more", lackingBytes=5 * GIB))
MAY_NOT_GROW = "only dynamically provisioned pvc can be resized"


@pytest.fixture
def bench() -> Bench:
    return Bench(refuses=MAY_NOT_GROW)


def requested(bench: Bench) -> str:
    return str(bench.one("PersistentVolumeClaim")["spec"]["resources"]["requests"]["storage"])


@pytest.mark.rule("CACHE-4", "CACHE-7")
def test_a_claim_that_may_grow_asks_for_what_lacks_and_is_filled_then(bench: Bench) -> None:
    bench.script.claim("*", ClaimFate(grows=True))
    bench.script.pods("get-*", FULL)
    bench.apply(model(), service())
    bench.script.pods("get-*-2", ends())
    bench.look()
    bench.look(after=30)
    assert requested(bench) == "8Gi"  # 2 GiB that it had, 5 that lacked and a tenth of these
    assert (bench.word("AIMTemplateCache"), bench.word()) == ("Ready", "Running Running")
    assert bench.one("AIMTemplateCache")["status"]["size"] == "8Gi"
    assert bench.refused == 0


@pytest.mark.rule("CACHE-4")
def test_one_whose_download_does_not_say_what_lacks_grows_by_a_tenth(bench: Bench) -> None:
    bench.script.claim("*", ClaimFate(grows=True))
    bench.script.pods("get-*", ends(28, message=last_words("DiskFull", "no space left on device")))
    bench.script.pods("get-*-2", ends())
    bench.apply(model(), service())
    bench.look()
    bench.look(after=30)
    assert (requested(bench), bench.word()) == ("3Gi", "Running Running")


@pytest.mark.rule("CACHE-4")
def test_it_grows_as_often_as_it_is_too_small_and_each_time_once(bench: Bench) -> None:
    bench.script.claim("*", ClaimFate(grows=True))
    bench.script.pods("get-*", ends(28, after=30, message=last_words("DiskFull", "full", lackingBytes=GIB)))
    bench.script.pods("get-*-3", ends(after=30))
    bench.apply(model(), service())
    sizes = []
    for _ in range(8):
        bench.look(after=20)
        sizes.append(requested(bench))
    assert list(dict.fromkeys(sizes)) == ["2Gi", "4Gi", "6Gi"]
    assert bench.word() == "Running Running"


@pytest.mark.rule("CACHE-4")
def test_nothing_begins_before_the_volume_is_as_big_as_was_asked_for(bench: Bench) -> None:
    bench.script.claim("*", ClaimFate(grows=True, grown_after=600))
    bench.script.pods("get-*", FULL)
    bench.script.pods("get-*-2", ends())
    bench.apply(model(), service())
    bench.look()
    bench.look(after=300)
    assert (requested(bench), len(bench.all("Job"))) == ("8Gi", 1)
    told = bench.condition("AIMTemplateCache", "Downloaded")
    assert told == ("False", "Retrying", "DiskFull: needs 5 GiB more; the volume grows to 8Gi")
    assert bench.word("AIMTemplateCache") == "Progressing"
    bench.look(after=400)
    bench.look(after=30)
    assert bench.word() == "Running Running"


@pytest.mark.rule("CACHE-4", "CACHE-7")
def test_one_that_may_not_grow_fails_and_says_which_size_is_needed_until_somebody_asks_again(bench: Bench) -> None:
    bench.script.pods("get-*", FULL)
    bench.apply(model(), service())
    bench.look()
    told = bench.condition("AIMTemplateCache", "Downloaded")
    assert told[1] == "Retrying"
    assert "asks for 8Gi" in told[2]
    assert bench.refused
    bench.look(after=700)
    asked = bench.refused
    assert bench.word() == "Failed CacheFailed"
    assert bench.condition("AIMTemplateCache", "Downloaded") == (
        "False",
        "DiskFull",
        "needs 5 GiB more; the volume is too small and its class does not let it grow: make a cache with volumeSize 8Gi",
    )
    bench.look(after=1800)
    assert (len(bench.all("Job")), bench.refused, requested(bench)) == (1, asked, "2Gi"), "time alone mends nothing"
    cache = bench.one("AIMTemplateCache")
    bench.script.pods("get-*", ends(0))
    bench.apply({**cache, "spec": {**cache["spec"], "retry": "once more"}})
    bench.look()
    assert bench.word() == "Running Running"


@pytest.mark.rule("CACHE-4", "CACHE-1")
def test_one_that_is_suspended_does_not_grow(bench: Bench) -> None:
    bench.script.claim("*", ClaimFate(grows=True))
    bench.script.pods("get-*", ends(28, after=30, message=last_words("DiskFull", "full", lackingBytes=GIB)))
    bench.apply(model(), service())
    bench.look()
    name = bench.one("AIMTemplateCache")["metadata"]["name"]
    bench.patch("AIMTemplateCache", name, {"spec": {"suspend": True}})
    bench.look(after=60)
    assert requested(bench) == "2Gi"


@pytest.mark.rule("CACHE-4")
def test_a_claim_that_somebody_made_bigger_is_tried_again(bench: Bench) -> None:
    bench.script.pods("get-*", FULL)
    bench.apply(model(), service())
    bench.look()
    bench.look(after=700)
    assert bench.word("AIMTemplateCache") == "Failed"
    bench.script.claim("*", ClaimFate(grows=True))
    bench.script.pods("get-*-2", ends())
    claim = bench.one("PersistentVolumeClaim")["metadata"]["name"]
    bench.patch("PersistentVolumeClaim", claim, {"spec": {"resources": {"requests": {"storage": "16Gi"}}}})
    bench.look()
    bench.look(after=30)
    assert (requested(bench), bench.word()) == ("16Gi", "Running Running")
