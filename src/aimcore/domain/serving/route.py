"""The HTTPRoute of a service: its body, whether its gateway took it, and who has a path that two services want (ROUTE)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from aimcore.domain.kinds.conditions import Condition, ConditionStatus, find_condition
from aimcore.domain.kinds.workload import GatewayRef
from aimcore.domain.serving.bodies import Body, said
from aimcore.domain.serving.deployment import ChildMeta, child_metadata
from aimcore.domain.serving.names import child_name
from aimcore.domain.serving.path import PathProblem, ServiceMetadata, route_path
from aimcore.domain.serving.reasons import Finding, Reason
from aimcore.domain.serving.settings import MergedRouting

__all__ = [
    "ObservedParent",
    "ObservedRoute",
    "PathClaim",
    "RouteAction",
    "RouteDecision",
    "RouteInput",
    "decide_route",
    "path_claim",
    "path_taken_by",
    "route_body",
]

GATEWAY_GROUP: Final = "gateway.networking.k8s.io"
SERVICE_PORT: Final = 80
_ACCEPTED: Final = "Accepted"
_RESOLVED: Final = "ResolvedRefs"


@dataclass(frozen=True, slots=True, kw_only=True)
class ObservedParent:
    """One entry of `status.parents`: which parent it speaks of, and what its controller says."""

    ref: GatewayRef
    conditions: tuple[Condition, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ObservedRoute:
    """The service's HTTPRoute as it stands; `created` is its creationTimestamp, RFC 3339 in UTC."""

    generation: int
    created: str
    parents: tuple[ObservedParent, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class PathClaim:
    """A path that a service wants at a gateway; `created` is of its HTTPRoute, None where there is none yet.

    `hostnames` is empty for all of the gateway.
    """

    namespace: str
    service: str
    gateway: GatewayRef
    path: str
    hostnames: tuple[str, ...] = ()
    created: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RouteInput:
    """What a route follows from. `claims` are the paths of all services, this one's or not; `observed` is our own route.

    `has_gateway_api` tells whether the server knows HTTPRoute.
    """

    child: ChildMeta
    metadata: ServiceMetadata
    routing: MergedRouting
    has_gateway_api: bool = True
    observed: ObservedRoute | None = None
    claims: tuple[PathClaim, ...] = ()


class RouteAction(StrEnum):
    """What becomes of the HTTPRoute: applied, left as it stands, or deleted."""

    APPLY = "Apply"
    LEAVE = "Leave"
    DELETE = "Delete"


@dataclass(frozen=True, slots=True, kw_only=True)
class RouteDecision:
    """What to do with the route, and what to say of it; no `finding` means that it is as it should be.

    `url` is known where the route has a host name.
    """

    action: RouteAction
    body: Body | None = None
    finding: Finding | None = None
    path: str | None = None
    url: str | None = None


def decide_route(route: RouteInput) -> RouteDecision:
    """What becomes of a service's route. A fault of it never touches the workload, and leaves the route that stands."""
    routing, gateway = route.routing, route.routing.gateway_ref
    if not routing.enabled:
        return RouteDecision(action=RouteAction.DELETE)
    if not route.has_gateway_api:
        message = "the cluster does not know HTTPRoute; install the Gateway API, or set routing.enabled: false"
        return _left(Reason.GATEWAY_API_MISSING, message)
    if gateway is None:
        return _left(Reason.GATEWAY_NOT_CONFIGURED, "routing is on and no gateway is named; set routing.gatewayRef")
    path = route_path(routing.path_template, route.metadata)
    if isinstance(path, PathProblem):
        return _left(Reason.PATH_TEMPLATE_INVALID, path.message)
    mine = path_claim(route, gateway, path=path)
    taken = path_taken_by(mine, route.claims)
    if taken is not None:
        message = (
            f"{path} at gateway {gateway.name} belongs to the service {taken.namespace}/{taken.service}; "
            "set another routing.pathTemplate or other hostnames"
        )
        return _left(Reason.PATH_TAKEN, message)
    return RouteDecision(
        action=RouteAction.APPLY,
        body=route_body(route.child, routing, gateway=gateway, path=path),
        finding=_standing(route.observed, gateway, namespace=route.child.namespace),
        path=path,
        url=_url(routing, gateway, path=path),
    )


def _left(reason: Reason, message: str) -> RouteDecision:
    return RouteDecision(action=RouteAction.LEAVE, finding=Finding(reason=reason, message=message))


# Body -----------------------------------------------------------------------------------------------------------------


def route_body(child: ChildMeta, routing: MergedRouting, *, gateway: GatewayRef, path: str) -> Body:
    """The HTTPRoute. Its lists are atomic, so what the server would fill in inside them is written out."""
    rule: Body = {
        "matches": [{"path": {"type": "PathPrefix", "value": path}}],
        "filters": [
            {"type": "URLRewrite", "urlRewrite": {"path": {"type": "ReplacePrefixMatch", "replacePrefixMatch": "/"}}}
        ],
        "backendRefs": [
            {"group": "", "kind": "Service", "name": child_name(child.service), "port": SERVICE_PORT, "weight": 1}
        ],
    }
    if routing.request_timeout is not None:
        rule["timeouts"] = {"request": routing.request_timeout}
    spec: Body = {"parentRefs": [_parent(gateway)], "rules": [rule]}
    if routing.hostnames:
        spec["hostnames"] = list(routing.hostnames)
    annotations = {key: value.value for key, value in sorted(routing.annotations.items())}
    return {
        "apiVersion": f"{GATEWAY_GROUP}/v1",
        "kind": "HTTPRoute",
        "metadata": child_metadata(child, annotations),
        "spec": spec,
    }


def _parent(gateway: GatewayRef) -> Body:
    return said(
        {
            "group": _group(gateway),
            "kind": _kind(gateway),
            "namespace": gateway.namespace,
            "name": gateway.name,
            "sectionName": gateway.section_name,
            "port": gateway.port,
        }
    )


def _group(gateway: GatewayRef) -> str:
    return GATEWAY_GROUP if gateway.group is None else gateway.group


def _kind(gateway: GatewayRef) -> str:
    return gateway.kind or "Gateway"


def _url(routing: MergedRouting, gateway: GatewayRef, *, path: str) -> str | None:
    """Where people reach it: the first host name that is no wildcard. The gateway knows whether it speaks TLS, we guess."""
    host = next((name for name in routing.hostnames if not name.startswith("*")), None)
    secure = gateway.port == 443 or gateway.section_name == "https"
    return None if host is None else f"{'https' if secure else 'http'}://{host}{path}"


# What the gateway says ------------------------------------------------------------------------------------------------


def _standing(observed: ObservedRoute | None, gateway: GatewayRef, *, namespace: str) -> Finding | None:
    """None where our parent accepted the route of this generation and resolved its references (ROUTE-4)."""
    if observed is None:
        return Finding(reason=Reason.CONFIGURING_ROUTE, message="the route is being made")
    ours = _identity(gateway, namespace)
    answers = [_answers(one, observed.generation) for one in observed.parents if _identity(one.ref, namespace) == ours]
    if any(all(one.status is ConditionStatus.TRUE for one in answer) and len(answer) == 2 for answer in answers):
        return None
    refusal = next((one for answer in answers for one in answer if one.status is ConditionStatus.FALSE), None)
    if refusal is not None:
        message = (
            f"gateway {gateway.name} refuses the route: {refusal.type} is False, {refusal.reason}: {refusal.message}"
        )
        return Finding(reason=Reason.ROUTE_FAILED, message=message)
    return Finding(
        reason=Reason.CONFIGURING_ROUTE, message=f"gateway {gateway.name} has not answered for the route yet"
    )


def _answers(parent: ObservedParent, generation: int) -> tuple[Condition, ...]:
    """The two conditions that count, where they speak of this generation."""
    found = (find_condition(parent.conditions, kind) for kind in (_ACCEPTED, _RESOLVED))
    return tuple(one for one in found if one is not None and one.observed_generation == generation)


def _identity(ref: GatewayRef, namespace: str) -> tuple[object, ...]:
    return _group(ref), _kind(ref), ref.namespace or namespace, ref.name, ref.section_name, ref.port


# Whose path -----------------------------------------------------------------------------------------------------------


def path_claim(route: RouteInput, gateway: GatewayRef, *, path: str) -> PathClaim:
    """The claim of the service itself, for others to see."""
    return PathClaim(
        namespace=route.child.namespace,
        service=route.child.service,
        gateway=gateway,
        path=path,
        hostnames=route.routing.hostnames,
        created=route.observed.created if route.observed else None,
    )


def path_taken_by(mine: PathClaim, claims: Iterable[PathClaim]) -> PathClaim | None:
    """Who has the path before me: the route that was created first keeps it, of equals the first by namespace and name.

    A service whose route does not stand yet comes after all whose route does.
    """
    before = [claim for claim in claims if _rank(claim) < _rank(mine) and _collide(mine, claim)]
    return min(before, key=_rank, default=None)


def _rank(claim: PathClaim) -> tuple[bool, str, str, str]:
    return claim.created is None, claim.created or "", claim.namespace, claim.service


def _collide(one: PathClaim, other: PathClaim) -> bool:
    if (one.namespace, one.service) == (other.namespace, other.service):
        return False
    same_gateway = _identity(one.gateway, one.namespace) == _identity(other.gateway, other.namespace)
    hosts, others = set(one.hostnames), set(other.hostnames)
    return same_gateway and one.path == other.path and (hosts == others or bool(hosts & others))
