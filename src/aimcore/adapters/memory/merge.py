"""What a manifest claims, how two differ, and how an applied one merges into a live one.

Values are never changed in place; a result shares every part that stayed the same with what it came from.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any, NamedTuple

from aimcore.adapters.memory.fieldset import FieldSet, has
from aimcore.adapters.memory.kinds import PLAIN, Shape
from aimcore.ports.errors import Invalid

__all__ = ["Changes", "claims", "compare", "everything", "merge", "named", "remove"]

_LEAF: FieldSet = {}
_ABSENT: Any = object()
_CONTAINERS = (dict, list)


class Changes(NamedTuple):
    """Where a new value differs from an old one."""

    added: FieldSet
    modified: FieldSet
    removed: FieldSet


def everything(value: Any, shape: Shape) -> FieldSet:
    """The node of a value that was not there before: every field of it, the containers too."""
    if isinstance(value, dict):
        if not value or shape.atomic:
            return _LEAF
        node: dict[str, Any] = {".": _LEAF}
        fields = shape.fields
        for name, member in value.items():
            node["f:" + name] = (
                everything(member, fields.get(name, PLAIN)) if isinstance(member, _CONTAINERS) else _LEAF
            )
        return node
    if isinstance(value, list) and value and shape.keys is not None:
        items = shape.items or PLAIN
        return {".": _LEAF} | {step: everything(item, items) for step, item in _indexed(value, shape).items()}
    return _LEAF


def claims(manifest: Mapping[str, Any], shape: Shape) -> FieldSet:
    """What an applied manifest claims: its leaves, the items of its keyed lists, the members of its maps of containers.

    Raises `Invalid` for a keyed list in which a key is missing or stands twice.
    """
    return _claimed(manifest, shape) or {}


def _claimed(value: Any, shape: Shape) -> FieldSet | None:
    """The node of one applied value; None when it claims nothing, as an empty keyed list does."""
    node: dict[str, Any] = {}
    if isinstance(value, dict) and value and not shape.atomic:
        for name, member in value.items():
            inner = _claimed(member, shape.fields.get(name, PLAIN)) if isinstance(member, _CONTAINERS) else _LEAF
            if inner is not None:
                node["f:" + name] = {".": _LEAF, **inner} if shape.members and inner else inner
        return node or None
    if isinstance(value, list) and shape.keys is not None:
        items = shape.items or PLAIN
        indexed = _indexed(value, shape)
        if len(indexed) < len(value):
            raise Invalid("an applied list has two items of one key; expected each key once")
        for step, item in indexed.items():
            inner = _claimed(item, items)
            node[step] = {".": _LEAF, **inner} if inner else _LEAF
        return node or None
    return _LEAF


def compare(old: Mapping[str, Any], new: Mapping[str, Any], shape: Shape) -> Changes:
    """Every path at which `new` differs from `old`."""
    changes = Changes({}, {}, {})
    _compare_members(old, new, shape, changes)
    return changes


def _compare_members(old: Mapping[str, Any], new: Mapping[str, Any], shape: Shape, into: Any) -> None:
    if old is new:
        return
    for name, member in new.items():
        was = old.get(name, _ABSENT)
        if was is member or was == member:
            continue
        _compare_one("f:" + name, (was, member), shape.fields.get(name, PLAIN), into)
    for name, was in old.items():
        if name not in new:
            into.removed["f:" + name] = everything(was, shape.fields.get(name, PLAIN))


def _compare_one(step: str, pair: tuple[Any, Any], shape: Shape, into: Any) -> None:
    was, member = pair
    if was is _ABSENT:
        into.added[step] = everything(member, shape)
        return
    old, new = _containers(was, member, shape)
    if old is None:
        into.modified[step] = _LEAF
        return
    inner = Changes({}, {}, {})
    if isinstance(old, dict):
        _compare_members(old, new, shape, inner)
    else:
        _compare_items(_indexed(old, shape), _indexed(new, shape), shape.items or PLAIN, inner)
    for ours, theirs in zip(into, inner, strict=True):
        if theirs:
            ours[step] = theirs


def _compare_items(old: Mapping[str, Any], new: Mapping[str, Any], shape: Shape, into: Any) -> None:
    for step, item in new.items():
        was = old.get(step, _ABSENT)
        if was is not item and was != item:
            _compare_one(step, (was, item), shape, into)
    for step, was in old.items():
        if step not in new:
            into.removed[step] = everything(was, shape)


def _containers(one: Any, other: Any, shape: Shape) -> tuple[Any, Any]:
    """Both values when they are to be looked into, null being an empty one; `(None, None)` when they are one unit."""
    kind: type = dict if isinstance(one, dict) or isinstance(other, dict) else list
    granular = not shape.atomic if kind is dict else shape.keys is not None
    if granular and all(value is None or isinstance(value, kind) for value in (one, other)) and (one or other):
        empty = kind()
        return (empty if one is None else one), (empty if other is None else other)
    return None, None


# --- keyed lists --------------------------------------------------------------------------------------------------------


def _indexed(items: Sequence[Any], shape: Shape) -> dict[str, Any]:
    """The items by their step. Of two with one key the first stands: that admission refuses."""
    out: dict[str, Any] = {}
    for item in items:
        out.setdefault(_step(item, shape.keys or ()), item)
    return out


def _step(item: Any, keys: tuple[str, ...]) -> str:
    if not keys:
        return "v:" + _text(item)
    if not isinstance(item, dict) or item.keys().isdisjoint(keys):
        raise Invalid(f"a list item lacks its key; expected a mapping with {' and '.join(keys)}")
    if len(keys) == 1 and isinstance(item[keys[0]], str):
        return _named_step(keys[0], item[keys[0]])
    return "k:" + _text({key: item[key] for key in sorted(keys) if key in item})


@lru_cache(maxsize=4096)
def _named_step(key: str, value: str) -> str:
    return "k:" + _text({key: value})


def _text(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _merged_order(live: Sequence[str], applied: Sequence[str]) -> list[str]:
    """The items of both lists once each: shared ones in the applied order, those of one list where they stood.

    Both are walked side by side; what only the live list has goes first, and a shared item waits for its turn.
    """
    ours_set, theirs_set = set(live), set(applied)
    shared = iter([step for step in applied if step in ours_set])
    turn = next(shared, None)
    out: list[str] = []
    done: set[str] = set()
    left = right = 0
    while left < len(live) or right < len(applied):
        ours = live[left] if left < len(live) else None
        theirs = applied[right] if right < len(applied) else None
        if ours is not None and ours not in theirs_set:
            out.append(ours)
            left += 1
            continue
        if None not in (ours, theirs, turn) and ours not in (theirs, turn):
            left += 1
            continue
        if ours is not None and (ours == theirs or ours in done):
            left += 1
        if theirs is not None:
            out.append(theirs)
            done.add(theirs)
            right += 1
            turn = next(shared, None) if theirs == turn else turn
    return out


# --- apply --------------------------------------------------------------------------------------------------------------


def merge(live: Any, applied: Any, shape: Shape) -> Any:
    """`live` with what `applied` says; nothing is removed. The very same `live` when nothing changes."""
    if isinstance(live, dict) and isinstance(applied, dict) and not shape.atomic:
        out: dict[str, Any] | None = None
        for name, member in applied.items():
            was = live.get(name, _ABSENT)
            if was is member or was == member:
                continue
            new = member if was is _ABSENT else merge(was, member, shape.fields.get(name, PLAIN))
            if new is not was:
                out = dict(live) if out is None else out
                out[name] = new
        return live if out is None else out
    if shape.keys is not None and isinstance(live, list) and isinstance(applied, list) and (live or applied):
        return _merge_lists(live, applied, shape)
    if applied is None and isinstance(live, _CONTAINERS) and _containers(live, applied, shape)[0] is not None:
        return live
    return live if live == applied else applied


def _merge_lists(live: list[Any], applied: list[Any], shape: Shape) -> list[Any]:
    if live == applied:
        return live
    lefts, rights = _indexed(live, shape), _indexed(applied, shape)
    items = shape.items or PLAIN
    out = []
    for step in _merged_order(list(lefts), list(rights)):
        if step not in rights:
            out.append(lefts[step])
        elif step not in lefts:
            out.append(rights[step])
        else:
            out.append(merge(lefts[step], rights[step], items))
    same = len(out) == len(live) and all(new is old for new, old in zip(out, live, strict=True))
    return live if same else out


def remove(value: Any, fields: FieldSet, shape: Shape) -> Any:
    """`value` without the members of `fields`. A container in it that loses its last member becomes null."""
    if isinstance(value, dict) and not shape.atomic:
        steps = (("f:" + name, name, member, shape.fields.get(name, PLAIN)) for name, member in value.items())
        return {
            name: _left(member, fields.get(step), inner) for step, name, member, inner in steps if _kept(fields, step)
        }
    if isinstance(value, list) and shape.keys is not None:
        items = shape.items or PLAIN
        indexed = ((_step(item, shape.keys), item) for item in value)
        return [_left(item, fields.get(step), items) for step, item in indexed if _kept(fields, step)]
    return value


def _kept(fields: FieldSet, step: str) -> bool:
    node = fields.get(step)
    return node is None or not has(node)


def _left(value: Any, node: FieldSet | None, shape: Shape) -> Any:
    if node is None:
        return value
    left = remove(value, node, shape)
    return left if left or left is value else None


def named(fields: FieldSet, shape: Shape) -> FieldSet:
    """`fields`, and every named field on the way to one of them; a map's own members and list items are not named fields."""
    out: dict[str, Any] = {}
    for step, node in fields.items():
        name = step[2:]
        inner_shape = shape.fields.get(name, PLAIN) if step.startswith("f:") else (shape.items or PLAIN)
        inner = named(node, inner_shape) if node else node
        is_named = step.startswith("f:") and not shape.members
        out[step] = {".": _LEAF, **inner} if is_named and inner else inner
    return out
