"""Fit templates on nodes: how many replicas there is room for."""

from __future__ import annotations

from collections.abc import Iterable

from aimcore.domain.decide.availability import Extra, capacity_of
from aimcore.domain.hardware.capacity import Room
from aimcore.domain.hardware.nodes import Node
from aimcore.domain.kinds.config import in_force
from aimcore.domain.kinds.records import Template
from aimcore.domain.kinds.workload import DefaultResources
from aimcore.domain.serving.amounts import DEFAULT_RESOURCES
from aimcore.domain.view.cache import ObjectCache
from aimcore.domain.view.lookup import Missing, find_config, find_model_reference

__all__ = ["fit"]


def fit(
    template: Template,
    cache: ObjectCache,
    nodes: Iterable[Node],
    *,
    defaults: DefaultResources | None = DEFAULT_RESOURCES,
) -> tuple[Room, ...]:
    """The room on each node for pods of the template as its model and its runtime config want them, were nothing else there."""
    spec, namespace = template.spec, template.key.namespace
    config = in_force(find_config(cache, namespace, spec.runtime_config_name))
    tolerations = tuple(one for _, said in config.layers for one in said.pod.tolerations or ())
    model = find_model_reference(cache, namespace, spec.model_name)
    if isinstance(model, Missing):
        return capacity_of(spec, nodes, Extra(defaults=defaults, tolerations=tolerations))
    asked = cache.model_resources(model.thing.namespace, model.thing.name)
    return capacity_of(spec, nodes, Extra(model=asked, defaults=defaults, tolerations=tolerations))
