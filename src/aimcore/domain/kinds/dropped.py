"""What a server does not keep: a field that its definition does not know is written a few times, told of, and then left (OWN-6)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache

from aimcore.domain.kinds.conditions import Condition, ConditionType, find_condition, when_true
from aimcore.domain.kinds.scope import Key

__all__ = [
    "FIELDS_NOT_KEPT",
    "Changes",
    "DroppedFields",
    "camel",
    "dropped_condition",
    "fields_named_dropped",
    "is_dropped",
]

FIELDS_NOT_KEPT = ConditionType(
    "FieldsNotKept",
    when_true("NotKept", "The server drops fields that were written; the definitions may be older.", warns=True),
)
LONGEST = 4096
"""Characters of a message. It is read again after a start, and not kept in a field of its own: the definitions that keep too
little are old ones, and a field that is newer than they are is what they would not keep either.
"""

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
    message = ", ".join(_fitting(sorted(fields)))
    return (FIELDS_NOT_KEPT("NotKept", message),) if message else ()


def fields_named_dropped(conditions: Iterable[Condition]) -> frozenset[str]:
    """The fields that a status names: they are written once more after a start, which is no news for anybody.

    >>> sorted(fields_named_dropped(dropped_condition(["chat-1.spec.profileId", ".status.profile"])))
    ['.status.profile', 'chat-1.spec.profileId']
    """
    told = find_condition(conditions, FIELDS_NOT_KEPT.name)
    return frozenset(told.message.split(", ")) if told else frozenset()


def _fitting(names: list[str]) -> list[str]:
    """As many whole names as a message may hold: a name that is cut would be another name when it is read again."""
    fitting: list[str] = []
    length = 0
    for name in names:
        length += len(name) + len(", ")
        if length > LONGEST:
            break
        fitting.append(name)
    return fitting


@cache
def camel(name: str) -> str:
    """How the API spells a field.

    >>> camel("profile_id")
    'profileId'
    """
    head, *tail = name.split("_")
    return head + "".join(word.capitalize() for word in tail)
