"""One front for all cases, each with a namespace of its own."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest
import yaml

from aimcore.adapters.memory.apiserver import ApiServer
from aimcore.adapters.schemas import definitions
from tests.integration.apiserver.client import Client
from tests.integration.cluster.driver import MemoryCluster

_NUMBERS = count(1)


def opened() -> ApiServer:
    return ApiServer(MemoryCluster(), [yaml.safe_load(text) for _, text in definitions()])


@pytest.fixture(scope="session")
def api_server() -> Iterator[ApiServer]:
    with opened() as api_server:
        yield api_server


@pytest.fixture
def client(api_server: ApiServer) -> Iterator[Client]:
    client = Client(api_server)
    yield client
    client.close()


@pytest.fixture
def home(api_server: ApiServer) -> str:
    name = f"home-{next(_NUMBERS)}"
    with api_server.held() as store:
        store.create({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}}, manager="kubectl")
    return name


@pytest.fixture(scope="session")
def kubeconfig(api_server: ApiServer, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("api_server") / "kubeconfig"
    api_server.write_kubeconfig(path)
    return path
