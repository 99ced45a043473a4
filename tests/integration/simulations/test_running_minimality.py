"""What a service that runs costs: counted writes, from apply to Running, over restarts, and for many services."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise

import pytest

from aimcore.adapters.memory.controllers.fates import runs
from aimcore.adapters.memory.kinds import Address
from aimcore.domain.kinds.scope import Kind
from aimcore.domain.view.plan import Write
from tests.integration.operator.simulation import Simulation
from tests.integration.simulations.running import CHATS, Runs, running_world, the_service
from tests.integration.simulations.running_scenarios import FOREIGN
from tests.integration.simulations.things import TEAM

MANY = 60
"""Services that converge side by side."""


class Counting(Simulation):
    """An operator that counts its writes by kind."""

    by_kind: Counter[tuple[str, Kind]]

    def _written(self, write: Write) -> bool:
        if not hasattr(self, "by_kind"):
            self.by_kind = Counter()
        self.by_kind[type(write).__name__, write.key.kind] += 1
        return super()._written(write)


def counted(count: int) -> tuple[Runs, Counting]:
    here = Runs(running_world())
    here.rest()
    for number in range(count):
        here.run.store.create(the_service(f"chat-{number}"), manager="kubectl")
    operator = here.operator = Counting(here.run)
    here.rest()
    return here, operator


@pytest.mark.rule("RUN-1", "RUN-2")
@pytest.mark.parametrize("count", [1, MANY])
def test_a_service_costs_two_creates_and_at_most_four_statuses(count: int) -> None:
    here, operator = counted(count)
    assert {here.said(f"chat-{number}")[0] for number in range(count)} == {"Running"}
    writes = operator.by_kind
    assert writes["Create", Kind.DEPLOYMENT] == writes["Create", Kind.NETWORK_SERVICE] == count
    assert count <= writes.pop(("SetStatus", Kind.SERVICE)) <= 4 * count
    assert set(writes) == {("Create", Kind.DEPLOYMENT), ("Create", Kind.NETWORK_SERVICE)}


@pytest.mark.rule("RUN-13")
def test_a_restart_beside_services_that_run_writes_nothing() -> None:
    here, _ = counted(MANY)
    pods = here.pods()
    here.run.clock.forward(600)
    here.restart()
    here.rest()
    assert here.operator.writes == {}
    assert here.pods() == pods


@pytest.mark.rule("STAT-2")
def test_a_slow_start_costs_a_status_for_each_change_of_word_or_reason() -> None:
    here = Runs(running_world(CHATS))
    here.script.pods("aim-chat", runs(pulls=100, loads=10_000))
    here.rest()
    told = [here.said()[:2]]
    statuses = [here.operator.writes["SetStatus"]]
    for seconds in (50, 100, 1000, 1000, 9000):
        here.rest(after=seconds)
        told.append(here.said()[:2])
        statuses.append(here.operator.writes["SetStatus"])
    changes = sum(one != other for one, other in pairwise(told))
    assert told[-1] == ("Running", "Running")
    assert statuses[-1] - statuses[0] == changes


@pytest.mark.rule("OWN-4")
def test_a_name_that_somebody_has_costs_nothing_after_a_restart() -> None:
    run = running_world(CHATS, FOREIGN).settle()
    assert run.settled.refusals == (), "it was looked at again, and told"
    here = Runs(running_world(CHATS, FOREIGN)).rest()
    for _ in range(2):
        assert here.said()[:2] == ("Failed", "NameConflict")
        here.restart()
        here.rest()
        assert set(here.operator.writes) == {"refused"}, here.operator.writes
    here.run.store.delete(Address("Deployment", TEAM, "aim-chat"))
    here.rest()
    assert here.said()[0] == "Running", "once it is gone its name is taken"
