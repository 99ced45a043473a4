"""How people say how a service is reached: `routing` of services and runtime configurations (ROUTE)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from aimcore.adapters.wire import rules
from aimcore.adapters.wire.codec import Codec, field, many, record
from aimcore.adapters.wire.opened import opened
from aimcore.adapters.wire.podsettings import ANNOTATIONS, DURATION_TEXT
from aimcore.adapters.wire.problem import Finding
from aimcore.adapters.wire.rule import Rule
from aimcore.adapters.wire.scalars import boolean, integer, matching, text
from aimcore.adapters.wire.vocabulary import ACCOUNT, NAME
from aimcore.domain.kinds.workload import GatewayRef, RoutingSettings
from aimcore.domain.values.nearness import did_you_mean

__all__ = ["ROUTING", "ROUTING_DEFAULTS", "nearly_routing"]

_HOST_NAME = matching(
    r"^(\*\.)?[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$",
    "a host name in lower case, such as chat.example.com or *.example.com",
    at_least=1,
    at_most=253,
)

_GATEWAY: Codec[GatewayRef] = opened(
    record(
        GatewayRef,
        "KIND-8",
        unspelt=("others",),
        name=field(NAME, describe="Its name."),
        namespace=field(NAME, describe="Its namespace; that of the route if left out."),
        group=field(ACCOUNT, describe="Its group; gateway.networking.k8s.io if left out."),
        kind=field(ACCOUNT, describe="Its kind; Gateway if left out."),
        section_name=field(NAME, describe="The name of the listener."),
        port=field(integer(at_least=1, at_most=65535), describe="The port of the listener."),
    )
)


def _routing(its_rules: tuple[Rule, ...]) -> Codec[RoutingSettings]:
    return opened(
        record(
            RoutingSettings,
            "KIND-8",
            unspelt=("others",),
            rules=its_rules,
            enabled=field(boolean, describe="Whether routes are made."),
            gateway_ref=field(
                _GATEWAY, describe="The gateway the routes attach to; one unit when configurations merge."
            ),
            hostnames=field(
                many(_HOST_NAME, at_most=16), describe="The host names of the routes; every name if left out."
            ),
            path_template=field(
                text(at_most=1024), describe="The path of a route, with placeholders; /{namespace}/{name} if left out."
            ),
            request_timeout=field(
                DURATION_TEXT,
                describe="How long a request may take, such as 30s or 1h30m; 0s for no limit, left to the gateway if left out.",
            ),
            annotations=field(ANNOTATIONS, describe="Annotations of the routes; none under aim.silogen.ai/."),
            allowed_annotations=field(
                many(text(at_least=1, at_most=317), at_most=64),
                describe="Patterns of the annotations that a service may set; in a runtime configuration alone.",
            ),
        )
    )


ROUTING = _routing((*rules.ROUTING, *rules.ROUTING_OF_SERVICE))
"""`spec.routing` of a service."""

ROUTING_DEFAULTS = _routing(rules.ROUTING)
"""`spec.routing` of a runtime configuration."""


def nearly_routing(manifest: Any) -> Iterator[Finding]:
    """Warnings of fields of `routing` that are kept, as any is, and are nearly one that is read (KIND-8)."""
    spec = manifest.get("spec") if isinstance(manifest, dict) else None
    routing = spec.get("routing") if isinstance(spec, dict) else None
    gateway = routing.get("gatewayRef") if isinstance(routing, dict) else None
    for steps, said, known in (
        (("spec", "routing"), routing, ROUTING_DEFAULTS.schema["properties"]),
        (("spec", "routing", "gatewayRef"), gateway, _GATEWAY.schema["properties"]),
    ):
        for name in said if isinstance(said, dict) else ():
            if name not in known and (near := did_you_mean(str(name), known)):
                yield Finding(
                    steps=(*steps, str(name)), message=f"is kept and not read{near}", rule="KIND-8", warning=True
                )
