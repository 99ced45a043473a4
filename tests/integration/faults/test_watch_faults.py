"""However a cluster tells what happens, the operator comes to the end that it comes to when it is told well."""

from __future__ import annotations

from collections import Counter

import pytest

from aimcore.testing import Run
from tests.integration.faults.fault import Fault
from tests.integration.faults.stage import stage
from tests.integration.faults.story import WORLD, assert_same_end, play
from tests.integration.faults.watch_faults import FAULTS


@pytest.fixture(scope="module")
def clean() -> tuple[Run, Counter[str]]:
    run = WORLD.start()
    with stage(run, seed=2) as here:
        play(here)
        return run, Counter(asked.operation for asked in here.gate.asked)


@pytest.mark.rule("OWN-2", "OWN-4")
@pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS)
def test_what_is_told_badly_is_understood_in_the_end(fault: Fault, clean: tuple[Run, Counter[str]]) -> None:
    run = WORLD.start()
    with stage(run, seed=2, waits=fault.waits) as here:
        fault.arrange(here)
        play(here, before=fault.between)
        fault.holds(here)
        extra = Counter(asked.operation for asked in here.gate.asked) - clean[1]
        assert extra.total() <= fault.extra, extra
    assert_same_end(run, clean[0], same_way=fault.same_way)
