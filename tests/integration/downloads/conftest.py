"""Real stores, once a module; where they cannot be run, what needs them says so."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.integration.downloads.stores import STORES, Store, versitygw_missing


@pytest.fixture(scope="module", params=STORES)
def store(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    reason = versitygw_missing() if request.param == "versitygw" else None
    if reason and os.environ.get("AIMCORE_SKIP_NOTHING"):
        pytest.fail(f"a real store must be tried here, and cannot be: {reason}")
    if reason:
        pytest.skip(f"not run on versitygw: {reason}")
    with STORES[request.param](tmp_path_factory.mktemp(request.param)) as running:
        yield running


@pytest.fixture
def log(tmp_path: Path) -> Path:
    """Where the termination message goes."""
    return tmp_path / "termination-log"
