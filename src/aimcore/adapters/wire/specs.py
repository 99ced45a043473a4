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
    describe="One template.",
    name=field(NAME, describe="A readable part of the template's name."),
    type=field(TEMPLATE_TYPE, describe="How well tried the template is; that of custom.type if left out."),
    hardware=field(HARDWARE, describe="What this template needs, over custom.hardware field by field."),
    profile=field(
        record(
            _Profile,
            "KIND-4",
            metric=field(METRIC, describe="What the profile optimises for."),
            precision=field(
                PRECISION, describe="The number format the profile computes in; auto leaves it to the engine."
            ),
        ),
        describe="What the template is tuned for.",
    ),
    env=field(ENV, describe="Environment of this template, over that of the model by name."),
)

MODEL_SPEC: Codec[ModelSpec] = record(
    ModelSpec,
    "KIND-4",
    describe="What the model is.",
    rules=rules.MODEL,
    image=field(IMAGE, describe="The container image that serves the model; required unless there are modelSources."),
    discovery=field(
        record(
            Discovery,
            "DISC-1",
            enabled=field(boolean, describe="Whether the image is inspected; true if left out."),
            auto_create_templates=field(
                boolean, describe="Whether templates are made of the recommended deployments; true if left out."
            ),
        ),
        describe="Whether the image is inspected and templates are made of what it recommends.",
    ),
    default_service_template=field(NAME, describe="The template of services that name none."),
    image_pull_secrets=field(
        PULL_SECRETS,
        describe="Secrets to pull the image with; in the model's namespace, or in the operator's for a cluster model.",
    ),
    service_account_name=field(
        ACCOUNT,
        describe="The service account for discovery and serving; the runtime configuration's or the namespace's default if left out or empty.",
    ),
    resources=field(RESOURCES, describe="The resources that templates and services start from."),
    runtime_config_name=field(NAME, describe="The runtime configuration; default if left out."),
    env=field(ENV, describe="Environment of every template of the model."),
    image_metadata=field(IMAGE_METADATA, describe="Given metadata, taken verbatim in place of an inspection."),
    model_sources=field(MODEL_SOURCES, describe="Where the weights are; a model with sources is a custom model."),
    custom=field(
        record(
            CustomSpec,
            "KIND-4",
            type=field(TEMPLATE_TYPE, describe="How well tried the model's templates are; unoptimized if left out."),
            hardware=field(
                HARDWARE, describe="What every template of the model needs, unless its entry says otherwise."
            ),
            templates=field(
                many(via(_ENTRY, _custom_template, _entry), at_most=64),
                describe="The templates to make; entries inherit field by field.",
            ),
        ),
        describe="What discovery cannot tell of a custom model, and further templates of any model.",
    ),
)

TEMPLATE_SPEC: Codec[TemplateSpec] = record(
    TemplateSpec,
    "KIND-10",
    describe="How a model is served.",
    model_name=field(shared(NAME), describe="The model that is served; immutable."),
    metric=field(METRIC, describe="What the profile optimises for."),
    precision=field(PRECISION, describe="The number format the profile computes in; auto leaves it to the engine."),
    hardware=field(HARDWARE, describe="What the template needs of a machine; immutable."),
    type=field(TEMPLATE_TYPE, describe="How well tried the template is; unoptimized if left out."),
    profile_id=field(PROFILE_ID, describe="The profile inside the image."),
    model_sources=field(MODEL_SOURCES, describe="Where the weights of a custom model are."),
    resources=field(RESOURCES, describe="Resources, over the model's."),
    env=field(ENV, describe="Environment of what is served."),
    image_pull_secrets=field(PULL_SECRETS, describe="Secrets to pull the image with."),
    service_account_name=field(
        ACCOUNT,
        describe="The service account to serve with; the runtime configuration's or the namespace's default if left out or empty.",
    ),
    runtime_config_name=field(NAME, describe="The runtime configuration; default if left out."),
    pod=field(POD, describe="How its pods run, where the service does not say so."),
)


# --- runtime configurations -------------------------------------------------------------------------------------------

ACCESS_MODE = choice("ReadWriteMany", "ReadWriteOnce")
_GLOBS = many(text(at_least=1, at_most=1024), at_most=64)

RUNTIME_CONFIG_SPEC: Codec[RuntimeConfigSpec] = record(
    RuntimeConfigSpec,
    "KIND-8",
    describe="The settings. What is left out is left to the configuration of the cluster, or to the operator.",
    service_account_name=field(ACCOUNT, describe="The service account of those that name none."),
    image_pull_secrets=field(PULL_SECRETS, describe="Secrets to pull images with, beside those of the model."),
    env=field(ENV, describe="Environment, merged by name."),
    model=field(
        record(
            ModelCreation,
            "KIND-8",
            auto_discovery=field(
                boolean, describe="Whether created models are inspected and get templates; true if left out."
            ),
            creation_scope=field(one_of(Scope), describe="Where models are created; Namespace if left out."),
        ),
        describe="How services create models from images.",
    ),
    label_propagation=field(
        record(
            LabelPropagation,
            "KIND-8",
            enabled=field(boolean, describe="Whether any do."),
            match=field(
                many(text(at_least=1, at_most=317), at_most=64),
                describe="Patterns of label keys; a star does not cross a slash.",
            ),
        ),
        describe="Which labels of a parent go to its children.",
    ),
    storage=field(
        record(
            Storage,
            "KIND-8",
            default_storage_class_name=field(ACCOUNT, describe="The storage class of claims that name none."),
            pvc_headroom_percent=field(
                integer(at_least=0), describe="How much larger than the weights a claim is, in percent."
            ),
            access_mode=field(
                ACCESS_MODE,
                describe="How claims are mounted: ReadWriteMany for pods of several nodes, ReadWriteOnce for pods of one node. "
                "ReadWriteMany if left out.",
            ),
        ),
        describe="Storage of downloaded weights.",
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
