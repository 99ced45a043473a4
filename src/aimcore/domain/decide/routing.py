"""The HTTPRoute of a service: wanted, left, or deleted, and what its gateway says of it (ROUTE)."""

from __future__ import annotations

from dataclasses import dataclass

from aimcore.domain.children.manifests import child_of
from aimcore.domain.decide.pods import Serving
from aimcore.domain.kinds.core import Child
from aimcore.domain.kinds.ownership import controls
from aimcore.domain.kinds.records import Service
from aimcore.domain.kinds.scope import Kind
from aimcore.domain.kinds.statuses import RoutingStatus
from aimcore.domain.serving.deployment import ChildMeta
from aimcore.domain.serving.names import child_name
from aimcore.domain.serving.observed import observed_route, route_claims
from aimcore.domain.serving.path import ServiceMetadata
from aimcore.domain.serving.reasons import Finding
from aimcore.domain.serving.route import RouteAction, RouteInput, decide_route
from aimcore.domain.serving.settings import merge_routing
from aimcore.domain.values.layering import Layer
from aimcore.domain.view.observed import Observed
from aimcore.domain.view.plan import Delete, Write

__all__ = ["RoutingAnswer", "decide_routing"]


@dataclass(frozen=True, slots=True, kw_only=True)
class RoutingAnswer:
    """The route to keep, the one to delete, what was found, and what the status says; `on` tells whether there is to be one."""

    on: bool = False
    child: Child | None = None
    writes: tuple[Write, ...] = ()
    findings: tuple[Finding, ...] = ()
    status: RoutingStatus | None = None


def decide_routing(observed: Observed[Service], serving: Serving, meta: ChildMeta, *, exists: bool) -> RoutingAnswer:
    """What follows for the route. It is made beside the workload, so not before the service has one."""
    service, view = serving.service, observed.view
    merged = merge_routing(
        (
            (Layer.SERVICE, service.spec.routing),
            *((layer, spec.routing) for layer, spec in serving.config.layers),
        )
    )
    live = view.child(Kind.HTTP_ROUTE, service.key.namespace, child_name(service.key.name))
    if not merged.enabled and live is None:
        return RoutingAnswer()
    mine = live if live is not None and controls(service.meta.uid, live.meta.owners) else None
    decision = decide_route(
        RouteInput(
            child=meta,
            metadata=ServiceMetadata(
                namespace=meta.namespace,
                name=meta.service,
                labels=service.meta.labels,
                annotations=service.meta.annotations,
            ),
            routing=merged,
            has_gateway_api=view.is_served(Kind.HTTP_ROUTE),
            observed=None if mine is None else observed_route(mine),
            claims=tuple(claim for route in view.routes() for claim in route_claims(route)) if merged.enabled else (),
        )
    )
    writes: tuple[Write, ...] = ()
    if decision.action is RouteAction.DELETE and mine is not None and not mine.meta.deleting:
        version = mine.meta.resource_version
        writes = (Delete(key=mine.key, uid=mine.meta.uid, resource_version=version, rule="ROUTE-4"),)
    child = child_of(Kind.HTTP_ROUTE, decision.body) if decision.body is not None and exists else None
    return RoutingAnswer(
        on=merged.enabled,
        child=child,
        writes=writes,
        findings=() if decision.finding is None else (decision.finding,),
        status=RoutingStatus(path=decision.path, url=decision.url) if merged.enabled else None,
    )
