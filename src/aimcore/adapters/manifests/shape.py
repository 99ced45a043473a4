"""What every object has, whatever its kind; and lists of objects, taken apart."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from aimcore.adapters.manifests.paths import Steps
from aimcore.domain.errors import Fault, quoted

__all__ = ["shape_faults", "unfold"]

LIST: Final = "List"
EXAMPLES: Final = {"apiVersion": "'aim.silogen.ai/v1alpha1'", "kind": "'AIMModel'", "name": "'llama-8b'"}


def unfold(value: object, within: Steps = ()) -> Iterator[tuple[object, Steps]]:
    """The objects in `value` and the steps to each: those of a kind that ends in `List`, as deep as they go, or itself.

    The items of an `AIMModelList` may leave out what its name says, as the API server does.
    """
    kind = value.get("kind") if isinstance(value, dict) else None
    if not isinstance(value, dict) or not isinstance(kind, str) or not kind.endswith(LIST) or "items" not in value:
        yield value, within
        return
    items = value["items"] if value["items"] is not None else []
    if not isinstance(items, list):
        yield items, (*within, "items")
        return
    implied = {"apiVersion": value.get("apiVersion"), "kind": kind.removesuffix(LIST)} if kind != LIST else {}
    for number, item in enumerate(items):
        full = implied | item if isinstance(item, dict) else item
        yield from unfold(full, (*within, "items", number))


def shape_faults(value: object) -> Iterator[Fault]:
    """What keeps `value` from being an object at all.

    >>> [str(fault) for fault in shape_faults({"apiVersion": "v1", "kind": "Pod", "metadata": {}})]
    ["$.metadata.name: is missing; expected text like 'llama-8b' [KIND]"]
    """
    if not isinstance(value, dict):
        yield _fault("$", f"{_shown(value)} is no object; expected a mapping with apiVersion, kind and metadata")
        return
    for field in ("apiVersion", "kind"):
        yield from _text(value, field, "$")
    metadata = value.get("metadata", {})
    if not isinstance(metadata, dict):
        yield _fault("$.metadata", f"{_shown(metadata)} is no mapping; expected one with a name")
        return
    yield from _text(metadata, "name", "$.metadata")
    if not isinstance(metadata.get("namespace"), str | None):
        yield _fault(
            "$.metadata.namespace", f"{_shown(metadata['namespace'])} is no text; expected the name of a namespace"
        )


def _text(value: dict[str, object], field: str, path: str) -> Iterator[Fault]:
    expected = f"expected text like {EXAMPLES[field]}"
    if value.get(field) is None or value[field] == "":
        yield _fault(f"{path}.{field}", f"is {'empty' if field in value else 'missing'}; {expected}")
    elif not isinstance(value[field], str):
        yield _fault(f"{path}.{field}", f"{_shown(value[field])} is no text; {expected}")


def _shown(value: object) -> str:
    if isinstance(value, str):
        return quoted(value)
    return {dict: "a mapping", list: "a list", type(None): "null"}.get(type(value), str(value).lower())


def _fault(path: str, message: str) -> Fault:
    return Fault(path=path, message=message, rule="KIND")
