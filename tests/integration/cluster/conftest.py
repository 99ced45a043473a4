"""Every case runs on the cluster in memory, and on a real control plane where there is one."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count

import pytest

from tests.integration.cluster.control_plane import control_plane, missing
from tests.integration.cluster.driver import Cluster, MemoryCluster, RealCluster

_NUMBERS = count(1)


@pytest.fixture(scope="session")
def real(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RealCluster]:
    reason = missing()
    if reason:
        pytest.skip(f"not run on a real control plane: {reason}")
    with control_plane(tmp_path_factory.mktemp("control-plane")) as cluster:
        yield cluster


@pytest.fixture(scope="session")
def memory() -> MemoryCluster:
    return MemoryCluster()


@pytest.fixture(params=["memory", "real"])
def cluster(request: pytest.FixtureRequest) -> Cluster:
    chosen: Cluster = request.getfixturevalue(request.param)
    return chosen


@pytest.fixture
def home(cluster: Cluster) -> str:
    """A namespace of the case's own."""
    name = f"case-{next(_NUMBERS)}"
    cluster.create({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}}, manager="kubectl")
    return name
