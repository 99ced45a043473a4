"""What is wrong with one object beyond the shape of its fields: checks across its entries, and texts with a grammar."""

from __future__ import annotations

from collections.abc import Iterator

from aimcore.domain.errors import Fault, ParseError
from aimcore.domain.expansion import expand
from aimcore.domain.image import parse_image
from aimcore.domain.layering import Layer
from aimcore.domain.objects import (
    AimObject,
    Model,
    ModelByImage,
    ModelByRef,
    ModelInline,
    RuntimeConfig,
    Service,
    Template,
)
from aimcore.domain.resources import Resources, merge_resources
from aimcore.domain.sources import ModelSource, endpoint_like_bucket, parse_source_uri

__all__ = ["faults", "spec_faults"]


def faults(thing: AimObject) -> tuple[Fault, ...]:
    """Every fault and warning of the object, in the order of its fields."""
    return tuple(_faults(thing))


def spec_faults(thing: AimObject) -> tuple[Fault, ...]:
    """The faults that make the object invalid, warnings aside (STAT-1)."""
    return tuple(fault for fault in _faults(thing) if not fault.warning)


def _faults(thing: AimObject) -> Iterator[Fault]:
    match thing:
        case Model(spec=spec):
            yield from _image("$.spec.image", spec.image)
            yield from _resources(spec.resources, Layer.MODEL, None)
            yield from _sources("$.spec.modelSources", spec.model_sources)
            yield from expand(thing).problems
        case Template(spec=spec):
            gpu = spec.hardware.gpu if spec.hardware else None
            yield from _resources(spec.resources, Layer.TEMPLATE, gpu.resource_name if gpu else None)
            yield from _sources("$.spec.modelSources", spec.model_sources)
        case Service(spec=spec):
            yield from _service_model(spec.model)
            yield from _resources(spec.resources, Layer.SERVICE, None)
        case RuntimeConfig():
            pass


def _service_model(model: ModelByRef | ModelByImage | ModelInline) -> Iterator[Fault]:
    match model:
        case ModelByRef():
            pass
        case ModelByImage(image=image):
            yield from _image("$.spec.model.image", image)
        case ModelInline(base_image=base, model_sources=sources):
            yield from _image("$.spec.model.custom.baseImage", base)
            yield from _sources("$.spec.model.custom.modelSources", sources)


def _image(path: str, text: str | None) -> Iterator[Fault]:
    if text is None:
        return
    try:
        parse_image(text)
    except ParseError as error:
        yield Fault(path=path, message=str(error), rule="LOOK-4")


def _resources(resources: Resources, layer: Layer, resource_name: str | None) -> Iterator[Fault]:
    if resources.requests or resources.limits:
        merged = merge_resources(((layer, resources),), gpu_count=None, resource_name=resource_name)
        for problem in merged.problems:
            yield Fault(path="$.spec.resources", message=problem, rule="RES-3")


def _sources(path: str, sources: tuple[ModelSource, ...]) -> Iterator[Fault]:
    for index, source in enumerate(sources):
        bucket = endpoint_like_bucket(parse_source_uri(source.source_uri))
        if bucket:
            message = f"bucket {bucket!a} looks like the host of a storage service; expected s3://bucket/key"
            yield Fault(path=f"{path}[{index}].sourceUri", message=message, rule="SIZE-1", warning=True)
