"""However its jobs and answers fall, the operator ends where the loop of a plan ends, and with the fewest writes."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aimcore.adapters.memory.kinds import Address
from aimcore.domain.view.observed import Unseen
from aimcore.domain.view.plan import Inspect
from aimcore.testing import World, worlds
from aimcore.testing.endings import same_end, with_auto_models
from tests.integration.operator.simulation import Simulation

DEPLOYMENTS = [{"gpuModel": "MI300X", "gpuCount": 1 + number, "metric": "latency"} for number in range(8)]
LABELS = {
    "com.amd.aim.model.canonicalName": "acme/chat",
    "com.amd.aim.model.deployments": json.dumps(DEPLOYMENTS),
}


def _models(count: int) -> World:
    return World(
        manifests=tuple(
            {
                "apiVersion": "aim.silogen.ai/v1alpha1",
                "kind": "AIMModel",
                "metadata": {"name": f"chat-{number}", "namespace": f"team-{number % 3}"},
                "spec": {"image": f"registry.example.com/acme/chat-{number}:1"},
            }
            for number in range(count)
        ),
        images={f"registry.example.com/acme/chat-{number}:1": LABELS for number in range(count)},
        nodes_known=False,
    )


@pytest.mark.rule("TMPL-1", "TMPL-3", "STAT-1", "KIND-9")
def test_a_model_costs_a_create_and_a_status_a_template_and_two_statuses_of_its_own() -> None:
    simulation = Simulation(_models(12).start())
    simulation.rest()
    assert simulation.writes == {"Create": 12 * 8, "SetStatus": 12 * 8 + 2 * 12}


@pytest.mark.rule("KIND-9", "SEC-5", "DISC-4")
def test_a_restart_in_a_settled_cluster_writes_nothing_and_asks_nothing() -> None:
    run = _models(12).start()
    Simulation(run).rest()
    again = Simulation(run)
    again.rest()
    assert (again.writes, again.asked) == ({}, [])


@pytest.mark.rule("DISC-5", "SEC-5")
def test_what_fails_is_asked_again_within_a_minute_of_a_change_of_its_secret() -> None:
    metadata = {"name": "login", "namespace": "team"}
    secret = {"apiVersion": "v1", "kind": "Secret", "metadata": metadata, "type": "kubernetes.io/dockerconfigjson"}
    world = World(
        manifests=(
            {**secret, "data": {".dockerconfigjson": "e30="}},
            {
                "apiVersion": "aim.silogen.ai/v1alpha1",
                "kind": "AIMModel",
                "metadata": {"name": "chat", "namespace": "team"},
                "spec": {"image": "registry.example.com/chat:1", "imagePullSecrets": [{"name": "login"}]},
            },
        ),
        nodes_known=False,
    )
    simulation = Simulation(world.start())
    simulation.wait(4 * 3600)
    seldom = _inspections(simulation)
    simulation.wait(60)
    assert _inspections(simulation) == seldom, "by now it is asked a few times an hour"
    changed = {"data": {".dockerconfigjson": "eyJhdXRocyI6e319"}}
    simulation.run.store.patch(Address("Secret", "team", "login"), changed, manager="kubectl")
    simulation.wait(60)
    assert _inspections(simulation) > seldom


def _inspections(simulation: Simulation) -> int:
    return sum(isinstance(question, Inspect) for question in simulation.asked)


@settings(max_examples=60)
@given(world=worlds(), seed=st.integers(0, 99))
def test_the_operator_ends_where_a_plan_ends(world: World, seed: int) -> None:
    world = replace(world, policy=replace(world.policy, unseen=Unseen.ABSENT))
    run = world.start()
    Simulation(run, seed=seed).rest()
    run.settle()
    assert run.settled.changes == (), "and nothing is left for the loop"
    straight = with_auto_models(world, run).settle()
    assert same_end(straight, run) == []
