"""How the status of a service is spelt: what was resolved, and what runs because of it (KIND-10)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from aimcore.adapters.wire.codec import Codec, described, field, many, mapping, record, via
from aimcore.adapters.wire.scalars import amount, integer, one_of
from aimcore.adapters.wire.statuses import CONDITIONS, CONFIG_REFERENCE, COUNT, GENERATION, REFERENCE
from aimcore.adapters.wire.vocabulary import SECRET_NAMES, TEXT
from aimcore.domain.kinds.resources import MergedResources, ResourceClaim
from aimcore.domain.kinds.scope import Scope
from aimcore.domain.kinds.statuses import (
    CacheUse,
    Candidate,
    Endpoint,
    RoutingStatus,
    RuntimeStatus,
    ServiceStatus,
    TemplateSelection,
    Verdict,
)
from aimcore.domain.values.layering import Layer, Layered, PassedOver
from aimcore.domain.values.quantity import Quantity

__all__ = ["SERVICE_STATUS"]


@dataclass(frozen=True, slots=True, kw_only=True)
class _BeatenClaim:
    """A claim that did not win, flat."""

    layer: Layer
    request: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class _LayeredClaim:
    """A claim with its layer, flat."""

    name: str
    request: str | None = None
    layer: Layer
    passed_over: tuple[_BeatenClaim, ...] = ()


def _claim(shape: _LayeredClaim) -> Layered[ResourceClaim]:
    beaten = tuple(
        PassedOver(layer=one.layer, value=ResourceClaim(name=shape.name, request=one.request))
        for one in shape.passed_over
    )
    return Layered(value=ResourceClaim(name=shape.name, request=shape.request), layer=shape.layer, passed_over=beaten)


def _flat_claim(claim: Layered[ResourceClaim]) -> _LayeredClaim:
    beaten = tuple(_BeatenClaim(layer=one.layer, request=one.value.request) for one in claim.passed_over)
    value = claim.value
    return _LayeredClaim(name=value.name, request=value.request, layer=claim.layer, passed_over=beaten)


def _by_name(claims: tuple[Layered[ResourceClaim], ...]) -> Mapping[str, Layered[ResourceClaim]]:
    return {claim.value.name: claim for claim in claims}


def _listed(claims: Mapping[str, Layered[ResourceClaim]]) -> tuple[Layered[ResourceClaim], ...]:
    return tuple(claims.values())


_LAYER = described(one_of(Layer), enum=None)
_QUANTITIES = described(
    mapping(
        record(
            Layered[Quantity],
            "RES-1",
            value=field(amount, describe="The value in force."),
            layer=field(_LAYER, describe="Which layer set the value."),
            passed_over=field(
                many(
                    record(
                        PassedOver[Quantity],
                        "RES-1",
                        layer=field(_LAYER, describe="Which layer set it."),
                        value=field(amount, describe="The value that lost."),
                        name=field(TEXT, describe="The name it stood under, where that is another."),
                        reason=field(TEXT, describe="Why it lost, where its layer is not the reason."),
                    )
                ),
                describe="What the value beat, strongest first.",
            ),
        )
    ),
    maxProperties=64,
)
_CLAIM = record(
    _LayeredClaim,
    "RES-1",
    name=field(TEXT, describe="The name of the claim."),
    request=field(TEXT, describe="Which request of the claim is meant."),
    layer=field(_LAYER, describe="Which layer set it."),
    passed_over=field(
        many(
            record(
                _BeatenClaim,
                "RES-1",
                layer=field(_LAYER, describe="Which layer set it."),
                request=field(TEXT, describe="Which request of the claim it meant."),
            )
        ),
        describe="What the claim beat, strongest first.",
    ),
)

SERVICE_STATUS: Codec[ServiceStatus] = record(
    ServiceStatus,
    "KIND-10",
    describe="What became of the service.",
    status=field(
        one_of(Verdict, Verdict.PENDING, Verdict.STARTING, Verdict.RUNNING, Verdict.DEGRADED, Verdict.FAILED),
        describe="The service's health in one word.",
    ),
    observed_generation=field(GENERATION, describe="The generation of the spec that this status speaks of."),
    conditions=field(CONDITIONS, describe="What is true of the object, why, and since when."),
    resolved_runtime_config=field(CONFIG_REFERENCE, describe="The runtime configuration in force."),
    resolved_model=field(REFERENCE, describe="The model that is served."),
    resolved_template=field(REFERENCE, describe="The template that is used."),
    resolved_resources=field(
        record(
            MergedResources,
            "RES-1",
            unspelt=("problems",),
            requests=field(_QUANTITIES, describe="The requests, by resource name."),
            limits=field(_QUANTITIES, describe="The limits, by resource name."),
            claims=field(
                described(via(many(via(_CLAIM, _claim, _flat_claim)), _by_name, _listed), maxItems=64),
                describe="Claims on dynamically allocated resources.",
            ),
        ),
        describe="The resources in force, each with the layer that set it.",
    ),
    effective_pull_secrets=field(SECRET_NAMES, describe="The pull secrets in force, in the order they are tried."),
    template_selection=field(
        record(
            TemplateSelection,
            "SEL-3",
            chosen=field(TEXT, describe="The template that was chosen."),
            candidates=field(
                many(
                    described(
                        record(
                            Candidate,
                            "SEL-3",
                            describe="One candidate.",
                            name=field(TEXT, describe="The template."),
                            scope=field(
                                one_of(Scope), describe="Whether it belongs to the namespace or to the cluster."
                            ),
                            verdict=field(TEXT, describe="What became of it."),
                            stage=field(TEXT, describe="The filter or rank that decided."),
                            reason=field(TEXT, describe="Why, in a sentence."),
                        ),
                        required=["name"],
                    ),
                    at_most=64,
                ),
                describe="What was looked at, and why it was passed over.",
            ),
        ),
        describe="How the template was found.",
    ),
    runtime=field(
        record(
            RuntimeStatus,
            "STAT-2",
            name=field(TEXT, describe="The name of the Deployment."),
            replicas=field(COUNT, always=True, describe="How many pods count: neither ended nor ending."),
            ready_replicas=field(COUNT, always=True, describe="How many of them are ready."),
            ready=field(TEXT, describe="How many are ready of how many are wanted, such as 1/2."),
            updated_replicas=field(COUNT, always=True, describe="How many of them are as the service wants them now."),
            revision=field(TEXT, describe="The revision of the pods that is wanted."),
        ),
        describe="What runs.",
    ),
    cache=field(
        record(
            CacheUse,
            "STAT-2",
            name=field(TEXT, describe="The name of the cache."),
            status=field(TEXT, describe="Its word."),
            percent=field(integer(at_least=0, at_most=100), describe="How much of the weights is there, in percent."),
        ),
        describe="The cache of weights in use.",
    ),
    routing=field(
        record(
            RoutingStatus,
            "ROUTE-4",
            path=field(TEXT, describe="The path of the route."),
            url=field(TEXT, describe="The address from outside, where the host name is known."),
        ),
        describe="How the service is reached through a gateway.",
    ),
    endpoint=field(
        record(
            Endpoint,
            "ROUTE-4",
            cluster=field(TEXT, describe="The address inside the cluster."),
            external=field(TEXT, describe="The address from outside."),
            models=field(many(TEXT), describe="The names that requests call the model by."),
        ),
        describe="Where the service answers.",
    ),
    selector=field(TEXT, describe="The selector of its pods, for autoscalers."),
)
