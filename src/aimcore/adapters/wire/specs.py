"""How the specs of models, templates and runtime configurations are spelt (KIND-4, KIND-8, KIND-10)."""

from __future__ import annotations

from dataclasses import dataclass

from aimcore.adapters.wire import rules
from aimcore.adapters.wire.codec import Codec, field, many, record, via
from aimcore.adapters.wire.podsettings import CACHING_DEFAULTS, POD, ROLLOUT
from aimcore.adapters.wire.routing import ROUTING_DEFAULTS
from aimcore.adapters.wire.scalars import boolean, choice, integer, one_of, text
from aimcore.adapters.wire.sharing import shared
from aimcore.adapters.wire.vocabulary import (
    ACCOUNT,
    ENV,
    HARDWARE,
    IMAGE,
    IMAGE_METADATA,
    METRIC,
    MODEL_SOURCES,
    NAME,
    PRECISION,
    PROFILE_ID,
    PULL_SECRETS,
    RESOURCES,
    TEMPLATE_TYPE,
)
from aimcore.domain.hardware.requirements import Hardware
from aimcore.domain.kinds.records import (
    CustomSpec,
    CustomTemplate,
    Discovery,
    DownloadFilter,
    LabelPropagation,
    ModelCreation,
    ModelSpec,
    RuntimeConfigSpec,
    Storage,
    TemplateSpec,
)
from aimcore.domain.kinds.scope import Scope
from aimcore.domain.values.profile import Metric, Precision, TemplateType
from aimcore.domain.weights.sources import EnvVar

__all__ = ["ACCESS_MODE", "MODEL_SPEC", "RUNTIME_CONFIG_SPEC", "TEMPLATE_SPEC"]


# --- models and templates ---------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class _Profile:
    """`profile` of an entry; the record keeps its fields beside the others."""

    metric: Metric | None = None
    precision: Precision | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Entry:
    """One entry of `custom.templates` as the API nests it."""

    name: str | None = None
    type: TemplateType | None = None
    hardware: Hardware | None = None
    profile: _Profile = _Profile()
    env: tuple[EnvVar, ...] = ()


def _custom_template(shape: _Entry) -> CustomTemplate:
    return CustomTemplate(
        name=shape.name,
        type=shape.type,
        hardware=shape.hardware,
        metric=shape.profile.metric,
        precision=shape.profile.precision,
        env=shape.env,
    )


def _entry(one: CustomTemplate) -> _Entry:
    profile = _Profile(metric=one.metric, precision=one.precision)
    return _Entry(name=one.name, type=one.type, hardware=one.hardware, profile=profile, env=one.env)


_ENTRY = record(
    _Entry,
    "KIND-4",
    name=NAME,
    type=TEMPLATE_TYPE,
    hardware=HARDWARE,
    profile=record(_Profile, "KIND-4", metric=METRIC, precision=PRECISION),
    env=ENV,
)

MODEL_SPEC: Codec[ModelSpec] = record(
    ModelSpec,
    "KIND-4",
    rules=rules.MODEL,
    image=IMAGE,
    discovery=record(Discovery, "DISC-1", enabled=boolean, auto_create_templates=boolean),
    default_service_template=NAME,
    image_pull_secrets=PULL_SECRETS,
    service_account_name=ACCOUNT,
    resources=RESOURCES,
    runtime_config_name=NAME,
    env=ENV,
    image_metadata=IMAGE_METADATA,
    model_sources=MODEL_SOURCES,
    custom=record(
        CustomSpec,
        "KIND-4",
        type=TEMPLATE_TYPE,
        hardware=HARDWARE,
        templates=many(via(_ENTRY, _custom_template, _entry), at_most=64),
    ),
)

TEMPLATE_SPEC: Codec[TemplateSpec] = record(
    TemplateSpec,
    "KIND-10",
    model_name=shared(NAME),
    metric=METRIC,
    precision=PRECISION,
    hardware=HARDWARE,
    type=TEMPLATE_TYPE,
    profile_id=PROFILE_ID,
    model_sources=MODEL_SOURCES,
    resources=RESOURCES,
    env=ENV,
    image_pull_secrets=PULL_SECRETS,
    service_account_name=ACCOUNT,
    runtime_config_name=NAME,
    pod=field(POD, describe="How its pods run, where the service does not say so."),
)


# --- runtime configurations -------------------------------------------------------------------------------------------

ACCESS_MODE = choice("ReadWriteMany", "ReadWriteOnce")
_GLOBS = many(text(at_least=1, at_most=1024), at_most=64)

RUNTIME_CONFIG_SPEC: Codec[RuntimeConfigSpec] = record(
    RuntimeConfigSpec,
    "KIND-8",
    service_account_name=ACCOUNT,
    image_pull_secrets=PULL_SECRETS,
    env=ENV,
    model=record(ModelCreation, "KIND-8", auto_discovery=boolean, creation_scope=one_of(Scope)),
    label_propagation=record(
        LabelPropagation,
        "KIND-8",
        enabled=boolean,
        match=many(text(at_least=1, at_most=317), at_most=64),
    ),
    storage=record(
        Storage,
        "KIND-8",
        default_storage_class_name=ACCOUNT,
        pvc_headroom_percent=integer(at_least=0),
        access_mode=field(
            ACCESS_MODE,
            describe="How claims are mounted: ReadWriteMany for pods of several nodes, ReadWriteOnce for pods of one node. "
            "ReadWriteMany if left out.",
        ),
    ),
    routing=field(
        ROUTING_DEFAULTS, describe="How services are reached. Fields that this release does not know are kept."
    ),
    pod=field(POD, describe="How pods of services run, where neither the service nor its template says so."),
    rollout=field(ROLLOUT, describe="How services change their pods."),
    caching=field(CACHING_DEFAULTS, describe="How services keep their weights."),
    download=field(
        record(
            DownloadFilter,
            "FETCH-2",
            include=field(_GLOBS, describe="Patterns that a file must match; every file if left out."),
            exclude=field(_GLOBS, describe="Patterns of files that are left out."),
        ),
        describe="Which files of a source are downloaded, where the source does not say so.",
    ),
)
