"""Layered values as data and in words: the value, the layer that said it, and what it was preferred to."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import fields
from enum import Enum
from typing import Any

from aimcore.domain.kinds.resources import MergedResources
from aimcore.domain.values.layering import Layered, PassedOver
from aimcore.domain.values.quantity import Quantity
from aimcore.domain.weights.sources import EnvVar

__all__ = ["layered_data", "plain_value", "resources_data", "told_beaten", "told_value"]


def resources_data(resources: MergedResources) -> dict[str, Any]:
    """Requests, limits and claims by name, each with its layer and what it beat."""
    sides = {"requests": layered_data(resources.requests), "limits": layered_data(resources.limits)}
    return {**sides, **({"claims": layered_data(resources.claims)} if resources.claims else {})}


def layered_data(values: Mapping[str, Layered[Any]]) -> dict[str, Any]:
    """Layered values by name, sorted."""
    return {
        name: {
            "value": plain_value(values[name].value),
            "layer": values[name].layer.value,
            "passedOver": [_beaten(one) for one in values[name].passed_over],
        }
        for name in sorted(values)
    }


def _beaten(one: PassedOver[Any]) -> dict[str, Any]:
    said = {"name": one.name, "reason": one.reason}
    return {
        "layer": one.layer.value,
        "value": plain_value(one.value),
        **{name: value for name, value in said.items() if value is not None},
    }


def told_value(layered: Layered[Any]) -> str:
    """A value in a few words.

    >>> from aimcore.domain.values.layering import Layer
    >>> told_value(Layered(value=4, layer=Layer.SERVICE, passed_over=(PassedOver(layer=Layer.MODEL, value=2),)))
    '4 (service, over model 2)'
    """
    beaten = ", ".join(map(told_beaten, layered.passed_over))
    return f"{_told(layered.value)} ({layered.layer}{f', over {beaten}' if beaten else ''})"


def told_beaten(one: PassedOver[Any]) -> str:
    """A value that did not win, in a few words."""
    name = f"{one.name} " if one.name else ""
    return f"{one.layer} {name}{_told(one.value)}{f', {one.reason}' if one.reason else ''}"


def _told(value: Any) -> str:
    plain = plain_value(value)
    return plain if isinstance(plain, str) else json.dumps(plain)


def plain_value(value: Any) -> Any:
    """A value of the domain as JSON has it, spelt as manifests spell it."""
    if isinstance(value, Enum):
        return value.value
    if value is None or isinstance(value, bool | int | str):
        return value
    if isinstance(value, Quantity):
        return str(value)
    if isinstance(value, EnvVar):
        return _variable(value)
    if isinstance(value, Mapping):
        return {str(name): plain_value(one) for name, one in value.items()}
    if isinstance(value, list | tuple | frozenset):
        return [plain_value(one) for one in value]
    said = {_camel(one.name): plain_value(getattr(value, one.name)) for one in fields(value)}
    said |= said.pop("others", {})  # fields that were kept as they came (KIND-8)
    return {name: one for name, one in said.items() if one is not None}


def _variable(variable: EnvVar) -> Any:
    origin = variable.value_from
    if origin is None:
        return variable.value or ""
    name = type(origin).__name__
    return {f"{name[0].lower()}{name[1:]}": plain_value(origin)}


def _camel(name: str) -> str:
    head, *tail = name.split("_")
    return head + "".join(map(str.capitalize, tail))
