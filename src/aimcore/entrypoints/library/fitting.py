"""Fit templates on nodes: how many replicas there is room for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from aimcore.domain.decide.availability import Extra, capacity_of
from aimcore.domain.decide.templates import resolved_hardware
from aimcore.domain.hardware.affinity import unreached
from aimcore.domain.hardware.capacity import Room
from aimcore.domain.hardware.nodes import Node
from aimcore.domain.hardware.usage import Amounts, left_on
from aimcore.domain.kinds.config import in_force
from aimcore.domain.kinds.records import Service, Template
from aimcore.domain.kinds.workload import DefaultResources
from aimcore.domain.serving.amounts import DEFAULT_RESOURCES
from aimcore.domain.view.cache import ObjectCache
from aimcore.domain.view.lookup import Missing, find_config, find_model_reference
from aimcore.entrypoints.present.answers import Planned
from aimcore.entrypoints.present.capacity import unreached_words

__all__ = ["fit", "places_unreached", "room_left"]


def fit(
    template: Template,
    cache: ObjectCache,
    nodes: Sequence[Node],
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


def room_left(
    template: Template,
    cache: ObjectCache,
    nodes: Sequence[Node],
    taken: Mapping[str, Amounts],
    *,
    defaults: DefaultResources | None = DEFAULT_RESOURCES,
) -> tuple[Room, ...]:
    """The room on each node that pods have left of it; a node that would do, were nothing there, says that it is taken."""
    whole = fit(template, cache, nodes, defaults=defaults)
    if not taken:
        return whole
    left = fit(template, cache, [left_on(node, taken.get(node.name, {})) for node in nodes], defaults=defaults)
    return tuple(
        replace(now, lacking=f"taken by pods; {were.replicas} would fit, were nothing there")
        if were.replicas and not now.replicas
        else now
        for were, now in zip(whole, left, strict=True)
    )


def places_unreached(planned: Planned) -> Iterator[str]:
    """The services whose pods are placed on none of the nodes that their template fits on, and why (TMPL-8)."""
    if not planned.policy.workloads:
        return
    told: dict[str, tuple[str, ...]] = {}
    for service in planned.cache:
        if not isinstance(service, Service) or service.status is None or service.status.resolved_template is None:
            continue
        said = service.status.resolved_template
        template = planned.cache.template(said.namespace, said.name)
        if template is not None:
            if said.uid not in told:
                told[said.uid] = tuple(_unreached(planned, template))
            yield from (f"{service.key}, template {template.key.name}: {why}" for why in told[said.uid])


def _unreached(planned: Planned, template: Template) -> Iterator[str]:
    """Where the template fits, in words; nothing where pods of it are placed on one of those nodes."""
    hardware = resolved_hardware(template.spec.hardware)
    if hardware is None or hardware.nodes is None:
        return
    defaults, nodes = planned.policy.default_resources, planned.cache.nodes
    near = (one for one in nodes if not unreached(hardware.nodes, one.labels))
    if not any(fit(template, planned.cache, [one], defaults=defaults)[0].replicas for one in near):
        yield from unreached_words(fit(template, planned.cache, nodes, defaults=defaults))
