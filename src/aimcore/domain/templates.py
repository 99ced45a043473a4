"""What a template says of itself, and which model it belongs to."""

from __future__ import annotations

from aimcore.domain.catalogue import Catalogue
from aimcore.domain.children import is_derived
from aimcore.domain.hardware import Gpu
from aimcore.domain.objects import Model, Template, TemplateSpec
from aimcore.domain.precedence import Found, find_model
from aimcore.domain.profile import TemplateType
from aimcore.domain.states import ProfileMetadata, Verdict

__all__ = ["belongs", "is_ready", "profile_of", "templates_of"]


def profile_of(spec: TemplateSpec) -> ProfileMetadata:
    """The profile of a template: a function of its own spec, whoever wrote it (TMPL-1)."""
    gpu = (spec.hardware.gpu if spec.hardware else None) or Gpu()
    return ProfileMetadata(
        gpu=gpu.models[0] if gpu.models else None,
        gpu_count=gpu.requests,
        metric=spec.metric,
        precision=spec.precision,
        type=spec.type or TemplateType.UNOPTIMIZED,
    )


def is_ready(template: Template) -> bool:
    """Whether the template is Ready as it stands now, not as an older generation of it was (KIND-9)."""
    status = template.status
    return (
        status is not None and status.status is Verdict.READY and status.observed_generation == template.meta.generation
    )


def belongs(catalogue: Catalogue, template: Template, model: Model) -> bool:
    """Whether the template's own lookup yields this very model; one derived for a service belongs to none (SEL-2)."""
    found = find_model(catalogue, template.key.namespace, template.spec.model_name)
    return isinstance(found, Found) and found.thing.meta.uid == model.meta.uid and not is_derived(template)


def templates_of(catalogue: Catalogue, namespace: str, model: Model) -> list[Template]:
    """The templates a service of that namespace may choose from for this model."""
    name = model.key.name
    named = (*catalogue.templates_of_model(namespace, name), *catalogue.templates_of_model(None, name))
    return [template for template in named if belongs(catalogue, template, model)]
