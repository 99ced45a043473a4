"""Fit templates on nodes: how many replicas there is room for."""

from __future__ import annotations

from collections.abc import Iterable

from aimcore.domain.decide.availability import capacity_of
from aimcore.domain.hardware.capacity import Room
from aimcore.domain.hardware.nodes import Node
from aimcore.domain.kinds.records import Template
from aimcore.domain.view.cache import ObjectCache
from aimcore.domain.view.lookup import Missing, find_model_reference

__all__ = ["fit"]


def fit(template: Template, cache: ObjectCache, nodes: Iterable[Node]) -> tuple[Room, ...]:
    """The room for the template on each node, with what its model asks for, were nothing else there."""
    model = find_model_reference(cache, template.key.namespace, template.spec.model_name)
    if isinstance(model, Missing):
        return capacity_of(template.spec, nodes)
    return capacity_of(template.spec, nodes, model=cache.model_resources(model.thing.namespace, model.thing.name))
