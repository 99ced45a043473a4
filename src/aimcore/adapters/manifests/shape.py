"""What every object has, whatever its kind; and lists of objects, taken apart."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from aimcore.adapters.manifests.paths import Steps
from aimcore.domain.errors import Fault, quoted
from aimcore.domain.values.nearness import nearest

__all__ = ["is_nameless", "is_templated", "shape_faults", "unfold"]

LIST: Final = "List"
KNOWN: Final = frozenset(
    {"apiVersion", "kind", "metadata", "name", "namespace", "labels", "annotations", "spec", "status"}
)
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


def is_templated(text: object) -> bool:
    """Whether an expression of a template stands in the text."""
    return isinstance(text, str) and text.find("}}", text.find("{{")) > text.find("{{") >= 0


def is_nameless(value: object) -> bool:
    """Whether an expression of a template stands where an object says what it is and how it is called.

    >>> is_nameless({"kind": "AIMModel", "metadata": {"name": "{{ .Release.Name }}"}})
    True
    """
    said = value if isinstance(value, dict) else {}
    metadata = said.get("metadata")
    metadata = metadata if isinstance(metadata, dict) else {}
    named = (said.get("apiVersion"), said.get("kind"), metadata.get("name"), metadata.get("namespace"))
    return any(map(is_templated, named))


def shape_faults(value: object) -> Iterator[Fault]:
    """What keeps `value` from being an object at all.

    >>> [str(fault) for fault in shape_faults({"apiVersion": "v1", "kind": "Pod", "metadata": {}})]
    ["$.metadata.name: is missing; expected text like 'llama-8b' [KIND]"]
    """
    if not isinstance(value, dict):
        yield _fault("$", f"{_shown(value)} is no object; expected a mapping with apiVersion, kind and metadata")
        return
    for field in ("apiVersion", "kind"):
        yield from _text(value, field, "$", _misspelt(value, field))
    metadata = value.get("metadata", {})
    if not isinstance(metadata, dict):
        yield _fault("$.metadata", f"{_shown(metadata)} is no mapping; expected one with a name")
        return
    yield from _text(metadata, "name", "$.metadata", _misspelt(value, "metadata") or _misspelt(metadata, "name"))
    if not isinstance(metadata.get("namespace"), str | None):
        yield _fault(
            "$.metadata.namespace", f"{_shown(metadata['namespace'])} is no text; expected the name of a namespace"
        )


def _text(value: dict[str, object], field: str, path: str, meant: str = "") -> Iterator[Fault]:
    expected = f"expected text like {EXAMPLES[field]}"
    if value.get(field) is None or value[field] == "":
        yield _fault(f"{path}.{field}", f"is {'empty' if field in value else 'missing'}; {expected}{meant}")
    elif not isinstance(value[field], str):
        yield _fault(f"{path}.{field}", f"{_shown(value[field])} is no text; {expected}")


def _misspelt(value: dict[str, object], field: str) -> str:
    """That another key is nearly the one that is missing."""
    others = [key for key in value if key not in KNOWN] if field not in value else []
    near = nearest(field, others)
    return f"; is {quoted(near)} meant to be {field}?" if near else ""


def _shown(value: object) -> str:
    if isinstance(value, str):
        return quoted(value)
    return {dict: "a mapping", list: "a list", type(None): "null"}.get(type(value), str(value).lower())


def _fault(path: str, message: str) -> Fault:
    return Fault(path=path, message=message, rule="KIND")
