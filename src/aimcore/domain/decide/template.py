"""What a template is worth: its model there, its hardware in the cluster, its status true (TMPL-6, STAT-2)."""

from __future__ import annotations

from collections.abc import Iterator

from aimcore.domain.decide.availability import wants_gpu
from aimcore.domain.decide.conditions import CAPACITY_INSUFFICIENT, HARDWARE_AVAILABLE, MODEL_FOUND, READY, SPEC_VALID
from aimcore.domain.decide.health import TemplateFacts, health_from, template_facts
from aimcore.domain.decide.sizing import Sizes, size_sources
from aimcore.domain.decide.status import config_condition, set_status
from aimcore.domain.decide.templates import profile_of, resolved_hardware
from aimcore.domain.hardware.requirements import summary
from aimcore.domain.kinds.conditions import Condition
from aimcore.domain.kinds.config import ConfigMissing
from aimcore.domain.kinds.records import Template, TemplateSpec
from aimcore.domain.kinds.scope import Reference
from aimcore.domain.kinds.statuses import SourceStatus, TemplateStatus
from aimcore.domain.values.quantity import Quantity
from aimcore.domain.view.lookup import Found, Missing
from aimcore.domain.view.observed import Observed, Unseen, rests
from aimcore.domain.view.plan import Plan

__all__ = ["GPUS_ASSUMED", "decide_template"]

GPUS_ASSUMED = "GPUs"
"""What a plan assumes when it has seen no nodes."""


def decide_template(observed: Observed[Template]) -> Plan:
    """What follows for a template from all that stands: its status, and nothing else."""
    template, view = observed.subject, observed.view
    if rests(observed):
        return Plan()
    facts = template_facts(template, view, observed.policy)
    needs_gpu = wants_gpu(template.spec)
    sizes = size_sources(observed, facts.config)
    health = health_from(facts, template)
    told = READY(health.verdict, health.message)
    status = TemplateStatus(
        status=health.verdict,
        conditions=(config_condition(facts.config), *_conditions(observed, facts, sizes, needs_gpu=needs_gpu), told),
        resolved_model=facts.model.thing if isinstance(facts.model, Found) else None,
        resolved_runtime_config=None if isinstance(facts.config, ConfigMissing) else facts.config.reference,
        profile=profile_of(template.spec),
        hardware_summary=summary(template.spec.hardware),
        resolved_hardware=resolved_hardware(template.spec.hardware),
        model_sources=sizes.sources,
    )
    unseen = needs_gpu and view.inventory is None
    return Plan(
        writes=set_status(observed, status, rule="TMPL-6"),
        questions=sizes.questions,
        assumed=(GPUS_ASSUMED,) if unseen and observed.policy.unseen is Unseen.ASSUMED else (),
    )


def _conditions(
    observed: Observed[Template], facts: TemplateFacts, sizes: Sizes, *, needs_gpu: bool
) -> Iterator[Condition]:
    """The conditions of the facts, each where there is something to say."""
    spec = observed.subject.spec
    yield from _model_found(spec, facts.model)
    yield from _hardware(observed, facts.lacking, needs_gpu=needs_gpu)
    yield from _capacity(spec, sizes.sources)
    yield from sizes.conditions
    named_missing = isinstance(facts.config, ConfigMissing) and facts.config.named
    if facts.faults and not named_missing:
        yield SPEC_VALID("SpecInvalid", "; ".join(facts.faults))


def _model_found(spec: TemplateSpec, model: Found[Reference] | Missing) -> Iterator[Condition]:
    if isinstance(model, Missing):
        looked = ", ".join(map(str, model.looked))
        yield MODEL_FOUND("ModelMissing", f"model {spec.model_name} is missing; looked for {looked}")
        return
    shadowed = f", shadows {', '.join(map(str, model.shadowed))}" if model.shadowed else ""
    yield MODEL_FOUND("ModelFound", f"{model.thing}{shadowed}")


def _hardware(observed: Observed[Template], lacking: str | None, *, needs_gpu: bool) -> Iterator[Condition]:
    """`HardwareAvailable`, where a GPU is required or something is lacking; Unknown where nodes may not be read (TMPL-6)."""
    if lacking:
        yield HARDWARE_AVAILABLE("GpuNotAvailable" if needs_gpu else "NoNodeFits", lacking)
    elif needs_gpu and observed.view.inventory is None:
        yield HARDWARE_AVAILABLE("NodesUnknown", "no nodes can be seen; GPUs are assumed present")
    elif needs_gpu:
        yield HARDWARE_AVAILABLE("GpuAvailable", summary(observed.subject.spec.hardware) or "")


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
        yield CAPACITY_INSUFFICIENT("SourcesExceedMemory", message)
