"""Sets of field paths, as `managedFields` writes them: nested steps `f:name`, `k:{"name":"A"}`, `v:"x"`.

An inner node that is empty, or has the step `.`, is a member itself; a node that is only on the way is not. The root is
never a member, so the empty mapping is the empty set. Sets are values: no function here changes its arguments, and what
is unchanged is returned as it was, so that `is` tells "nothing happened".
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

__all__ = ["FieldSet", "difference", "has", "intersection", "paths", "union"]

FieldSet = Mapping[str, Any]

_LEAF: FieldSet = {}


def has(node: FieldSet) -> bool:
    """Whether this inner node is a member, and not only on the way to one."""
    return not node or "." in node


def union(one: FieldSet, other: FieldSet) -> FieldSet:
    """What is in either.

    >>> union({"f:a": {}}, {"f:a": {"f:b": {}}})
    {'f:a': {'f:b': {}, '.': {}}}
    """
    if not one or one is other:
        return other
    if not other:
        return one
    out: dict[str, Any] | None = None
    for step, theirs in other.items():
        ours = one.get(step)
        both = theirs if ours is None else _joined(ours, theirs)
        if both is not ours:
            out = dict(one) if out is None else out
            out[step] = both
    return one if out is None else out


def _joined(ours: FieldSet, theirs: FieldSet) -> FieldSet:
    if ours and theirs:
        return union(ours, theirs)
    richer = theirs or ours
    return richer if has(richer) else {**richer, ".": _LEAF}


def difference(one: FieldSet, other: FieldSet) -> FieldSet:
    """What is in the first and not in the second. A parent does not stand for its children, nor they for it.

    >>> difference({"f:a": {".": {}, "f:b": {}}}, {"f:a": {}})
    {'f:a': {'f:b': {}}}
    """
    if not one or not other:
        return one
    out: dict[str, Any] | None = None
    for step, ours in one.items():
        theirs = other.get(step)
        if theirs is None:
            continue
        left = _without(ours, theirs)
        if left is not ours:
            out = dict(one) if out is None else out
            if left is None:
                del out[step]
            else:
                out[step] = left
    return one if out is None else out


def _without(ours: FieldSet, theirs: FieldSet) -> FieldSet | None:
    if not ours:
        return None if has(theirs) else ours
    left = difference(ours, theirs or {".": _LEAF})
    if left is ours:
        return ours
    return _LEAF if len(left) == 1 and "." in left else left or None


def intersection(one: FieldSet, other: FieldSet) -> FieldSet:
    """What is in both.

    >>> intersection({"f:a": {}, "f:b": {}}, {"f:a": {".": {}, "f:x": {}}})
    {'f:a': {}}
    """
    out: dict[str, Any] = {}
    for step, ours in one.items():
        theirs = other.get(step)
        if theirs is None or step == ".":
            continue
        common = intersection(ours, theirs)
        if has(ours) and has(theirs):
            out[step] = {**common, ".": _LEAF} if common else _LEAF
        elif common:
            out[step] = common
    return out


def paths(fields: FieldSet, prefix: str = "") -> Iterator[str]:
    """Every member as the API server prints it, in order.

    >>> list(paths({"f:spec": {"f:env": {'k:{"name":"A"}': {".": {}, "f:value": {}}}}}))
    ['.spec.env[name="A"]', '.spec.env[name="A"].value']
    """
    for step in sorted(fields):
        if step == ".":
            continue
        node, path = fields[step], prefix + _printed(step)
        if has(node):
            yield path
        yield from paths(node, path)


def _printed(step: str) -> str:
    sort, _, text = step.partition(":")
    match sort:
        case "k":
            pairs = (f"{key}={json.dumps(value, ensure_ascii=False)}" for key, value in json.loads(text).items())
            return f"[{','.join(pairs)}]"
        case "v":
            return f"[={text}]"
        case "i":
            return f"[{text}]"
        case _:
            return f".{text}"
