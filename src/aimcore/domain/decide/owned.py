"""What a service makes for itself: the model it brings about, the template it derives, its manifests; and what it leaves behind."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from aimcore.domain.children.diff import child_meta, derived_labels, diff, is_derived, is_same
from aimcore.domain.children.manifests import diff_manifest
from aimcore.domain.decide.choice import standing_origin
from aimcore.domain.decide.health import can_run
from aimcore.domain.decide.resolution import Resolution, ToCreate
from aimcore.domain.decide.templates import is_ready
from aimcore.domain.kinds.core import Child
from aimcore.domain.kinds.ownership import controls
from aimcore.domain.kinds.records import Model, Service, Template
from aimcore.domain.serving.reasons import Finding, Reason
from aimcore.domain.view.lookup import Found, is_auto_generated
from aimcore.domain.view.observed import Observed
from aimcore.domain.view.plan import Apply, Create, Delete, Write

__all__ = ["ManifestChildren", "OwnedChildren", "decide_owned"]


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnedChildren:
    """What to write, which fields of ours others hold, and which their server does not keep."""

    writes: tuple[Write, ...] = ()
    contested: tuple[str, ...] = ()
    dropped: tuple[str, ...] = ()


def decide_owned(observed: Observed[Service], resolution: Resolution) -> OwnedChildren:
    """The writes beside the status."""
    writes: list[Write] = []
    contested: list[str] = []
    dropped: list[str] = []
    for kept in (_model(observed, resolution), _derived(observed, resolution)):
        writes.extend(kept.writes)
        contested.extend(kept.contested)
        dropped.extend(kept.dropped)
    writes.extend(_left_behind(observed, resolution))
    return OwnedChildren(writes=tuple(writes), contested=tuple(contested), dropped=tuple(dropped))


def _model(observed: Observed[Service], resolution: Resolution) -> OwnedChildren:
    """The model to create; an inline one that stands is kept as the service has it now (AUTO-1, AUTO-4)."""
    rule = "AUTO-1" if resolution.inline is None else "AUTO-4"
    match resolution.model:
        case ToCreate(model=model):
            return OwnedChildren(writes=(Create(thing=model, rule=rule),))
        case Found(thing=there) if resolution.inline is not None and not there.meta.deleting:
            return _kept(observed, resolution.inline, there, rule)
        case _:
            return OwnedChildren()


def _derived(observed: Observed[Service], resolution: Resolution) -> OwnedChildren:
    """The template derived by overrides: made once, then kept in step with the template it came from (SEL-4)."""
    wanted = resolution.derived
    if wanted is None:
        return OwnedChildren()
    wanted = replace(
        wanted, meta=child_meta(observed.subject, resolution.settings, derived_labels(wanted.spec.model_name))
    )
    there = observed.view.template(wanted.key.namespace, wanted.key.name)
    if there is None:
        return OwnedChildren(writes=(Create(thing=wanted, rule="SEL-4"),))
    if there.meta.deleting or not controls(observed.subject.meta.uid, there.meta.owners):
        return OwnedChildren()
    if not is_same(wanted, there):  # the template it came from was made anew, with another identity
        return OwnedChildren(writes=(_delete(there, "SEL-4"),))
    return _kept(observed, wanted, there, "SEL-4")


def _kept(observed: Observed[Service], wanted: Model | Template, there: Model | Template, rule: str) -> OwnedChildren:
    care = diff(wanted, there, observed.dropped)
    return OwnedChildren(
        writes=() if care.apply is None else (Apply(thing=care.apply, rule=rule, changes=care.changes),),
        contested=tuple(f"{there.key.name}{path}" for path in care.contested),
        dropped=tuple(f"{there.key.name}{path}" for path in care.dropped),
    )


class ManifestChildren:
    """Collects the writes of the manifests that a service makes: made where there is none, applied where a field of ours differs."""

    def __init__(self, observed: Observed[Service]) -> None:
        self._observed = observed
        self.writes: tuple[Write, ...] = ()
        self.conflicts: tuple[Finding, ...] = ()
        self.contested: tuple[str, ...] = ()
        self.dropped: tuple[str, ...] = ()

    def take(self, child: Child | None, rule: str) -> None:
        """Keeps a child, where there is one to keep."""
        if child is not None:
            self.keep(child, rule)

    def keep(self, wanted: Child, rule: str) -> None:
        """Makes the child, or applies it again; another's of its name is left alone and named."""
        key = wanted.key
        live = self._observed.view.child(key.kind, key.namespace, key.name)
        if live is None:
            self.writes += (Create(thing=wanted, rule=rule),)
        elif not controls(self._observed.subject.meta.uid, live.meta.owners):
            message = f"{key} exists and does not belong to this service; delete or rename it, and it is made"
            self.conflicts += (Finding(reason=Reason.NAME_CONFLICT, message=message),)
        elif not live.meta.deleting:
            found = diff_manifest(wanted, live, self._observed.dropped)
            if found.apply is not None:
                self.writes += (Apply(thing=found.apply, rule=rule, changes=found.changes),)
            self.contested += tuple(f"{key.kind} {key.name}{path}" for path in found.contested)
            self.dropped += tuple(f"{key.name}{path}" for path in found.dropped)


def _left_behind(observed: Observed[Service], resolution: Resolution) -> Iterator[Delete]:
    """What the service owns and no longer wants goes once what it wants instead is there (AUTO-4, SEL-4)."""
    if resolution.model is None:  # nobody knows yet what it wants
        return
    origin = standing_origin(observed)  # what the pods were made from stays as long as they do (RUN-12)
    in_use = {origin.model.uid, origin.template.uid} if origin else set[str]()
    for thing in sorted(observed.view.owned_by(observed.subject.meta.uid), key=lambda thing: thing.key.sort_key):
        if thing.meta.deleting or thing.key.namespace != observed.subject.key.namespace or thing.meta.uid in in_use:
            continue
        match thing:
            case Model() if is_auto_generated(thing) and _is_replaced_model(resolution, thing):
                yield _delete(thing, "AUTO-4")
            case Template() if is_derived(thing) and _is_replaced_template(observed, resolution, thing):
                yield _delete(thing, "SEL-4")


def _is_replaced_model(resolution: Resolution, model: Model) -> bool:
    if resolution.inline is None:  # the service names a model or an image now
        return True
    if resolution.inline.key == model.key:
        return False
    return isinstance(resolution.model, Found) and is_ready(resolution.model.thing)


def _is_replaced_template(observed: Observed[Service], resolution: Resolution, template: Template) -> bool:
    wanted, instead = resolution.derived, resolution.template
    if wanted is not None and wanted.key == template.key:
        return False
    return instead is not None and can_run(instead, observed.view, observed.policy)


def _delete(thing: Model | Template, rule: str) -> Delete:
    return Delete(key=thing.key, uid=thing.meta.uid, resource_version=thing.meta.resource_version, rule=rule)
