"""Strategies for the records of the domain: each is what a valid manifest decodes to."""

from __future__ import annotations

from typing import Any, TypeVar

from hypothesis.strategies import SearchStrategy

from aimcore.adapters import wire
from aimcore.domain.hardware.nodes import Node
from aimcore.domain.kinds.core import Secret, ServiceAccount
from aimcore.domain.kinds.records import Model, RuntimeConfig, Service, Template
from aimcore.testing import kinds
from aimcore.testing.gpunodes import nodes
from aimcore.testing.kinds import SMALL, Pools

__all__ = [
    "model_records",
    "node_records",
    "runtime_config_records",
    "secret_records",
    "service_account_records",
    "service_records",
    "template_records",
]

T = TypeVar("T")


def _decoded(drawn: SearchStrategy[dict[str, Any]], kind: type[T]) -> SearchStrategy[T]:
    def decode(manifest: dict[str, Any]) -> T:
        thing = wire.decode(manifest)
        if not isinstance(thing, kind):
            raise TypeError(f"{manifest['kind']} decodes to {type(thing).__name__}; expected {kind.__name__}")
        return thing

    return drawn.map(decode)


def model_records(pools: Pools = SMALL) -> SearchStrategy[Model]:
    """Models as the domain sees them."""
    return _decoded(kinds.models(pools), Model)


def template_records(pools: Pools = SMALL) -> SearchStrategy[Template]:
    """Templates as the domain sees them."""
    return _decoded(kinds.templates(pools), Template)


def service_records(pools: Pools = SMALL) -> SearchStrategy[Service]:
    """Services as the domain sees them."""
    return _decoded(kinds.services(pools), Service)


def runtime_config_records(pools: Pools = SMALL) -> SearchStrategy[RuntimeConfig]:
    """Runtime configs as the domain sees them."""
    return _decoded(kinds.runtime_configs(pools), RuntimeConfig)


def secret_records(pools: Pools = SMALL) -> SearchStrategy[Secret]:
    """Secrets as the domain sees them: that they are there, and their type."""
    return _decoded(kinds.secrets(pools), Secret)


def service_account_records(pools: Pools = SMALL) -> SearchStrategy[ServiceAccount]:
    """Service accounts as the domain sees them."""
    return _decoded(kinds.service_accounts(pools), ServiceAccount)


def node_records() -> SearchStrategy[Node]:
    """Nodes as the domain sees them."""
    return _decoded(nodes(), Node)
