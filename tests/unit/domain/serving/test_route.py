from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from aimcore.domain.kinds.conditions import Condition, ConditionStatus
from aimcore.domain.kinds.workload import GatewayRef, RoutingSettings
from aimcore.domain.serving.path import ServiceMetadata
from aimcore.domain.serving.reasons import Reason
from aimcore.domain.serving.route import (
    ObservedParent,
    ObservedRoute,
    PathClaim,
    RouteAction,
    RouteInput,
    decide_route,
    path_claim,
    path_taken_by,
)
from aimcore.domain.serving.settings import merge_routing
from aimcore.domain.values.layering import Layer
from tests.unit.domain.serving.builders import CHILD

EDGE = GatewayRef(name="edge", namespace="gateways")
METADATA = ServiceMetadata(namespace="ml", name="chat")


def route(observed: ObservedRoute | None = None, *claims: PathClaim, api: bool = True, **said: Any) -> RouteInput:
    usual: dict[str, Any] = {"enabled": True, "gateway_ref": EDGE}
    settings = RoutingSettings(**(usual | said))
    return RouteInput(
        child=CHILD,
        metadata=METADATA,
        routing=merge_routing(((Layer.CLUSTER_CONFIG, settings),)),
        has_gateway_api=api,
        observed=observed,
        claims=claims,
    )


def condition(kind: str, status: str = "True", *, generation: int = 2) -> Condition:
    return Condition(
        type=kind, status=ConditionStatus(status), reason="Because", message="so", observed_generation=generation
    )


def standing(*conditions: Condition, ref: GatewayRef = EDGE) -> ObservedRoute:
    return ObservedRoute(
        generation=2, created="2026-01-01T00:00:00Z", parents=(ObservedParent(ref=ref, conditions=conditions),)
    )


READY = standing(condition("Accepted"), condition("ResolvedRefs"))


def claim(service: str, created: str | None = None, **fields: Any) -> PathClaim:
    usual: dict[str, Any] = {
        "namespace": "ml",
        "service": service,
        "gateway": EDGE,
        "path": "/ml/chat",
        "created": created,
    }
    return PathClaim(**(usual | fields))


# What becomes of the route --------------------------------------------------------------------------------------------


@pytest.mark.rule("ROUTE-1", "ROUTE-2", "ROUTE-4")
@pytest.mark.parametrize(
    ("given", "action", "reason"),
    [
        pytest.param(route(READY, enabled=False), RouteAction.DELETE, None, id="off"),
        pytest.param(route(READY, enabled=None), RouteAction.DELETE, None, id="nobody says on"),
        pytest.param(route(api=False), RouteAction.LEAVE, Reason.GATEWAY_API_MISSING, id="no definition of HTTPRoute"),
        pytest.param(route(gateway_ref=None), RouteAction.LEAVE, Reason.GATEWAY_NOT_CONFIGURED, id="no gateway named"),
        pytest.param(
            route(READY, path_template="/{labels.x}"),
            RouteAction.LEAVE,
            Reason.PATH_TEMPLATE_INVALID,
            id="a broken path",
        ),
        pytest.param(
            route(None, claim("other", "2026-01-01T00:00:00Z")), RouteAction.LEAVE, Reason.PATH_TAKEN, id="a taken path"
        ),
        pytest.param(route(), RouteAction.APPLY, Reason.CONFIGURING_ROUTE, id="to be made"),
        pytest.param(route(READY), RouteAction.APPLY, None, id="accepted"),
    ],
)
def test_what_becomes_of_a_route(given: RouteInput, action: RouteAction, reason: Reason | None) -> None:
    decided = decide_route(given)
    assert decided.action is action
    assert (decided.finding.reason if decided.finding else None) is reason
    assert (decided.body is not None) is (action is RouteAction.APPLY)


@pytest.mark.rule("ROUTE-4")
@pytest.mark.parametrize(
    ("observed", "reason", "says"),
    [
        pytest.param(standing(), Reason.CONFIGURING_ROUTE, "has not answered", id="no word yet"),
        pytest.param(
            standing(condition("Accepted")), Reason.CONFIGURING_ROUTE, "has not answered", id="half an answer"
        ),
        pytest.param(
            standing(condition("Accepted"), condition("ResolvedRefs", generation=1)),
            Reason.CONFIGURING_ROUTE,
            "has not answered",
            id="an answer to the generation before",
        ),
        pytest.param(
            standing(
                condition("Accepted"), condition("ResolvedRefs"), ref=GatewayRef(name="other", namespace="gateways")
            ),
            Reason.CONFIGURING_ROUTE,
            "has not answered",
            id="the word of another parent",
        ),
        pytest.param(
            standing(condition("Accepted", "False")),
            Reason.ROUTE_FAILED,
            "gateway edge refuses the route: Accepted is False, Because: so",
            id="refused",
        ),
        pytest.param(
            standing(condition("Accepted"), condition("ResolvedRefs", "False")),
            Reason.ROUTE_FAILED,
            "ResolvedRefs is False",
            id="accepted without what it refers to",
        ),
        pytest.param(
            standing(condition("Accepted", "Unknown"), condition("ResolvedRefs")),
            Reason.CONFIGURING_ROUTE,
            "has not answered",
            id="undecided",
        ),
    ],
)
def test_what_the_gateway_says(observed: ObservedRoute, reason: Reason, says: str) -> None:
    finding = decide_route(route(observed)).finding
    assert finding is not None
    assert finding.reason is reason
    assert says in finding.message


@pytest.mark.rule("ROUTE-4")
def test_a_parent_is_ours_whatever_is_left_to_default() -> None:
    spelt = GatewayRef(group="gateway.networking.k8s.io", kind="Gateway", namespace="ml", name="edge")
    observed = standing(condition("Accepted"), condition("ResolvedRefs"), ref=spelt)
    assert decide_route(route(observed, gateway_ref=GatewayRef(name="edge"))).finding is None


# The body -------------------------------------------------------------------------------------------------------------


@pytest.mark.rule("ROUTE-1", "ROUTE-2", "ROUTE-3")
def test_the_body_of_a_route() -> None:
    ref = replace(EDGE, section_name="https", port=443)
    said = route(gateway_ref=ref, hostnames=("a.example",), request_timeout="0s", annotations={"x": "y"})
    decided = decide_route(said)
    assert (decided.path, decided.url) == ("/ml/chat", "https://a.example/ml/chat")
    assert decided.body is not None
    assert decided.body["metadata"]["annotations"] == {"x": "y"}
    assert decided.body["metadata"]["name"] == "aim-chat"
    assert decided.body["spec"] == {
        "parentRefs": [
            {
                "group": "gateway.networking.k8s.io",
                "kind": "Gateway",
                "namespace": "gateways",
                "name": "edge",
                "sectionName": "https",
                "port": 443,
            }
        ],
        "hostnames": ["a.example"],
        "rules": [
            {
                "matches": [{"path": {"type": "PathPrefix", "value": "/ml/chat"}}],
                "filters": [
                    {
                        "type": "URLRewrite",
                        "urlRewrite": {"path": {"type": "ReplacePrefixMatch", "replacePrefixMatch": "/"}},
                    }
                ],
                "backendRefs": [{"group": "", "kind": "Service", "name": "aim-chat", "port": 80, "weight": 1}],
                "timeouts": {"request": "0s"},
            }
        ],
    }


@pytest.mark.rule("ROUTE-3")
def test_what_is_not_said_is_left_to_the_gateway() -> None:
    body = decide_route(route()).body
    assert body is not None
    assert "timeouts" not in body["spec"]["rules"][0]
    assert "hostnames" not in body["spec"]
    assert "annotations" not in body["metadata"]
    assert (body["apiVersion"], body["kind"]) == ("gateway.networking.k8s.io/v1", "HTTPRoute")


@pytest.mark.rule("ROUTE-4")
@pytest.mark.parametrize(
    ("hostnames", "url"),
    [
        pytest.param((), None, id="no host name"),
        pytest.param(("*.example",), None, id="a wildcard alone"),
        pytest.param(("*.example", "b.example"), "http://b.example/ml/chat", id="the first that is none"),
    ],
)
def test_the_address_for_people(hostnames: tuple[str, ...], url: str | None) -> None:
    assert decide_route(route(hostnames=hostnames)).url == url


# Whose path -----------------------------------------------------------------------------------------------------------

MINE = claim("chat", "2026-01-02T00:00:00Z")


@pytest.mark.rule("ROUTE-4")
@pytest.mark.parametrize(
    ("mine", "other", "taken"),
    [
        pytest.param(MINE, claim("z", "2026-01-01T00:00:00Z"), True, id="an older route"),
        pytest.param(MINE, claim("a", "2026-01-03T00:00:00Z"), False, id="a younger route"),
        pytest.param(MINE, claim("a"), False, id="one that is not there yet"),
        pytest.param(replace(MINE, created=None), claim("z", "2026-01-03T00:00:00Z"), True, id="mine is not there yet"),
        pytest.param(replace(MINE, created=None), claim("a"), True, id="neither is, by name"),
        pytest.param(MINE, claim("a", MINE.created), True, id="of one age, by name"),
        pytest.param(MINE, claim("a", MINE.created, namespace="zz"), False, id="of one age, by namespace"),
        pytest.param(MINE, claim("chat", "2026-01-01T00:00:00Z"), False, id="the service itself, seen earlier"),
        pytest.param(MINE, claim("a", MINE.created, path="/x"), False, id="another path"),
        pytest.param(MINE, claim("a", MINE.created, gateway=GatewayRef(name="edge")), False, id="another gateway"),
        pytest.param(MINE, claim("a", MINE.created, hostnames=("h",)), False, id="a host name of its own"),
        pytest.param(
            replace(MINE, hostnames=("g", "h")),
            claim("a", MINE.created, hostnames=("h",)),
            True,
            id="a host name in common",
        ),
    ],
)
def test_a_path_belongs_to_the_route_that_came_first(mine: PathClaim, other: PathClaim, *, taken: bool) -> None:
    assert path_taken_by(mine, [mine, other]) == (other if taken else None)


@pytest.mark.rule("ROUTE-4")
def test_who_has_the_path_is_named() -> None:
    holder = claim("z", "2025-01-01T00:00:00Z", namespace="other")
    finding = decide_route(route(READY, holder, claim("y", "2025-06-01T00:00:00Z"))).finding
    assert finding is not None
    assert finding.message == (
        "/ml/chat at gateway edge belongs to the service other/z; set another routing.pathTemplate or other hostnames"
    )
    assert path_claim(route(READY), EDGE, path="/ml/chat") == claim("chat", READY.created)
    assert path_claim(route(), EDGE, path="/x") == claim("chat", path="/x")
