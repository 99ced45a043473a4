"""What is wrong with one object beyond the shape of its fields: checks across its entries, and texts with a grammar."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, assert_never

from aimcore.domain.children.expansion import expand
from aimcore.domain.errors import Fault, ParseError
from aimcore.domain.kinds.records import AimObject, Model, ModelByImage, ModelByRef, ModelInline, Service, Template
from aimcore.domain.kinds.resources import NO_RESOURCES, Resources, is_gpu_key, merge_resources
from aimcore.domain.kinds.scope import Kind
from aimcore.domain.values.image import parse_image
from aimcore.domain.values.layering import Layer

__all__ = ["spec_faults"]


def spec_faults(thing: AimObject) -> tuple[Fault, ...]:
    """Every fault of the object, in the order of its fields; an object with one is invalid (STAT-1)."""
    check = CHECKS.get(thing.key.kind)
    return () if check is None else tuple(check(thing))


def _model(model: Model) -> Iterator[Fault]:
    yield from _image("$.spec.image", model.spec.image)
    yield from _resources(model.spec.resources, Layer.MODEL, None)
    yield from expand(model).problems


def _template(template: Template) -> Iterator[Fault]:
    if template.spec.resources == NO_RESOURCES:
        return  # as most say nothing
    gpu = template.spec.hardware.gpu if template.spec.hardware else None
    yield from _resources(template.spec.resources, Layer.TEMPLATE, gpu.resource_name if gpu else None)


def _service(service: Service) -> Iterator[Fault]:
    yield from _service_model(service.spec.model)
    yield from _resources(service.spec.resources, Layer.SERVICE, None)


def _service_model(model: ModelByRef | ModelByImage | ModelInline) -> Iterator[Fault]:
    match model:
        case ModelByRef():
            pass
        case ModelByImage(image=image):
            yield from _image("$.spec.model.image", image)
        case ModelInline(base_image=base):
            yield from _image("$.spec.model.custom.baseImage", base)
        case _:
            assert_never(model)


def _image(path: str, text: str | None) -> Iterator[Fault]:
    if text is None:
        return
    try:
        parse_image(text)
    except ParseError as error:
        yield Fault(path=path, message=str(error), rule="LOOK-4")


def _resources(resources: Resources, layer: Layer, resource_name: str | None) -> Iterator[Fault]:
    """What one layer says against itself: it is merged, as the message is the merge's, only when it does."""
    if not resources.requests and not resources.limits:
        return  # as most say nothing
    gpus = {
        value
        for side in (resources.requests, resources.limits)
        for name, value in side.items()
        if is_gpu_key(name, resource_name)
    }
    above = [
        name
        for name, limit in resources.limits.items()
        if not is_gpu_key(name, resource_name) and resources.requests.get(name, limit) > limit
    ]
    if above or len(gpus) > 1:
        merged = merge_resources(((layer, resources),), gpu_count=None, resource_name=resource_name)
        for place, problem in enumerate(merged.problems):
            rule = "RES-3" if place < len(above) else "RES-2"
            yield Fault(path="$.spec.resources", message=problem, rule=rule)


CHECKS: Mapping[Kind, Callable[[Any], Iterator[Fault]]] = {
    Kind.MODEL: _model,
    Kind.TEMPLATE: _template,
    Kind.SERVICE: _service,
}
"""What is checked of each kind beyond the shape of its fields; of the others nothing is."""
