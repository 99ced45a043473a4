"""The table of kinds says what the definitions say."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
import yaml

from aimcore.adapters.memory.kinds import KINDS, PLAIN, Shape
from aimcore.adapters.schemas import definitions

DEFINITIONS = {
    definition["spec"]["names"]["kind"]: definition["spec"]
    for definition in (yaml.safe_load(text) for _, text in definitions())
}
CONTAINERS = ("object", "array")


def shape_of(schema: Mapping[str, Any]) -> Shape:
    """How a value merges, as its schema has it; what goes without saying is not said."""
    if schema.get("type") == "array":
        match schema.get("x-kubernetes-list-type"):
            case "map":
                return Shape(keys=tuple(schema["x-kubernetes-list-map-keys"]), items=shape_of(schema["items"]))
            case "set":
                return Shape(keys=())
            case _:
                return PLAIN
    members = schema.get("additionalProperties", {})
    fields = {name: shape_of(member) for name, member in schema.get("properties", {}).items()}
    return Shape(
        fields={name: shape for name, shape in fields.items() if shape != PLAIN},
        atomic=schema.get("x-kubernetes-map-type") == "atomic",
        members=isinstance(members, Mapping) and members.get("type") in CONTAINERS,
    )


def test_every_definition_is_in_the_table_and_no_other_kind_of_the_group() -> None:
    ours = {kind for kind, resource in KINDS.items() if resource.api_version.startswith("aim.silogen.ai/")}
    assert ours == DEFINITIONS.keys()


@pytest.mark.parametrize("kind", DEFINITIONS)
def test_a_kind_is_served_as_its_definition_says(kind: str) -> None:
    spec, resource = DEFINITIONS[kind], KINDS[kind]
    [version] = spec["versions"]
    assert resource.api_version == f"{spec['group']}/{version['name']}"
    assert resource.plural == spec["names"]["plural"]
    assert resource.namespaced == (spec["scope"] == "Namespaced")
    assert resource.status == resource.counted == ("status" in version["subresources"])


@pytest.mark.parametrize("kind", DEFINITIONS)
@pytest.mark.parametrize("part", ["spec", "status"])
def test_its_lists_and_maps_merge_as_its_definition_says(kind: str, part: str) -> None:
    [version] = DEFINITIONS[kind]["versions"]
    schema = version["schema"]["openAPIV3Schema"]["properties"].get(part, {})
    assert KINDS[kind].shape.fields[part] == shape_of(schema)
