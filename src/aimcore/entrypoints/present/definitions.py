"""A definition as YAML text: keys in the order that people read them in, fields by name."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import yaml

__all__ = ["definition_text"]

_FIRST = ("description", "type", "format", "x-kubernetes-int-or-string", "anyOf", "x-kubernetes-list-type")
_LAST = ("items", "additionalProperties", "properties")
_WIDE = 100_000


class _Dumper(yaml.SafeDumper):
    """Lists of words on one line, everything else on lines of its own."""


def _represent_list(dumper: yaml.SafeDumper, value: list[Any]) -> yaml.Node:
    return dumper.represent_sequence(
        "tag:yaml.org,2002:seq", value, flow_style=all(isinstance(one, str) for one in value)
    )


_Dumper.add_representer(list, _represent_list)
_Dumper.ignore_aliases = lambda *_: True  # type: ignore[method-assign] # PyYAML offers no other way


def definition_text(definition: Mapping[str, Any]) -> str:
    """The YAML text of a definition; equal definitions give equal text."""
    return yaml.dump(_plain(definition), Dumper=_Dumper, sort_keys=False, width=_WIDE, allow_unicode=True)


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {name: _member(name, one) for name, one in value.items()}
    return [_plain(one) for one in value] if isinstance(value, list | tuple) else value


def _member(name: str, value: Any) -> Any:
    return schema_in_order(value) if name == "openAPIV3Schema" else _plain(value)


def schema_in_order(schema: Mapping[str, Any]) -> dict[str, Any]:
    """A schema whose keys stand as in every other, and whose fields are sorted by name."""
    between = sorted(schema.keys() - {*_FIRST, *_LAST})
    ordered = {name: schema[name] for name in (*_FIRST, *between, *_LAST) if name in schema}
    for name in {"items", "additionalProperties"} & ordered.keys():
        ordered[name] = schema_in_order(ordered[name])
    if "properties" in ordered:
        ordered["properties"] = {name: schema_in_order(one) for name, one in sorted(ordered["properties"].items())}
    return ordered
