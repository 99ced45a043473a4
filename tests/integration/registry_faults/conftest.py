"""What the tests of hostile registries share: a stage, and an authority that the settings may trust."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.integration.egress.server import Authority
from tests.integration.registry_faults.hostile import Stage, stage


@pytest.fixture
def here() -> Iterator[Stage]:
    with stage() as opened:
        yield opened


@pytest.fixture(scope="session")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("authority"))
