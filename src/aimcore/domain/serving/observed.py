"""What the server keeps of pods, Deployments and routes becomes what the rules of serving look at.

Manifests are whatever a server sent: what is not there, or not of the expected type, counts as not said.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from aimcore.domain.kinds.conditions import Condition, ConditionStatus, find_condition
from aimcore.domain.kinds.core import Child
from aimcore.domain.kinds.records import Resource
from aimcore.domain.kinds.workload import GatewayRef
from aimcore.domain.serving.pods import ObservedDeployment, ObservedPod
from aimcore.domain.serving.route import ObservedParent, ObservedRoute, PathClaim

__all__ = ["PodRecord", "conditions_of", "observed_deployment", "observed_route", "route_claims"]

_DEADLINE_PASSED: Final = "ProgressDeadlineExceeded"


@dataclass(frozen=True, slots=True, kw_only=True)
class PodRecord(Resource[ObservedPod, None]):
    """A pod that carries our label, as the object cache keeps it: of its spec and status only what `ObservedPod` has."""

    spec: ObservedPod
    status: None = None


def observed_deployment(child: Child) -> ObservedDeployment:
    """What a Deployment says of itself (STAT-2)."""
    status = child.status or {}
    conditions = conditions_of(status.get("conditions"))
    failure, progress = (find_condition(conditions, kind) for kind in ("ReplicaFailure", "Progressing"))
    refused = failure is not None and failure.status is ConditionStatus.TRUE
    return ObservedDeployment(
        name=child.key.name,
        uid=child.meta.uid,
        deleting=child.meta.deleting,
        generation=child.meta.generation,
        observed_generation=_number(status, "observedGeneration") or 0,
        annotations=child.meta.annotations,
        refusal=failure.message if failure is not None and refused else None,
        deadline_passed=progress is not None
        and progress.status is ConditionStatus.FALSE
        and progress.reason == _DEADLINE_PASSED,
    )


def observed_route(child: Child) -> ObservedRoute:
    """What the gateways say of an HTTPRoute (ROUTE-4). A parent without a name is left out."""
    parents = (_parent(one) for one in _entries((child.status or {}).get("parents")))
    return ObservedRoute(
        generation=child.meta.generation,
        created=child.created,
        parents=tuple(parent for parent in parents if parent is not None),
    )


def route_claims(route: Child) -> Iterator[PathClaim]:
    """The paths that an HTTPRoute of a service holds, each at each of its gateways (ROUTE-4)."""
    owner = next((one.name for one in route.meta.owners if one.controller), "")
    hostnames = tuple(name for name in route.spec.get("hostnames") or () if isinstance(name, str))
    paths = (
        _text(match["path"], "value")
        for rule in _entries(route.spec.get("rules"))
        for match in _entries(rule.get("matches"))
        if isinstance(match.get("path"), Mapping)
    )
    gateways = [
        one.ref for one in map(_parent, ({"parentRef": one} for one in _entries(route.spec.get("parentRefs")))) if one
    ]
    for path in paths:
        for gateway in gateways if path else ():
            yield PathClaim(
                namespace=route.key.namespace or "",
                service=owner,
                gateway=gateway,
                path=path or "",
                hostnames=hostnames,
                created=route.created or None,
            )


def conditions_of(listed: object) -> tuple[Condition, ...]:
    """The conditions of a status, in order; one without a type or with an unknown status is left out.

    >>> [str(one.status) for one in conditions_of([{"type": "Ready", "status": "True"}, {"type": "Ready"}, "Ready"])]
    ['True']
    """
    return tuple(_condition(one) for one in _entries(listed) if _text(one, "type") and one.get("status") in _STATUSES)


_STATUSES: Final = frozenset(one.value for one in ConditionStatus)


def _condition(one: Mapping[str, Any]) -> Condition:
    return Condition(
        type=_text(one, "type") or "",
        status=ConditionStatus(one["status"]),
        reason=_text(one, "reason") or "",
        message=_text(one, "message") or "",
        last_transition_time=_text(one, "lastTransitionTime") or "",
        observed_generation=_number(one, "observedGeneration"),
    )


def _parent(one: Mapping[str, Any]) -> ObservedParent | None:
    ref = one.get("parentRef")
    name = _text(ref, "name") if isinstance(ref, Mapping) else None
    if not isinstance(ref, Mapping) or not name:
        return None
    gateway = GatewayRef(
        name=name,
        namespace=_text(ref, "namespace"),
        group=_text(ref, "group"),
        kind=_text(ref, "kind"),
        section_name=_text(ref, "sectionName"),
        port=_number(ref, "port"),
    )
    return ObservedParent(ref=gateway, conditions=conditions_of(one.get("conditions")))


def _entries(value: object) -> Iterable[Mapping[str, Any]]:
    return [one for one in value if isinstance(one, Mapping)] if isinstance(value, list | tuple) else []


def _text(entry: Mapping[str, Any], name: str) -> str | None:
    value = entry.get(name)
    return value if isinstance(value, str) else None


def _number(entry: Mapping[str, Any], name: str) -> int | None:
    value = entry.get(name)
    return value if isinstance(value, int) and not isinstance(value, bool) else None
