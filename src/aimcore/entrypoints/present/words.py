"""What people call a kind on the command line: the words of kubectl, and shorter (`template`, `aimtpl`)."""

from __future__ import annotations

from aimcore.domain.kinds.scope import Kind, Scope

__all__ = ["words_of"]


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
