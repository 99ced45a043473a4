"""However the process fares, it comes to the end that it comes to when nothing happens to it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Final

import pytest

from aimcore.testing import Run
from tests.integration.faults import leading_faults, process_faults
from tests.integration.faults.fault import Case
from tests.integration.faults.scenario import WORLD, play
from tests.integration.faults.stage import stage

FAULTS: Final[Mapping[str, Case]] = {**leading_faults.FAULTS, **process_faults.FAULTS}


@pytest.fixture(scope="module")
def clean() -> Run:
    run = WORLD.start()
    with stage(run, seed=4) as here:
        play(here)
    return run


@pytest.mark.rule("OWN-2", "OWN-4", "KIND-9")
@pytest.mark.parametrize("run_case", FAULTS.values(), ids=FAULTS)
def test_a_process_may_fare_badly(run_case: Case, clean: Run, tmp_path: Path) -> None:
    run_case(clean, tmp_path)
