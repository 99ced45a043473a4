"""Many images are to be asked at once, by an operator whose writes take their time: they take turns, and all get theirs."""

from __future__ import annotations

from dataclasses import replace

import pytest

from aimcore.adapters.memory.controllers.fates import ends
from aimcore.adapters.memory.kinds import Manifest
from aimcore.testing import World
from tests.integration.simulations.running import Runs
from tests.integration.simulations.running_scenarios import PRINTED, cached_world
from tests.integration.simulations.things import TEAM, model, node, service, template, world

NAMES = tuple(f"m{number}" for number in range(7))
AT_ONCE = 2


def image(name: str) -> str:
    return f"registry.test/aim-{name}:1"


def many() -> World:
    """As many models as there are names, each with a service that wants its weights in a cache."""
    manifests: list[Manifest] = [node()]
    for name in NAMES:
        manifests.append(model(name, image=image(name), discovery={"enabled": False}))
        manifests.append(template(name, modelName=name, type="optimized"))
        manifests.append(service(name, model={"ref": name}, caching={"mode": "Shared"}))
    made = cached_world()
    policy = replace(made.policy, dry_runs=AT_ONCE)
    return replace(
        world(*manifests), policy=policy, sizes=made.sizes, dry_runs={image(name): PRINTED for name in NAMES}
    )


class Turns(Runs):
    """Counts, after each step, the dry runs that go on."""

    most = 0

    def go_on(self, seconds: int) -> None:
        """So many seconds later, until nothing is left to do."""
        self.run.clock.forward(seconds)
        self.operator.now += seconds
        self.operator._calm = 0
        while self.operator._step():
            self.most = max(self.most, len(self.going()))

    def going(self) -> list[str]:
        jobs = self.run.store.list("Job", TEAM)[0]
        asking = [one for one in jobs if one["metadata"]["name"].startswith("discover-")]
        return [one["metadata"]["name"] for one in asking if not (one.get("status") or {}).get("conditions")]


@pytest.mark.rule("PROFILE-2")
@pytest.mark.parametrize("seed", range(12))
def test_only_so_many_are_asked_at_a_time_in_whichever_order_writes_arrive(seed: int) -> None:
    here = Turns(many(), seed=seed)
    here.script.pods("discover-*", ends(after=40))
    for _ in range(60):
        here.go_on(20)
        if all(here.said(name)[0] == "Running" for name in NAMES):
            break
    assert {here.said(name)[:2] for name in NAMES} == {("Running", "Running")}
    assert 1 <= here.most <= AT_ONCE
