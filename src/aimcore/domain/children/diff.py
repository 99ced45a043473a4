"""What the operator makes: whose it is, which labels it carries, and whether it still is as it was made (OWN, TMPL-2).

A child is written again only where it differs in a field that is ours to set; a field that somebody else claims with
another value is left to them and named (OWN-4).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import MISSING, dataclass, fields, replace
from typing import cast

from aimcore.domain.kinds.config import ResolvedConfig
from aimcore.domain.kinds.dropped import Changes, DroppedFields, camel, is_dropped
from aimcore.domain.kinds.naming import label_value
from aimcore.domain.kinds.ownership import MANAGED_BY, MANAGER, Owner, claimants
from aimcore.domain.kinds.records import Meta, Model, ModelSpec, Service, Template, TemplateSpec
from aimcore.domain.kinds.scope import GROUP, VERSION
from aimcore.domain.values.globs import matches
from aimcore.domain.view.lookup import AUTO_GENERATED, ORIGIN
from aimcore.domain.weights.sources import EnvVar

__all__ = [
    "Diff",
    "auto_labels",
    "child_meta",
    "created_meta",
    "derived_labels",
    "diff",
    "is_derived",
    "is_same",
    "is_stale",
    "marked_stale",
    "propagated_labels",
]

MODEL = "aim.silogen.ai/model"
STALE = "aim.silogen.ai/stale"
DERIVED = "aim.silogen.ai/derived-template"
RESERVED = "aim.silogen.ai/"


@dataclass(frozen=True, slots=True, kw_only=True)
class Diff:
    """What a standing child needs: nothing, or all of `apply`, because of the fields in `changes`; `contested` names the fields
    that others hold, `dropped` those that its server does not keep.
    """

    apply: Model | Template | None = None
    changes: Changes = ()
    contested: tuple[str, ...] = ()
    dropped: tuple[str, ...] = ()


def child_meta(parent: Model | Service, config: ResolvedConfig, labels: Mapping[str, str]) -> Meta:
    """The meta of a child: the operator's mark, `labels`, the parent's propagated labels, the parent as controller."""
    owner = Owner(
        api_version=f"{GROUP}/{VERSION}",
        kind=parent.key.api_kind,
        name=parent.key.name,
        uid=parent.meta.uid,
        controller=True,
    )
    return Meta(labels={**propagated_labels(parent, config), MANAGED_BY: MANAGER, **labels}, owners=(owner,))


def propagated_labels(parent: Model | Service, config: ResolvedConfig) -> dict[str, str]:
    """The parent's labels that go to its children; those that tell what the operator made never do (CONF-5)."""
    globs = config.propagated
    return {
        key: value
        for key, value in (parent.meta.labels.items() if globs else ())
        if not key.startswith(RESERVED) and key != MANAGED_BY and any(matches(glob, key) for glob in globs)
    }


def created_meta() -> Meta:
    """The meta of a model that nobody owns: it outlives the service that asked for it (AUTO-1)."""
    return Meta(labels={MANAGED_BY: MANAGER, ORIGIN: AUTO_GENERATED})


def auto_labels(model: str) -> dict[str, str]:
    """The labels of an auto-generated template (TMPL-2)."""
    return {MODEL: label_value(model), ORIGIN: AUTO_GENERATED}


def derived_labels(model: str) -> dict[str, str]:
    """The labels of a template derived for one service (SEL-4)."""
    return {MODEL: label_value(model), DERIVED: "true"}


def is_stale(template: Template) -> bool:
    """Whether the template is no longer wanted and only waits for its last service (TMPL-4)."""
    return template.meta.labels.get(STALE) == "true"


def is_derived(template: Template) -> bool:
    """Whether the template was derived for one service, and so is no candidate for others (SEL-2)."""
    return template.meta.labels.get(DERIVED) == "true"


def marked_stale(template: Template) -> Template:
    """What we hold of a standing template, and the stale mark: applied, it changes nothing else (TMPL-4)."""
    ours = {
        key: value
        for key, value in template.meta.labels.items()
        if MANAGER in claimants(template.meta.claims, _label_path(key))
    }
    owners = tuple(owner for owner in template.meta.owners if owner.controller)
    meta = Meta(uid=template.meta.uid, labels={**ours, STALE: "true"}, owners=owners)
    return Template(key=template.key, meta=meta, spec=_held(template))


def _held(template: Template) -> TemplateSpec:
    theirs: dict[str, object] = {}
    for name, unset in _UNSET[TemplateSpec].items():
        value = getattr(template.spec, name)
        if name in _KEYED:
            theirs[name] = tuple(
                item for key, item in _items(value).items() if _is_ours(template, _item_path(name, key))
            )
        elif not _is_ours(template, _path(name)):
            theirs[name] = unset
    return replace(template.spec, **theirs)  # type: ignore[arg-type]  # the names and types are the spec's own


def is_same(wanted: Template, live: Template) -> bool:
    """Whether the two agree in all that never changes on the server; else one must go before the other comes (TMPL-7)."""
    want, there = wanted.spec, live.spec
    return (want.model_name, want.metric, want.precision, want.hardware) == (
        there.model_name,
        there.metric,
        there.precision,
        there.hardware,
    )


def diff(wanted: Model | Template, live: Model | Template, dropped: DroppedFields) -> Diff:
    """What the standing child needs to be as wanted. The wanted identity is the standing one's: the name says so."""
    labels, relabelled, label_contests = _labels(wanted, live)
    given_up: dict[str, object] = {}
    contested = list(label_contests)
    changes: list[tuple[str, object]] = [(".metadata.labels", labels)] if relabelled else []
    for name in _UNSET[type(wanted.spec)]:
        differs, disputed, value = _field(wanted, live, name)
        if differs:
            changes.append((f".spec.{camel(name)}", getattr(wanted.spec, name)))
        if disputed:
            contested.extend(disputed)
            given_up[name] = value
    vain = tuple(path for path, value in changes if is_dropped(dropped, live.key, (path, value)))
    if len(vain) == len(changes):
        return Diff(contested=tuple(contested), dropped=vain)
    meta = replace(wanted.meta, uid=live.meta.uid, labels=labels)
    if isinstance(live, Template):
        given_up["hardware"] = live.spec.hardware  # as it is written there: to the server 1Gi is not 1024Mi (TMPL-7)
    spec = replace(wanted.spec, **given_up)  # type: ignore[arg-type]  # the names and types are the spec's own
    apply = replace(wanted, meta=meta, spec=spec)  # type: ignore[arg-type]  # the spec is of the kind that was wanted
    return Diff(apply=apply, changes=tuple(changes), contested=tuple(contested), dropped=vain)


def _labels(wanted: Model | Template, live: Model | Template) -> tuple[dict[str, str], bool, list[str]]:
    labels = dict(wanted.meta.labels)
    contested: list[str] = []
    changed = False
    for key, value in wanted.meta.labels.items():
        there = live.meta.labels.get(key)
        if there == value:
            continue
        if there is not None and _others(live, _label_path(key)):
            del labels[key]
            if key.startswith(RESERVED) or key == MANAGED_BY:
                contested.append(f".metadata.labels[{key}]")
        else:
            changed = True
    extra = live.meta.labels.keys() - wanted.meta.labels.keys()
    changed = changed or any(_is_ours(live, _label_path(key)) for key in extra)
    return labels, changed, contested


def _field(wanted: Model | Template, live: Model | Template, name: str) -> tuple[bool, list[str], object]:
    """Whether the field needs a write, which parts of it others hold, and what of it to apply."""
    want, there = getattr(wanted.spec, name), getattr(live.spec, name)
    if want == there:
        return False, [], want
    if name in _KEYED:
        return _keyed_field(live, name, _items(want), _items(there))
    unset = _UNSET[type(wanted.spec)][name]
    if want == unset:
        return _is_ours(live, _path(name)), [], want
    if there != unset and _others(live, _path(name)):
        return False, [f".spec.{camel(name)}"], unset
    return True, [], want


def _keyed_field(
    live: Model | Template, name: str, want: Mapping[str, object], there: Mapping[str, object]
) -> tuple[bool, list[str], object]:
    contested = [
        key for key, value in want.items() if there.get(key, value) != value and _others(live, _item_path(name, key))
    ]
    changed = any(key not in contested and there.get(key) != value for key, value in want.items()) or any(
        _is_ours(live, _item_path(name, key)) for key in there if key not in want
    )
    kept = tuple(value for key, value in want.items() if key not in contested)
    return changed, [f".spec.{camel(name)}[{key}]" for key in contested], kept


# How fields are called where the API server keeps claims on them ------------------------------------------------------

_KEYED = frozenset({"env", "image_pull_secrets"})
"""The lists that the API keeps as maps by name, so that each item has its own owner."""


def _items(value: object) -> dict[str, object]:
    items = cast("tuple[str | EnvVar, ...]", value)
    return {item if isinstance(item, str) else item.name: item for item in items}


def _others(live: Model | Template, path: tuple[str, ...]) -> bool:
    return bool(claimants(live.meta.claims, path) - {MANAGER})


def _is_ours(live: Model | Template, path: tuple[str, ...]) -> bool:
    return MANAGER in claimants(live.meta.claims, path)


def _path(name: str) -> tuple[str, ...]:
    return ("f:spec", f"f:{camel(name)}")


def _item_path(name: str, key: str) -> tuple[str, ...]:
    quoted = key.replace("\\", "\\\\").replace('"', '\\"')
    return ("f:spec", f"f:{camel(name)}", f'k:{{"name":"{quoted}"}}')


def _label_path(key: str) -> tuple[str, ...]:
    return ("f:metadata", "f:labels", f"f:{key}")


_UNSET: Mapping[type[ModelSpec | TemplateSpec], Mapping[str, object]] = {
    spec: {one.name: one.default for one in fields(spec) if one.default is not MISSING}
    for spec in (ModelSpec, TemplateSpec)
}
"""What every optional field of a spec says when it says nothing."""
