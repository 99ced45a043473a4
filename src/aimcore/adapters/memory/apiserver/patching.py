"""The patches of Kubernetes, each as a function of the object: JSON merge (RFC 7396), JSON (RFC 6902), strategic merge."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from aimcore.adapters.memory.kinds import PLAIN, Shape
from aimcore.adapters.memory.writing import patched

__all__ = ["PatchError", "json_patched", "merge_patched", "strategically_patched"]

_OPERATIONS_AT_MOST = 10_000


class PatchError(ValueError):
    """A patch that is none, or does not fit the object."""


def merge_patched(value: Any, patch: Any) -> Any:
    """`value` after a JSON merge patch, which must be an object."""
    if not isinstance(patch, dict):
        raise PatchError("a merge patch is an object")
    return patched(value, patch)


# --- JSON patch -------------------------------------------------------------------------------------------------------


def json_patched(value: Any, patch: Any) -> Any:
    """`value` after the operations of a JSON patch, in order.

    >>> json_patched({"a": [1]}, [{"op": "add", "path": "/a/-", "value": 2}, {"op": "test", "path": "/a/0", "value": 1}])
    {'a': [1, 2]}
    """
    if not isinstance(patch, list) or len(patch) > _OPERATIONS_AT_MOST:
        raise PatchError(f"a JSON patch is a list of at most {_OPERATIONS_AT_MOST} operations")
    for operation in patch:
        value = _operated(value, operation)
    return value


def _operated(value: Any, operation: Any) -> Any:
    if not isinstance(operation, dict):
        raise PatchError("an operation is an object")
    path = _pointer(operation.get("path"))
    match operation.get("op"):
        case "add" if "value" in operation:
            return _put(value, path, operation["value"], new=True)
        case "replace" if "value" in operation:
            _found(value, path)
            return _put(value, path, operation["value"], new=False)
        case "remove":
            return _removed(value, path)
        case "test" if "value" in operation:
            if _found(value, path) != operation["value"]:
                raise PatchError(f"testing value {operation['path']} failed")
            return value
        case "copy":
            return _put(value, path, _found(value, _pointer(operation.get("from"))), new=True)
        case "move":
            source = _pointer(operation.get("from"))
            return _put(_removed(value, source), path, _found(value, source), new=True)
        case _:
            raise PatchError("an operation is one of add, replace, remove, test, copy, move, with what it needs")


def _pointer(text: Any) -> list[str]:
    if not isinstance(text, str) or (text and not text.startswith("/")):
        raise PatchError("a path begins with a slash")
    return [step.replace("~1", "/").replace("~0", "~") for step in text.split("/")[1:]]


def _index(step: str, length: int) -> int:
    if not step.isascii() or not step.isdigit() or len(step) > 9 or int(step) >= length:
        raise PatchError(f"there is no item {step[:20]} in a list of {length}")
    return int(step)


def _found(value: Any, path: Sequence[str]) -> Any:
    for step in path:
        if isinstance(value, dict) and step in value:
            value = value[step]
        elif isinstance(value, list):
            value = value[_index(step, len(value))]
        else:
            raise PatchError(f"there is nothing at {step[:60]!r}")
    return value


def _put(value: Any, path: Sequence[str], new_value: Any, *, new: bool) -> Any:
    """`value` with another at `path`; in a list, a `new` one goes in between."""
    if not path:
        return new_value
    step, *rest = path
    if isinstance(value, dict):
        if rest and step not in value:
            raise PatchError(f"there is nothing at {step[:60]!r}")
        return {**value, step: _put(value.get(step), rest, new_value, new=new)}
    if not isinstance(value, list):
        raise PatchError(f"there is nothing at {step[:60]!r}")
    if rest or not new:
        at = _index(step, len(value))
        return [*value[:at], _put(value[at], rest, new_value, new=new), *value[at + 1 :]]
    at = len(value) if step == "-" else _index(step, len(value) + 1)
    return [*value[:at], new_value, *value[at:]]


def _removed(value: Any, path: Sequence[str]) -> Any:
    if not path:
        raise PatchError("the whole cannot be removed")
    *before, last = path
    parent = _found(value, before)
    _found(parent, [last])
    if isinstance(parent, list):
        at = int(last)
        left: Any = [*parent[:at], *parent[at + 1 :]]
    else:
        left = {name: one for name, one in parent.items() if name != last}
    return _put(value, before, left, new=False)


# --- strategic merge --------------------------------------------------------------------------------------------------

_DIRECTIVES = ("$patch", "$retainKeys", "$setElementOrder/", "$deleteFromPrimitiveList/")


def strategically_patched(value: Any, patch: Any, shape: Shape) -> Any:
    """`value` after a strategic merge patch: lists merge by the keys that their shape has, and directives are obeyed.

    >>> named = Shape(fields={"env": Shape(keys=("name",))})
    >>> strategically_patched({"env": [{"name": "A"}]}, {"env": [{"name": "B"}, {"name": "A", "$patch": "delete"}]}, named)
    {'env': [{'name': 'B'}]}
    """
    if not isinstance(patch, dict):
        raise PatchError("a strategic merge patch is an object")
    return _strategic(value, patch, shape)


def _strategic(value: Any, patch: Mapping[str, Any], shape: Shape) -> Any:
    if patch.get("$patch") == "replace":
        return _spoken(patch)
    out = dict(value) if isinstance(value, dict) else {}
    if isinstance(patch.get("$retainKeys"), list):
        out = {name: one for name, one in out.items() if name in patch["$retainKeys"]}
    for name, member in patch.items():
        if name.startswith("$deleteFromPrimitiveList/") and isinstance(member, list):
            field = name.partition("/")[2]
            out[field] = [one for one in out.get(field) or () if one not in member]
    for name, member in patch.items():
        inner = shape.fields.get(name, PLAIN)
        if name.startswith(_DIRECTIVES):
            continue
        if member is None or (isinstance(member, dict) and member.get("$patch") == "delete"):
            out.pop(name, None)
        elif isinstance(member, dict):
            out[name] = _strategic(out.get(name), member, inner)
        elif isinstance(member, list) and inner.keys is not None:
            out[name] = _merged(out.get(name) or [], member, inner)
        else:
            out[name] = member
    return out


def _spoken(patch: Mapping[str, Any]) -> dict[str, Any]:
    return {name: member for name, member in patch.items() if not name.startswith(_DIRECTIVES)}


def _merged(items: Any, patch: Sequence[Any], shape: Shape) -> list[Any]:
    out = list(items) if isinstance(items, list) else []
    if not shape.keys:
        return out + [one for one in patch if one not in out]
    for change in patch:
        if not isinstance(change, dict):
            raise PatchError("an item of a keyed list is an object")
        if change.get("$patch") == "replace":
            return [one for one in patch if one != change]
        key = [change.get(name) for name in shape.keys]
        places = [at for at, one in enumerate(out) if isinstance(one, dict) and [one.get(k) for k in shape.keys] == key]
        if change.get("$patch") == "delete":
            out = [one for at, one in enumerate(out) if at not in places]
        elif places:
            out[places[0]] = _strategic(out[places[0]], change, shape.items or PLAIN)
        else:
            out.append(_strategic({}, change, shape.items or PLAIN))
    return out
