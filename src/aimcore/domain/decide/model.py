"""What a model needs: its image read, its templates as wanted, its status true (DISC, TMPL, CUST, STAT-1)."""

from __future__ import annotations

from dataclasses import dataclass

from aimcore.domain.checks import spec_faults
from aimcore.domain.children import Upkeep, auto_labels, child_meta, is_stale, marked_stale, upkeep
from aimcore.domain.conditions import Condition
from aimcore.domain.config import ConfigMissing, ResolvedConfig
from aimcore.domain.credentials import Credentials, model_config, model_credentials
from aimcore.domain.discovery import Knowledge, creates_templates, discover, held, is_enabled, recommended_templates
from aimcore.domain.expansion import expand, is_custom
from aimcore.domain.image import parse_image
from aimcore.domain.objects import Model, Service, Template, TemplateSpec
from aimcore.domain.observed import Observed
from aimcore.domain.ownership import controls
from aimcore.domain.plan import Apply, Create, Delete, Plan, Write
from aimcore.domain.precedence import is_auto_generated
from aimcore.domain.scope import Key, Kind
from aimcore.domain.states import ModelStatus, SourceType, Verdict
from aimcore.domain.status import children_verdict, config_condition, fails, holds, ready_condition, set_status

__all__ = ["decide_model"]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Wanted:
    """The templates that ought to stand. `complete` when nothing else ought to, so that others may go (TMPL-4)."""

    specs: dict[str, TemplateSpec]
    complete: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class _Offspring:
    """The templates as they stand against what is wanted, and what to write about it."""

    writes: tuple[Write, ...] = ()
    standing: tuple[Template, ...] = ()
    missing: int = 0
    conflicts: tuple[str, ...] = ()
    contested: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Facts:
    """All that the status of a model is told from."""

    config: ResolvedConfig | ConfigMissing
    credentials: Credentials
    faults: tuple[str, ...]
    knowledge: Knowledge
    offspring: _Offspring


def decide_model(observed: Observed[Model]) -> Plan:
    """What follows for a model from all that stands. Nothing for one that is on its way out (OWN-3)."""
    model, catalogue = observed.subject, observed.catalogue
    if model.meta.deleting or catalogue.deleting(model.key.namespace):
        return Plan()
    config = model_config(catalogue, observed.policy, model)
    settled = ResolvedConfig() if isinstance(config, ConfigMissing) else config
    credentials = model_credentials(catalogue, observed.policy, model=model, config=settled)
    problems = tuple(f"{fault.path}: {fault.message}" for fault in spec_faults(model))
    blocked = bool(problems) or (isinstance(config, ConfigMissing) and config.named)
    knowledge = _knowledge(observed, credentials, blocked=blocked)
    wanted = _Wanted(specs={}, complete=False) if blocked else _wanted(model, knowledge)
    offspring = _offspring(observed, wanted, settled)
    facts = _Facts(config=config, credentials=credentials, faults=problems, knowledge=knowledge, offspring=offspring)
    return Plan(
        writes=(*offspring.writes, *set_status(observed, _status(model, facts), rule="STAT-1")),
        wants=knowledge.wants,
        assumed=credentials.assumed,
    )


def _knowledge(observed: Observed[Model], credentials: Credentials, *, blocked: bool) -> Knowledge:
    model = observed.subject
    if is_custom(model):
        return Knowledge()
    if blocked or model.spec.image is None:
        return held(model)
    return discover(observed, parse_image(model.spec.image), credentials)


def _wanted(model: Model, knowledge: Knowledge) -> _Wanted:
    specs = expand(model).templates
    read = knowledge.metadata is not None and not knowledge.failed
    if read and knowledge.metadata and creates_templates(model):
        specs = recommended_templates(model, knowledge.metadata) | specs
    return _Wanted(specs=specs, complete=is_custom(model) or (read and creates_templates(model)))


# Templates ------------------------------------------------------------------------------------------------------------


def _offspring(observed: Observed[Model], wanted: _Wanted, config: ResolvedConfig) -> _Offspring:
    model = observed.subject
    meta = child_meta(model, config, auto_labels(model.key.name))
    writes: list[Write] = []
    conflicts: list[str] = []
    contested: list[str] = []
    missing = 0
    for name, spec in sorted(wanted.specs.items()):
        template = Template(key=Key(Kind.TEMPLATE, model.key.namespace, name), meta=meta, spec=spec)
        there = observed.catalogue.template(model.key.namespace, name)
        if there is None:
            writes.append(Create(thing=template, rule="CUST-2" if spec.model_sources else "TMPL-1"))
        elif not controls(model.meta.uid, there.meta.owners):
            conflicts.append(name)
        elif not there.meta.deleting:
            care = upkeep(template, there)
            contested.extend(f"{name}{path}" for path in care.contested)
            writes.extend(_applied(care))
        missing += there is None or there.meta.deleting
    kept, more = _others(observed, wanted)
    return _Offspring(
        writes=(*writes, *more),
        standing=kept,
        missing=missing,
        conflicts=tuple(conflicts),
        contested=tuple(contested),
    )


def _applied(care: Upkeep) -> tuple[Apply, ...]:
    return () if care.apply is None else (Apply(thing=care.apply, rule="TMPL-1"),)


def _others(observed: Observed[Model], wanted: _Wanted) -> tuple[tuple[Template, ...], list[Write]]:
    """The model's standing templates that count, and what to do about those no longer wanted (TMPL-4)."""
    kept: list[Template] = []
    writes: list[Write] = []
    for template in _own_templates(observed):
        if template.key.name in wanted.specs:
            kept.append(template)
        elif not wanted.complete:
            kept.extend(() if is_stale(template) else (template,))
        elif not _in_use(observed, template):
            meta = template.meta
            writes.append(Delete(key=template.key, uid=meta.uid, resource_version=meta.resource_version, rule="TMPL-4"))
        elif not is_stale(template):
            writes.append(Apply(thing=marked_stale(template), rule="TMPL-4"))
    return tuple(kept), writes


def _own_templates(observed: Observed[Model]) -> list[Template]:
    model = observed.subject
    own = [
        thing
        for thing in observed.catalogue.owned_by(model.meta.uid)
        if isinstance(thing, Template)
        and is_auto_generated(thing)
        and thing.key.namespace == model.key.namespace
        and not thing.meta.deleting
    ]
    return sorted(own, key=lambda template: template.key.name)


def _in_use(observed: Observed[Model], template: Template) -> bool:
    """Whether a service or a default names the template, or a service's status holds it (TMPL-4)."""
    return any(_uses(thing, template) for thing in observed.catalogue.mentioning(template.key.name))


def _uses(thing: object, template: Template) -> bool:
    namespace, name = template.key.namespace, template.key.name
    match thing:
        case Service(key=key, spec=spec, status=status):
            resolved = status.resolved_template if status else None
            named = spec.template_name == name and namespace in (None, key.namespace)
            return named or (resolved is not None and resolved.uid == template.meta.uid)
        case Model(key=key, spec=spec):
            return spec.default_service_template == name and (namespace is None or key.namespace in (None, namespace))
        case _:
            return False


# Status ---------------------------------------------------------------------------------------------------------------


def _status(model: Model, facts: _Facts) -> ModelStatus:
    verdict, message = _verdict(facts)
    before = model.status
    knowledge, custom = facts.knowledge, is_custom(model)
    unread = knowledge.metadata is None and before is not None and not custom
    found = facts.config
    return ModelStatus(
        status=verdict,
        conditions=(*_conditions(model, facts), ready_condition(verdict, message)),
        source_type=SourceType.CUSTOM if custom else SourceType.IMAGE,
        resolved_runtime_config=None if isinstance(found, ConfigMissing) else found.reference,
        resolved_image=before.resolved_image if unread and before else knowledge.resolved,
        image_metadata=before.image_metadata if unread and before else knowledge.metadata,
        effective_pull_secrets=facts.credentials.pull_secrets,
    )


def _verdict(facts: _Facts) -> tuple[Verdict, str]:
    """The model's word, first match, and why (STAT-1)."""
    knowledge, offspring = facts.knowledge, facts.offspring
    standing = offspring.standing
    if isinstance(facts.config, ConfigMissing) and facts.config.named:
        return Verdict.FAILED, f"runtime config {facts.config.name} is missing"
    if facts.faults:
        return Verdict.FAILED, facts.faults[0]
    if knowledge.failed and knowledge.condition:
        return Verdict.FAILED, knowledge.condition.message
    if knowledge.pending and knowledge.condition:
        return Verdict.PROGRESSING, knowledge.condition.message
    unobserved = sum(not _is_observed(template) for template in standing)
    if offspring.missing or unobserved:
        return Verdict.PROGRESSING, f"{offspring.missing + unobserved} templates are on their way"
    if offspring.conflicts:
        return Verdict.DEGRADED, f"template {', '.join(offspring.conflicts)} belongs to somebody else"
    verdict = children_verdict(template.status.status for template in standing if template.status)
    return verdict, _tally(standing)


def _is_observed(template: Template) -> bool:
    return template.status is not None and template.status.observed_generation == template.meta.generation


def _tally(templates: tuple[Template, ...]) -> str:
    """How many templates are how, and the first that is not well, so that the reader knows where to look."""
    if not templates:
        return "no templates"
    words = [template.status.status.value for template in templates if template.status]
    counted = ", ".join(f"{words.count(word)} {word}" for word in sorted(set(words)))
    ill = next((one.key.name for one in templates if one.status and one.status.status is not Verdict.READY), None)
    return f"templates: {counted}" + (f"; see {ill}" if ill else "")


def _conditions(model: Model, facts: _Facts) -> tuple[Condition, ...]:
    found = [_config_condition(facts), facts.knowledge.condition, _generated(model, facts)]
    if facts.faults:
        found.append(fails("SpecValid", "SpecInvalid", "; ".join(facts.faults)))
    if facts.offspring.contested:
        found.append(holds("FieldsOwnedByOthers", "Contested", ", ".join(facts.offspring.contested)))
    return tuple(condition for condition in found if condition is not None)


def _config_condition(facts: _Facts) -> Condition:
    return config_condition(facts.config, facts.credentials.account_missing)


def _generated(model: Model, facts: _Facts) -> Condition | None:
    """`TemplatesAutoGenerated`: True while auto-generated templates of the model stand (DISC-6, TMPL-3, TMPL-5)."""
    offspring, knowledge = facts.offspring, facts.knowledge
    kind = "TemplatesAutoGenerated"
    if offspring.conflicts:
        names = ", ".join(offspring.conflicts)
        return fails(kind, "NameConflict", f"template {names} exists and belongs to somebody else")
    if offspring.missing:
        return fails(kind, "TemplatesPending", f"{offspring.missing} templates are on their way")
    if offspring.standing:
        return holds(kind, "TemplatesCreated", f"{len(offspring.standing)} templates")
    if knowledge.pending or knowledge.failed:
        return fails(kind, knowledge.condition.reason if knowledge.condition else "", "the image is not read")
    if not is_enabled(model):
        return fails(kind, "DiscoveryDisabled", "spec.discovery.enabled is false")
    if not creates_templates(model):
        return fails(kind, "AutoCreationDisabled", "spec.discovery.autoCreateTemplates is false")
    if knowledge.metadata is None:
        return None
    return fails(kind, "NoRecommendedTemplates", "the image recommends no deployments")
