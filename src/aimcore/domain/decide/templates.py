"""What a template says of itself, and which model it belongs to."""

from __future__ import annotations

from aimcore.domain.children.diff import is_derived
from aimcore.domain.hardware.affinity import node_affinity
from aimcore.domain.hardware.requirements import Gpu, Hardware, required_gpu
from aimcore.domain.kinds.records import Model, Template, TemplateSpec
from aimcore.domain.kinds.resources import DEFAULT_GPU_RESOURCE
from aimcore.domain.kinds.statuses import ProfileMetadata, ResolvedHardware, Verdict
from aimcore.domain.values.profile import TemplateType
from aimcore.domain.view.cache import ReadView
from aimcore.domain.view.lookup import Found, find_model_reference

__all__ = ["belongs", "is_observed", "is_ready", "profile_of", "resolved_hardware", "templates_of"]


def profile_of(spec: TemplateSpec) -> ProfileMetadata:
    """The profile of a template: a function of its own spec, whoever wrote it (TMPL-1)."""
    gpu = (spec.hardware.gpu if spec.hardware else None) or Gpu()
    return ProfileMetadata(
        gpu=gpu.models[0] if gpu.models else None,
        gpu_count=gpu.count,
        metric=spec.metric,
        precision=spec.precision,
        type=spec.type or TemplateType.UNOPTIMIZED,
    )


def resolved_hardware(hardware: Hardware | None) -> ResolvedHardware | None:
    """What a template with this hardware runs on, and where: a function of its own spec, whichever nodes there are (TMPL-6).

    A listed model without a count means one, and a resource without a name is the one that RES-2 takes. Where no GPU is
    required, that is said, and of GPUs nothing else.
    """
    if hardware is None:
        return None
    gpu = required_gpu(hardware)
    if gpu is None:
        return ResolvedHardware(gpu=hardware.gpu and Gpu(requests=0), cpu=hardware.cpu)
    filled = Gpu(
        requests=gpu.count,
        models=gpu.models or None,
        min_vram=gpu.min_vram,
        resource_name=gpu.resource_name or DEFAULT_GPU_RESOURCE,
    )
    return ResolvedHardware(gpu=filled, cpu=hardware.cpu, nodes=node_affinity(gpu.models or (), gpu.resource_name))


def is_observed(thing: Model | Template) -> bool:
    """Whether the status speaks of the object as it stands now, not of an older generation (KIND-9)."""
    return thing.status is not None and thing.status.observed_generation == thing.meta.generation


def is_ready(thing: Model | Template) -> bool:
    """Whether the object is Ready as it stands now."""
    return is_observed(thing) and thing.status is not None and thing.status.status is Verdict.READY


def belongs(view: ReadView, template: Template, model: Model) -> bool:
    """Whether the template's own lookup yields this very model; one derived for a service belongs to none (SEL-2)."""
    return not is_derived(template) and _is_meant(view, template.key.namespace, template.spec.model_name, model)


def templates_of(view: ReadView, namespace: str, model: Model) -> list[Template]:
    """The templates a service of that namespace may choose from for this model: all that belong to it (SEL-2)."""
    name = model.key.name
    return [
        template
        for place in (namespace, None)
        if _is_meant(view, place, name, model)
        for template in view.templates_of_model(place, name)
        if not is_derived(template)
    ]


def _is_meant(view: ReadView, place: str | None, name: str, model: Model) -> bool:
    """Whether `name`, looked up from there, means this very model."""
    found = find_model_reference(view, place, name)
    return isinstance(found, Found) and found.thing.uid == model.meta.uid
