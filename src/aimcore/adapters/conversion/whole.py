"""Whole manifests: which are converted, which are left out, which are passed on, and what their metadata becomes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from aimcore.adapters.conversion.rewriting import Action, At, Note
from aimcore.adapters.conversion.spellings import KINDS
from aimcore.adapters.conversion.vocabulary import WITHOUT_COUNTERPART
from aimcore.domain.errors import quoted
from aimcore.domain.kinds.scope import GROUP, VERSION

__all__ = ["Converted", "convert"]

Manifest = Mapping[str, Any]

GROUPS: Final = ("aim.eai.amd.com", GROUP)
"""The groups of the Go operator: the present one, and the earlier one, which it shares with ours."""

PAUSED: Final = "reconciliation-paused"
GENERATED: Final = ("auto-generated", "derived")
KEPT_METADATA: Final = ("name", "namespace", "labels", "annotations")
NAMING: Final = (("template", "name"), ("templateName",), ("templateRef",), ("defaultServiceTemplate",))
"""Where a spec names a template."""
APPLIED: Final = "kubectl.kubernetes.io/last-applied-configuration"


@dataclass(frozen=True, slots=True, kw_only=True)
class Converted:
    """What became of one manifest, None if it is left out, and the notes on it."""

    manifest: dict[str, Any] | None
    notes: tuple[Note, ...]


def convert(manifests: Sequence[Manifest]) -> tuple[Converted, ...]:
    """What becomes of each of the manifests, in their order.

    Those of the Go operator (`aim.eai.amd.com` in any version, or `aim.silogen.ai` as it was spelt before) become ours; all
    others are passed on as they are. What the Go operator made itself is left out, for ours makes its own.
    """
    gone = frozenset(_name(one) for one in manifests if _is_theirs(one) and _maker(one))
    return tuple(
        _converted(one, gone) if _is_theirs(one) else Converted(manifest=dict(one), notes=()) for one in manifests
    )


def _is_theirs(manifest: Manifest) -> bool:
    return str(manifest.get("apiVersion")).partition("/")[0] in GROUPS


def _converted(old: Manifest, gone: frozenset[str]) -> Converted:
    notes: list[Note] = []
    out: dict[str, Any] = {}
    at = At(steps=(), to=(), out=out, notes=notes)
    form = KINDS.get(str(old.get("kind")))
    if form is None:
        kind = str(old.get("kind"))
        why = WITHOUT_COUNTERPART.get(kind, "this kind has no counterpart; the object is left out")
        _at(at, "kind").say(Action.DROPPED, f"{quoted(kind)}: {why}")
        return Converted(manifest=None, notes=tuple(notes))
    if maker := _maker(old):
        _at(at, "metadata").say(Action.DROPPED, f"{maker}; the operator makes its own")
        return Converted(manifest=None, notes=tuple(notes))
    out["apiVersion"] = f"{GROUP}/{VERSION}"
    out["kind"] = form.kind
    if old.get("apiVersion") != out["apiVersion"]:
        _at(at, "apiVersion").say(Action.RENAMED, f"is {GROUP}/{VERSION} here")
    if old.get("kind") != form.kind:
        _at(at, "kind").say(Action.RENAMED, f"is {form.kind} here")
    out["metadata"] = _metadata(old, at)
    if old.get("spec") is not None:
        out["spec"] = form.spec(old["spec"], At(steps=("spec",), to=("spec",), out={}, notes=notes))
        _templates_that_go(_record(old["spec"]), at, gone)
    return Converted(manifest=out, notes=tuple(notes))


def _at(at: At, *steps: str) -> At:
    return At(steps=steps, to=(), out=at.out, notes=at.notes)


# --- metadata -----------------------------------------------------------------------------------------------------------


def _record(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _metadata(old: Manifest, at: At) -> dict[str, Any]:
    """Name, namespace, labels and annotations; what the server wrote is left out, without a word."""
    given = _record(old.get("metadata"))
    new = {name: given[name] for name in KEPT_METADATA if given.get(name) is not None}
    for name in ("labels", "annotations"):
        if isinstance(new.get(name), dict):
            new[name] = _named_anew(new[name], _at(at, "metadata", name))
            if not new[name]:
                del new[name]
    if given.get("ownerReferences"):
        message = "left out: the uid of an owner is true in one cluster only"
        _at(at, "metadata", "ownerReferences").say(Action.DROPPED, message)
    return new


def _named_anew(old: Mapping[str, Any], at: At) -> dict[str, Any]:
    new: dict[str, Any] = {}
    for key, value in old.items():
        domain, _, name = key.rpartition("/")
        if key == APPLIED:
            continue
        if domain not in GROUPS:
            new[key] = value
        elif name != PAUSED:
            _at(at, *map(str, at.steps), key).say(Action.DROPPED, "left out: the operator writes such keys itself")
        else:
            new[f"{GROUP}/{PAUSED}"] = value
            if domain != GROUP:
                _at(at, *map(str, at.steps), key).say(Action.RENAMED, f"is {GROUP}/{PAUSED} here")
    return new


# --- what the operator made ---------------------------------------------------------------------------------------------


def _name(manifest: Manifest) -> str:
    return str(_record(manifest.get("metadata")).get("name"))


def _maker(manifest: Manifest) -> str | None:
    """Why an object counts as made by the Go operator, None if somebody wrote it."""
    metadata = _record(manifest.get("metadata"))
    labels = _record(metadata.get("labels"))
    for group in GROUPS:
        if labels.get(f"{group}/origin") in GENERATED:
            return f"has the label {group}/origin: {labels[f'{group}/origin']}"
    owners = metadata.get("ownerReferences")
    for owner in owners if isinstance(owners, list) else ():
        if _is_theirs(_record(owner)):
            return f"belongs to {quoted(str(owner.get('kind')))} {quoted(str(owner.get('name')))}"
    return None


def _templates_that_go(spec: Mapping[str, Any], at: At, gone: frozenset[str]) -> None:
    """Says which named template the Go operator made itself: ours gives it another name."""
    for steps in NAMING:
        name: Any = spec
        for step in steps:
            name = _record(name).get(step)
        if isinstance(name, str) and name in gone:
            message = f"the template {quoted(name)} was made by the Go operator and has another name here; aimcore plan lists it"
            _at(at, "spec", *steps).say(Action.DECIDE, message)
