"""A merged value knows its layer: who set it, and what it was preferred to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import reduce
from typing import Generic, TypeVar

__all__ = ["Layer", "Layered", "PassedOver", "layer_of", "over", "stack"]

T = TypeVar("T")


class Layer(StrEnum):
    """Who may set a value, strongest first within its merge (CONF-1, RES-1)."""

    SERVICE = "service"
    TEMPLATE = "template"
    HARDWARE = "hardware"
    MODEL = "model"
    SOURCE = "source"
    PROFILE = "profile"
    NAMESPACE_CONFIG = "namespaceConfig"
    CLUSTER_CONFIG = "clusterConfig"
    DEFAULT = "default"


@dataclass(frozen=True, slots=True, kw_only=True)
class PassedOver(Generic[T]):
    """A value that did not win. `name` tells when it stood under another name, `reason` when weakness is not all."""

    layer: Layer
    value: T
    name: str | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Layered(Generic[T]):
    """The value that won, the layer that said it, and the values it beat, strongest first."""

    value: T
    layer: Layer
    passed_over: tuple[PassedOver[T], ...] = ()


def layer_of(layer: Layer, values: Mapping[str, T]) -> dict[str, Layered[T]]:
    """Values that one layer says."""
    return {name: Layered(value=value, layer=layer) for name, value in values.items()}


def over(strong: Mapping[str, Layered[T]], weak: Mapping[str, Layered[T]]) -> dict[str, Layered[T]]:
    """`strong` over `weak`, name by name. Associative; the empty mapping is neutral; invents nothing.

    >>> near, far = layer_of(Layer.SERVICE, {"cpu": 4}), layer_of(Layer.MODEL, {"cpu": 2, "memory": 8})
    >>> {name: (value.value, value.layer.value) for name, value in over(near, far).items()}
    {'cpu': (4, 'service'), 'memory': (8, 'model')}
    """
    merged = {name: _beat(winner, weak[name]) if name in weak else winner for name, winner in strong.items()}
    merged.update((name, value) for name, value in weak.items() if name not in merged)
    return merged


def _beat(winner: Layered[T], loser: Layered[T]) -> Layered[T]:
    beaten = PassedOver(layer=loser.layer, value=loser.value)
    return Layered(
        value=winner.value, layer=winner.layer, passed_over=(*winner.passed_over, beaten, *loser.passed_over)
    )


def stack(*layers: Mapping[str, Layered[T]]) -> dict[str, Layered[T]]:
    """All layers merged, strongest first."""
    return reduce(over, filter(None, layers), {})
