"""The operator as a process, on the front of a cluster in memory and on a real control plane where there is one."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

import pytest

from tests.integration.cluster.conftest import api_server as api_server  # noqa: PLC0414 - a fixture of this folder too
from tests.integration.cluster.conftest import real as real  # noqa: PLC0414 - likewise
from tests.integration.cluster.driver import HttpCluster
from tests.integration.registry.conftest import folder as folder  # noqa: PLC0414 - likewise
from tests.integration.registry.registries import Registry, htpasswd_registry

__all__ = ["Site"]

AIMCORE = Path(sys.executable).parent / "aimcore"
TIMEOUT = 90.0


class Site:
    """A cluster and a registry, and what a case may do there."""

    def __init__(self, cluster: HttpCluster, registry: Registry, folder: Path) -> None:
        self.cluster = cluster
        self.registry = registry
        self.log = folder / "log"

    @contextmanager
    def operator(self, *flags: str) -> Iterator[subprocess.Popen[bytes]]:
        """The operator until the case is over; it is asked to end, and has to."""
        command = [str(AIMCORE), "operator", "--no-elect"]
        where = ["--kubeconfig", str(self.cluster.kubeconfig), "--plain-http", self.registry.address]
        quiet = ["--metrics-port", "0", "--health-port", "0", "--log-format", "json"]
        with self.log.open("ab") as log:
            process = subprocess.Popen([*command, *where, *quiet, *flags], stderr=log, stdout=log)
        try:
            yield process
        finally:
            process.terminate()
            process.wait(timeout=TIMEOUT)

    def until(self, holds: Callable[[], Any]) -> Any:
        """What holds, as soon as it does."""
        ends = time.monotonic() + TIMEOUT
        while not (found := holds()):
            assert time.monotonic() < ends, self.log.read_text()[-4000:]
            time.sleep(0.1)
        return found


@pytest.fixture(scope="module")
def registry(folder: Path) -> Iterator[Registry]:
    with htpasswd_registry(Path(mkdtemp(dir=folder))) as running:
        yield running


@pytest.fixture(scope="module", params=["api_server", "real"])
def site(request: pytest.FixtureRequest, registry: Registry, tmp_path_factory: pytest.TempPathFactory) -> Site:
    cluster: HttpCluster = request.getfixturevalue(request.param)
    return Site(cluster, registry, tmp_path_factory.mktemp("operator"))
