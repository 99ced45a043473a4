"""A stranger's tests of their own catalogue. The folder `catalogue` has an ambiguity planted: two models of one image."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from aimcore.testing import (
    FakeCluster,
    Script,
    World,
    assert_fits,
    assert_nothing_failed,
    assert_resolves,
    assert_same_choice,
    fates,
)

LABELS = {
    "com.amd.aim.model.deployments": '[{"gpuModel": "MI300X", "gpuCount": 1, "metric": "latency", "precision": "fp8"}]'
}
IMAGES = {"acme/chat:1": LABELS}
ReadWorld = Callable[..., World]


def test_nothing_fails(aimcore_world: ReadWorld) -> None:
    assert_nothing_failed(aimcore_world("catalogue", images=IMAGES))


def test_chat_runs_on_an_mi300x(aimcore_world: ReadWorld) -> None:
    assert_resolves(aimcore_world("catalogue", images=IMAGES), "ml-team/chat", template="*-1x-mi300x-lat-*")


def test_without_the_second_model_all_is_well(aimcore_world: ReadWorld) -> None:
    clean = aimcore_world("catalogue/chat.yaml", "catalogue/nodes.yaml", images=IMAGES)
    assert_nothing_failed(clean)
    assert_resolves(clean, "ml-team/chat", model="chat", template="*-1x-mi300x-lat-*")
    assert_fits(clean)
    assert_same_choice(clean, clean)
    with pytest.raises(AssertionError, match=r"model AIMModel ml-team/chat becomes none"):
        assert_same_choice(clean, aimcore_world("catalogue", images=IMAGES))


def test_a_crash_is_told(aimcore_world: ReadWorld, aimcore_cluster: Callable[[World], FakeCluster]) -> None:
    cluster = aimcore_cluster(aimcore_world("catalogue/chat.yaml", "catalogue/nodes.yaml", images=IMAGES))
    script: Script = cluster.script
    script.pods("*", fates.crashes())
    cluster.wait(60)
    assert cluster.status("ml-team/chat")["status"] != "Running"
    assert cluster.objects("Pod")
