"""What a model needs: its image read, its templates as wanted, its status true (DISC, TMPL, CUST, STAT-1)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from aimcore.domain.children.diff import auto_labels, child_meta, diff, is_stale, marked_stale
from aimcore.domain.children.expansion import is_custom
from aimcore.domain.decide.checks import spec_faults
from aimcore.domain.decide.conditions import FIELDS_OWNED_BY_OTHERS, READY, SPEC_VALID, TEMPLATES_AUTO_GENERATED
from aimcore.domain.decide.credentials import Credentials, model_config, model_credentials
from aimcore.domain.decide.discovery import (
    Knowledge,
    creates_templates,
    discover,
    held,
    is_enabled,
)
from aimcore.domain.decide.progress import Wanted, wanted_templates
from aimcore.domain.decide.status import (
    children_verdict,
    config_condition,
    held_secrets,
    set_status,
    untold,
)
from aimcore.domain.decide.templates import is_observed
from aimcore.domain.kinds.conditions import Condition
from aimcore.domain.kinds.config import ConfigMissing, ResolvedConfig, in_force
from aimcore.domain.kinds.ownership import controls
from aimcore.domain.kinds.records import Model, Template
from aimcore.domain.kinds.scope import Key, Kind
from aimcore.domain.kinds.statuses import ModelStatus, SourceType, Verdict
from aimcore.domain.values.image import parse_image
from aimcore.domain.view.keys import Mention
from aimcore.domain.view.lookup import is_auto_generated
from aimcore.domain.view.observed import Observed, rests
from aimcore.domain.view.plan import Apply, Create, Delete, Plan, Write

__all__ = ["decide_model"]

VERDICTS = tuple(Verdict)
COMING = "its templates are on their way"
"""Said until the last of them has spoken; a count would be written again for each."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Children:
    """The model's templates as they stand against what is wanted, and what to write about it.

    `absent` when one of them is not there yet; `changing` when one is written, so that its status is not its last word.
    """

    writes: tuple[Write, ...]
    live: tuple[Template, ...]
    absent: bool
    changing: bool
    conflicts: tuple[str, ...]
    contested: tuple[str, ...]
    dropped: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Facts:
    """All that the status of a model is told from."""

    config: ResolvedConfig | ConfigMissing
    credentials: Credentials
    faults: tuple[str, ...]
    knowledge: Knowledge
    children: _Children


def decide_model(observed: Observed[Model]) -> Plan:
    """What follows for a model from all that stands. Nothing for one that is on its way out (OWN-3)."""
    model, view = observed.subject, observed.view
    if rests(observed):
        return Plan()
    config = model_config(view, observed.policy, model)
    settled = in_force(config)
    credentials = model_credentials(
        view, observed.policy, model=model, config=settled, held=held_secrets(model, config)
    )
    if credentials.unseen:
        return Plan(questions=credentials.unseen)
    faults = tuple(f"{fault.path}: {fault.message}" for fault in spec_faults(model))
    blocked = bool(faults) or (isinstance(config, ConfigMissing) and config.named)
    knowledge = _knowledge(observed, credentials, blocked=blocked)
    children = _children(observed, Wanted() if blocked else wanted_templates(model, knowledge), settled)
    lookups = credentials.lookups if knowledge.failed or credentials.lack else ()
    facts = _Facts(config=config, credentials=credentials, faults=faults, knowledge=knowledge, children=children)
    return Plan(
        writes=(
            *children.writes,
            *set_status(
                observed, _status(model, facts), rule="STAT-1", dropped=children.dropped, beside=children.writes
            ),
        ),
        questions=(*knowledge.questions, *lookups),
        assumed=credentials.assumed,
    )


def _knowledge(observed: Observed[Model], credentials: Credentials, *, blocked: bool) -> Knowledge:
    model = observed.subject
    if is_custom(model):
        return Knowledge()
    if blocked or model.spec.image is None:
        return held(model)
    return discover(observed, parse_image(model.spec.image), credentials)


# Templates ------------------------------------------------------------------------------------------------------------


def _children(observed: Observed[Model], wanted: Wanted, config: ResolvedConfig) -> _Children:
    model, namespace = observed.subject, observed.subject.key.namespace
    meta = child_meta(model, config, auto_labels(model.key.name))
    writes: list[Write] = []
    live: list[Template] = []
    conflicts: list[str] = []
    contested: list[str] = []
    dropped: list[str] = []
    changing = False
    specs = wanted.specs
    own = _own_templates(observed)
    for name, spec in sorted(specs.items()):
        there = own.get(name) or observed.view.template(namespace, name)
        if there is None:
            template = Template(key=Key(Kind.TEMPLATE, namespace, name), meta=meta, spec=spec)
            changing = True
            writes.append(Create(thing=template, rule="CUST-2" if name in wanted.authored else "TMPL-1"))
        elif not controls(model.meta.uid, there.meta.owners):
            conflicts.append(name)
        elif not there.meta.deleting:
            live.append(there)
            if there.spec == spec and there.meta.labels == meta.labels:
                continue  # as wanted, as most are
            care = diff(Template(key=there.key, meta=meta, spec=spec), there, observed.dropped)
            contested.extend(f"{name}{path}" for path in care.contested)
            dropped.extend(f"{name}{path}" for path in care.dropped)
            changing = changing or bool(untold(observed, model, there.key, care))
            writes.extend([] if care.apply is None else [Apply(thing=care.apply, rule="TMPL-1", changes=care.changes)])
    unwanted = [template for name, template in sorted(own.items()) if name not in specs]
    others, pruned = _others(observed, unwanted, complete=wanted.complete)
    return _Children(
        writes=(*writes, *pruned),
        live=(*live, *others),
        absent=len(live) + len(conflicts) < len(specs) or any(template.status is None for template in live),
        changing=changing,
        conflicts=tuple(conflicts),
        contested=tuple(contested),
        dropped=tuple(dropped),
    )


def _others(
    observed: Observed[Model], unwanted: Iterable[Template], *, complete: bool
) -> tuple[list[Template], list[Write]]:
    """Of the model's templates beside the wanted ones those that still count, and what to do about the rest (TMPL-4)."""
    kept: list[Template] = []
    writes: list[Write] = []
    for template in unwanted:
        if not is_auto_generated(template) or template.meta.deleting:
            continue
        if not complete:
            kept.extend(() if is_stale(template) else (template,))
        elif not _in_use(observed, template):
            meta = template.meta
            writes.append(Delete(key=template.key, uid=meta.uid, resource_version=meta.resource_version, rule="TMPL-4"))
        elif not is_stale(template):
            writes.append(Apply(thing=marked_stale(template), rule="TMPL-4"))
    return kept, writes


def _own_templates(observed: Observed[Model]) -> dict[str, Template]:
    """By their names. Whoever finds a wanted one here need not look for its name: eight places less to keep in mind."""
    model = observed.subject
    return {
        thing.key.name: thing
        for thing in observed.view.owned_by(model.meta.uid)
        if isinstance(thing, Template) and thing.key.namespace == model.key.namespace
    }


def _in_use(observed: Observed[Model], template: Template) -> bool:
    """Whether a service or a default names the template, or a service's status holds it (TMPL-4)."""
    return any(_uses(thing, template) for thing in observed.view.mentioning(template.key.name))


def _uses(mention: Mention, template: Template) -> bool:
    namespace, name = template.key.namespace, template.key.name
    home = mention.by.namespace
    names = mention.template == name
    if mention.by_default:
        return names and (namespace is None or home in (None, namespace))
    return (names and namespace in (None, home)) or mention.runs == template.meta.uid


# Status ---------------------------------------------------------------------------------------------------------------


def _status(model: Model, facts: _Facts) -> ModelStatus:
    verdict, message = _verdict(facts)
    found = facts.config
    return ModelStatus(
        status=verdict,
        conditions=(*_conditions(model, facts), READY(verdict, message)),
        source_type=SourceType.CUSTOM if is_custom(model) else SourceType.IMAGE,
        resolved_runtime_config=None if isinstance(found, ConfigMissing) else found.reference,
        resolved_image=facts.knowledge.resolved,
        image_metadata=facts.knowledge.metadata,
        effective_pull_secrets=facts.credentials.pull_secrets,
    )


def _verdict(facts: _Facts) -> tuple[Verdict, str]:
    """The model's word, first match, and why (STAT-1)."""
    knowledge, children = facts.knowledge, facts.children
    if isinstance(facts.config, ConfigMissing) and facts.config.named:
        return Verdict.FAILED, f"runtime config {facts.config.name} is missing"
    if facts.faults:
        return Verdict.FAILED, facts.faults[0]
    if knowledge.condition and knowledge.failed:
        return Verdict.FAILED, knowledge.condition.message
    if knowledge.condition and knowledge.pending:
        return Verdict.PROGRESSING, knowledge.condition.message
    if children.absent or children.changing or not all(map(is_observed, children.live)):
        return Verdict.PROGRESSING, COMING
    if children.conflicts:
        return Verdict.DEGRADED, f"template {', '.join(children.conflicts)} belongs to somebody else"
    return _children_verdict(children.live)


def _children_verdict(templates: tuple[Template, ...]) -> tuple[Verdict, str]:
    """The word that follows from the templates', how many say what, and the first that is not well."""
    words = [template.status.status for template in templates if template.status]
    counted = ", ".join(f"{words.count(word)} {word}" for word in VERDICTS if word in words)
    ill = next((one.key.name for one in templates if one.status and one.status.status is not Verdict.READY), None)
    told = f"templates: {counted}" + (f"; see {ill}" if ill else "") if words else "no auto-generated templates"
    return children_verdict(words), told


def _conditions(model: Model, facts: _Facts) -> Iterator[Condition]:
    yield config_condition(facts.config, facts.credentials)
    if facts.knowledge.condition:
        yield facts.knowledge.condition
    if facts.knowledge.recheck:
        yield facts.knowledge.recheck
    yield from _generated(model, facts)
    if facts.faults:
        yield SPEC_VALID("SpecInvalid", "; ".join(facts.faults))
    if facts.children.contested:
        yield FIELDS_OWNED_BY_OTHERS("Contested", ", ".join(facts.children.contested))


def _counted(templates: int) -> str:
    return f"{templates} template{'' if templates == 1 else 's'}"


def _generated(model: Model, facts: _Facts) -> Iterator[Condition]:
    """`TemplatesAutoGenerated`: True while auto-generated templates of the model stand (DISC-6, TMPL-3, TMPL-5)."""
    children, knowledge = facts.children, facts.knowledge
    if children.conflicts:
        names = ", ".join(children.conflicts)
        yield TEMPLATES_AUTO_GENERATED("NameConflict", f"template {names} exists and belongs to somebody else")
    elif children.absent:
        yield TEMPLATES_AUTO_GENERATED("TemplatesPending", COMING)
    elif children.live:
        yield TEMPLATES_AUTO_GENERATED("TemplatesCreated", _counted(len(children.live)))
    elif knowledge.condition and not knowledge.read:
        yield TEMPLATES_AUTO_GENERATED(knowledge.condition.reason, "the image is not read")
    elif not is_enabled(model):
        yield TEMPLATES_AUTO_GENERATED("DiscoveryDisabled", "spec.discovery.enabled is false")
    elif not creates_templates(model):
        yield TEMPLATES_AUTO_GENERATED("AutoCreationDisabled", "spec.discovery.autoCreateTemplates is false")
    elif knowledge.read:
        yield TEMPLATES_AUTO_GENERATED("NoRecommendedTemplates", "the image recommends no deployments")
