"""How statuses are spelt: what the operator writes for people and for its own next round (KIND-9, KIND-10)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from aimcore.adapters.wire.codec import Codec, field, many, mapping, record, via
from aimcore.adapters.wire.placement import RESOLVED_HARDWARE
from aimcore.adapters.wire.scalars import INT64_MAX, amount, integer, one_of
from aimcore.adapters.wire.sharing import shared
from aimcore.adapters.wire.vocabulary import (
    IMAGE_METADATA,
    METRIC,
    PRECISION,
    SECRET_NAMES,
    SOURCES_AT_MOST,
    TEMPLATE_TYPE,
    TEXT,
)
from aimcore.domain.kinds.conditions import Condition, ConditionStatus
from aimcore.domain.kinds.resources import MergedResources, ResourceClaim
from aimcore.domain.kinds.scope import Reference, Scope
from aimcore.domain.kinds.statuses import (
    CacheUse,
    Candidate,
    ConfigReference,
    Endpoint,
    MergedWith,
    ModelStatus,
    ProfileMetadata,
    ResolvedImage,
    RoutingStatus,
    RuntimeStatus,
    ServiceStatus,
    SourceStatus,
    SourceType,
    TemplateSelection,
    TemplateStatus,
    Verdict,
)
from aimcore.domain.values.layering import Layer, Layered, PassedOver
from aimcore.domain.values.quantity import Quantity
from aimcore.domain.weights.probing import ProbeCause

__all__ = ["CONFIG_STATUS", "MODEL_STATUS", "SERVICE_STATUS", "TEMPLATE_STATUS"]

_COUNT = integer(at_least=0)
_GENERATION = integer(at_least=0, at_most=INT64_MAX)

_CONDITIONS = many(
    shared(
        record(
            Condition,
            "KIND-9",
            type=TEXT,
            status=one_of(ConditionStatus),
            reason=TEXT,
            message=field(TEXT, always=True, needed=True),
            last_transition_time=field(TEXT, always=True, needed=True),
            observed_generation=_GENERATION,
        )
    ),
    key="type",
)
_REFERENCE = shared(record(Reference, "KIND-10", kind=TEXT, name=TEXT, namespace=TEXT, scope=one_of(Scope), uid=TEXT))
_CONFIG_REFERENCE = shared(
    record(
        ConfigReference,
        "CONF-3",
        kind=TEXT,
        name=TEXT,
        namespace=TEXT,
        scope=TEXT,
        uid=TEXT,
        merged_with=record(MergedWith, "CONF-3", kind=TEXT, name=TEXT, uid=TEXT),
    )
)


# --- models, templates, runtime configurations ------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class _Profile:
    """`status.profile`, which only wraps its metadata."""

    metadata: ProfileMetadata | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class _ConfigStatus:
    """The status of a runtime configuration, which no decision looks at."""

    observed_generation: int | None = None
    conditions: tuple[Condition, ...] = ()


def _metadata(shape: _Profile) -> ProfileMetadata | None:
    return shape.metadata


def _profile(metadata: ProfileMetadata | None) -> _Profile:
    return _Profile(metadata=metadata)


CONFIG_STATUS = record(_ConfigStatus, "KIND-9", observed_generation=_GENERATION, conditions=_CONDITIONS)

MODEL_STATUS: Codec[ModelStatus] = record(
    ModelStatus,
    "KIND-10",
    status=one_of(Verdict, Verdict.PENDING, Verdict.PROGRESSING, Verdict.READY, Verdict.DEGRADED, Verdict.FAILED),
    observed_generation=_GENERATION,
    conditions=_CONDITIONS,
    source_type=one_of(SourceType),
    resolved_runtime_config=_CONFIG_REFERENCE,
    resolved_image=record(ResolvedImage, "DISC-3", reference=TEXT, digest=TEXT),
    image_metadata=IMAGE_METADATA,
    effective_pull_secrets=SECRET_NAMES,
)

TEMPLATE_STATUS: Codec[TemplateStatus] = record(
    TemplateStatus,
    "KIND-10",
    status=one_of(
        Verdict,
        Verdict.PENDING,
        Verdict.PROGRESSING,
        Verdict.NOT_AVAILABLE,
        Verdict.READY,
        Verdict.DEGRADED,
        Verdict.FAILED,
    ),
    observed_generation=_GENERATION,
    conditions=_CONDITIONS,
    resolved_model=_REFERENCE,
    resolved_runtime_config=_CONFIG_REFERENCE,
    profile=via(
        record(
            _Profile,
            "KIND-10",
            metadata=shared(
                record(
                    ProfileMetadata,
                    "KIND-10",
                    gpu=TEXT,
                    gpu_count=field(integer(at_least=0), name="gpu_count"),
                    metric=METRIC,
                    precision=PRECISION,
                    type=field(TEMPLATE_TYPE, always=True),
                )
            ),
        ),
        _metadata,
        _profile,
    ),
    hardware_summary=shared(TEXT),
    resolved_hardware=RESOLVED_HARDWARE,
    model_sources=many(
        record(
            SourceStatus,
            "KIND-10",
            model_id=TEXT,
            source_uri=TEXT,
            size=amount,
            discovered_at=TEXT,
            cause=one_of(ProbeCause),
            message=TEXT,
        ),
        at_most=SOURCES_AT_MOST,
    ),
)


# --- services ---------------------------------------------------------------------------------------------------------


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


_LAYER = one_of(Layer)
_QUANTITIES = mapping(
    record(
        Layered[Quantity],
        "RES-1",
        value=amount,
        layer=_LAYER,
        passed_over=many(record(PassedOver[Quantity], "RES-1", layer=_LAYER, value=amount, name=TEXT, reason=TEXT)),
    )
)
_CLAIM = record(
    _LayeredClaim,
    "RES-1",
    name=TEXT,
    request=TEXT,
    layer=_LAYER,
    passed_over=many(record(_BeatenClaim, "RES-1", layer=_LAYER, request=TEXT)),
)

SERVICE_STATUS: Codec[ServiceStatus] = record(
    ServiceStatus,
    "KIND-10",
    status=one_of(Verdict, Verdict.PENDING, Verdict.STARTING, Verdict.RUNNING, Verdict.DEGRADED, Verdict.FAILED),
    observed_generation=_GENERATION,
    conditions=_CONDITIONS,
    resolved_runtime_config=_CONFIG_REFERENCE,
    resolved_model=_REFERENCE,
    resolved_template=_REFERENCE,
    resolved_resources=record(
        MergedResources,
        "RES-1",
        unspelt=("problems",),
        requests=_QUANTITIES,
        limits=_QUANTITIES,
        claims=via(many(via(_CLAIM, _claim, _flat_claim)), _by_name, _listed),
    ),
    effective_pull_secrets=SECRET_NAMES,
    template_selection=record(
        TemplateSelection,
        "SEL-3",
        chosen=TEXT,
        candidates=many(
            record(Candidate, "SEL-3", name=TEXT, scope=one_of(Scope), verdict=TEXT, stage=TEXT, reason=TEXT),
            at_most=64,
        ),
    ),
    runtime=field(
        record(
            RuntimeStatus,
            "STAT-2",
            name=field(TEXT, describe="The name of the Deployment."),
            replicas=field(_COUNT, always=True, describe="How many pods count: neither ended nor ending."),
            ready_replicas=field(_COUNT, always=True, describe="How many of them are ready."),
            updated_replicas=field(_COUNT, always=True, describe="How many of them are as the service wants them now."),
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
