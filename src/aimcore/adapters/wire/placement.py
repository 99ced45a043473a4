"""How the hardware that a template resolves to is spelt, its nodes as `affinity.nodeAffinity` of a Pod (KIND-10)."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

from aimcore.adapters.wire.codec import Codec, field, many, record, via
from aimcore.adapters.wire.scalars import one_of
from aimcore.adapters.wire.sharing import shared
from aimcore.adapters.wire.vocabulary import CPU, GPU, TEXT
from aimcore.domain.hardware.affinity import NodeLabel
from aimcore.domain.kinds.statuses import ResolvedHardware

__all__ = ["RESOLVED_HARDWARE"]


class _Operator(StrEnum):
    """How an expression compares; of Kubernetes' operators the one that is written."""

    IN = "In"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Expression:
    key: str
    operator: _Operator
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Term:
    """One way for a node to do; a term without an expression fits no node, as in Kubernetes."""

    match_expressions: tuple[_Expression, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Selector:
    node_selector_terms: tuple[_Term, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Affinity:
    required_during_scheduling_ignored_during_execution: _Selector


@lru_cache(maxsize=1024)
def _nodes(shape: _Affinity) -> tuple[NodeLabel, ...]:
    terms = shape.required_during_scheduling_ignored_during_execution.node_selector_terms
    return tuple(NodeLabel(key=one.key, values=one.values) for term in terms for one in term.match_expressions)


@lru_cache(maxsize=1024)
def _affinity(nodes: tuple[NodeLabel, ...]) -> _Affinity:
    """Each label is a term. Kubernetes refuses a list without any, so no node at all is a term that fits none."""
    said = (_Expression(key=one.key, operator=_Operator.IN, values=one.values) for one in nodes)
    terms = tuple(_Term(match_expressions=(one,)) for one in said) or (_Term(),)
    return _Affinity(required_during_scheduling_ignored_during_execution=_Selector(node_selector_terms=terms))


_EXPRESSION = record(_Expression, "KIND-10", key=TEXT, operator=one_of(_Operator), values=many(TEXT, at_least=1))
_TERM = record(_Term, "KIND-10", match_expressions=many(_EXPRESSION, at_most=1))
_NODE_AFFINITY = record(
    _Affinity,
    "KIND-10",
    required_during_scheduling_ignored_during_execution=record(
        _Selector, "KIND-10", node_selector_terms=many(_TERM, at_least=1)
    ),
)

RESOLVED_HARDWARE: Codec[ResolvedHardware] = shared(
    record(
        ResolvedHardware,
        "KIND-10",
        gpu=GPU,
        cpu=CPU,
        nodes=field(via(_NODE_AFFINITY, _nodes, _affinity), name="nodeAffinity"),
    )
)
"""`status.resolvedHardware` of a template."""
