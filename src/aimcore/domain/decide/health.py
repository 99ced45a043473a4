"""The health of a template: it follows from its spec, its model and the nodes of one snapshot, not from its status (TMPL-6)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from aimcore.domain.decide.availability import Extra, availability
from aimcore.domain.decide.checks import spec_faults
from aimcore.domain.decide.templates import is_observed
from aimcore.domain.kinds.conditions import find_condition
from aimcore.domain.kinds.config import ConfigMissing, ResolvedConfig
from aimcore.domain.kinds.records import Template
from aimcore.domain.kinds.scope import Reference
from aimcore.domain.kinds.statuses import Verdict
from aimcore.domain.view.cache import ReadView
from aimcore.domain.view.lookup import Found, Missing, config_namespace, find_config, find_model_reference
from aimcore.domain.view.observed import Policy, is_paused_or_deleting

__all__ = [
    "TemplateFacts",
    "TemplateHealth",
    "can_run",
    "health_from",
    "template_facts",
    "template_health",
    "template_healths",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class TemplateHealth:
    """The verdict of a template, and why; no reason where it is Ready."""

    verdict: Verdict
    message: str = ""


READY = TemplateHealth(verdict=Verdict.READY)


@dataclass(frozen=True, slots=True, kw_only=True)
class TemplateFacts:
    """All that the health of a template follows from. `lacking` says why no node can take it; None where one can."""

    config: ResolvedConfig | ConfigMissing
    model: Found[Reference] | Missing
    faults: tuple[str, ...]
    lacking: str | None


def template_facts(template: Template, view: ReadView, policy: Policy) -> TemplateFacts:
    """The facts of this snapshot for the template."""
    return _facts(template, _looked_up(template, view, policy), view, policy)


_LookedUp = tuple[ResolvedConfig | ConfigMissing, Found[Reference] | Missing]


def _looked_up(template: Template, view: ReadView, policy: Policy) -> _LookedUp:
    namespace, spec = template.key.namespace, template.spec
    home = config_namespace(namespace, policy.operator_namespace)
    return find_config(view, home, spec.runtime_config_name), find_model_reference(view, namespace, spec.model_name)


def _facts(template: Template, found: _LookedUp, view: ReadView, policy: Policy) -> TemplateFacts:
    config, model = found
    return TemplateFacts(
        config=config,
        model=model,
        faults=tuple([f"{fault.path}: {fault.message}" for fault in spec_faults(template)]),
        lacking=_lacking(template, model, view, policy),
    )


def _lacking(template: Template, model: Found[Reference] | Missing, view: ReadView, policy: Policy) -> str | None:
    """Why no node can take a replica of the template, None where one can or nodes may not be read (TMPL-8)."""
    inventory = view.inventory
    if inventory is None:
        return None
    defaults = policy.default_resources if policy.workloads else None
    if isinstance(model, Missing):
        return availability(template.spec, inventory, Extra(defaults=defaults))
    asked = view.model_resources(model.thing.namespace, model.thing.name)
    return availability(template.spec, inventory, Extra(model=asked, defaults=defaults))


def health_from(facts: TemplateFacts, template: Template) -> TemplateHealth:
    """The health that follows from the facts: the first that applies."""
    spec = template.spec
    if isinstance(facts.config, ConfigMissing) and facts.config.named:
        return TemplateHealth(verdict=Verdict.FAILED, message=f"runtime config {facts.config.name} is missing")
    if facts.faults:
        return TemplateHealth(verdict=Verdict.FAILED, message=facts.faults[0])
    if isinstance(facts.model, Missing):
        return TemplateHealth(verdict=Verdict.FAILED, message=f"model {spec.model_name} is missing")
    if facts.lacking:
        return TemplateHealth(verdict=Verdict.NOT_AVAILABLE, message=facts.lacking)
    if spec.hardware is None and not spec.model_sources:
        message = "neither hardware nor model sources are known; expected spec.hardware"
        return TemplateHealth(verdict=Verdict.PENDING, message=message)
    return READY


def template_healths(
    templates: Iterable[Template], view: ReadView, policy: Policy
) -> Iterator[tuple[Template, TemplateHealth]]:
    """The health of each on this snapshot; for one about which nothing is decided, what its status said last (OWN-3).

    What several look up alike, as the templates of one model do, is looked up once.
    """
    looked: dict[tuple[str | None, str | None, str], _LookedUp] = {}
    for template in templates:
        if is_paused_or_deleting(template, view):
            yield template, _said(template)
            continue
        at = (template.key.namespace, template.spec.runtime_config_name, template.spec.model_name)
        found = looked.get(at)
        if found is None:
            found = looked[at] = _looked_up(template, view, policy)
        yield template, health_from(_facts(template, found, view, policy), template)


def template_health(template: Template, view: ReadView, policy: Policy) -> TemplateHealth:
    """The health of one."""
    [(_, health)] = template_healths([template], view, policy)
    return health


def can_run(template: Template, view: ReadView, policy: Policy) -> bool:
    """Whether the template is Ready on this snapshot."""
    return template_health(template, view, policy).verdict is Verdict.READY


def _said(template: Template) -> TemplateHealth:
    status = template.status
    if status is None or not is_observed(template):
        return TemplateHealth(verdict=Verdict.PENDING, message="not observed yet")
    ready = find_condition(status.conditions, "Ready")
    return TemplateHealth(verdict=status.status, message=ready.message if ready else "")
