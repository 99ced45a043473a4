"""What manifests would change, as an outline and as data: what would be created and deleted, and which fields would change."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from aimcore.domain.kinds.scope import GROUP
from aimcore.domain.serving.origin import read_origin
from aimcore.domain.serving.rollout import changed_inputs
from aimcore.entrypoints.present.answers import Compared, Manifest
from aimcore.entrypoints.present.outline import Entry, Section
from aimcore.entrypoints.present.plan import problem_data

__all__ = ["difference_data", "difference_outline"]

Field = tuple[str, Any, Any]
"""A path, and what is there before and after; None for nothing."""

UNTOLD: Final = frozenset(
    {
        ("metadata", "creationTimestamp"),
        ("metadata", "generation"),
        ("metadata", "annotations", "kubectl.kubernetes.io/last-applied-configuration"),
        ("status", "observedGeneration"),
    }
)
"""What changes with every write, and says nothing."""

KEPT_BACK: Final = ("status", f"metadata.annotations.{GROUP}/")
"""What a table tells only if asked for: statuses, and what the operator writes down for itself."""
WELL: Final = ("Ready", "Running")
"""The words that say everything."""
UNTOLD_ANYWHERE: Final = frozenset({"lastTransitionTime", "observedGeneration"})
KEYS: Final = ("type", "name", "modelId")
"""What tells the items of a list apart, wherever all of them have it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Change:
    """An object that stays and is otherwise then, and its fields that differ."""

    before: Manifest
    after: Manifest
    fields: tuple[Field, ...]

    @property
    def outcome(self) -> str:
        """Its word before and after, where that is another; empty where it is the same."""
        old, new = _outcome(self.before), _outcome(self.after)
        return f"{old or 'nothing'} -> {new}" if old != new else ""

    @property
    def rolls(self) -> str:
        """Why its pods are made anew; empty where they are not."""
        old, new = (read_origin(one["metadata"].get("annotations", {})) for one in (self.before, self.after))
        if self.after["kind"] != "Deployment" or old is None or new is None or old.revision == new.revision:
            return ""
        return changed_inputs(new, old)


def difference_outline(compared: Compared, *, status: bool = False) -> tuple[Section, ...]:
    """The difference for people: what comes, changes and goes, with the word it ends with; statuses field by field if asked for."""
    created, changed, deleted = _parted(compared)
    return (
        Section(title="Created", entries=tuple(map(_created, created))),
        Section(title="Changed", entries=tuple(_entry(one, status=status) for one in changed)),
        Section(title="Deleted", entries=tuple(Entry(label=one["kind"], text=_place(one)) for one in deleted)),
        Section(title="Summary", entries=tuple(Entry(text=one) for one in _summary(created, changed, deleted))),
    )


def difference_data(compared: Compared) -> dict[str, Any]:
    """The same for programs: objects that come in full, of those that change the fields, of those that go the names."""
    created, changed, deleted = _parted(compared)
    return {
        "created": created,
        "changed": [
            {
                **_named(one.after),
                "fields": [{"path": path, "before": old, "after": new} for path, old, new in one.fields],
                "outcome": one.outcome or None,
                "rolls": one.rolls or None,
            }
            for one in changed
        ],
        "deleted": [_named(one) for one in deleted],
        "problems": [problem_data(problem) for problem in compared.problems],
        "assumptions": compared.assumptions,
    }


def _parted(compared: Compared) -> tuple[list[Manifest], list[_Change], list[Manifest]]:
    created: list[Manifest] = []
    changed: list[_Change] = []
    deleted: list[Manifest] = []
    for before, after in compared.changed:
        if before is None and after is not None:
            created.append(after)
        elif after is None and before is not None:
            deleted.append(before)
        elif before is not None and after is not None and (fields := tuple(_fields((), before, after))):
            changed.append(_Change(before=before, after=after, fields=fields))
    return created, changed, deleted


def _created(manifest: Manifest) -> Entry:
    outcome = _outcome(manifest)
    return Entry(label=manifest["kind"], text=_place(manifest), notes=(outcome,) if outcome else ())


def _entry(change: _Change, *, status: bool) -> Entry:
    shown = [one for one in change.fields if status or not one[0].startswith(KEPT_BACK)]
    fields = tuple(Entry(text=path, notes=tuple(_told(old, new))) for path, old, new in shown)
    rolls = f"its pods are made anew: {change.rolls}" if change.rolls else ""
    notes = tuple(filter(None, (change.outcome, rolls)))
    if not fields and not notes:
        notes = ("nothing of its spec changes; --status shows the rest",)
    return Entry(label=change.after["kind"], text=_place(change.after), notes=notes, entries=fields)


def _outcome(manifest: Manifest) -> str:
    """The word of a status, and the reason where the word is no good news: `Failed: ModelMissing`."""
    status = manifest.get("status", {})
    word = status.get("status") if isinstance(status, Mapping) else None
    if not isinstance(word, str):
        return ""
    ready = [one for one in status.get("conditions", ()) if one.get("type") == "Ready"]
    reason = str(ready[0].get("reason", "")) if ready else ""
    return word if word in WELL or reason in ("", word) else f"{word}: {reason}"


def _summary(created: Sequence[Manifest], changed: Sequence[_Change], deleted: Sequence[Manifest]) -> Iterator[str]:
    yield f"{len(created)} would be created, {len(changed)} changed, {len(deleted)} deleted"
    rolls = sum(bool(one.rolls) for one in changed)
    if rolls:
        yield f"the pods of {rolls} {'service' if rolls == 1 else 'services'} would be made anew"


def _place(manifest: Manifest) -> str:
    metadata = manifest["metadata"]
    return "/".join(filter(None, (metadata.get("namespace"), metadata["name"])))


def _named(manifest: Manifest) -> dict[str, Any]:
    metadata = manifest["metadata"]
    return {"kind": manifest["kind"], "namespace": metadata.get("namespace"), "name": metadata["name"]}


def _told(before: Any, after: Any) -> Iterator[str]:
    for sign, value in (("-", before), ("+", after)):
        if value is not None:
            yield f"{sign} {value if isinstance(value, str) else json.dumps(value, sort_keys=True)}"


# Fields -----------------------------------------------------------------------------------------------------------------


def _fields(path: tuple[str, ...], before: Any, after: Any) -> Iterator[Field]:
    """The deepest fields that differ, in the order of their names."""
    if before == after or path in UNTOLD or (path and path[-1] in UNTOLD_ANYWHERE):
        return
    old, new = _parts(before), _parts(after)
    if old is None or new is None:
        yield _joined(path), before, after
        return
    for name in sorted(old.keys() | new.keys()):
        yield from _fields((*path, name), old.get(name), new.get(name))


def _parts(value: Any) -> dict[str, Any] | None:
    """What a value consists of, by name: the fields of an object, the items of a list by what tells them apart."""
    if isinstance(value, Mapping):
        return dict(value)
    if not isinstance(value, list) or not all(isinstance(item, Mapping) for item in value):
        return None
    for key in KEYS:
        names = [item.get(key) for item in value]
        if all(isinstance(name, str) for name in names) and len(set(names)) == len(names):
            return {f"[{key}={name}]": item for name, item in zip(names, value, strict=True)}
    return None


def _joined(path: Sequence[str]) -> str:
    return "".join(part if part.startswith("[") else f".{part}" for part in path).removeprefix(".")
