"""What is done to services that run: a config that rolls them one at a time, replicas that roll nothing, a route on and off."""

from __future__ import annotations

import pytest

from aimcore.adapters.memory.controllers.fates import runs
from aimcore.adapters.memory.kinds import Address
from aimcore.ports.errors import NotFound
from aimcore.testing.serving_laws import serving_pods
from tests.integration.simulations.running import CHATS, Runs, running_world
from tests.integration.simulations.running_scenarios import MINE, ROUTED, THREE
from tests.integration.simulations.things import TEAM, env

NAMES = ("a", "b", "c")


@pytest.mark.rule("RUN-14")
def test_a_config_rolls_the_next_service_once_the_one_before_runs_again() -> None:
    here = Runs(running_world(*THREE, MINE))
    here.rest()
    before = serving_pods(here.run)
    here.script.pods("aim-*", runs(loads=1000))
    here.patch("AIMRuntimeConfig", "mine", env=env("OTHER"))
    here.rest()
    assert len(set(before.values()) - set(serving_pods(here.run).values())) == 1, "one is rolled"
    assert [here.said(name)[1] for name in NAMES] == ["LoadingModel", "RolloutQueued", "RolloutQueued"]
    assert "a comes first" in here.said("b")[2]
    here.rest(after=1010)
    assert [here.said(name)[1] for name in NAMES] == ["Running", "LoadingModel", "RolloutQueued"]
    here.rest(after=1010).rest(after=1010)
    assert [here.said(name)[0] for name in NAMES] == ["Running"] * 3
    assert not set(before.values()) & set(serving_pods(here.run).values())


@pytest.mark.rule("RUN-11", "RUN-13")
def test_replicas_come_and_go_and_the_first_pod_stays() -> None:
    here = Runs(running_world(CHATS))
    here.rest()
    before = serving_pods(here.run)
    here.patch("AIMService", "chat", replicas=3)
    here.rest()
    assert here.said()[0] == "Running"
    assert len(serving_pods(here.run)) == 3
    assert before.items() <= serving_pods(here.run).items()
    here.patch("AIMService", "chat", replicas=0)
    here.rest()
    assert here.said()[:2] == ("Pending", "ScaledToZero")
    assert serving_pods(here.run) == {}


@pytest.mark.rule("ROUTE-1", "ROUTE-4")
def test_a_route_is_made_and_deleted_and_no_pod_goes_with_it() -> None:
    here = Runs(running_world(CHATS))
    here.rest()
    before = serving_pods(here.run)
    route = Address("HTTPRoute", TEAM, "aim-chat")
    here.patch("AIMService", "chat", routing=ROUTED)
    here.rest()
    assert here.run.store.get(route)["spec"]["parentRefs"][0]["name"] == "web"
    assert here.said()[0] == "Running"
    here.patch("AIMService", "chat", routing={"enabled": False})
    here.rest()
    with pytest.raises(NotFound):
        here.run.store.get(route)
    assert serving_pods(here.run) == before
