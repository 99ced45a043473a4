"""Every case runs on the cluster in memory, on the same behind its HTTP front, and on a real control plane where there is one."""

from __future__ import annotations

import http.client
from collections.abc import Iterator
from itertools import count

import pytest
import yaml

from aimcore.adapters.memory.apiserver import ApiServer
from aimcore.adapters.schemas import definitions
from tests.integration.cluster.control_plane import control_plane
from tests.integration.cluster.driver import Cluster, HttpCluster, MemoryCluster, RealCluster
from tests.integration.cluster.programs import missing, require

_NUMBERS = count(1)


@pytest.fixture(scope="session")
def real(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RealCluster]:
    require("a real control plane", missing)
    with control_plane(tmp_path_factory.mktemp("control-plane")) as cluster:
        yield cluster


@pytest.fixture(scope="session")
def memory() -> MemoryCluster:
    return MemoryCluster()


@pytest.fixture(scope="session")
def api_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[HttpCluster]:
    """The front, to the client that the real API server has."""
    with ApiServer(MemoryCluster(), [yaml.safe_load(text) for _, text in definitions()]) as opened:
        connection = http.client.HTTPConnection("127.0.0.1", opened.port, timeout=60)
        kubeconfig = tmp_path_factory.mktemp("api_server") / "kubeconfig"
        opened.write_kubeconfig(kubeconfig)
        cluster = HttpCluster(connection, opened.token, kubeconfig)
        yield cluster
        cluster.close()


@pytest.fixture(params=["memory", "api_server", "real"])
def cluster(request: pytest.FixtureRequest) -> Cluster:
    chosen: Cluster = request.getfixturevalue(request.param)
    return chosen


@pytest.fixture
def home(cluster: Cluster) -> str:
    """A namespace of the case's own."""
    name = f"case-{next(_NUMBERS)}"
    cluster.create({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}}, manager="kubectl")
    return name
