"""How the values are spelt that several kinds share: environment, sources, hardware, resources, image metadata."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from aimcore.adapters.wire import rules
from aimcore.adapters.wire.codec import Codec, field, many, mapping, record, via
from aimcore.adapters.wire.scalars import amount, boolean, integer, matching, one_of, positive_amount, text
from aimcore.adapters.wire.sharing import shared
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
    secret_key_ref=record(SecretKeyRef, "KIND-4", name=NAME, key=NAME, optional=boolean),
    config_map_key_ref=record(ConfigMapKeyRef, "KIND-4", name=NAME, key=NAME, optional=boolean),
    field_ref=record(FieldRef, "KIND-4", field_path=FILLED, api_version=TEXT),
    resource_field_ref=record(ResourceFieldRef, "KIND-4", resource=FILLED, container_name=TEXT, divisor=amount),
)
_VARIABLE = matching(r"^[ -<>-~]+$", "printable ASCII without '='", at_least=1, at_most=256, secret=True)

ENV: Codec[tuple[EnvVar, ...]] = many(
    record(
        EnvVar,
        "KIND-4",
        rules=rules.ENV,
        name=_VARIABLE,
        value=text(secret=True),
        value_from=via(_VALUE_FROM, _origin, _value_from),
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


PULL_SECRETS = shared(many(via(record(_Named, "KIND-4", name=NAME), _secret_name, _named), key="name", at_most=64))
SECRET_NAMES = shared(many(via(record(_Named, "KIND-4", name=TEXT), _secret_name, _named)))

# The operator reads the same few sources at every change of their model: hence the caches.
SOURCE = record(
    ModelSource,
    "KIND-6",
    model_id=text(at_least=1, at_most=200, parse=lru_cache(maxsize=1024)(parse_model_id)),
    source_uri=text(at_least=1, at_most=1024, parse=lru_cache(maxsize=1024)(parse_source_uri)),
    size=positive_amount,
    env=ENV,
)
MODEL_SOURCES = many(SOURCE, at_most=SOURCES_AT_MOST)

GPU = record(
    Gpu,
    "KIND-5",
    requests=integer(at_least=0),
    models=many(GPU_MODEL, at_most=8),
    min_vram=amount,
    resource_name=NAME,
)
CPU = record(Cpu, "KIND-5", rules=rules.CPU, requests=field(amount, needed=True), limits=amount)
HARDWARE = shared(record(Hardware, "KIND-5", rules=rules.HARDWARE, gpu=GPU, cpu=CPU))

RESOURCES = record(
    Resources,
    "RES-1",
    rules=rules.RESOURCES,
    requests=mapping(amount, at_most=32),
    limits=mapping(amount, at_most=32),
    claims=many(record(ResourceClaim, "RES-1", name=NAME, request=TEXT), key="name", at_most=32),
)


# --- image metadata ---------------------------------------------------------------------------------------------------


def _pairs(labels: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    return tuple(sorted(labels.items()))


_DEPLOYMENT = shared(
    record(
        Deployment,
        "KIND-10",
        gpu_model=GPU_MODEL,
        gpu_count=integer(at_least=0),
        metric=METRIC,
        precision=PRECISION,
        profile_id=PROFILE_ID,
        description=TEXT,
    )
)

IMAGE_METADATA = record(
    ImageMetadata,
    "KIND-10",
    model=record(
        ModelMetadata,
        "KIND-10",
        canonical_name=TEXT,
        source=TEXT,
        title=TEXT,
        description_full=TEXT,
        release_notes=TEXT,
        tags=many(TEXT),
        versions=many(TEXT),
        variants=many(TEXT),
        hf_token_required=boolean,
        recommended_deployments=many(_DEPLOYMENT, at_most=64),
    ),
    oci=record(
        OciMetadata,
        "KIND-10",
        title=TEXT,
        description=TEXT,
        licenses=TEXT,
        vendor=TEXT,
        authors=TEXT,
        source=TEXT,
        documentation=TEXT,
        created=TEXT,
        revision=TEXT,
        version=TEXT,
    ),
    original_labels=via(mapping(TEXT), _pairs, dict),
)
