"""Serving is sacred, and a service that runs keeps its choice: in worlds in which much runs."""

from __future__ import annotations

from dataclasses import replace

import pytest

from aimcore.adapters.memory.kinds import Address
from aimcore.testing.serving_laws import check_serving_is_sacred, serving_pods
from tests.integration.simulations.running import CHATS, LLAMA, Runs, running_world, the_service
from tests.integration.simulations.things import CHAT, TEAM, config, model, node


@pytest.mark.rule("RUN-1", "RUN-13")
def test_the_law_is_kept_where_services_run() -> None:
    env = [{"name": "LEVEL", "value": "2"}]
    world = running_world(CHATS, the_service("other", env=env, runtimeConfigName="mine"), config("mine"))
    assert serving_pods(world.settle()), "pods run there"
    check_serving_is_sacred(world, ways=8)


@pytest.mark.rule("RUN-1")
@pytest.mark.parametrize("kind", ["AIMRuntimeConfig", "AIMModel", "AIMServiceTemplate"])
def test_what_goes_under_a_service_leaves_its_pods_and_degrades_it(kind: str) -> None:
    here = Runs(running_world(the_service(runtimeConfigName="mine"), config("mine")))
    here.rest()
    before = serving_pods(here.run)
    status = here.run.store.get(Address("AIMService", TEAM, "chat"))["status"]
    name = {
        "AIMRuntimeConfig": "mine",
        "AIMModel": "llama",
        "AIMServiceTemplate": status["resolvedTemplate"]["name"],
    }[kind]
    if kind == "AIMServiceTemplate":  # its model would make it again
        here.patch("AIMModel", "llama", discovery={"enabled": False, "autoCreateTemplates": False})
    here.run.store.delete(Address(kind, TEAM, name))
    here.rest()
    assert here.said()[0] == "Degraded"
    assert serving_pods(here.run) == before
    assert len(before) == 1


@pytest.mark.rule("RUN-16")
def test_a_better_template_after_the_deployment_changes_no_choice() -> None:
    world = running_world(CHATS)
    few = [one for one in world.manifests if one["kind"] != "Node"]
    hand = {
        "apiVersion": "aim.silogen.ai/v1alpha1",
        "kind": "AIMServiceTemplate",
        "metadata": {"name": "hand", "namespace": TEAM},
        "spec": {"modelName": "llama", "type": "unoptimized", "hardware": {"cpu": {"requests": "1"}}},
    }
    here = Runs(replace(world, manifests=(*few, hand)))
    here.patch("AIMService", "chat", template={"allowUnoptimized": True})
    here.rest()
    assert here.said()[0] == "Running"
    before, pods = _choice(here), serving_pods(here.run)
    assert before == "hand"
    here.run.load([node()])
    here.rest()
    assert (_choice(here), serving_pods(here.run)) == (before, pods)
    here.patch("AIMService", "chat", overrides={"metric": "latency"})
    here.rest()
    assert _choice(here) != before, "what the service itself says opens the choice again"


def _choice(here: Runs) -> str:
    name: str = here.run.store.get(Address("AIMService", TEAM, "chat"))["status"]["resolvedTemplate"]["name"]
    return name


@pytest.mark.rule("RUN-16")
def test_until_its_deployment_exists_a_service_ends_as_planned() -> None:
    world = running_world(CHATS)
    planned = world.settle()
    for seed in range(6):
        here = Runs(world, seed=seed)
        here.rest()
        service = Address("AIMService", TEAM, "chat")
        said = [run.store.get(service)["status"]["resolvedTemplate"]["name"] for run in (planned, here.run)]
        assert said[0] == said[1]


@pytest.mark.rule("RUN-12")
def test_an_edit_that_changes_the_pod_rolls_it_and_ends_running() -> None:
    here = Runs(running_world(CHATS))
    here.rest()
    before = serving_pods(here.run)
    here.patch("AIMService", "chat", env=[{"name": "LEVEL", "value": "3"}])
    here.rest()
    now = serving_pods(here.run)
    assert here.said()[0] == "Running"
    assert len(now) == 1
    assert not set(now.values()) & set(before.values())
    assert LLAMA["spec"] == model("llama", image=CHAT)["spec"]
