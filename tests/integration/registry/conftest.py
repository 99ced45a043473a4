"""Real registries, once a run, and the places that the contract is tried on."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import closing
from itertools import count
from pathlib import Path

import pytest

from tests.integration.registry.places import LayoutPlace, MemoryPlace, Place, RegistryPlace
from tests.integration.registry.registries import (
    PASSWORDS,
    htpasswd_registry,
    missing,
    open_registry,
    tls_registry,
    token_registry,
)
from tests.integration.registry.tokens import token_server

_NUMBERS = count(1)


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the registries live; there is none on a machine that cannot run them, unless it may skip nothing."""
    reason = missing()
    if reason and os.environ.get("AIMCORE_SKIP_NOTHING"):
        pytest.fail(f"real registries must be tried here, and cannot be: {reason}")
    if reason:
        pytest.skip(f"not run on real registries: {reason}")
    return tmp_path_factory.mktemp("registries")


@pytest.fixture(scope="session")
def open_to_all(folder: Path) -> Iterator[RegistryPlace]:
    with open_registry(_new(folder, "open")) as registry, closing(RegistryPlace(registry)) as place:
        yield place


@pytest.fixture(scope="session")
def htpasswd(folder: Path) -> Iterator[RegistryPlace]:
    with htpasswd_registry(_new(folder, "htpasswd")) as registry, closing(RegistryPlace(registry)) as place:
        yield place


@pytest.fixture(scope="session")
def tls(folder: Path) -> Iterator[RegistryPlace]:
    with tls_registry(_new(folder, "tls")) as registry, closing(RegistryPlace(registry)) as place:
        yield place


@pytest.fixture(scope="session")
def token(folder: Path) -> Iterator[RegistryPlace]:
    with (
        token_server(_new(folder, "tokens"), PASSWORDS) as tokens,
        token_registry(_new(folder, "token"), tokens) as registry,
        closing(RegistryPlace(registry)) as place,
    ):
        yield place


@pytest.fixture(scope="session")
def memory() -> MemoryPlace:
    return MemoryPlace()


@pytest.fixture(scope="session")
def layout(tmp_path_factory: pytest.TempPathFactory) -> LayoutPlace:
    return LayoutPlace(tmp_path_factory.mktemp("layout") / "images")


@pytest.fixture
def place(request: pytest.FixtureRequest) -> Place:
    """The place that the case is run on; a case says which ones it is about."""
    chosen: Place = request.getfixturevalue(request.param)
    return chosen


@pytest.fixture
def home() -> str:
    """A repository of ann's that no other case uses."""
    return f"ann/case-{next(_NUMBERS)}"


def _new(folder: Path, name: str) -> Path:
    place = folder / name
    place.mkdir()
    return place
