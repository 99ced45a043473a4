"""How the hardware that a template resolves to is spelt, its nodes as `affinity.nodeAffinity` of a Pod (KIND-10)."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

from aimcore.adapters.wire.codec import Codec, described, field, many, record, via
from aimcore.adapters.wire.scalars import amount, integer, one_of
from aimcore.adapters.wire.sharing import shared
from aimcore.adapters.wire.vocabulary import TEXT
from aimcore.domain.hardware.affinity import NodeLabel
from aimcore.domain.hardware.requirements import Cpu, Gpu
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


_EXPRESSION = record(
    _Expression,
    "KIND-10",
    describe="One label.",
    key=field(TEXT, describe="Its key."),
    operator=field(one_of(_Operator), describe="How its value is compared with the values here."),
    values=field(
        described(many(described(TEXT, description="One value."), at_least=1), minItems=None),
        describe="The values that will do.",
    ),
)
_TERM = record(
    _Term,
    "KIND-10",
    describe="One way to do.",
    match_expressions=field(
        described(many(_EXPRESSION, at_most=1), maxItems=None), describe="What the labels of the node must say."
    ),
)
_NODE_AFFINITY = record(
    _Affinity,
    "KIND-10",
    required_during_scheduling_ignored_during_execution=field(
        record(
            _Selector,
            "KIND-10",
            node_selector_terms=field(
                described(many(_TERM, at_least=1), minItems=None),
                describe="The ways for a node to do, any one of which is enough; one without expressions fits no node.",
            ),
        ),
        describe="What a node must have.",
    ),
)

_GPU = record(
    Gpu,
    "KIND-5",
    requests=field(integer(at_least=0), describe="How many."),
    models=field(
        many(described(TEXT, description="A GPU model, as the spec spells it."), at_most=8),
        describe="Any one of these models will do; all will if left out.",
    ),
    min_vram=field(amount, describe="The memory each GPU has at least."),
    resource_name=field(TEXT, describe="The resource that a pod asks for."),
)
_CPU = record(
    Cpu,
    "KIND-5",
    requests=field(amount, needed=True, describe="At least this many."),
    limits=field(amount, describe="At most this many."),
)

RESOLVED_HARDWARE: Codec[ResolvedHardware] = shared(
    record(
        ResolvedHardware,
        "KIND-10",
        gpu=field(_GPU, describe="GPUs; requests of 0 alone says that none is required."),
        cpu=field(_CPU, describe="CPU cores."),
        nodes=field(
            via(_NODE_AFFINITY, _nodes, _affinity),
            name="nodeAffinity",
            describe="The nodes that will do, as affinity.nodeAffinity of a Pod; absent where all will.",
        ),
    )
)
"""`status.resolvedHardware` of a template."""
