"""`services`, `models,caches`, `service/chat`, `service chat`: which kinds and names `get` is asked for."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

import click

from aimcore.domain.kinds.records import AimObject
from aimcore.domain.kinds.scope import GROUP, Kind, Scope
from aimcore.entrypoints.library.finding import UnknownTypeError, kinds_by_word

__all__ = ["ALL", "KINDS", "Asked", "asked_for"]

OURS: Final = tuple(kind for kind in Kind if kind.is_aim)
KINDS: Final = kinds_by_word(OURS)
"""The kind and scope of each word; one of a namespace means those of the cluster, too."""
ALL: Final = ("all", "aim")
_EXPECTED: Final = ", ".join(f"{kind.word.lower()}s" for kind in OURS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One kind that is asked for: of the cluster alone where its `scope` says so, and by name where there is a `name`."""

    kind: Kind
    scope: Scope
    name: str = ""

    def means(self, thing: AimObject) -> bool:
        """Whether it is one of those."""
        if thing.key.kind is not self.kind or (self.scope is Scope.CLUSTER and thing.key.namespace is not None):
            return False
        return self.name in ("", thing.key.name)

    def __str__(self) -> str:
        return f"{self.kind.word.lower()} {self.name}" if self.name else f"{self.kind.word.lower()}s"


def asked_for(words: Sequence[str]) -> tuple[Asked, ...]:
    """What the words ask for: everything where there are none."""
    if not words:
        return _kinds("all")
    if any("/" in word for word in words):
        return tuple(_one(word) for word in words)
    kinds, names = _kinds(words[0]), words[1:]
    if not names:
        return kinds
    return tuple(Asked(kind=one.kind, scope=one.scope, name=name) for one in kinds for name in names)


def _one(word: str) -> Asked:
    said, slash, name = word.partition("/")
    if not slash or not name:
        raise click.UsageError(f"{word} names nothing; expected TYPE/NAME, since others are named so")
    (asked,) = _kinds(said)[:1]
    return Asked(kind=asked.kind, scope=asked.scope, name=name)


def _kinds(text: str) -> tuple[Asked, ...]:
    return tuple(asked for word in text.split(",") for asked in _kind(word))


def _kind(said: str) -> Iterable[Asked]:
    word = said.lower().removesuffix(f".{GROUP}")
    if word in ALL:
        return tuple(Asked(kind=kind, scope=Scope.NAMESPACE) for kind in OURS)
    if word not in KINDS:
        raise click.UsageError(str(UnknownTypeError(said, (*KINDS, *ALL), f"{_EXPECTED} or all")))
    kind, scope = KINDS[word]
    return (Asked(kind=kind, scope=scope),)
