"""What the definitions admit, read from them alone; and for each of their fields the ways to change it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import yaml

from aimcore.adapters.schemas import definitions
from tests.integration.simulations.things import NEXT

__all__ = ["UNSET", "Field", "Path", "admits", "changes", "fields_of", "said_by_rules", "specs"]

Schema = Mapping[str, Any]
Path = tuple[str | int, ...]
UNSET = object()
"""What stands where a field is taken away."""
LONG, LARGEST = 2_000, 2**31 - 1
"""As long as a text without a bound gets, and the largest number that an int32 holds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One field: where it is (`$.spec` aside; 0 for the first of a list), and what is admitted there."""

    path: Path
    schema: Schema

    def __str__(self) -> str:
        return "spec" + "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in self.path)


@cache
def specs() -> Mapping[str, Schema]:
    """The schema of the spec of every kind."""
    found = {}
    for _, text in definitions():
        definition = yaml.safe_load(text)["spec"]
        version = definition["versions"][0]["schema"]["openAPIV3Schema"]
        found[definition["names"]["kind"]] = version["properties"]["spec"]
    return found


def fields_of(schema: Schema, key: str = "memory") -> Iterator[Field]:
    """Every field below, however deep; of a list the first item, of a map the one of this `key`."""
    yield from _below(schema, (), key)


def _below(schema: Schema, path: Path, key: str) -> Iterator[Field]:
    for name, member in schema.get("properties", {}).items():
        yield Field(path=(*path, name), schema=member)
        yield from _below(member, (*path, name), key)
    if "items" in schema:
        yield from _below(schema["items"], (*path, 0), key)
    if "additionalProperties" in schema:
        yield Field(path=(*path, key), schema=schema["additionalProperties"])


# What is admitted -----------------------------------------------------------------------------------------------------

_TYPES: dict[str, type] = {"object": dict, "array": list, "string": str, "boolean": bool, "integer": int}


def admits(schema: Schema, value: Any) -> bool:
    """Whether the shape of a value is admitted; what CEL says of it is not asked."""
    if not schema:
        return True
    types = (str, int) if schema.get("x-kubernetes-int-or-string") else _TYPES[schema["type"]]
    fits = isinstance(value, types) and (types is bool or not isinstance(value, bool))
    if not fits or ("enum" in schema and value not in schema["enum"]):
        return False
    match value:
        case dict():
            return _admits_object(schema, value)
        case list():
            keys = [
                tuple(one.get(key) for key in schema.get("x-kubernetes-list-map-keys", ()))
                for one in value
                if isinstance(one, dict)
            ]
            unique = "x-kubernetes-list-map-keys" not in schema or len(set(keys)) == len(value)
            return (
                unique and _counts(schema, "Items", len(value)) and all(admits(schema["items"], one) for one in value)
            )
        case str():
            pattern = schema.get("pattern")
            return _counts(schema, "Length", len(value)) and (pattern is None or re.search(pattern, value) is not None)
        case bool():
            return True
        case _:
            return bool(schema.get("minimum", -LARGEST) <= value <= schema.get("maximum", LARGEST))


def _admits_object(schema: Schema, value: Mapping[str, Any]) -> bool:
    if not set(schema.get("required", ())) <= value.keys() or not _counts(schema, "Properties", len(value)):
        return False
    if schema.get("x-kubernetes-preserve-unknown-fields"):
        schema = {"additionalProperties": {}, **schema}
    known, others = schema.get("properties", {}), schema.get("additionalProperties")
    return all(name in known or others is not None for name in value) and all(
        admits(known.get(name, others), one) for name, one in value.items()
    )


def _counts(schema: Schema, what: str, count: int) -> bool:
    return bool(schema.get(f"min{what}", 0) <= count <= schema.get(f"max{what}", count))


def said_by_rules(schema: Any) -> Iterator[str]:
    """The patterns of what the rules in CEL say, anywhere in a schema; a value is quoted as long as it is, or cut."""
    if isinstance(schema, list):
        for one in schema:
            yield from said_by_rules(one)
    elif isinstance(schema, dict):
        for rule in schema.get("x-kubernetes-validations", ()):
            told = rule.get("messageExpression", rule["message"])
            yield ".*".join(map(re.escape, told.strip('"').split("'\" + self + \"'")))
        for one in schema.values():
            yield from said_by_rules(one)


# How it may change ----------------------------------------------------------------------------------------------------


def changes(field: Field, value: Any) -> Iterator[tuple[str, Any]]:
    """The field unset, at its least and its most, invalid, and with another value: each with a name."""
    schema = field.schema
    yield "unset", UNSET
    if "enum" in schema:
        yield from (("min", schema["enum"][0]), ("max", schema["enum"][-1]), ("invalid", "nonsense"))
        yield "swap", next(word for word in schema["enum"] if word != value)
    elif schema.get("x-kubernetes-int-or-string"):
        yield from (("min", schema["minimum"]), ("max", "9" * schema["maxLength"]), ("invalid", "many"), ("swap", "3"))
    elif schema["type"] == "integer":
        yield from (("min", schema["minimum"]), ("max", schema.get("maximum", LARGEST)))
        yield from (("invalid", schema["minimum"] - 1), ("swap", value + 1))
    elif schema["type"] == "boolean":
        yield from (("min", False), ("max", True), ("invalid", "false"), ("swap", not value))
    elif schema["type"] == "string":
        yield from (("min", "a" * schema.get("minLength", 0)), ("max", "a" * schema.get("maxLength", LONG)))
        yield from (("invalid", 7), ("swap", NEXT if field.path[-1] in ("image", "baseImage") else f"{value}x"))
    elif schema["type"] == "array":
        yield from (("min", []), ("max", _many(schema, value)), ("invalid", "text"), ("swap", value[::-1]))
    else:
        yield from (("min", {}), ("invalid", "text"))
        if "additionalProperties" in schema:
            kept = next(iter(value.values()))
            yield "max", {f"key-{number}": kept for number in range(schema.get("maxProperties", 64))}


def _many(schema: Schema, value: list[Any]) -> list[Any]:
    """As many items as there may be, the first of `value` over and over, told apart by their name."""
    first, count = value[0], schema.get("maxItems", 64)
    if not isinstance(first, dict):
        return [f"{first}-{number}" for number in range(count)]
    key = "gpuCount" if "gpuCount" in first else "name"
    return [
        {**first, key: number if key == "gpuCount" else f"{key}-{number}"} if key in first else first
        for number in range(count)
    ]
