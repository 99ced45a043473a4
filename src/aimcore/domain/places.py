"""Where an object is found by something other than its name: by its image, its model, its owner, or what it mentions."""

from __future__ import annotations

from collections.abc import Iterator
from typing import assert_never

from aimcore.domain.errors import ParseError
from aimcore.domain.image import parse_image
from aimcore.domain.objects import AimObject, Model, RuntimeConfig, Service, Template

__all__ = ["MENTIONING", "MODELS_OF_IMAGE", "OWNED_BY", "TEMPLATES_OF_MODEL", "Place", "places"]

Place = tuple[str, str | None, str]
"""What is sought, in which namespace (None: the cluster's, or all), and by which word."""

MODELS_OF_IMAGE = "models of image"
TEMPLATES_OF_MODEL = "templates of model"
OWNED_BY = "owned by"
MENTIONING = "mentioning"


def places(thing: AimObject) -> Iterator[Place]:
    """Every place where the object is found, beside its name."""
    for uid in {owner.uid for owner in thing.meta.owners if owner.controller}:
        yield OWNED_BY, None, uid
    match thing:
        case Model():
            if image := _normalised(thing):
                yield MODELS_OF_IMAGE, thing.key.namespace, image
            if thing.spec.default_service_template:
                yield MENTIONING, None, thing.spec.default_service_template
        case Template():
            yield TEMPLATES_OF_MODEL, thing.key.namespace, thing.spec.model_name
        case Service():
            for name in _templates_named(thing):
                yield MENTIONING, None, name
        case RuntimeConfig():
            pass
        case _:
            assert_never(thing)


def _normalised(model: Model) -> str | None:
    """The image the model answers to: none for a custom model, or for text that is no reference (LOOK-4)."""
    if model.spec.image is None or model.spec.model_sources:
        return None
    try:
        return parse_image(model.spec.image).identity
    except ParseError:
        return None


def _templates_named(service: Service) -> set[str]:
    resolved = service.status.resolved_template if service.status else None
    return {name for name in (service.spec.template_name, resolved.name if resolved else None) if name}
