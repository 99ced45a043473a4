"""What a template is worth: its model there, its hardware in the cluster, its status true (TMPL-6, STAT-2)."""

from __future__ import annotations

from collections.abc import Iterator

from aimcore.domain.decide.availability import availability, need_of
from aimcore.domain.decide.checks import spec_faults
from aimcore.domain.decide.sizing import Sizes, size_sources
from aimcore.domain.decide.status import config_condition, fails, holds, ready_condition, set_status, unsure
from aimcore.domain.decide.templates import profile_of, resolved_hardware
from aimcore.domain.hardware.requirements import summary
from aimcore.domain.kinds.conditions import Condition
from aimcore.domain.kinds.config import ConfigMissing, ResolvedConfig
from aimcore.domain.kinds.records import Template, TemplateSpec
from aimcore.domain.kinds.scope import Reference
from aimcore.domain.kinds.statuses import SourceStatus, TemplateStatus, Verdict
from aimcore.domain.values.quantity import Quantity
from aimcore.domain.view.lookup import Found, Missing, config_namespace, find_config, find_model_reference
from aimcore.domain.view.observed import Observed, Unseen, rests
from aimcore.domain.view.plan import Plan

__all__ = ["GPUS_ASSUMED", "decide_template"]

GPUS_ASSUMED = "GPUs"
"""What a plan assumes when it has seen no nodes."""


def decide_template(observed: Observed[Template]) -> Plan:
    """What follows for a template from all that stands: its status, and nothing else."""
    template, catalogue = observed.subject, observed.catalogue
    if rests(observed):
        return Plan()
    namespace = config_namespace(template.key.namespace, observed.policy.operator_namespace)
    config = find_config(catalogue, namespace, template.spec.runtime_config_name)
    model = find_model_reference(catalogue, template.key.namespace, template.spec.model_name)
    sizes = size_sources(observed)
    verdict, message, conditions = _judge(observed, config, model, sizes)
    status = TemplateStatus(
        status=verdict,
        conditions=(config_condition(config), *conditions, ready_condition(verdict, message)),
        resolved_model=model.thing if isinstance(model, Found) else None,
        resolved_runtime_config=None if isinstance(config, ConfigMissing) else config.reference,
        profile=profile_of(template.spec),
        hardware_summary=summary(template.spec.hardware),
        resolved_hardware=resolved_hardware(template.spec.hardware),
        model_sources=sizes.sources,
    )
    unseen = bool(need_of(template.spec).gpus) and catalogue.inventory is None
    return Plan(
        writes=set_status(observed, status, rule="TMPL-6"),
        probes=sizes.probes,
        assumed=(GPUS_ASSUMED,) if unseen and observed.policy.unseen is Unseen.ASSUMED else (),
    )


def _judge(
    observed: Observed[Template],
    config: ResolvedConfig | ConfigMissing,
    model: Found[Reference] | Missing,
    sizes: Sizes,
) -> tuple[Verdict, str, tuple[Condition, ...]]:
    """The template's word, why, and the conditions it is told from."""
    spec = observed.subject.spec
    faults = [f"{fault.path}: {fault.message}" for fault in spec_faults(observed.subject)]
    lacking = _lacking(observed, model)
    conditions = (
        *_model_found(spec, model),
        *_hardware(observed, lacking),
        *_capacity(spec, sizes.sources),
        *sizes.conditions,
    )
    if isinstance(config, ConfigMissing) and config.named:
        return Verdict.FAILED, f"runtime config {config.name} is missing", conditions
    if faults:
        invalid = fails("SpecValid", "SpecInvalid", "; ".join(faults))
        return Verdict.FAILED, faults[0], (*conditions, invalid)
    if isinstance(model, Missing):
        return Verdict.FAILED, f"model {spec.model_name} is missing", conditions
    if lacking:
        return Verdict.NOT_AVAILABLE, lacking, conditions
    if spec.hardware is None and not spec.model_sources:
        return Verdict.PENDING, "neither hardware nor model sources are known; expected spec.hardware", conditions
    return Verdict.READY, "", conditions


def _model_found(spec: TemplateSpec, model: Found[Reference] | Missing) -> Iterator[Condition]:
    if isinstance(model, Missing):
        looked = ", ".join(map(str, model.looked))
        yield fails("ModelFound", "ModelMissing", f"model {spec.model_name} is missing; looked for {looked}")
        return
    shadowed = f", shadows {', '.join(map(str, model.shadowed))}" if model.shadowed else ""
    yield holds("ModelFound", "ModelFound", f"{model.thing}{shadowed}")


def _lacking(observed: Observed[Template], model: Found[Reference] | Missing) -> str | None:
    inventory = observed.catalogue.inventory
    if inventory is None:
        return None
    if isinstance(model, Missing):
        return availability(observed.subject.spec, inventory)
    asked = observed.catalogue.model_resources(model.thing.namespace, model.thing.name)
    return availability(observed.subject.spec, inventory, model=asked)


def _hardware(observed: Observed[Template], lacking: str | None) -> Iterator[Condition]:
    """`HardwareAvailable`, where a GPU is required or something is lacking; Unknown where nodes may not be read (TMPL-6)."""
    wants_gpu = bool(need_of(observed.subject.spec).gpus)
    if lacking:
        reason = "GpuNotAvailable" if wants_gpu else "NoNodeFits"
        yield fails("HardwareAvailable", reason, lacking)
    elif wants_gpu and observed.catalogue.inventory is None:
        yield unsure("HardwareAvailable", "NodesUnknown", "no nodes can be seen; GPUs are assumed present")
    elif wants_gpu:
        yield holds("HardwareAvailable", "GpuAvailable", summary(observed.subject.spec.hardware) or "")


def _capacity(spec: TemplateSpec, sources: tuple[SourceStatus, ...]) -> Iterator[Condition]:
    """`CapacityInsufficient`: what is known of the sources is more than the GPUs are sure to hold (CUST-6)."""
    gpu = spec.hardware.gpu if spec.hardware else None
    if gpu is None or gpu.min_vram is None:
        return
    sizes = [source.size for source in sources if source.size is not None]
    count = 1 if gpu.requests is None else gpu.requests
    memory, need = gpu.min_vram * count, sum(sizes, Quantity.of(0))
    if memory < need:
        message = f"{count} x {gpu.min_vram} of GPU memory is less than the {need} of the model sources"
        yield holds("CapacityInsufficient", "SourcesExceedMemory", message)
