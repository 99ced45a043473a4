"""No field of a record is dropped on the wire: each comes from some manifest, and is written as it came."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import MISSING, Field, dataclass, fields, is_dataclass
from pathlib import Path
from typing import Any, get_args, get_origin, get_type_hints

import yaml

from aimcore.adapters import wire
from aimcore.adapters.wire.kinds import CODECS
from aimcore.domain.kinds.records import AimObject, Resource, RuntimeConfig, Storage
from aimcore.domain.values.quantity import Quantity

FULL: list[dict[str, Any]] = yaml.safe_load(Path(__file__).with_name("full.yaml").read_text(encoding="utf-8"))
OTHER_MODELS = [
    {
        "apiVersion": "aim.silogen.ai/v1alpha1",
        "kind": "AIMService",
        "metadata": {"name": "chat", "namespace": "ml-team"},
        "spec": {"model": model},
    }
    for model in ({"ref": "llama"}, {"image": "ghcr.io/silogen/aim:1"})
]
"""A service names its model in one of three ways; full.yaml has the third."""
NOT_ON_THE_WIRE = {
    "MergedResources.problems": "what a decision found, which the conditions of the status say",
}


def records_of(hint: Any, seen: set[type]) -> None:
    """Every record class that a type speaks of, however deep."""
    cls = get_origin(hint) or hint
    if isinstance(cls, type) and is_dataclass(cls) and cls is not Quantity and cls not in seen:
        seen.add(cls)
        for inner in get_type_hints(cls).values():
            records_of(inner, seen)
    for inner in get_args(hint):
        records_of(inner, seen)


def spec_and_status_of(record: type) -> Iterator[Any]:
    hints = get_type_hints(record)
    yield from (hints["spec"], hints["status"])


def records() -> list[type[Resource[Any, Any]]]:
    return sorted({type(one) for one in decoded()}, key=lambda cls: cls.__name__)


def decoded() -> list[AimObject]:
    things = [wire.decode(manifest) for manifest in (*FULL, *OTHER_MODELS)]
    return [thing for thing in things if isinstance(thing, Resource)]


def said(value: Any) -> Iterator[str]:
    """`Record.field` of every field below that is not at its default."""
    if isinstance(value, Mapping):
        for one in value.values():
            yield from said(one)
    elif isinstance(value, tuple | list):
        for one in value:
            yield from said(one)
    elif is_dataclass(value) and not isinstance(value, type | Quantity):
        for field in fields(value):
            if getattr(value, field.name) != default_of(field):
                yield f"{type(value).__name__}.{field.name}"
            yield from said(getattr(value, field.name))


def default_of(field: Field[Any]) -> Any:
    return field.default_factory() if field.default_factory is not MISSING else field.default


def unsaid(hints: list[Any], values: list[Any]) -> list[str]:
    """Every field of the records that `hints` speak of which no value has."""
    classes: set[type] = set()
    for hint in hints:
        records_of(hint, classes)
    wanted = {f"{cls.__name__}.{field.name}" for cls in classes for field in fields(cls)}
    return sorted(wanted - {path for value in values for path in said(value)} - NOT_ON_THE_WIRE.keys())


def test_every_field_of_every_spec_and_status_comes_from_a_manifest() -> None:
    hints = [hint for record in records() for hint in spec_and_status_of(record)]
    values = [part for thing in decoded() for part in (thing.spec, thing.status)]
    missing = unsaid(hints, values)
    assert missing == [], f"no codec reads {', '.join(missing)}, or full.yaml does not say it: name it in both"


def test_every_kind_of_ours_stands_in_full_yaml() -> None:
    assert {thing.key.kind for thing in decoded()} == set(CODECS)


@dataclass(frozen=True, slots=True, kw_only=True)
class WiderStorage(Storage):
    """A record with a field that no codec knows, as after a careless change."""

    forgotten: int | None = None


def test_a_field_that_is_added_to_a_record_alone_is_named() -> None:
    stored = [thing.spec.storage for thing in decoded() if isinstance(thing, RuntimeConfig)]
    wider = [WiderStorage(**{field.name: getattr(one, field.name) for field in fields(one)}) for one in stored]
    assert unsaid([tuple[WiderStorage, ...] | None], wider) == ["WiderStorage.forgotten"]


def test_only_what_the_wire_does_not_have_is_left_out() -> None:
    classes: set[type] = set()
    for record in records():
        for hint in spec_and_status_of(record):
            records_of(hint, classes)
    there = {f"{cls.__name__}.{field.name}" for cls in classes for field in fields(cls)}
    assert NOT_ON_THE_WIRE.keys() <= there
