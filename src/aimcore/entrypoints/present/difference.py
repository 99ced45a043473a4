"""What manifests would change, as an outline and as data: what would be created and deleted, and which fields would change."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from aimcore.entrypoints.present.answers import Compared, Manifest, problem_line
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

UNTOLD_ANYWHERE: Final = frozenset({"lastTransitionTime", "observedGeneration"})
KEYS: Final = ("type", "name", "modelId")
"""What tells the items of a list apart, wherever all of them have it."""


def difference_outline(compared: Compared) -> tuple[Section, ...]:
    """The difference for people."""
    created, changed, deleted = _parted(compared)
    return (
        Section(title="Created", entries=tuple(Entry(label=one["kind"], text=_place(one)) for one in created)),
        Section(title="Changed", entries=tuple(_entry(one, fields) for one, fields in changed)),
        Section(title="Deleted", entries=tuple(Entry(label=one["kind"], text=_place(one)) for one in deleted)),
        Section(title="Problems", entries=tuple(Entry(text=problem_line(one)) for one in compared.problems)),
    )


def difference_data(compared: Compared) -> dict[str, Any]:
    """The same for programs: objects that come in full, of those that change the fields, of those that go the names."""
    created, changed, deleted = _parted(compared)
    return {
        "created": created,
        "changed": [
            {**_named(one), "fields": [{"path": path, "before": old, "after": new} for path, old, new in fields]}
            for one, fields in changed
        ],
        "deleted": [_named(one) for one in deleted],
        "problems": [problem_data(problem) for problem in compared.problems],
        "assumptions": compared.assumptions,
    }


def _parted(compared: Compared) -> tuple[list[Manifest], list[tuple[Manifest, list[Field]]], list[Manifest]]:
    created: list[Manifest] = []
    changed: list[tuple[Manifest, list[Field]]] = []
    deleted: list[Manifest] = []
    for before, after in compared.changed:
        if before is None and after is not None:
            created.append(after)
        elif after is None and before is not None:
            deleted.append(before)
        elif before is not None and after is not None and (fields := list(_fields((), before, after))):
            changed.append((after, fields))
    return created, changed, deleted


def _entry(manifest: Manifest, fields: Sequence[Field]) -> Entry:
    told = (Entry(text=path, notes=tuple(_told(old, new))) for path, old, new in fields)
    return Entry(label=manifest["kind"], text=_place(manifest), entries=tuple(told))


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
