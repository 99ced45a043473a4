"""Every law holds in every world."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis.stateful import run_state_machine_as_test

from aimcore.testing import LAWS, ClusterMachine, World, worlds

PATIENT = (HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much)

EXAMPLES = {
    "confluence": 30,
    "same choice": 40,
    "forgetting": 30,
    "isolation": 40,
    "hands off": 40,
    "serving is sacred": 40,
}
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


FAR_GPUS = {"gpu": {"models": ["\N{EURO SIGN}" * 60 + str(number) for number in range(8)]}}


@pytest.mark.parametrize(
    "spec",
    [
        pytest.param({"type": "optimized", "hardware": {"cpu": {"requests": "1"}}}, id="that nothing ranks apart"),
        pytest.param({"type": "optimized", "hardware": FAR_GPUS}, id="for GPUs of many names in three bytes a letter"),
        pytest.param({"runtimeConfigName": "c" * 253}, id="that failed with much to say"),
    ],
)
def test_a_crowd_of_candidates_fits_into_a_status(spec: dict[str, Any]) -> None:
    model = "m" * 253
    templates = [f"t{number:02}" + "x" * 250 for number in range(70)]
    crowd = World(
        manifests=(
            manifest("AIMModel", model, {"image": "acme/chat:1"}),
            manifest("AIMService", "front", {"model": {"ref": model}}),
            *(manifest("AIMServiceTemplate", name, {"modelName": model, **spec}) for name in templates),
        ),
    )
    for name in ("honest status", "convergence", "quiescence"):
        LAWS[name](crowd)


def manifest(kind: str, name: str, spec: dict[str, Any]) -> dict[str, Any]:
    metadata = {"name": name, "namespace": "alpha"}
    return {"apiVersion": "aim.silogen.ai/v1alpha1", "kind": kind, "metadata": metadata, "spec": spec}
