"""How the values are spelt that several kinds share: environment, sources, hardware, resources, image metadata."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from aimcore.adapters.wire import rules
from aimcore.adapters.wire.codec import Codec, described, field, many, mapping, record, via
from aimcore.adapters.wire.scalars import amount, boolean, integer, matching, one_of, positive_amount, text
from aimcore.adapters.wire.sharing import shared
from aimcore.adapters.wire.source_rules import MODEL_ID, SOURCE_URI, said_in_cel
from aimcore.domain.hardware.requirements import Cpu, Gpu, Hardware
from aimcore.domain.images.metadata import Deployment, ImageMetadata, ModelMetadata, OciMetadata
from aimcore.domain.kinds.resources import ResourceClaim, Resources
from aimcore.domain.values.profile import Metric, Precision, TemplateType
from aimcore.domain.weights.sources import (
    ConfigMapKeyRef,
    EnvVar,
    FieldRef,
    ModelSource,
    ResourceFieldRef,
    SecretKeyRef,
    parse_model_id,
    parse_source_uri,
)

__all__ = [
    "ACCOUNT",
    "CPU",
    "ENV",
    "GPU",
    "GPU_MODEL",
    "HARDWARE",
    "IMAGE",
    "IMAGE_METADATA",
    "METRIC",
    "MODEL_SOURCES",
    "NAME",
    "PRECISION",
    "PROFILE_ID",
    "PULL_SECRETS",
    "RESOURCES",
    "SECRET_NAMES",
    "SOURCE",
    "SOURCES_AT_MOST",
    "TEMPLATE_TYPE",
    "TEXT",
]

SOURCES_AT_MOST = 32

TEXT = text()
FILLED = text(at_least=1)
NAME = text(at_least=1, at_most=253)
ACCOUNT = shared(text(at_most=253))
IMAGE = text(at_least=1, at_most=1024)
GPU_MODEL = text(at_least=1, at_most=64)
PROFILE_ID = text(at_most=253)
METRIC = one_of(Metric)
PRECISION = one_of(Precision)
TEMPLATE_TYPE = one_of(TemplateType)


# --- environment ------------------------------------------------------------------------------------------------------

Origin = SecretKeyRef | ConfigMapKeyRef | FieldRef | ResourceFieldRef


@dataclass(frozen=True, slots=True, kw_only=True)
class _ValueFrom:
    """`valueFrom` as the API nests it: one of its fields."""

    secret_key_ref: SecretKeyRef | None = None
    config_map_key_ref: ConfigMapKeyRef | None = None
    field_ref: FieldRef | None = None
    resource_field_ref: ResourceFieldRef | None = None


def _origin(shape: _ValueFrom) -> Origin | None:
    return shape.secret_key_ref or shape.config_map_key_ref or shape.field_ref or shape.resource_field_ref


def _value_from(origin: Origin | None) -> _ValueFrom:
    match origin:
        case SecretKeyRef():
            return _ValueFrom(secret_key_ref=origin)
        case ConfigMapKeyRef():
            return _ValueFrom(config_map_key_ref=origin)
        case FieldRef():
            return _ValueFrom(field_ref=origin)
        case ResourceFieldRef() | None:
            return _ValueFrom(resource_field_ref=origin)


_VALUE_FROM = record(
    _ValueFrom,
    "KIND-4",
    rules=rules.VALUE_FROM,
    secret_key_ref=field(
        record(
            SecretKeyRef,
            "KIND-4",
            name=field(NAME, describe="The name of the Secret."),
            key=field(NAME, describe="The key in its data."),
            optional=field(boolean, describe="Whether it may be missing."),
        ),
        describe="A key of a Secret in the same namespace.",
    ),
    config_map_key_ref=field(
        record(
            ConfigMapKeyRef,
            "KIND-4",
            name=field(NAME, describe="The name of the ConfigMap."),
            key=field(NAME, describe="The key in its data."),
            optional=field(boolean, describe="Whether it may be missing."),
        ),
        describe="A key of a ConfigMap in the same namespace.",
    ),
    field_ref=field(
        record(
            FieldRef,
            "KIND-4",
            field_path=field(FILLED, describe="The path of the field, such as metadata.name."),
            api_version=field(TEXT, describe="The version in which fieldPath is written; v1 if left out."),
        ),
        describe="A field of the pod that will run.",
    ),
    resource_field_ref=field(
        record(
            ResourceFieldRef,
            "KIND-4",
            resource=field(FILLED, describe="The resource, such as limits.cpu."),
            container_name=field(TEXT, describe="The container; the one the variable is set in if left out."),
            divisor=field(amount, describe="The unit of the value; 1 if left out."),
        ),
        describe="A resource of the container that will run.",
    ),
)
_VARIABLE = matching(r"^[ -<>-~]+$", "printable ASCII without '='", at_least=1, at_most=256, secret=True)

ENV: Codec[tuple[EnvVar, ...]] = many(
    record(
        EnvVar,
        "KIND-4",
        describe="One environment variable.",
        rules=rules.ENV,
        name=field(_VARIABLE, describe="The variable's name."),
        value=field(text(secret=True), describe="The literal value."),
        value_from=field(
            via(_VALUE_FROM, _origin, _value_from), describe="Where the value comes from; exactly one of its fields."
        ),
    ),
    key="name",
    at_most=128,
)


# --- secrets, sources, hardware, resources ----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class _Named:
    """`{name: ...}`, which a record keeps as the name alone."""

    name: str


def _secret_name(shape: _Named) -> str:
    return shape.name


def _named(name: str) -> _Named:
    return _Named(name=name)


PULL_SECRETS = shared(
    many(
        via(
            record(
                _Named,
                "KIND-4",
                describe="One Secret of type kubernetes.io/dockerconfigjson.",
                name=field(NAME, describe="The name of the Secret."),
            ),
            _secret_name,
            _named,
        ),
        key="name",
        at_most=64,
    )
)
SECRET_NAMES = shared(
    many(
        via(
            record(_Named, "KIND-4", describe="One Secret.", name=field(TEXT, describe="The name of the Secret.")),
            _secret_name,
            _named,
        )
    )
)

# The operator reads the same few sources at every change of their model: hence the caches.
SOURCE = record(
    ModelSource,
    "KIND-6",
    describe="Weights at one place.",
    model_id=field(
        described(
            text(at_least=1, at_most=200, parse=lru_cache(maxsize=1024)(parse_model_id)), **said_in_cel(MODEL_ID)
        ),
        describe="What the weights are called, as org/name; decides where they are mounted.",
    ),
    source_uri=field(
        described(
            text(at_least=1, at_most=1024, parse=lru_cache(maxsize=1024)(parse_source_uri)), **said_in_cel(SOURCE_URI)
        ),
        describe="Where the weights are, as hf://org/name[@revision] or s3://bucket/key.",
    ),
    size=field(positive_amount, describe="How much storage the weights need; probed if left out."),
    env=field(ENV, describe="What it takes to read this source, such as HF_TOKEN or AWS_ACCESS_KEY_ID."),
)
MODEL_SOURCES = many(SOURCE, at_most=SOURCES_AT_MOST)

GPU = record(
    Gpu,
    "KIND-5",
    requests=field(integer(at_least=0), describe="How many GPUs; 0 means none."),
    models=field(
        many(described(GPU_MODEL, description="A GPU model, such as MI300X."), at_most=8),
        describe="The GPU models that will do, by name; any if left out.",
    ),
    min_vram=field(amount, describe="The least memory each GPU must have."),
    resource_name=field(NAME, describe="The name of the extended resource; amd.com/gpu if left out."),
)
CPU = record(
    Cpu,
    "KIND-5",
    rules=rules.CPU,
    requests=field(amount, needed=True, describe="This many cores."),
    limits=field(amount, describe="At most this many cores."),
)
HARDWARE = shared(
    record(
        Hardware,
        "KIND-5",
        rules=rules.HARDWARE,
        gpu=field(GPU, describe="GPUs."),
        cpu=field(CPU, describe="CPU cores."),
    )
)

RESOURCES = record(
    Resources,
    "RES-1",
    rules=rules.RESOURCES,
    requests=field(
        mapping(described(amount, description="The request."), at_most=32),
        describe="At least this much, by resource name.",
    ),
    limits=field(
        mapping(described(amount, description="The limit."), at_most=32),
        describe="At most this much, by resource name.",
    ),
    claims=field(
        many(
            record(
                ResourceClaim,
                "RES-1",
                describe="One claim.",
                name=field(NAME, describe="The name of the claim."),
                request=field(TEXT, describe="Which request of the claim is meant; all if left out."),
            ),
            key="name",
            at_most=32,
        ),
        describe="Claims on dynamically allocated resources.",
    ),
)


# --- image metadata ---------------------------------------------------------------------------------------------------


def _pairs(labels: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    return tuple(sorted(labels.items()))


_DEPLOYMENT = shared(
    record(
        Deployment,
        "KIND-10",
        describe="One recommended deployment.",
        gpu_model=field(GPU_MODEL, describe="The GPU model."),
        gpu_count=field(
            integer(at_least=0), describe="How many GPUs; 1 if only the model is given, no GPU if neither is."
        ),
        metric=field(METRIC, describe="What the profile optimises for."),
        precision=field(PRECISION, describe="The number format the profile computes in; auto leaves it to the engine."),
        profile_id=field(PROFILE_ID, describe="The profile inside the image."),
        description=field(TEXT, describe="What it is good for."),
    )
)

IMAGE_METADATA = record(
    ImageMetadata,
    "KIND-10",
    model=field(
        record(
            ModelMetadata,
            "KIND-10",
            canonical_name=field(
                TEXT, describe="The model's canonical name, such as meta-llama/Llama-3.1-8B-Instruct."
            ),
            source=field(TEXT, describe="Where the model was published."),
            title=field(TEXT, describe="The name to show."),
            description_full=field(TEXT, describe="The long description."),
            release_notes=field(TEXT, describe="What is new in this image."),
            tags=field(many(TEXT), describe="Search words."),
            versions=field(many(TEXT), describe="The model's versions in the image."),
            variants=field(many(TEXT), describe="Related models."),
            hf_token_required=field(boolean, describe="Whether the weights need a Hugging Face token."),
            recommended_deployments=field(
                many(_DEPLOYMENT, at_most=64),
                describe="The deployments the image recommends; one template is made of each.",
            ),
        ),
        describe="What the image says of its model.",
    ),
    oci=field(
        record(
            OciMetadata,
            "KIND-10",
            title=field(TEXT, describe="Its title."),
            description=field(TEXT, describe="What it is."),
            licenses=field(TEXT, describe="Its licences."),
            vendor=field(TEXT, describe="Who distributes it."),
            authors=field(TEXT, describe="Who made the image."),
            source=field(TEXT, describe="Where its sources are."),
            documentation=field(TEXT, describe="Where its documentation is."),
            created=field(TEXT, describe="When it was made, as the image says."),
            revision=field(TEXT, describe="The revision of its sources."),
            version=field(TEXT, describe="The version of what it packs."),
        ),
        describe="The image's org.opencontainers.image labels.",
    ),
    original_labels=field(via(mapping(TEXT), _pairs, dict), describe="The image's labels as they stand there."),
)
