"""`service/chat` in the words of kubectl becomes the one object it means, or an error that says what there is instead."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Final

from aimcore.domain.errors import AimError, ParseError, quoted
from aimcore.domain.kinds.caches import Cache
from aimcore.domain.kinds.records import AimObject, Model, Service, Template
from aimcore.domain.kinds.scope import GROUP, Key, Kind, Scope
from aimcore.domain.values.nearness import nearest
from aimcore.domain.view.cache import ObjectCache
from aimcore.domain.view.lookup import Found, find_model
from aimcore.entrypoints.present.text import shown

__all__ = [
    "TYPES",
    "NotThereError",
    "SeveralError",
    "Subject",
    "Target",
    "UnknownTypeError",
    "find_target",
    "kinds_by_word",
    "not_there",
    "parse_target",
    "service_target",
    "words_of",
]


def words_of(kind: Kind, scope: Scope) -> tuple[str, ...]:
    """Every word for the kind in that scope.

    >>> words_of(Kind.MODEL, Scope.CLUSTER)
    ('clustermodel', 'clustermodels', 'aimclustermodel', 'aimclustermodels', 'aimclmdl')
    >>> words_of(Kind.TEMPLATE, Scope.NAMESPACE)[:2]
    ('template', 'templates')
    """
    spelling = kind.spelling(scope)
    of_cluster = "cluster" if scope is Scope.CLUSTER and kind.has_twin else ""
    short = of_cluster + kind.word.lower()
    return short, f"{short}s", spelling.kind.lower(), spelling.plural, spelling.short


def kinds_by_word(kinds: Iterable[Kind]) -> dict[str, tuple[Kind, Scope]]:
    """The kind and scope that each word means.

    >>> kinds_by_word([Kind.MODEL])["aimclmdl"]
    (<Kind.MODEL: 'Model'>, <Scope.CLUSTER: 'Cluster'>)
    """
    return {word: (kind, scope) for kind in kinds for scope, _ in kind.spellings for word in words_of(kind, scope)}


ASKED_ABOUT: Final = (Kind.SERVICE, Kind.MODEL, Kind.TEMPLATE, Kind.CACHE)
"""The kinds that `explain` and `tree` start from."""
TYPES: Final = kinds_by_word(ASKED_ABOUT)
"""What kubectl calls them, and shorter."""
Subject = Service | Model | Template | Cache
EXPECTED: Final = "service, model, template or cache, with cluster before it for one of the cluster"
_OF_KUBERNETES: Final = frozenset(kinds_by_word(kind for kind in Kind if not kind.is_aim)) - {""}
NEAR_AT_MOST: Final = 8


class UnknownTypeError(ParseError):
    """No kind is called that; the message says which one is nearly. One of Kubernetes' own was not misspelt."""

    def __init__(self, said: str, words: Iterable[str], expected: str) -> None:
        super().__init__("type", said, problem="is unknown", expected=expected)
        self.of_kubernetes = said.lower().partition(".")[0] in _OF_KUBERNETES
        self.near = "" if self.of_kubernetes else nearest(said, words)

    def __str__(self) -> str:
        hint = f"did you mean {quoted(self.near)}?" if self.near else f"expected {self.expected}"
        if self.of_kubernetes:
            return f"type {quoted(self.text)} is one of Kubernetes, not of AIM; {hint}; kubectl shows the others"
        return f"unknown type {quoted(self.text)}; {hint}"


class NotThereError(AimError, LookupError):
    """No object of that name is there; the message says what is."""


class SeveralError(AimError, LookupError):
    """Several objects have that name; `keys` are they."""

    def __init__(self, keys: Sequence[Key]) -> None:
        super().__init__(tuple(keys))
        self.keys = tuple(keys)

    def __str__(self) -> str:
        return f"there are several: {', '.join(map(str, self.keys))}; name the namespace"


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """What is asked about; a `scope` of Namespace looks near before far."""

    kind: Kind
    scope: Scope
    name: str


def parse_target(text: str) -> Target:
    """The target of `TYPE/NAME`. Raises `ParseError`."""
    said, _, name = text.partition("/")
    kind = said.lower().removesuffix(f".{GROUP}")
    if kind not in TYPES and name:
        raise UnknownTypeError(said, TYPES, EXPECTED)
    if not name or kind not in TYPES:
        raise ParseError("target", text, problem="names nothing", expected=f"TYPE/NAME with TYPE {EXPECTED}")
    return Target(kind=TYPES[kind][0], scope=TYPES[kind][1], name=name)


def service_target(text: str) -> tuple[Target, str | None]:
    """The service of `NAMESPACE/NAME`, or of `NAME` alone, and its namespace."""
    namespace, _, name = text.rpartition("/")
    return Target(kind=Kind.SERVICE, scope=Scope.NAMESPACE, name=name), namespace or None


def find_target(cache: ObjectCache, target: Target, namespace: str | None) -> Subject:
    """The object meant, in that namespace or, when none is given, wherever there is but one of the name.

    Raises `NotThereError` and `SeveralError`.
    """
    things = [thing for thing in cache if isinstance(thing, Subject) and thing.key.kind is target.kind]
    if target.scope is Scope.CLUSTER:
        things = [thing for thing in things if thing.key.scope is Scope.CLUSTER]
    named = [thing for thing in things if thing.key.name == target.name]
    if namespace is None or target.scope is Scope.CLUSTER:
        return _only(named, things, target)
    if target.kind is Kind.MODEL:
        found = find_model(cache, namespace, target.name)
        named = [found.thing] if isinstance(found, Found) else []
    near = [thing for thing in named if thing.key.namespace == namespace]
    near = near or [thing for thing in named if thing.key.namespace is None]
    return _only(near, things, target, f" in namespace {namespace}")


def _only(named: list[Subject], things: list[Subject], target: Target, where: str = "") -> Subject:
    if len(named) == 1:
        return named[0]
    if named:
        raise SeveralError([thing.key for thing in named])
    raise not_there(target.kind, target.name, things, where)


def not_there(kind: Kind, name: str, things: Sequence[AimObject], where: str = "") -> NotThereError:
    """That nothing of the kind has that name, `where` it was looked for, and which things of the kind there are instead."""
    word = kind.word.lower()
    if not things:
        return NotThereError(f"{word} {quoted(name)} is not there; there are no {word}s{where}")
    return NotThereError(f"{word} {quoted(name)} is not there{where}{_near(things, name)}")


def _near(things: Iterable[AimObject], name: str) -> str:
    """The things of nearly that name, else the first there are."""
    there = {str(thing.key): thing.key.name for thing in things}
    alike = get_close_matches(name, set(there.values()), n=NEAR_AT_MOST)
    told = [key for key, called in there.items() if called in alike] or list(there)
    more = f" and {len(told) - NEAR_AT_MOST} more" if len(told) > NEAR_AT_MOST else ""
    return f"; there is {shown(', '.join(told[:NEAR_AT_MOST]))}{more}"
