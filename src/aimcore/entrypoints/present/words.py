"""What people call a kind on the command line: the words of kubectl, and shorter (`template`, `aimtpl`)."""

from __future__ import annotations

from collections.abc import Iterable

from aimcore.domain.kinds.scope import Kind, Scope

__all__ = ["kinds_by_word", "words_of"]


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
