"""Which template a service runs, and why not the others (SEL-2, SEL-3, SEL-5).

Filters first, in order; what passes them all is ranked; a full tie is nobody's to decide.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cache

from aimcore.domain.children import is_stale
from aimcore.domain.devices import gpu_model
from aimcore.domain.hardware import required_gpu
from aimcore.domain.inventory import Inventory
from aimcore.domain.objects import Overrides, Template
from aimcore.domain.profile import Metric, Precision, TemplateType
from aimcore.domain.scope import Scope
from aimcore.domain.states import Candidate, ProfileMetadata, Verdict
from aimcore.domain.templates import profile_of

__all__ = ["Criteria", "Selection", "is_unfit", "select"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Criteria:
    """What the service and its model ask of a template, and what the cluster has. `previous` is the uid it runs now."""

    allow_unoptimized: bool = False
    overrides: Overrides = Overrides()
    inventory: Inventory | None = None
    previous: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """The template chosen, every candidate with its stage and reason, and those nothing ranks apart."""

    chosen: Template | None = None
    candidates: tuple[Candidate, ...] = ()
    tied: tuple[Template, ...] = ()


# Filters: a reason to pass the template over, or None -------------------------------------------------------------------

Filter = Callable[[Template, Criteria], str | None]


def _unready(template: Template, _: Criteria) -> str | None:
    status = template.status
    if status is None or status.observed_generation != template.meta.generation:
        return "not observed yet"
    if status.status is Verdict.READY:
        return None
    said = next((one.message for one in status.conditions if one.type == "Ready" and one.message), "")
    return f"is {status.status}" + (f": {said}" if said else "")


def _stale(template: Template, _: Criteria) -> str | None:
    return "is stale: its model no longer recommends it" if is_stale(template) else None


def _unoptimized(template: Template, criteria: Criteria) -> str | None:
    kind = profile_of(template.spec).type
    if criteria.allow_unoptimized or kind is TemplateType.OPTIMIZED:
        return None
    return f"is {kind}; set spec.template.allowUnoptimized to run it"


def _unlike(template: Template, criteria: Criteria) -> str | None:
    """The first override the template does not meet."""
    wanted, profile = criteria.overrides, profile_of(template.spec)
    gpus = template.spec.hardware.gpu.models if template.spec.hardware and template.spec.hardware.gpu else None
    if wanted.metric and profile.metric is not wanted.metric:
        return f"metric {profile.metric or 'none'} is not the override {wanted.metric}"
    if wanted.precision and profile.precision is not wanted.precision:
        return f"precision {profile.precision or 'none'} is not the override {wanted.precision}"
    if wanted.gpu_model and gpu_model(wanted.gpu_model) not in map(gpu_model, gpus or ()):
        return f"GPU {'/'.join(gpus or ()) or 'none'} is not the override {wanted.gpu_model}"
    if wanted.gpu_count is not None and (profile.gpu_count or 0) != wanted.gpu_count:
        return f"GPU count {profile.gpu_count or 0} is not the override {wanted.gpu_count}"
    return None


def _unavailable(template: Template, criteria: Criteria) -> str | None:
    gpu = required_gpu(template.spec.hardware)
    return None if gpu is None or criteria.inventory is None else criteria.inventory.lacks(gpu)


FILTERS: Mapping[str, Filter] = {
    "ready": _unready,
    "stale": _stale,
    "optimized": _unoptimized,
    "overrides": _unlike,
    "gpu": _unavailable,
}


# Ranks: lower is better -------------------------------------------------------------------------------------------------

_TYPES = (TemplateType.OPTIMIZED, TemplateType.PREVIEW, TemplateType.UNOPTIMIZED)
_GPUS = ("MI355X", "MI350X", "MI325X", "MI308X", "MI300X", "MI250X", "MI210")
_METRICS = (Metric.LATENCY, Metric.THROUGHPUT)
_PRECISIONS = (
    *(Precision.FP4, Precision.INT4, Precision.FP8, Precision.INT8),
    *(Precision.FP16, Precision.BF16, Precision.FP32, Precision.AUTO),
)


def _place(value: object, order: tuple[object, ...]) -> int:
    return order.index(value) if value in order else len(order)


@cache
def _gpu_place(model: str) -> int:
    return _place(gpu_model(model), _GPUS)


RANKS: Mapping[str, Callable[[ProfileMetadata], tuple[int, object]]] = {
    "type": lambda profile: (_place(profile.type, _TYPES), profile.type),
    "gpuModel": lambda profile: (_gpu_place(profile.gpu or ""), profile.gpu or "no GPU"),
    "metric": lambda profile: (_place(profile.metric, _METRICS), profile.metric or "no metric"),
    "precision": lambda profile: (_place(profile.precision, _PRECISIONS), profile.precision or "no precision"),
    "gpuCount": lambda profile: (profile.gpu_count or 0, profile.gpu_count or 0),
}


def select(templates: Iterable[Template], criteria: Criteria) -> Selection:
    """The template to run out of those that belong to the model."""
    passed: list[Template] = []
    over: list[Candidate] = []
    for template in sorted(templates, key=lambda template: template.key.sort_key):
        stage, reason = _first_objection(template, criteria)
        if reason is None:
            passed.append(template)
        else:
            over.append(_candidate(template, stage, reason))
    near = [template for template in passed if template.key.scope is Scope.NAMESPACE]
    if near:
        over += [
            _candidate(one, "scope", "a template of the namespace comes before it") for one in passed if one not in near
        ]
    return _rank(near or passed, over, criteria.previous)


def is_unfit(template: Template, inventory: Inventory | None) -> bool:
    """Whether nobody could run the template now, whatever they ask for."""
    criteria = Criteria(inventory=inventory)
    return any(FILTERS[stage](template, criteria) is not None for stage in ("ready", "stale", "gpu"))


def _first_objection(template: Template, criteria: Criteria) -> tuple[str, str | None]:
    for stage, objection in FILTERS.items():
        reason = objection(template, criteria)
        if reason is not None:
            return stage, reason
    return "", None


def _rank(passed: list[Template], over: list[Candidate], previous: str | None) -> Selection:
    if not passed:
        return Selection(candidates=tuple(over))
    kept = next((template for template in passed if template.meta.uid == previous), None)
    if kept is not None:
        others = [
            _candidate(one, "sticky", f"{kept.key.name} is kept while it serves") for one in passed if one is not kept
        ]
        return _chosen(kept, "kept: the service runs it already", over + others)
    best = min(passed, key=_ranks)
    tied = [template for template in passed if _ranks(template) == _ranks(best)]
    beaten = [_candidate(one, *_worse(one, best)) for one in passed if one not in tied]
    if len(tied) > 1:
        names = " and ".join(template.key.name for template in tied)
        ties = [_candidate(one, "tie", f"nothing ranks {names} apart") for one in tied]
        return Selection(candidates=(*ties, *beaten, *over), tied=tuple(tied))
    return _chosen(
        best, "the best of those that pass" if len(passed) > 1 else "the only one that passes", beaten + over
    )


def _chosen(template: Template, reason: str, others: list[Candidate]) -> Selection:
    return Selection(chosen=template, candidates=(_candidate(template, "chosen", reason), *others))


def _ranks(template: Template) -> tuple[int, ...]:
    profile = profile_of(template.spec)
    return tuple(rank(profile)[0] for rank in RANKS.values())


def _worse(template: Template, best: Template) -> tuple[str, str]:
    """The first rank at which the template loses to the best, in words."""
    theirs, its = profile_of(best.spec), profile_of(template.spec)
    stage, rank = next((stage, rank) for stage, rank in RANKS.items() if rank(its)[0] > rank(theirs)[0])
    return stage, f"{rank(its)[1]} ranks behind {rank(theirs)[1]} of {best.key.name}"


def _candidate(template: Template, stage: str, reason: str) -> Candidate:
    verdict = template.status.status if template.status else Verdict.PENDING
    return Candidate(
        name=template.key.name, scope=template.key.scope, verdict=verdict.value, stage=stage, reason=reason
    )
