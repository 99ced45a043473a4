"""What resolving a service found: one condition for each thing it needs, and the word that follows where one is missing (SEL-3)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import assert_never

from aimcore.domain.children.diff import is_derived
from aimcore.domain.decide.choice import NotOfModel, standing_origin, unread_cause
from aimcore.domain.decide.conditions import MODEL_RESOLVED, RESOURCES_RESOLVED, SPEC_VALID, TEMPLATE_RESOLVED
from aimcore.domain.decide.credentials import Credentials
from aimcore.domain.decide.health import can_run, template_health
from aimcore.domain.decide.resolution import ModelAnswer, NameConflict, Resolution, ToCreate
from aimcore.domain.decide.status import config_condition
from aimcore.domain.kinds.conditions import Condition
from aimcore.domain.kinds.config import ConfigMissing
from aimcore.domain.kinds.ownership import controls
from aimcore.domain.kinds.records import Model, Service, Template
from aimcore.domain.kinds.resources import MergedResources
from aimcore.domain.kinds.scope import Key
from aimcore.domain.kinds.statuses import Verdict
from aimcore.domain.view.lookup import Ambiguous, Found, Missing
from aimcore.domain.view.observed import PAUSED, Observed, is_paused

__all__ = ["ResolutionFinding", "resolution_findings"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ResolutionFinding:
    """A condition, and the word it alone would make of the service; None when it stands in no way."""

    condition: Condition
    verdict: Verdict | None = None


def resolution_findings(
    observed: Observed[Service], resolution: Resolution, credentials: Credentials
) -> tuple[ResolutionFinding, ...]:
    """Of configuration, spec, model, template and resources, as far as resolving went."""
    found = [_config(resolution, credentials)]
    if resolution.faults:
        message = "; ".join(f"{fault.path}: {fault.message}" for fault in resolution.faults)
        found.append(ResolutionFinding(condition=SPEC_VALID("SpecInvalid", message), verdict=Verdict.FAILED))
    if resolution.model is not None:
        found.append(_model(resolution.model, inline=resolution.inline is not None))
    if isinstance(resolution.model, Found):
        found.append(_template(observed, resolution, resolution.model.thing))
    if resolution.resources is not None:
        found.append(_resources(resolution.resources))
    return tuple(found)


def _config(resolution: Resolution, credentials: Credentials) -> ResolutionFinding:
    named = isinstance(resolution.config, ConfigMissing) and resolution.config.named
    condition = config_condition(resolution.config, credentials)
    return ResolutionFinding(condition=condition, verdict=Verdict.FAILED if named else None)


def _model(answer: ModelAnswer, *, inline: bool) -> ResolutionFinding:
    match answer:
        case Found(thing=model, shadowed=shadowed):
            hides = f", shadows {', '.join(map(str, shadowed))}" if shadowed else ""
            return ResolutionFinding(condition=MODEL_RESOLVED("ModelResolved", f"{model.key}{hides}{_paused(model)}"))
        case Missing(looked=looked):
            message = f"no such model; looked for {', '.join(map(str, looked))}"
            return ResolutionFinding(condition=MODEL_RESOLVED("ModelMissing", message), verdict=Verdict.FAILED)
        case Ambiguous(things=models):
            names = ", ".join(str(model.key) for model in models)
            message = f"several models have this image: {names}; name one by spec.model.ref"
            return ResolutionFinding(condition=MODEL_RESOLVED("MultipleModelsFound", message), verdict=Verdict.FAILED)
        case ToCreate(model=model):
            message = f"{model.key} is being created"
            return ResolutionFinding(condition=MODEL_RESOLVED("ModelPending", message), verdict=Verdict.PENDING)
        case NameConflict(key=key):
            message = f"{key} exists and is not this service's"
            if inline:
                waits = f"{message}; waiting for its deletion"
                return ResolutionFinding(condition=MODEL_RESOLVED("ModelPending", waits), verdict=Verdict.PENDING)
            return ResolutionFinding(condition=MODEL_RESOLVED("NameConflict", message), verdict=Verdict.FAILED)
        case _:
            assert_never(answer)


def _template(observed: Observed[Service], resolution: Resolution, model: Model) -> ResolutionFinding:
    reason, message, verdict = _template_reason(observed, resolution, model)
    paused = "" if verdict is None else _paused(model)
    return ResolutionFinding(condition=TEMPLATE_RESOLVED(reason, f"{message}{paused}"), verdict=verdict)


def _template_reason(
    observed: Observed[Service], resolution: Resolution, model: Model
) -> tuple[str, str, Verdict | None]:
    template, selection = resolution.template, resolution.selection
    match resolution.named:
        case Missing(looked=looked):
            message = f"the named template is missing; looked for {', '.join(map(str, looked))}"
            if resolution.progress.coming:
                return (
                    "TemplatePending",
                    f"{message}; {model.key} is still making its templates{unread_cause(model)}",
                    Verdict.PENDING,
                )
            return "TemplateMissing", message, Verdict.FAILED
        case NotOfModel(template=other):
            return "TemplateNotOfModel", _not_of_model(other, model), Verdict.FAILED
        case Found() if template is None and resolution.derived is not None:
            return _derived_reason(observed, resolution.derived.key)
        case _:
            pass
    if resolution.lost is not None:
        return "TemplateMissing", f"{resolution.lost}, that its pods were made from, is gone", Verdict.FAILED
    if selection.awaited:
        return "TemplatePending", selection.awaited, Verdict.PENDING
    if selection.tied:
        names = " and ".join(one.key.name for one in selection.tied)
        message = f"nothing ranks {names} apart; name one by spec.template.name"
        return "TemplateSelectionAmbiguous", message, Verdict.FAILED
    if template is not None and _is_runnable(observed, resolution, template):
        return "TemplateResolved", str(template.key), None
    return "NoTemplateAvailable", _none_available(observed, resolution, model), Verdict.PENDING


def _is_runnable(observed: Observed[Service], resolution: Resolution, template: Template) -> bool:
    """Whether the template is taken as it is: one that was selected, or runs already, was judged before (RUN-16)."""
    chosen = resolution.named is None
    return chosen or standing_origin(observed) is not None or can_run(template, observed.view, observed.policy)


def _paused(model: Model) -> str:
    """That nothing of the model changes for now, and what to do about it (OWN-3)."""
    return f"; {model.key} is paused: take the annotation {PAUSED} away to go on" if is_paused(model) else ""


def _not_of_model(template: Template, model: Model) -> str:
    if is_derived(template):
        return f"{template.key} was derived for one service; name the template it came from"
    return f"{template.key} is of the model {template.spec.model_name} as seen from there, which is not {model.key}"


def _derived_reason(observed: Observed[Service], key: Key) -> tuple[str, str, Verdict]:
    there = observed.view.template(key.namespace, key.name)
    if there is None:
        return "TemplatePending", f"{key} is being created", Verdict.PENDING
    if controls(observed.subject.meta.uid, there.meta.owners):
        return "TemplatePending", f"{key} is being replaced, as the template it came from was", Verdict.PENDING
    return "NameConflict", f"{key} exists and is not this service's", Verdict.FAILED


def _none_available(observed: Observed[Service], resolution: Resolution, model: Model) -> str:
    template = resolution.template
    if template is not None:
        health = template_health(template, observed.view, observed.policy)
        return f"{template.key} is {': '.join(filter(None, (health.verdict, health.message)))}"
    if not (candidates := resolution.selection.candidates):
        word = model.status.status if model.status else "not observed yet"
        return f"{model.key} has no templates; it is {word}{unread_cause(model)}"
    first = candidates[0]
    return f"none of the templates ({len(candidates)}) can be run; {first.name} {first.reason}"


def _resources(resources: MergedResources) -> ResolutionFinding:
    if resources.problems:
        condition = RESOURCES_RESOLVED("ResourcesInvalid", "; ".join(resources.problems))
        return ResolutionFinding(condition=condition, verdict=Verdict.FAILED)
    return ResolutionFinding(condition=RESOURCES_RESOLVED("ResourcesResolved"))
