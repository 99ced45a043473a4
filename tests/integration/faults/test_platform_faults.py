"""Whatever the platform lacks, forbids or changes, the operator says so, timeouts, and does no harm."""

from __future__ import annotations

from collections import Counter

import pytest

from tests.integration.faults.fault import Fault
from tests.integration.faults.platform_faults import FAULTS
from tests.integration.faults.scenario import assert_same_end, clean, play, started
from tests.integration.faults.stage import stage


@pytest.mark.rule("OWN-3", "OWN-4", "OWN-6")
@pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS)
def test_what_the_platform_does_is_borne(fault: Fault) -> None:
    end, usual = clean(settled=fault.settled)
    run = started(settled=fault.settled)
    with stage(run, seed=3, timeouts=fault.timeouts) as here:
        fault.begin(here)
        play(here, before=fault.between)
        extra = Counter(asked.operation for asked in here.gate.asked) - usual
        assert extra.total() <= fault.extra, extra
        fault.holds(here)
    if fault.ends_well:
        assert_same_end(run, end, same_way=fault.same_way)
