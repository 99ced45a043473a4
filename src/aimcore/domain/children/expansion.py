"""A custom model becomes templates: one from its hardware, or one for each entry, inheriting field by field (CUST)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from aimcore.domain.errors import Fault
from aimcore.domain.hardware.requirements import Hardware, inherit
from aimcore.domain.kinds.naming import custom_template_name
from aimcore.domain.kinds.records import CustomSpec, CustomTemplate, Model, TemplateSpec
from aimcore.domain.values.profile import TemplateType
from aimcore.domain.weights.sources import merge_env

__all__ = ["Expansion", "expand", "is_custom"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Expansion:
    """The templates by name; `problems` names the entries that cannot be told apart (NAME-4)."""

    templates: dict[str, TemplateSpec]
    problems: tuple[Fault, ...] = ()


def is_custom(model: Model) -> bool:
    """Whether the model brings its own weights (CUST-1)."""
    return bool(model.spec.model_sources)


def expand(model: Model) -> Expansion:
    """The templates the author of the model wrote: all of a custom model's, the additional ones of an image model."""
    if model.spec.custom is None and not is_custom(model):
        return Expansion(templates={})  # as most are
    custom = model.spec.custom or CustomSpec()
    entries = custom.templates or ((CustomTemplate(),) if is_custom(model) else ())
    templates: dict[str, TemplateSpec] = {}
    seen: dict[str, int] = {}
    problems: list[Fault] = []
    for index, entry in enumerate(entries):
        spec = _template(model, custom, entry)
        name = custom_template_name(model.key.name, entry, spec.hardware)
        if name in seen:
            first, second = (f"templates[{place}]{_called(entries[place])}" for place in (seen[name], index))
            message = f"{second} is the same template as {first}; expected names or settings that differ"
            problems.append(Fault(path=f"$.spec.custom.templates[{index}]", message=message, rule="NAME-4"))
            continue
        problems.extend(_overdrawn(spec.hardware, f"$.spec.custom.templates[{index}].hardware.cpu"))
        seen[name] = index
        templates[name] = spec
    return Expansion(templates=templates, problems=tuple(problems))


def _overdrawn(hardware: Hardware | None, path: str) -> Iterator[Fault]:
    """The fault of an entry whose request exceeds the limit it inherits: no server would take its template (RES-3)."""
    cpu = hardware.cpu if hardware else None
    if cpu and cpu.requests is not None and cpu.limits is not None and cpu.requests > cpu.limits:
        message = f"with what is inherited it requests cpu={cpu.requests} above the limit {cpu.limits}; expected at most the limit"
        yield Fault(path=path, message=message, rule="RES-3")


def _called(entry: CustomTemplate) -> str:
    return f" ({entry.name})" if entry.name else ""


def _template(model: Model, custom: CustomSpec, entry: CustomTemplate) -> TemplateSpec:
    spec = model.spec
    return TemplateSpec(
        model_name=model.key.name,
        metric=entry.metric,
        precision=entry.precision,
        hardware=inherit(entry.hardware, custom.hardware),
        type=entry.type or custom.type or TemplateType.UNOPTIMIZED,
        model_sources=spec.model_sources,
        env=merge_env(entry.env, spec.env),
        image_pull_secrets=spec.image_pull_secrets,
        service_account_name=spec.service_account_name,
        runtime_config_name=spec.runtime_config_name,
    )
