"""Which template a service runs, and why not the others (SEL-2, SEL-3).

Filters first, in order; what passes them all is ranked; a full tie is nobody's to decide.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache

from aimcore.domain.children.diff import is_stale
from aimcore.domain.decide.availability import NOTHING_ELSE, Extra, availability
from aimcore.domain.decide.health import TemplateHealth
from aimcore.domain.hardware.devices import gpu_model
from aimcore.domain.hardware.inventory import Inventory
from aimcore.domain.hardware.requirements import Gpu
from aimcore.domain.kinds.records import Overrides, Template, TemplateSpec
from aimcore.domain.kinds.scope import Scope
from aimcore.domain.kinds.statuses import Candidate, Verdict
from aimcore.domain.values.profile import Metric, Precision, TemplateType

__all__ = ["Criteria", "Option", "Selection", "select"]

NO_OVERRIDES = Overrides()
NO_GPU = Gpu()


@dataclass(frozen=True, slots=True, kw_only=True)
class Option:
    """A template that belongs to the model: its health on this snapshot, and whether the model still wants it (TMPL-4)."""

    template: Template
    health: TemplateHealth
    unwanted: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Criteria:
    """What the service and its model ask of a template, and what the cluster has.

    `extra` is what a replica takes beside what its template says; `awaited` says what to wait for.
    """

    allow_unoptimized: bool = False
    overrides: Overrides = NO_OVERRIDES
    inventory: Inventory | None = None
    extra: Extra = NOTHING_ELSE
    awaited: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """The template chosen, every candidate with its stage and reason, and those nothing ranks apart.

    `awaited` says what the choice has to wait for.
    """

    chosen: Template | None = None
    candidates: tuple[Candidate, ...] = ()
    tied: tuple[Template, ...] = ()
    awaited: str | None = None


LONGEST_REASON = 256  # bytes, of each of 64 candidates, in a status that has 64 KiB (LABEL-2)


# Filters: a reason to pass the template over, or None -------------------------------------------------------------------

Filter = Callable[[Option, Criteria], str | None]


def _unready(option: Option, _: Criteria) -> str | None:
    health = option.health
    if health.verdict is Verdict.READY:
        return None
    return f"is {health.verdict}: {health.message}" if health.message else f"is {health.verdict}"


def _stale(option: Option, _: Criteria) -> str | None:
    stale = option.unwanted or is_stale(option.template)
    return "is stale: its model no longer recommends it" if stale else None


def _unoptimized(option: Option, criteria: Criteria) -> str | None:
    kind = option.template.spec.type or TemplateType.UNOPTIMIZED
    if criteria.allow_unoptimized or kind is TemplateType.OPTIMIZED:
        return None
    return f"is {kind}; set spec.template.allowUnoptimized to run it"


def _unlike(option: Option, criteria: Criteria) -> str | None:
    """The first override the template does not meet."""
    wanted, spec = criteria.overrides, option.template.spec
    if wanted == NO_OVERRIDES:
        return None
    gpu = _gpu(spec)
    models, count = gpu.models or (), gpu.count or 0
    if wanted.metric and spec.metric is not wanted.metric:
        return f"metric {spec.metric or 'none'} is not the override {wanted.metric}"
    if wanted.precision and spec.precision is not wanted.precision:
        return f"precision {spec.precision or 'none'} is not the override {wanted.precision}"
    if wanted.gpu_model and gpu_model(wanted.gpu_model) not in map(gpu_model, models):
        return f"GPU {'/'.join(models) or 'none'} is not the override {wanted.gpu_model}"
    if wanted.gpu_count is not None and count != wanted.gpu_count:
        return f"GPU count {count} is not the override {wanted.gpu_count}"
    return None


def _unavailable(option: Option, criteria: Criteria) -> str | None:
    if criteria.inventory is None:
        return None
    return availability(option.template.spec, criteria.inventory, criteria.extra)


FILTERS: Mapping[str, Filter] = {
    "ready": _unready,
    "stale": _stale,
    "optimized": _unoptimized,
    "overrides": _unlike,
    "gpu": _unavailable,
}


# Ranks: the earlier in its table, the better; what is in no table comes last -----------------------------------------------


def _places(*values: object) -> Mapping[object, int]:
    return {value: place for place, value in enumerate(values)}


_TYPES = _places(TemplateType.OPTIMIZED, TemplateType.PREVIEW, TemplateType.UNOPTIMIZED)
_GPUS = _places("MI355X", "MI350X", "MI325X", "MI308X", "MI300X", "MI250X", "MI210")
_METRICS = _places(Metric.LATENCY, Metric.THROUGHPUT)
_PRECISIONS = _places(
    *(Precision.FP4, Precision.INT4, Precision.FP8, Precision.INT8),
    *(Precision.FP16, Precision.BF16, Precision.FP32, Precision.AUTO),
)

STAGES: tuple[tuple[str, Callable[[TemplateSpec], object]], ...] = (
    ("type", lambda spec: spec.type or TemplateType.UNOPTIMIZED),
    ("gpuModel", lambda spec: _first_model(_gpu(spec)) or "no GPU"),
    ("metric", lambda spec: spec.metric or "no metric"),
    ("precision", lambda spec: spec.precision or "no precision"),
    ("gpuCount", lambda spec: _gpu(spec).count or 0),
)
"""The ranks in their order, each with the word for what a template has there."""

Ranks = tuple[int, ...]


def _ranks(spec: TemplateSpec) -> Ranks:
    """Where the template stands at each stage: lower is better, and fewer GPUs come first."""
    gpu = _gpu(spec)
    return (
        _TYPES[spec.type or TemplateType.UNOPTIMIZED],
        _gpu_place(_first_model(gpu)),
        _METRICS.get(spec.metric, len(_METRICS)),
        _PRECISIONS.get(spec.precision, len(_PRECISIONS)),
        gpu.count or 0,
    )


def _gpu(spec: TemplateSpec) -> Gpu:
    return (spec.hardware and spec.hardware.gpu) or NO_GPU


def _first_model(gpu: Gpu) -> str:
    return gpu.models[0] if gpu.models else ""


@lru_cache(maxsize=1024)
def _gpu_place(model: str) -> int:
    return _GPUS.get(gpu_model(model), len(_GPUS))


# The choice ---------------------------------------------------------------------------------------------------------------


def select(options: Iterable[Option], criteria: Criteria) -> Selection:
    """The template to run out of those that belong to the model."""
    near: list[Option] = []
    far: list[Option] = []
    over: list[Candidate] = []
    for option in sorted(options, key=lambda one: (one.template.key.namespace or "", one.template.key.name)):
        objection = _first_objection(option, criteria)
        if objection is not None:
            over.append(_candidate(option, *objection))
        elif option.template.key.scope is Scope.NAMESPACE:
            near.append(option)
        else:
            far.append(option)
    if near:
        over += [_candidate(one, "scope", "a template of the namespace comes before it") for one in far]
    passed = near or far
    if criteria.awaited:
        waiting = [_candidate(one, "waiting", criteria.awaited) for one in passed]
        return Selection(candidates=(*waiting, *over), awaited=criteria.awaited)
    return _choose(passed, over)


def _first_objection(option: Option, criteria: Criteria) -> tuple[str, str] | None:
    """The first filter that does not let the template pass, and its reason."""
    for stage, objection in FILTERS.items():
        reason = objection(option, criteria)
        if reason is not None:
            return stage, reason
    return None


@dataclass(frozen=True, slots=True)
class _Contender:
    """A template that passes every filter, and where it stands."""

    option: Option
    ranks: Ranks

    @property
    def template(self) -> Template:
        """The template."""
        return self.option.template

    def loss(self, chosen: _Contender) -> tuple[str, str]:
        """The first stage at which it stands behind the chosen one, in words."""
        at = [mine == best for mine, best in zip(self.ranks, chosen.ranks, strict=True)].index(False)
        stage, word = STAGES[at]
        its, theirs = word(self.template.spec), word(chosen.template.spec)
        return stage, f"{its} ranks behind {theirs} of {chosen.template.key.name}"


def _choose(passed: list[Option], over: list[Candidate]) -> Selection:
    """The best of those that pass every filter."""
    if not passed:
        return Selection(candidates=tuple(over))
    field = [_Contender(one, _ranks(one.template.spec)) for one in passed]
    best = min(field, key=lambda contender: contender.ranks)
    tied = [one for one in field if one.ranks == best.ranks]
    beaten = [_candidate(one.option, *one.loss(best)) for one in field if one.ranks != best.ranks]
    if len(tied) > 1:
        names = tuple(one.template for one in tied)
        ties = [_candidate(one.option, "tie", _equals(one.template, names)) for one in tied]
        return Selection(candidates=(*ties, *beaten, *over), tied=names)
    praise = "the best of those that pass" if beaten else "the only one that passes"
    return Selection(chosen=best.template, candidates=(_candidate(best.option, "chosen", praise), *beaten, *over))


def _equals(template: Template, tied: tuple[Template, ...]) -> str:
    """Which others nothing ranks it apart from: one by name, or each of 64 reasons would name 63."""
    first, *more = (one.key.name for one in tied if one is not template)
    return f"nothing ranks it apart from {first}" + (f" and {len(more)} more" if more else "")


def _candidate(option: Option, stage: str, reason: str) -> Candidate:
    key, verdict = option.template.key, option.health.verdict
    written = reason.encode(errors="replace")
    if len(written) > LONGEST_REASON:
        reason = f"{written[: LONGEST_REASON - 3].decode(errors='ignore')}..."
    return Candidate(name=key.name, scope=key.scope, verdict=verdict.value, stage=stage, reason=reason)
