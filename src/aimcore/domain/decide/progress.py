"""Whether a model is done with its templates, told from its spec, what was read of its image, and the templates that stand.

The verdict in a status is not read: it may be behind, and an early choice may be the wrong one (SEL-2).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from aimcore.domain.children.diff import auto_labels, child_meta, diff, is_stale
from aimcore.domain.children.expansion import expand, is_custom
from aimcore.domain.decide.checks import spec_faults
from aimcore.domain.decide.credentials import model_config
from aimcore.domain.decide.discovery import Knowledge, creates_templates, known, recommended_templates
from aimcore.domain.decide.status import untold
from aimcore.domain.decide.templates import is_observed
from aimcore.domain.kinds.config import ConfigMissing, ResolvedConfig, in_force
from aimcore.domain.kinds.ownership import controls
from aimcore.domain.kinds.records import Model, Service, Template, TemplateSpec
from aimcore.domain.kinds.statuses import Verdict
from aimcore.domain.view.lookup import is_auto_generated
from aimcore.domain.view.observed import Observed, is_paused_or_deleting

__all__ = ["TemplateProgress", "Wanted", "template_progress", "wanted_templates"]

_CHOSEN_BY = frozenset({".spec.type", ".spec.runtimeConfigName"})
"""The fields that a choice looks at and that a model may change in a template that stands (TMPL-7)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """The templates that ought to stand. `complete` when nothing else ought to, so that others may go (TMPL-4)."""

    recommended: Mapping[str, TemplateSpec] = field(default_factory=dict)
    authored: Mapping[str, TemplateSpec] = field(default_factory=dict)
    complete: bool = False

    @property
    def specs(self) -> dict[str, TemplateSpec]:
        """All of them by name; what the author wrote wins."""
        return {**self.recommended, **self.authored}


def wanted_templates(model: Model, knowledge: Knowledge) -> Wanted:
    """What the model wants by its spec and what is known of its image."""
    authored = expand(model).templates
    if knowledge.metadata is None or not knowledge.read or not creates_templates(model):
        return Wanted(authored=authored, complete=is_custom(model))
    return Wanted(recommended=recommended_templates(model, knowledge.metadata), authored=authored, complete=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class TemplateProgress:
    """`coming` when the model may yet make a template or change one that a choice would look at; `unwanted` are the uids of
    those of its own that it no longer wants, marked so or not yet (TMPL-4).
    """

    coming: bool = False
    unwanted: frozenset[str] = frozenset()


def template_progress(observed: Observed[Service], model: Model) -> TemplateProgress:
    """How far the model has got on this snapshot; of one for which nothing is decided, what its status said last (OWN-3)."""
    view = observed.view
    if is_paused_or_deleting(model, view):
        late = model.status is None or model.status.status is Verdict.PROGRESSING
        return TemplateProgress(coming=late or not is_observed(model))
    config = model_config(view, observed.policy, model)
    if (isinstance(config, ConfigMissing) and config.named) or spec_faults(model):
        return TemplateProgress()
    knowledge = Knowledge() if is_custom(model) else known(model)
    wanted = wanted_templates(model, knowledge)
    specs, namespace = wanted.specs, model.key.namespace
    own = {one.key.name: one for one in view.templates_of_model(namespace, model.key.name)}
    standing = {name: own.get(name) or view.template(namespace, name) for name in specs}
    settled = in_force(config)
    comparison = _Comparison(observed=observed, model=model, config=settled)
    coming = knowledge.pending or any(comparison.is_late(specs[name], there) for name, there in standing.items())
    unwanted = (
        [one for name, one in own.items() if name not in specs and _is_own(model, one)] if wanted.complete else []
    )
    return TemplateProgress(coming=coming, unwanted=frozenset(one.meta.uid for one in unwanted))


def _is_own(model: Model, template: Template) -> bool:
    return is_auto_generated(template) and controls(model.meta.uid, template.meta.owners)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Comparison:
    """What tells whether a template stands as its model wants it."""

    observed: Observed[Service]
    model: Model
    config: ResolvedConfig

    def is_late(self, spec: TemplateSpec, there: Template | None) -> bool:
        """Whether the wanted template is yet to be made, or changed in what a choice looks at."""
        if there is None:
            return True
        if there.spec == spec and not there.meta.deleting and not is_stale(there):
            return False  # as most are
        if not controls(self.model.meta.uid, there.meta.owners):
            return False  # somebody else's: the model leaves it alone (TMPL-5)
        if there.meta.deleting:
            return True
        meta = child_meta(self.model, self.config, auto_labels(self.model.key.name))
        change = diff(Template(key=there.key, meta=meta, spec=spec), there, self.observed.dropped)
        paths = untold(self.observed, self.model, there.key, change)
        return not _CHOSEN_BY.isdisjoint(paths) or (is_stale(there) and ".metadata.labels" in paths)
