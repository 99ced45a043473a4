"""What is wrong with one object beyond the shape of its fields: checks across its entries, and texts with a grammar."""

from __future__ import annotations

from collections.abc import Iterator
from typing import assert_never

from aimcore.domain.children.expansion import expand
from aimcore.domain.errors import Fault, ParseError
from aimcore.domain.kinds.records import (
    AimObject,
    Model,
    ModelByImage,
    ModelByRef,
    ModelInline,
    RuntimeConfig,
    Service,
    Template,
)
from aimcore.domain.kinds.resources import Resources, is_gpu_key, merge_resources
from aimcore.domain.values.image import parse_image
from aimcore.domain.values.layering import Layer

__all__ = ["spec_faults"]


def spec_faults(thing: AimObject) -> tuple[Fault, ...]:
    """Every fault of the object, in the order of its fields; an object with one is invalid (STAT-1)."""
    return tuple(_faults(thing))


def _faults(thing: AimObject) -> Iterator[Fault]:
    match thing:
        case Model(spec=spec):
            yield from _image("$.spec.image", spec.image)
            yield from _resources(spec.resources, Layer.MODEL, None)
            yield from expand(thing).problems
        case Template(spec=spec):
            gpu = spec.hardware.gpu if spec.hardware else None
            yield from _resources(spec.resources, Layer.TEMPLATE, gpu.resource_name if gpu else None)
        case Service(spec=spec):
            yield from _service_model(spec.model)
            yield from _resources(spec.resources, Layer.SERVICE, None)
        case RuntimeConfig():
            pass
        case _:
            assert_never(thing)


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
