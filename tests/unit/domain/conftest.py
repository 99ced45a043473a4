"""Every test of the domain begins with nothing remembered, so that it sees the rules at work and not what they said before."""

from __future__ import annotations

import pytest

from aimcore.domain.decide import discovery, selection
from aimcore.domain.kinds import naming
from aimcore.domain.values import image, quantity


@pytest.fixture(autouse=True)
def forgetful() -> None:
    for remembered in (
        discovery._recommended,
        image._parse,
        naming._readable,
        quantity._parse,
        selection._gpu_place,
    ):
        remembered.cache_clear()
