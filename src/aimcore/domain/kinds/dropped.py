"""What a server does not keep: a field that its definition does not know is written a few times, told of, and then left (OWN-6)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache

from aimcore.domain.kinds.conditions import Condition, ConditionType, when_true
from aimcore.domain.kinds.scope import Key

__all__ = [
    "FIELDS_NOT_KEPT",
    "Changes",
    "DroppedFields",
    "camel",
    "dropped_condition",
    "is_dropped",
]

FIELDS_NOT_KEPT = ConditionType(
    "FieldsNotKept",
    when_true("NotKept", "The server drops fields that were written; the definitions may be older.", warns=True),
)

Changes = tuple[tuple[str, object], ...]
"""The fields that stand otherwise than wanted, and what they are to say: `(".spec.profileId", "a")`."""

DroppedFields = Mapping[tuple[Key, str], object]
"""By the object and the path of a field, what was written there in vain."""


def is_dropped(dropped: DroppedFields, key: Key, change: tuple[str, object]) -> bool:
    """Whether this very value was written there in vain."""
    path, value = change
    return (key, path) in dropped and dropped[key, path] == value


def dropped_condition(fields: Iterable[str]) -> tuple[Condition, ...]:
    """The condition that names these fields; none for none."""
    message = ", ".join(sorted(fields))
    return (FIELDS_NOT_KEPT("NotKept", message),) if message else ()


@cache
def camel(name: str) -> str:
    """How the API spells a field.

    >>> camel("profile_id")
    'profileId'
    """
    head, *tail = name.split("_")
    return head + "".join(word.capitalize() for word in tail)
