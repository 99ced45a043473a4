"""Whom the loop lets sleep has nothing to say: round by round it writes what deciding everything would write."""

from __future__ import annotations

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import initialize, run_state_machine_as_test

from aimcore.domain.decide import decide
from aimcore.domain.kinds.records import AimObject
from aimcore.domain.view.observed import Snapshot
from aimcore.domain.view.plan import Plan
from aimcore.entrypoints.loop import Loop, Settled
from aimcore.testing import ClusterMachine, Run, World, worlds

NOW = "2026-01-01T00:00:00Z"
PATIENT = (HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much)


class Doubting(Loop):
    """A loop that decides everybody else, too, and is not pleased if they have anything to say."""

    def decide_again(self) -> list[Plan]:
        plans = super().decide_again()
        decided = [self._alone(thing) for thing in self.cache]
        assert [plan for plan in plans if plan.writes] == [plan for plan in decided if plan.writes]
        return plans

    def settle(self) -> Settled:
        settled = super().settle()
        assert set(settled.assumed) == {name for thing in self.cache for name in self._alone(thing).assumed}
        return settled

    def _alone(self, thing: AimObject) -> Plan:
        snapshot = Snapshot(view=self.cache, answers=self.answers, policy=self.policy, now=self.clock())
        return decide(thing, snapshot)


class DoubtingRun(Run):
    """A run whose loops doubt; time stands still for them, so that plans can be compared."""

    def new_loop(self) -> Loop:
        loop = super().new_loop()
        return Doubting(
            cluster=loop.cluster,
            clock=lambda: NOW,
            ask=loop.ask,
            size=loop.size,
            read=loop.read,
            look_closer=loop.look_closer,
            policy=loop.policy,
            cache=loop.cache,
        )

    def restart(self) -> None:
        """Nothing is forgotten: only what a loop remembers can mislead it."""


class DoubtingWorld(World):
    """A world that starts so."""

    def start(self) -> Run:
        return DoubtingRun(self)


class DoubtingMachine(ClusterMachine):
    """Whatever people do."""

    @initialize(world=worlds(), workloads=st.booleans())
    def begin(self, world: World, workloads: bool) -> None:  # noqa: FBT001  (hypothesis calls it by name)
        doubted = DoubtingWorld(
            manifests=world.manifests, images=world.images, policy=world.policy, nodes_known=world.nodes_known
        )
        super().begin(doubted, workloads=workloads)

    def settled_world_is_lawful(self) -> None:
        """That is for others to find out."""


def test_whom_the_loop_lets_sleep_has_nothing_to_say() -> None:
    run_state_machine_as_test(
        DoubtingMachine,
        settings=settings(max_examples=40, stateful_step_count=20, suppress_health_check=PATIENT),
    )
