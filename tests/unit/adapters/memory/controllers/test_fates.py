"""Fates of pods, read as the operator reads them: each says what a real node was seen to say, and its word is the right one."""

from __future__ import annotations

import pytest

from aimcore.adapters import wire
from aimcore.adapters.memory.controllers.fates import (
    Fate,
    cannot_be_configured,
    cannot_be_pulled,
    crashes,
    ends,
    out_of_memory,
    runs,
    waits,
)
from aimcore.domain.kinds.core import Child
from aimcore.domain.serving.causes import Workload, pod_findings
from aimcore.domain.serving.observed import observed_deployment
from aimcore.domain.serving.pods import Ended, Waiting
from aimcore.domain.serving.reasons import Reason
from tests.unit.adapters.memory.controllers.scene import HOME, Scene, deployment


def lived(fate: Fate, *seconds: int) -> Scene:
    scene = Scene()
    scene.script.pods("aim-chat", fate)
    scene.make(deployment())
    scene.after()
    for each in seconds:
        scene.after(each)
    return scene


def reasons(scene: Scene) -> list[Reason]:
    child = wire.decode_stored(scene.get("Deployment", "aim-chat"))
    assert isinstance(child, Child)
    seen = Workload(deployment=observed_deployment(child), pods=tuple(scene.pods), now=scene.now)
    return [one.reason for one in pod_findings(seen).findings]


@pytest.mark.rule("STAT-2")
@pytest.mark.parametrize(
    ("fate", "seconds", "reason"),
    [
        (cannot_be_pulled("not found"), 60, Reason.IMAGE_PULL_FAILED),
        (cannot_be_pulled("429 Too Many Requests"), 60, Reason.PULLING_IMAGE),
        (cannot_be_configured('secret "hf" not found'), 5, Reason.CONTAINER_CONFIG_INVALID),
        (crashes(message="no such model"), 300, Reason.CONTAINER_CRASHES),
        (out_of_memory(), 300, Reason.OUT_OF_MEMORY),
        (runs(loads=600), 60, Reason.LOADING_MODEL),
    ],
    ids=["no image", "rate limit", "no secret", "crash", "memory", "loads"],
)
def test_each_fault_has_its_reason(fate: Fate, seconds: int, reason: Reason) -> None:
    assert reasons(lived(fate, seconds))[0] is reason


def test_slow_starts_pull_load_and_are_ready() -> None:
    scene = lived(runs(pulls=20, loads=40))
    assert scene.pod.waiting == Waiting(reason="ContainerCreating")
    assert scene.events() == [("Pod", "Pulling", "Pulling image")]
    scene.after(20)
    assert (scene.pod.running, scene.pod.started, scene.pod.ready) == (True, False, False)
    scene.after(39)
    assert not scene.pod.ready
    scene.after(1)
    assert (scene.pod.running, scene.pod.started, scene.pod.ready) == (True, True, True)


def test_a_crash_is_tried_again_after_pauses_that_double() -> None:
    scene = lived(crashes(after=5, message="boom"), 4)
    assert (scene.pod.running, scene.pod.restarts, scene.pod.ended) == (True, 0, None)
    seen = []
    for _ in range(300):
        scene.after(1)
        pod = scene.pod
        seen.append((pod.restarts, pod.waiting.message.partition(" restarting")[0] if pod.waiting else ""))
        if pod.restarts:
            assert pod.ended == Ended(reason="Error", exit_code=1, seconds=5, message="boom")
    told = list(dict.fromkeys(text for _, text in seen if text))
    assert told == ["back-off 10s", "back-off 20s", "back-off 40s", "back-off 80s", "back-off 160s"]
    assert [count for count, _ in seen] == sorted(count for count, _ in seen)


def test_crashes_may_stop() -> None:
    scene = lived(crashes(after=5, times=2), 5, 3600)
    assert (scene.pod.ready, scene.pod.restarts) == (True, 2)
    assert reasons(scene) == []


def test_a_pull_that_is_cured() -> None:
    assert lived(cannot_be_pulled("not found", until=60), 60).pod.ready


def test_what_stands_in_events_alone() -> None:
    note = 'MountVolume.SetUp failed for volume "pv"'
    scene = lived(waits("ContainerCreating", "", events=(("FailedMount", note),)))
    assert scene.events() == [("Pod", "FailedMount", note)]
    [event] = scene.store.list("Event", HOME)[0]
    assert event["regarding"]["name"] == scene.pod.name
    scene.after(60)
    assert len(scene.events()) == 1


def test_a_run_that_ends_has_its_code_and_its_last_words() -> None:
    state = ends(30, after=7, message="checksum")(7)
    assert state.ended is not None
    assert (state.phase, state.ended.exit_code, state.ended.message, state.ended.ended) == ("Failed", 30, "checksum", 7)
    assert ends(0, after=7)(6).phase == "Running"
