"""However a cluster tells what happens, the operator comes to the end that it comes to when it is told well."""

from __future__ import annotations

from collections import Counter

import pytest

from tests.integration.faults.fault import Fault
from tests.integration.faults.scenario import assert_same_end, clean, play, started
from tests.integration.faults.stage import stage
from tests.integration.faults.watch_faults import FAULTS


@pytest.mark.rule("OWN-2", "OWN-4")
@pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS)
def test_what_is_told_badly_is_understood_in_the_end(fault: Fault) -> None:
    end, usual = clean(settled=fault.settled)
    run = started(settled=fault.settled)
    with stage(run, seed=2, timeouts=fault.timeouts) as here:
        fault.begin(here)
        play(here, before=fault.between)
        fault.holds(here)
        extra = Counter(asked.operation for asked in here.gate.asked) - usual
        assert extra.total() <= fault.extra, extra
    assert_same_end(run, end, same_way=fault.same_way)
