"""One front for all cases, each with a namespace of its own."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest
import yaml

from aimcore.adapters.memory.front import Front
from aimcore.adapters.schemas import definitions
from tests.integration.cluster.driver import MemoryCluster
from tests.integration.front.client import Client

_NUMBERS = count(1)


def opened() -> Front:
    return Front(MemoryCluster(), [yaml.safe_load(text) for _, text in definitions()])


@pytest.fixture(scope="session")
def front() -> Iterator[Front]:
    with opened() as front:
        yield front


@pytest.fixture
def client(front: Front) -> Iterator[Client]:
    client = Client(front)
    yield client
    client.close()


@pytest.fixture
def home(front: Front) -> str:
    name = f"home-{next(_NUMBERS)}"
    with front.held() as store:
        store.create({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}}, manager="kubectl")
    return name


@pytest.fixture(scope="session")
def kubeconfig(front: Front, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("front") / "kubeconfig"
    front.write_kubeconfig(path)
    return path
