"""What a person reads of a service whose pods meet a fate: word, reason and sentence, each as one row (STAT-2)."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import pytest

from aimcore.adapters.memory.controllers.fates import (
    Fate,
    cannot_be_configured,
    cannot_be_pulled,
    cannot_be_scheduled,
    crashes,
    is_evicted,
    loses_its_node,
    nobody_schedules,
    out_of_memory,
    runs,
)
from aimcore.adapters.memory.kinds import Address
from tests.integration.simulations.running import CHATS, Runs, running_world
from tests.integration.simulations.running_scenarios import FOREIGN
from tests.integration.simulations.things import TEAM


class Row(NamedTuple):
    """A fate, how long it has lasted, and what the service says of it: word, reason, and a part of the sentence."""

    fate: Fate
    after: int
    word: str
    reason: str
    says: str


NOT_FOUND = "rpc error: code = NotFound desc = failed to pull and unpack image: not found"
NO_GPU = "0/3 nodes are available: 3 Insufficient amd.com/gpu. preemption: 0/3 nodes are available"
ROWS = {
    "it serves": Row(runs(), 5, "Running", "Running", "all pods are ready"),
    "the image is not there": Row(cannot_be_pulled(NOT_FOUND), 60, "Failed", "ImagePullFailed", "not found"),
    "the registry has a bad day": Row(cannot_be_pulled("429 Too Many Requests"), 60, "Starting", "PullingImage", "429"),
    "a secret is missing": Row(
        cannot_be_configured('secret "token" not found'), 60, "Failed", "ContainerConfigInvalid", 'secret "token"'
    ),
    "it crashes": Row(
        crashes(message="no such file: weights"), 300, "Failed", "ContainerCrashes", "exit code 1 (Error): no such file"
    ),
    "it crashed once": Row(crashes(times=1), 60, "Running", "Running", "all pods are ready"),
    "it needs more memory": Row(out_of_memory(), 300, "Failed", "OutOfMemory", "raise resources.limits.memory"),
    "no node has a GPU left": Row(cannot_be_scheduled(NO_GPU), 60, "Starting", "Unschedulable", "amd.com/gpu"),
    "no node has one for hours": Row(cannot_be_scheduled(NO_GPU), 9000, "Starting", "Unschedulable", "amd.com/gpu"),
    "no scheduler answers": Row(nobody_schedules(), 120, "Starting", "Unschedulable", "no scheduler has said anything"),
    "it loads": Row(runs(loads=3000), 60, "Starting", "LoadingModel", "loads the model"),
    "it loads past the deadline": Row(runs(loads=90_000), 9000, "Starting", "LoadingModel", "loads the model"),
    "it is pulled": Row(runs(pulls=3000), 60, "Starting", "PullingImage", "the image is being pulled"),
}


@pytest.mark.rule("STAT-2")
@pytest.mark.parametrize("name", ROWS)
def test_the_service_says_what_became_of_its_pod(name: str) -> None:
    row = ROWS[name]
    here = Runs(running_world(CHATS))
    here.script.pods("aim-chat", row.fate)
    here.rest().rest(after=row.after)
    word, reason, message = here.said()
    assert (word, reason) == (row.word, row.reason)
    assert row.says in message


REFUSED = {
    "a quota": "exceeded quota: gpus, requested: requests.amd.com/gpu=1, used: requests.amd.com/gpu=8, limited: 8",
    "admission": 'violates PodSecurity "restricted:latest": runAsNonRoot != true',
}


@pytest.mark.rule("STAT-2", "RUN-9")
@pytest.mark.parametrize("name", REFUSED)
def test_pods_that_are_refused_are_told_of_and_made_once_they_may_be(name: str) -> None:
    here = Runs(running_world(CHATS))
    here.script.refuse("aim-chat", REFUSED[name])
    here.rest().rest(after=60)
    assert here.said()[:2] == ("Starting", "PodsRefused")
    if name == "admission":
        assert "containerSecurityContext" in here.said()[2]
    here.script.allow("aim-chat")
    here.rest(after=120)
    assert here.said()[0] == "Running"


@pytest.mark.rule("OWN-1")
def test_a_deployment_of_its_name_that_is_somebody_elses_is_left_alone() -> None:
    here = Runs(running_world(FOREIGN, CHATS))
    here.rest()
    theirs = Address("Deployment", TEAM, "aim-chat")
    assert here.said()[:2] == ("Failed", "NameConflict")
    assert here.run.store.get(theirs)["spec"] == FOREIGN["spec"]
    here.run.store.delete(theirs)
    here.rest()
    assert here.said()[0] == "Running"


STRUCK: dict[str, tuple[Callable[[], Fate], str]] = {
    "an eviction": (lambda: is_evicted("The node was low on resource: memory."), "Running"),
    "the loss of a node": (loses_its_node, "Starting"),
}


@pytest.mark.rule("STAT-2")
@pytest.mark.parametrize("name", STRUCK)
def test_a_pod_that_is_lost_is_replaced_and_the_word_is_never_running_without_one(name: str) -> None:
    here = Runs(running_world(CHATS))
    here.rest()
    [pod] = here.pods()
    fate, at_once = STRUCK[name]
    here.run.controllers.strike(Address("Pod", TEAM, pod["metadata"]["name"]), fate())
    here.rest(after=30)
    assert here.said()[0] == at_once
    here.rest(after=600)
    assert here.said()[0] == "Running"
    live = [one for one in here.pods() if one["status"]["phase"] == "Running"]
    assert len(live) == 1
    assert live[0]["metadata"]["uid"] != pod["metadata"]["uid"]
