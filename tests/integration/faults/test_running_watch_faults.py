"""However badly a cluster tells of pods, Deployments and claims, services run on, and come to the end that they come to without."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Final

import pytest

from tests.integration.faults.fault import Fault
from tests.integration.faults.running import CHILDREN, Part, begun, clean, play, running
from tests.integration.faults.scenario import assert_same_end
from tests.integration.faults.watch_faults import told_badly

FAULTS: Final[Mapping[str, Fault]] = told_badly(*CHILDREN, "pods")
EXTRA: Final = 60
"""Requests more than without the fault, for each case with seven kinds instead of one."""


@pytest.mark.rule("OWN-2", "OWN-4", "RUN-1")
@pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS)
def test_what_is_told_badly_of_services_that_run_stops_none(fault: Fault) -> None:
    part = Part.CHANGE if fault.settled else Part.WHOLE
    end, usual = clean(part)
    run = begun(part)
    with running(run, seed=2, timeouts=fault.timeouts) as here:
        fault.begin(here)
        play(here, part, before=fault.between)
        fault.holds(here)
        extra = Counter(asked.operation for asked in here.gate.asked) - usual
        assert extra.total() <= fault.extra + EXTRA, extra
    assert_same_end(run, end, same_way=fault.same_way)
