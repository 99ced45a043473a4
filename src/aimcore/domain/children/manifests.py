"""Children that are manifests: made from a body, and applied again where what stands differs in a field that is ours (OWN-4).

What the server fills in beside our fields is left alone; a field of ours that somebody else claims with another value is
left to them and named; a field that we claim and no longer want is given up by applying without it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from aimcore.domain.kinds.core import Child
from aimcore.domain.kinds.dropped import Changes, DroppedFields, is_dropped
from aimcore.domain.kinds.ownership import MANAGER, claimants, owner_of
from aimcore.domain.kinds.records import Meta
from aimcore.domain.kinds.scope import Key, Kind

__all__ = ["ManifestDiff", "child_of", "diff_manifest", "held_child", "held_spec"]

Path = tuple[str | int, ...]
"""The steps to a value: names of fields, and places in lists."""

_KEYS: Final = ("name", "mountPath", "containerPort", "key", "type", "ip", "port")
"""What entries of a list are told apart by, the first that all of them have, and have each its own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ManifestDiff:
    """What a child that stands needs: nothing, or all of `apply`, because of `changes`; `contested` names the fields that
    others hold, `dropped` those that its server does not keep.
    """

    apply: Child | None = None
    changes: Changes = ()
    contested: tuple[str, ...] = ()
    dropped: tuple[str, ...] = ()


def child_of(kind: Kind, body: Mapping[str, Any]) -> Child:
    """The child of a body as a builder makes it: labels, annotations and owner references in `metadata`, and a `spec`."""
    metadata = body["metadata"]
    owners = tuple(map(owner_of, metadata.get("ownerReferences", ())))
    meta = Meta(labels=metadata.get("labels", {}), annotations=metadata.get("annotations", {}), owners=owners)
    return Child(key=Key(kind, metadata["namespace"], metadata["name"]), meta=meta, spec=body["spec"])


def diff_manifest(wanted: Child, live: Child, dropped: DroppedFields) -> ManifestDiff:
    """What the live child needs to be as wanted; its uid goes with the apply."""
    want, there = _tree(wanted), _tree(live)
    differing = list(_differing(want, there, ()))
    contested = [path for path, _ in differing if _others(live, want, path)]
    changes = [(_text(path), value) for path, value in differing if path not in contested]
    changes += [(_text(path), None) for path in _given_up(live, want)]
    vain = tuple(path for path, value in changes if is_dropped(dropped, live.key, (path, value)))
    told = tuple(map(_text, contested))
    if len(vain) == len(changes):
        return ManifestDiff(contested=told, dropped=vain)
    for path in contested:
        want = _without(want, path)
    metadata = want["metadata"]
    meta = replace(
        wanted.meta,
        uid=live.meta.uid,
        labels=metadata.get("labels", {}),
        annotations=metadata.get("annotations", {}),
    )
    apply = replace(wanted, meta=meta, spec=want["spec"])
    return ManifestDiff(apply=apply, changes=tuple(changes), contested=told, dropped=vain)


def _tree(child: Child) -> dict[str, Any]:
    metadata = {"labels": child.meta.labels, "annotations": child.meta.annotations}
    return {"metadata": {name: value for name, value in metadata.items() if value}, "spec": child.spec}


def _text(path: Path) -> str:
    """A path as a condition names it.

    >>> _text(("spec", "template", "containers", 0, "image"))
    '.spec.template.containers[0].image'
    """
    return "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in path)


# What differs ---------------------------------------------------------------------------------------------------------


def _differing(want: Any, there: Any, path: Path) -> Iterator[tuple[Path, Any]]:
    """Every value of ours that the live object has not: what it has beside is not looked at."""
    if isinstance(want, Mapping):
        beside = there if isinstance(there, Mapping) else {}
        for name, value in want.items():
            yield from _differing(value, beside.get(name), (*path, name))
    elif isinstance(want, list | tuple) and isinstance(there, list | tuple):
        key = _key_of(want)
        if key is None:
            if list(want) != list(there):
                yield path, want
            return
        known = {one.get(key): one for one in there if isinstance(one, Mapping)}
        for place, one in enumerate(want):
            yield from _differing(one, known.get(one[key]), (*path, place))
    elif want != there and not _is_same_default(want, there):
        yield path, want


def _is_same_default(want: Any, there: Any) -> bool:
    """Whether nothing is said by either: an API server drops empty objects and lists, and null."""
    return want in ({}, [], (), "") and there is None


def _key_of(entries: list[Any] | tuple[Any, ...]) -> str | None:
    """What tells the entries of a list apart; None where nothing does, so that the list is one value."""
    if not entries or not all(isinstance(one, Mapping) for one in entries):
        return None
    return next(
        (
            key
            for key in _KEYS
            if all(isinstance(one.get(key), str | int) for one in entries)
            and len({one[key] for one in entries}) == len(entries)
        ),
        None,
    )


# Whose it is ----------------------------------------------------------------------------------------------------------


def _others(live: Child, want: Mapping[str, Any], path: Path) -> bool:
    """Whether somebody else claims the value at this path, and we do not."""
    claimed = claimants(live.meta.claims, tuple(_steps(want, path)))
    return bool(claimed - {MANAGER}) and MANAGER not in claimed


def _steps(want: Any, path: Path) -> Iterator[str]:
    """The path as field claims spell it: `f:` a field, `k:` an entry of a list by its key."""
    node = want
    for step in path:
        if isinstance(step, int):
            key = str(_key_of(node))  # only such lists are looked into
            node = node[step]
            yield f'k:{{"{key}":{_json(node[key])}}}'
        else:
            yield f"f:{step}"
            node = node[step]


def _json(value: str | int) -> str:
    if isinstance(value, int):
        return str(value)
    quoted = value.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{quoted}"'


def _given_up(live: Child, want: Mapping[str, Any]) -> Iterator[Path]:
    """The fields that we claim and do not want any more."""
    for claim in live.meta.claims:
        if claim.manager == MANAGER:
            for top in ("metadata", "spec"):
                yield from _unwanted(claim.fields.get(f"f:{top}", {}), want.get(top, {}), (top,))


def _unwanted(claim: Any, want: Any, path: Path) -> Iterator[Path]:
    for step, inside in claim.items():
        if path == ("metadata",) and step not in ("f:labels", "f:annotations"):
            continue
        found = _claimed(want, step)
        if found is None:
            continue
        name, value = found
        if value is None:
            yield (*path, name)
        else:
            yield from _unwanted(inside, value, (*path, name))


def _claimed(want: Any, step: str) -> tuple[str, Any] | None:
    """What is wanted at a step of a claim, by its name; None for steps that say nothing of a value of its own."""
    if step.startswith("f:"):
        name = step[2:]
        return name, want.get(name) if isinstance(want, Mapping) else None
    if step.startswith("k:"):
        keys: dict[str, Any] = json.loads(step[2:])
        entries = want if isinstance(want, list | tuple) else ()
        fitting = (one for one in entries if all(one.get(key, value) == value for key, value in keys.items()))
        return f"[{', '.join(map(str, keys.values()))}]", next(fitting, None)
    return None


def _without(tree: Any, path: Path) -> Any:
    """The tree without the value at a path, which ends with the name of a field."""
    step, rest = path[0], path[1:]
    if isinstance(step, int):
        return [_without(one, rest) if place == step else one for place, one in enumerate(tree)]
    kept = {name: value for name, value in tree.items() if name != step}
    return {**kept, step: _without(tree[step], rest)} if rest else kept


# What is ours of what stands ------------------------------------------------------------------------------------------


def held_spec(live: Child) -> dict[str, Any]:
    """Of the spec of a live child, what the operator claims: applied again, it changes nothing (RUN-14)."""
    held: dict[str, Any] = {}
    for claim in live.meta.claims:
        if claim.manager == MANAGER:
            held = _joined(held, _claimed_part(claim.fields.get("f:spec", {}), live.spec))
    return held


def held_child(live: Child) -> Child:
    """All that the operator claims of a live child, with its uid: applied again, it changes nothing."""
    metadata: dict[str, Any] = {}
    for claim in live.meta.claims:
        if claim.manager == MANAGER:
            metadata = _joined(
                metadata, _claimed_part(claim.fields.get("f:metadata", {"f:-": {}}), _tree(live)["metadata"])
            )
    meta = Meta(uid=live.meta.uid, labels=metadata.get("labels", {}), annotations=metadata.get("annotations", {}))
    return Child(key=live.key, meta=meta, spec=held_spec(live))


def _claimed_part(claim: Any, value: Any) -> Any:
    """The part of a value that a tree of claims names; a leaf of it is the whole value."""
    inside = {step: below for step, below in claim.items() if step != "."}
    if not inside:
        return value
    if isinstance(value, Mapping):
        return {step[2:]: _claimed_part(below, value[step[2:]]) for step, below in inside.items() if step[2:] in value}
    entries = value if isinstance(value, list | tuple) else ()
    keyed = [(json.loads(step[2:]), below) for step, below in inside.items() if step.startswith("k:")]
    return [
        _claimed_part(below, entry)
        for entry in entries
        for keys, below in keyed
        if all(entry.get(key) == wanted for key, wanted in keys.items())
    ]


def _joined(one: dict[str, Any], other: dict[str, Any]) -> dict[str, Any]:
    """Two parts of one value: what was created by POST and what was applied since are claimed apart."""
    joined = dict(one)
    for name, value in other.items():
        there = joined.get(name)
        joined[name] = _joined(there, value) if isinstance(there, dict) and isinstance(value, dict) else value
    return joined
