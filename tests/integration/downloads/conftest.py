"""Real stores, once a module, and a small disk; where they cannot be had, what needs them says so."""

from __future__ import annotations

import os
import subprocess
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


@pytest.fixture
def small(tmp_path: Path) -> Iterator[Path]:
    """A file system of 4 MiB."""
    if os.getuid() != 0:
        if os.environ.get("AIMCORE_SKIP_NOTHING"):
            pytest.fail("a full disk must be tried here, and only root can mount one")
        pytest.skip("not run on a full disk: only root can mount a small one")
    target = tmp_path / "small"
    target.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=4m", "none", target], check=True)
    yield target
    subprocess.run(["umount", target], check=True)
