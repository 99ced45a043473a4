"""How caches of weights are spelt, and what their definition says (CACHE-1, CACHE-7)."""

from __future__ import annotations

from aimcore.adapters.wire.codec import Codec, field, many, mapping, record
from aimcore.adapters.wire.kind import Column, Immutable, KindCodec
from aimcore.adapters.wire.podsettings import EXISTING_CLAIM
from aimcore.adapters.wire.scalars import INT64_MAX, amount, boolean, integer, one_of, positive_amount, text
from aimcore.adapters.wire.specs import ACCESS_MODE
from aimcore.adapters.wire.statuses import CONDITIONS, COUNT, GENERATION, TIME
from aimcore.adapters.wire.vocabulary import ACCOUNT, NAME, SOURCES_AT_MOST, TEXT
from aimcore.domain.kinds.caches import Cache, CacheSpec
from aimcore.domain.kinds.scope import Scope
from aimcore.domain.kinds.statuses import (
    CachedSource,
    CacheProfile,
    CacheProgress,
    CacheStatus,
    DiscoveredSource,
    Verdict,
)
from aimcore.domain.kinds.workload import CachingMode

__all__ = ["CACHE"]

_SETTINGS = mapping(TEXT, at_most=64)
_BYTES = integer(at_least=0, at_most=INT64_MAX)

_SPEC: Codec[CacheSpec] = record(
    CacheSpec,
    "CACHE-1",
    describe="Which weights are kept, and where.",
    template_name=field(NAME, describe="The template whose weights they are."),
    template_scope=field(one_of(Scope), describe="Whether the template is of the namespace or of the cluster."),
    mode=field(
        one_of(CachingMode, CachingMode.SHARED, CachingMode.DEDICATED),
        describe="Shared with every template of equal content, or Dedicated to the model.",
    ),
    storage_class_name=field(ACCOUNT, describe="The storage class of the claim."),
    access_mode=field(ACCESS_MODE, describe="How the claim is mounted; as the runtime configuration says if left out."),
    volume_size=field(positive_amount, describe="What the claim requests; found from the weights if left out."),
    existing_claim=field(EXISTING_CLAIM, describe="A claim that already holds the weights."),
    runtime_config_name=field(NAME, describe="The runtime configuration; default if left out."),
    suspend=field(boolean, describe="Whether nothing is downloaded for now."),
    retry=field(text(at_most=253), describe="A new text asks to try again now."),
)

_STATUS: Codec[CacheStatus] = record(
    CacheStatus,
    "CACHE-7",
    describe="What became of the cache.",
    status=field(
        one_of(Verdict, Verdict.PENDING, Verdict.PROGRESSING, Verdict.READY, Verdict.DEGRADED, Verdict.FAILED),
        describe="The cache's health in one word.",
    ),
    observed_generation=field(GENERATION, describe="The generation of the spec that this status speaks of."),
    conditions=field(CONDITIONS, describe="What is true of the object, why, and since when."),
    claim=field(TEXT, describe="The claim that holds the weights."),
    node=field(TEXT, describe="The node of a claim that one node alone can mount."),
    size=field(amount, describe="What the claim requests."),
    profile=field(
        record(
            CacheProfile,
            "PROFILE-3",
            image=field(TEXT, describe="The image that was asked."),
            selection=field(TEXT, describe="A digest of what was asked of it."),
            id=field(TEXT, describe="What the image calls the profile."),
            engine_args=field(_SETTINGS, describe="The arguments of the engine, each value as JSON."),
            env_vars=field(_SETTINGS, describe="The environment of the engine."),
            model_sources=field(
                many(
                    record(
                        DiscoveredSource,
                        "PROFILE-3",
                        describe="One source.",
                        model_id=field(TEXT, describe="What the weights are called."),
                        source_uri=field(TEXT, describe="Where they come from."),
                    ),
                    at_most=SOURCES_AT_MOST,
                ),
                describe="The weights it would load.",
            ),
        ),
        describe="What the image says that it would load, where nothing else names the weights.",
    ),
    sources=field(
        many(
            record(
                CachedSource,
                "CACHE-7",
                describe="One source.",
                model_id=field(TEXT, describe="What the weights are called."),
                source_uri=field(TEXT, describe="Where they come from."),
                revision=field(TEXT, describe="The revision that was found."),
                bytes=field(_BYTES, describe="Its bytes."),
                done=field(_BYTES, describe="How many of them are there."),
                cause=field(TEXT, describe="Why it is not there, in one word."),
            ),
            at_most=SOURCES_AT_MOST,
        ),
        describe="What is known of each source.",
    ),
    progress=field(
        record(
            CacheProgress,
            "CACHE-7",
            bytes=field(_BYTES, describe="How many bytes are there."),
            total=field(_BYTES, describe="How many there will be."),
            percent=field(integer(at_least=0, at_most=100), describe="The same in percent."),
        ),
        describe="How much of the weights is there.",
    ),
    attempts=field(COUNT, describe="How often a download was started."),
    next_attempt=field(TIME, describe="When the next one starts."),
    used_by=field(many(TEXT, at_most=64), describe="The services that use it."),
    unused_since=field(TIME, describe="Since when no service uses it."),
)

CACHE = KindCodec(
    spec=_SPEC,
    status=_STATUS,
    make=Cache,
    describe="The weights of a template on a volume of the namespace.",
    columns=(
        Column(name="Template", path=".spec.templateName"),
        Column(name="Mode", path=".spec.mode"),
        Column(name="Status", path=".status.status"),
        Column(name="Progress", path=".status.progress.percent", type="integer"),
        Column(name="Size", path=".status.size"),
        Column(name="Age", path=".metadata.creationTimestamp", type="date"),
        Column(name="Claim", path=".status.claim", wide=True),
        Column(name="Node", path=".status.node", wide=True),
        Column(name="Attempts", path=".status.attempts", type="integer", wide=True),
    ),
    immutable=Immutable(
        fields=(
            *("templateName", "templateScope", "mode", "storageClassName"),
            *("accessMode", "volumeSize", "existingClaim"),
        ),
        rule="CACHE-1",
        instead="a cache",
    ),
)
"""The row of AIMTemplateCache."""
