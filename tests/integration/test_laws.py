"""Every law holds in every world."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis.stateful import run_state_machine_as_test

from aimcore.testing import LAWS, ClusterMachine, World, worlds

PATIENT = (HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much)

EXAMPLES = {"confluence": 30, "forgetting": 30, "isolation": 40, "hands off": 40}
"""How many worlds a law is tried on, where it settles each of them many times; the others get 60."""


@pytest.mark.parametrize("name", LAWS)
def test_the_law_holds_in_every_world(name: str) -> None:
    @settings(max_examples=EXAMPLES.get(name, 60), suppress_health_check=PATIENT)
    @given(world=worlds())
    def holds(world: World) -> None:
        LAWS[name](world)

    holds()


def test_whatever_people_do_the_settled_cluster_is_lawful() -> None:
    run_state_machine_as_test(
        ClusterMachine,
        settings=settings(max_examples=25, stateful_step_count=20, suppress_health_check=PATIENT),
    )


def test_a_crowd_of_candidates_fits_into_a_status() -> None:
    entries = [{"name": f"entry-{number}", "hardware": {"gpu": {"requests": 1}}} for number in range(64)]
    sources = [{"modelId": "acme/chat", "sourceUri": "hf://acme/chat"}]
    crowd = World(
        manifests=(
            manifest("AIMModel", "chat", {"modelSources": sources, "custom": {"templates": entries}}),
            manifest("AIMService", "front", {"model": {"ref": "chat"}}),
            *(manifest("AIMServiceTemplate", f"by-hand-{number}", {"modelName": "chat"}) for number in range(8)),
        ),
        nodes_known=False,
    )
    for name in ("honest status", "convergence", "quiescence"):
        LAWS[name](crowd)


def manifest(kind: str, name: str, spec: dict[str, Any]) -> dict[str, Any]:
    metadata = {"name": name, "namespace": "alpha"}
    return {"apiVersion": "aim.silogen.ai/v1alpha1", "kind": kind, "metadata": metadata, "spec": spec}
