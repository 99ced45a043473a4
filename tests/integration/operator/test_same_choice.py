"""In whatever order nodes, templates, models and configs arrive, the operator's services end as a plan says, and never elsewhere."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from itertools import permutations
from random import Random
from typing import Any

import pytest

from aimcore.adapters.memory.kinds import Manifest
from aimcore.domain.kinds.scope import Key
from aimcore.domain.kinds.statuses import ServiceStatus, Verdict
from aimcore.domain.view.plan import SetStatus, Write
from aimcore.testing import Run, World
from aimcore.testing.choice_laws import Choice, choices, early_choices
from aimcore.testing.endings import with_auto_models
from tests.integration.operator.simulation import Simulation

IMAGE = "registry.example.com/acme/chat:1"
DEPLOYMENTS = [
    {"gpuModel": "MI300X", "gpuCount": 2, "metric": "throughput"},
    {"gpuModel": "MI300X", "gpuCount": 1, "metric": "latency"},
    {"gpuModel": "MI325X", "gpuCount": 1, "metric": "latency"},
]
LABELS = {
    "com.amd.aim.model.canonicalName": "acme/chat",
    "com.amd.aim.model.deployments": json.dumps(DEPLOYMENTS),
}


def manifest(kind: str, name: str, **spec: Any) -> Manifest:
    place = {} if kind.startswith("AIMCluster") else {"namespace": "team"}
    metadata = {"name": name, **place}
    return {"apiVersion": "aim.silogen.ai/v1alpha1", "kind": kind, "metadata": metadata, "spec": spec}


def node(model: str) -> Manifest:
    metadata = {"name": model.lower(), "labels": {"amd.com/gpu.product-name": model}}
    return {"apiVersion": "v1", "kind": "Node", "metadata": metadata, "status": {"allocatable": {"amd.com/gpu": "8"}}}


def by_hand(kind: str, **spec: Any) -> Manifest:
    """A template that can be run on any node, and ranks behind all of the image."""
    return manifest(kind, "by-hand", modelName="chat", type="optimized", hardware={"cpu": {"requests": "1"}}, **spec)


MODEL: dict[str, Any] = {"image": IMAGE, "runtimeConfigName": "mine"}
SERVICES = (
    manifest("AIMService", "best", model={"ref": "chat"}),
    manifest("AIMService", "many", model={"ref": "chat"}, overrides={"metric": "throughput"}),
    manifest("AIMService", "by-image", model={"image": IMAGE}),
    manifest("AIMService", "named", model={"ref": "chat"}, template={"name": "by-hand"}),
)
ARRIVALS: dict[str, tuple[Manifest, ...]] = {
    "a model of the namespace": (
        node("MI300X"),
        node("MI325X"),
        by_hand("AIMServiceTemplate"),
        manifest("AIMModel", "chat", **MODEL),
        manifest("AIMRuntimeConfig", "mine"),
    ),
    "a model of the cluster": (
        node("MI300X"),
        node("MI325X"),
        by_hand("AIMClusterServiceTemplate", runtimeConfigName="mine"),
        manifest("AIMClusterModel", "chat", **MODEL),
        manifest("AIMClusterRuntimeConfig", "mine"),
    ),
    "a nearer model": (
        node("MI300X"),
        node("MI325X"),
        manifest("AIMClusterRuntimeConfig", "mine"),
        manifest("AIMClusterModel", "chat", **MODEL),
        manifest("AIMModel", "chat", image=IMAGE, custom={"templates": [{"hardware": {"gpu": {"requests": 1}}}]}),
    ),
}


class Told(Simulation):
    """An operator whose decisions can be read: `decided_since` its last document arrived."""

    decided_since: list[Write]

    def write(self, key: Key, writes: tuple[Write, ...]) -> None:
        self.decided_since = [*getattr(self, "decided_since", ()), *writes]
        super().write(key, writes)


def world(case: str) -> World:
    return World(manifests=(*SERVICES, *ARRIVALS[case]), images={IMAGE: LABELS})


PLANNED: dict[tuple[str, int], Mapping[Key, Choice | None]] = {}


def planned(case: str, run: Run) -> Mapping[Key, Choice | None]:
    """What a plan of the same objects says: a model that was made for an image, as none was there yet, is one of them (AUTO-1)."""
    asked = with_auto_models(world(case), run)
    known = case, len(asked.manifests)
    if known not in PLANNED:
        PLANNED[known] = choices(asked.settle())
    return PLANNED[known]


def resting(simulation: Simulation, _: Random) -> None:
    """Each document comes when the one before has been dealt with."""
    simulation._calm = 0
    simulation.rest()


def hurried(simulation: Simulation, chance: Random) -> None:
    """Each document comes while the operator is at work."""
    for _ in range(chance.choice((0, 1, 4, 16))):
        simulation._step()


@pytest.mark.rule("SEL-2", "SEL-5")
@pytest.mark.parametrize("pace", [resting, hurried])
@pytest.mark.parametrize("case", ARRIVALS)
def test_whatever_arrives_first_each_service_ends_as_planned(
    case: str, pace: Callable[[Simulation, Random], None]
) -> None:
    plan = planned(case, world(case).start())
    assert {key.name for key, choice in plan.items() if choice} >= {"best", "many", "by-image"}
    for order in permutations(range(len(ARRIVALS[case]))):
        wrong = list(differences(case, order, pace))
        assert wrong == [], f"{case}, in the order {order}"


def differences(case: str, order: tuple[int, ...], pace: Callable[[Simulation, Random], None]) -> Iterator[str]:
    """What became of the services that a plan does not say."""
    chance = Random(f"{case} {order}")  # noqa: S311 - a way to take, drawn again the same
    run = world(case).having(SERVICES).start()
    operator = Told(run, seed=chance.randrange(1000))
    for place in order:
        pace(operator, chance)
        run.load([ARRIVALS[case][place]])
        operator.decided_since = []
    resting(operator, chance)
    run.settle()
    yield from map(str, run.settled.changes)
    plan, ended = planned(case, run), choices(run)
    yield from (
        f"{key}: ended with {ended.get(key)}, planned {choice}" for key, choice in plan.items() if ended[key] != choice
    )
    yield from early_choices(operator.decided_since, plan)


def test_a_choice_that_was_planned_is_told() -> None:
    """What tells the cases above that the operator's decisions are read."""
    run = world("a model of the namespace").start()
    operator = Told(run)
    operator.rest()
    told = [write.status for write in operator.decided_since if isinstance(write, SetStatus)]
    assert Verdict.STARTING in {one.status for one in told if isinstance(one, ServiceStatus)}
