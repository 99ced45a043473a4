"""Where pods may go: the nodes that will do for the template AND what the user asks for (RUN-8).

Kubernetes joins the terms of a required node affinity by OR, so an AND of two lists is their product: each of ours with
each of theirs. A term without expressions fits no node.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from aimcore.domain.hardware.affinity import NodeLabel
from aimcore.domain.hardware.taints import Toleration
from aimcore.domain.kinds.workload import KubernetesBody, PodSettings
from aimcore.domain.serving.bodies import Body, canonical, said

__all__ = ["MOST_TERMS", "Placement", "node_terms", "placement", "product", "toleration_body"]

MOST_TERMS: Final = 64
_REQUIRED: Final = "requiredDuringSchedulingIgnoredDuringExecution"
_NODE: Final = "kubernetes.io/hostname"
_LISTS: Final = ("matchExpressions", "matchFields")

Term = KubernetesBody


@dataclass(frozen=True, slots=True, kw_only=True)
class Placement:
    """The fields of a pod's spec that say where it may go; `problems` is not empty where they cannot be."""

    fields: Body = field(default_factory=dict)
    problems: tuple[str, ...] = ()


def placement(
    nodes: tuple[NodeLabel, ...] | None, settings: PodSettings, *, together: Mapping[str, str] | None = None
) -> Placement:
    """The placement of a serving pod; `nodes` is what the template's hardware asks for, None for any node.

    Pods that carry the labels `together` come to one node: the first goes anywhere, the others follow it (CACHE-5).
    """
    affinity, problems = _affinity(nodes, settings.affinity or {})
    if together:
        affinity = _beside(affinity, together)
    spread = settings.topology_spread_constraints
    tolerations = settings.tolerations
    return Placement(
        fields=said(
            {
                "affinity": affinity or None,
                "nodeSelector": dict(settings.node_selector) if settings.node_selector else None,
                "priorityClassName": settings.priority_class_name,
                "runtimeClassName": settings.runtime_class_name,
                "schedulerName": settings.scheduler_name,
                "tolerations": [toleration_body(one) for one in tolerations] if tolerations else None,
                "topologySpreadConstraints": [dict(one) for one in spread] if spread else None,
            }
        ),
        problems=problems,
    )


def toleration_body(toleration: Toleration) -> Body:
    """One entry of `tolerations`."""
    return said(
        {
            "key": toleration.key,
            "operator": toleration.operator,
            "value": toleration.value,
            "effect": toleration.effect,
            "tolerationSeconds": toleration.toleration_seconds,
        }
    )


def node_terms(nodes: tuple[NodeLabel, ...]) -> list[Body]:
    """The terms of `resolvedHardware.nodeAffinity`: each label is one, and no label at all is one that fits no node."""
    terms = ({"key": one.key, "operator": "In", "values": list(one.values)} for one in nodes)
    return [{"matchExpressions": [one]} for one in terms] or [{}]


def product(ours: Sequence[Term], theirs: Sequence[Term]) -> list[Body]:
    """The terms that a node meets exactly when it meets one of `ours` and one of `theirs`; equal ones once.

    >>> a, b = ({"matchExpressions": [{"key": key, "operator": "Exists"}]} for key in "ab")
    >>> product([a], [b])
    [{'matchExpressions': [{'key': 'a', 'operator': 'Exists'}, {'key': 'b', 'operator': 'Exists'}]}]
    """
    both = [_both(one, other) for one in ours if _fits_some(one) for other in theirs if _fits_some(other)]
    return list({canonical(term): term for term in both}.values()) or [{}]


def _affinity(nodes: tuple[NodeLabel, ...] | None, theirs: KubernetesBody) -> tuple[Body, tuple[str, ...]]:
    if nodes is None:
        return dict(theirs), ()
    node_affinity = dict(theirs.get("nodeAffinity") or {})
    asked = node_affinity.get(_REQUIRED)
    terms = node_terms(nodes)
    if asked is not None:
        terms = product(terms, asked.get("nodeSelectorTerms") or ())
    node_affinity[_REQUIRED] = {"nodeSelectorTerms": terms}
    if len(terms) <= MOST_TERMS:
        return {**theirs, "nodeAffinity": node_affinity}, ()
    problem = (
        f"pod.affinity and the nodes of the template together have {len(terms)} required node terms; "
        f"expected at most {MOST_TERMS}, so ask by nodeSelector or by fewer terms"
    )
    return dict(theirs), (problem,)


def _beside(affinity: Body, labels: Mapping[str, str]) -> Body:
    """The affinity, and that the pod goes where pods with these labels are; what the user asks for holds as well."""
    asked = dict(affinity.get("podAffinity") or {})
    term = {"labelSelector": {"matchLabels": dict(labels)}, "topologyKey": _NODE}
    return {**affinity, "podAffinity": {**asked, _REQUIRED: [*(asked.get(_REQUIRED) or ()), term]}}


def _fits_some(term: Term) -> bool:
    return any(term.get(name) for name in _LISTS)


def _both(one: Term, other: Term) -> Body:
    joined: dict[str, list[Any]] = {name: _distinct([*one.get(name, ()), *other.get(name, ())]) for name in _LISTS}
    return {name: entries for name, entries in joined.items() if entries}


def _distinct(entries: list[Any]) -> list[Any]:
    return list({canonical(entry): entry for entry in entries}.values())
