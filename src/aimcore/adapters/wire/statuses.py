"""How statuses are spelt: what the operator writes for people and for its own next round (KIND-9, KIND-10)."""

from __future__ import annotations

from dataclasses import dataclass

from aimcore.adapters.wire.codec import Codec, described, field, many, record, via
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
from aimcore.domain.kinds.scope import Reference, Scope
from aimcore.domain.kinds.statuses import (
    ConfigReference,
    MergedWith,
    ModelStatus,
    ProfileMetadata,
    ResolvedImage,
    SourceStatus,
    SourceType,
    TemplateStatus,
    Verdict,
)
from aimcore.domain.weights.probing import ProbeCause

__all__ = [
    "CONDITIONS",
    "CONFIG_REFERENCE",
    "CONFIG_STATUS",
    "COUNT",
    "GENERATION",
    "MODEL_STATUS",
    "REFERENCE",
    "TEMPLATE_STATUS",
    "TIME",
]

COUNT = integer(at_least=0)
GENERATION = integer(at_least=0, at_most=INT64_MAX)

_CONDITION_TYPE = (
    r"^([a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*/)?(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])$"
)
_REASON = r"^[A-Za-z]([A-Za-z0-9_,:]*[A-Za-z0-9_])?$"
TIME = described(TEXT, format="date-time")

CONDITIONS = described(
    many(
        shared(
            record(
                Condition,
                "KIND-9",
                describe="One condition.",
                type=field(
                    described(TEXT, maxLength=316, pattern=_CONDITION_TYPE), describe="What the condition is about."
                ),
                status=field(one_of(ConditionStatus), describe="Whether the condition holds."),
                reason=field(
                    described(TEXT, minLength=1, maxLength=1024, pattern=_REASON), describe="The reason in one word."
                ),
                message=field(
                    described(TEXT, maxLength=32768), always=True, needed=True, describe="The reason in a sentence."
                ),
                last_transition_time=field(
                    TIME, always=True, needed=True, describe="When the condition's status last moved."
                ),
                observed_generation=field(
                    GENERATION, describe="The generation of the spec that this condition speaks of."
                ),
            )
        ),
        key="type",
    ),
    maxItems=64,
)
REFERENCE = described(
    shared(
        record(
            Reference,
            "KIND-10",
            kind=field(TEXT, describe="Its kind."),
            name=field(TEXT, describe="Its name."),
            namespace=field(TEXT, describe="Its namespace; absent for a cluster object."),
            scope=field(one_of(Scope), describe="Whether it belongs to a namespace or to the cluster."),
            uid=field(TEXT, describe="Its uid."),
        )
    ),
    required=["kind", "name", "scope"],
)
CONFIG_REFERENCE = described(
    shared(
        record(
            ConfigReference,
            "CONF-3",
            kind=field(TEXT, describe="Its kind."),
            name=field(TEXT, describe="Its name."),
            namespace=field(TEXT, describe="Its namespace; absent for a cluster object."),
            scope=field(
                described(TEXT, enum=["Namespace", "Cluster", "Merged"]),
                describe="Where it comes from; Merged if from the namespace and the cluster.",
            ),
            uid=field(TEXT, describe="Its uid."),
            merged_with=field(
                described(
                    record(
                        MergedWith,
                        "CONF-3",
                        kind=field(TEXT, describe="Its kind."),
                        name=field(TEXT, describe="Its name."),
                        uid=field(TEXT, describe="Its uid."),
                    ),
                    required=["kind", "name"],
                ),
                describe="The cluster configuration it was merged with.",
            ),
        )
    ),
    required=["kind", "name", "scope"],
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


CONFIG_STATUS = record(
    _ConfigStatus,
    "KIND-9",
    describe="What became of the configuration.",
    observed_generation=field(GENERATION, describe="The generation of the spec that this status speaks of."),
    conditions=field(CONDITIONS, describe="What is true of the object, why, and since when."),
)

MODEL_STATUS: Codec[ModelStatus] = record(
    ModelStatus,
    "KIND-10",
    describe="What became of the model.",
    status=field(
        one_of(Verdict, Verdict.PENDING, Verdict.PROGRESSING, Verdict.READY, Verdict.DEGRADED, Verdict.FAILED),
        describe="The model's health in one word.",
    ),
    observed_generation=field(GENERATION, describe="The generation of the spec that this status speaks of."),
    conditions=field(CONDITIONS, describe="What is true of the object, why, and since when."),
    source_type=field(one_of(SourceType), describe="Where the model comes from; Custom if from modelSources."),
    resolved_runtime_config=field(CONFIG_REFERENCE, describe="The runtime configuration in force."),
    resolved_image=field(
        described(
            record(
                ResolvedImage,
                "DISC-3",
                reference=field(TEXT, describe="The reference as the spec had it."),
                digest=field(TEXT, describe="The digest the reference named when it was read."),
            ),
            required=None,
        ),
        describe="Which image the metadata was read from.",
    ),
    image_metadata=field(IMAGE_METADATA, describe="What the image says of itself."),
    effective_pull_secrets=field(SECRET_NAMES, describe="The pull secrets in force, in the order they are tried."),
)

TEMPLATE_STATUS: Codec[TemplateStatus] = record(
    TemplateStatus,
    "KIND-10",
    describe="What became of the template.",
    status=field(
        one_of(
            Verdict,
            Verdict.PENDING,
            Verdict.PROGRESSING,
            Verdict.NOT_AVAILABLE,
            Verdict.READY,
            Verdict.DEGRADED,
            Verdict.FAILED,
        ),
        describe="The template's health in one word.",
    ),
    observed_generation=field(GENERATION, describe="The generation of the spec that this status speaks of."),
    conditions=field(CONDITIONS, describe="What is true of the object, why, and since when."),
    resolved_model=field(REFERENCE, describe="The model that modelName names."),
    resolved_runtime_config=field(CONFIG_REFERENCE, describe="The runtime configuration in force."),
    profile=field(
        via(
            record(
                _Profile,
                "KIND-10",
                metadata=field(
                    shared(
                        record(
                            ProfileMetadata,
                            "KIND-10",
                            gpu=field(TEXT, describe="The first GPU model."),
                            gpu_count=field(integer(at_least=0), name="gpu_count", describe="How many GPUs."),
                            metric=field(METRIC, describe="What the profile optimises for."),
                            precision=field(
                                PRECISION,
                                describe="The number format the profile computes in; auto leaves it to the engine.",
                            ),
                            type=field(TEMPLATE_TYPE, always=True, describe="How well tried the template is."),
                        )
                    ),
                    describe="The profile in the words of the image's own profiles.",
                ),
            ),
            _metadata,
            _profile,
        ),
        describe="What the template is tuned for.",
    ),
    hardware_summary=field(shared(TEXT), describe="The hardware in a few words."),
    resolved_hardware=field(
        RESOLVED_HARDWARE,
        describe="The hardware with nothing left unsaid, and the nodes that will do; it follows from the spec alone.",
    ),
    model_sources=field(
        many(
            record(
                SourceStatus,
                "KIND-10",
                describe="One source.",
                model_id=field(TEXT, describe="What the weights are called."),
                source_uri=field(TEXT, describe="Where the weights are."),
                size=field(amount, describe="Its bytes."),
                discovered_at=field(TIME, describe="When its size was found; absent where the spec gives it."),
                cause=field(one_of(ProbeCause), describe="Why its size is not known, in one word."),
                message=field(TEXT, describe="Why its size is not known, in a sentence."),
            ),
            at_most=SOURCES_AT_MOST,
        ),
        describe="What is known of each source, in the order of the spec.",
    ),
)
