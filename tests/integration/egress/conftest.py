"""What the tests of outgoing connections share: one CA, for making it takes longest."""

from __future__ import annotations

import pytest

from tests.integration.egress.server import Authority


@pytest.fixture(scope="session")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("authority"))
