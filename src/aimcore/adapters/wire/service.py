"""How the spec of a service is spelt (KIND-7): the API nests what the record keeps flat, and has two names for a template."""

from __future__ import annotations

from dataclasses import dataclass

from aimcore.adapters.wire import rules
from aimcore.adapters.wire.codec import Codec, described, field, many, record, via
from aimcore.adapters.wire.podsettings import CACHING, POD, ROLLOUT
from aimcore.adapters.wire.routing import ROUTING
from aimcore.adapters.wire.scalars import boolean, integer
from aimcore.adapters.wire.vocabulary import (
    ACCOUNT,
    ENV,
    GPU_MODEL,
    HARDWARE,
    IMAGE,
    METRIC,
    NAME,
    PRECISION,
    PULL_SECRETS,
    RESOURCES,
    SOURCE,
    SOURCES_AT_MOST,
    TEMPLATE_TYPE,
)
from aimcore.domain.kinds.records import ModelByImage, ModelByRef, ModelInline, Overrides, ServiceSpec
from aimcore.domain.kinds.resources import Resources
from aimcore.domain.kinds.workload import Caching, PodSettings, Rollout, RoutingSettings
from aimcore.domain.values.profile import Metric, Precision
from aimcore.domain.weights.sources import EnvVar

__all__ = ["SERVICE_SPEC"]


@dataclass(frozen=True, slots=True, kw_only=True)
class _ModelChoice:
    """`spec.model` as the API nests it: one of its fields."""

    ref: str | None = None
    image: str | None = None
    custom: ModelInline | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class _TemplateChoice:
    """`spec.template`."""

    name: str | None = None
    allow_unoptimized: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class _GpuSelector:
    """`spec.overrides.gpuSelector`."""

    model: str | None = None
    count: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Overrides:
    """`spec.overrides` as the API nests it."""

    metric: Metric | None = None
    precision: Precision | None = None
    gpu_selector: _GpuSelector = _GpuSelector()


@dataclass(frozen=True, slots=True, kw_only=True)
class _ServiceSpec:
    """A service's spec as the API nests it."""

    model: ModelByRef | ModelByImage | ModelInline
    template: _TemplateChoice = _TemplateChoice()
    template_name: str | None = None
    overrides: Overrides = Overrides()
    resources: Resources = Resources()
    env: tuple[EnvVar, ...] = ()
    replicas: int | None = None
    runtime_config_name: str | None = None
    image_pull_secrets: tuple[str, ...] = ()
    service_account_name: str | None = None
    pod: PodSettings = PodSettings()
    rollout: Rollout = Rollout()
    routing: RoutingSettings = RoutingSettings()
    caching: Caching = Caching()


def _chosen_model(shape: _ModelChoice) -> ModelByRef | ModelByImage | ModelInline:
    if shape.custom is not None:
        return shape.custom
    return ModelByRef(ref=shape.ref) if shape.ref is not None else ModelByImage(image=shape.image or "")


def _model_choice(model: ModelByRef | ModelByImage | ModelInline) -> _ModelChoice:
    match model:
        case ModelByRef(ref=ref):
            return _ModelChoice(ref=ref)
        case ModelByImage(image=image):
            return _ModelChoice(image=image)
        case ModelInline():
            return _ModelChoice(custom=model)


def _overrides(shape: _Overrides) -> Overrides:
    gpu = shape.gpu_selector
    return Overrides(metric=shape.metric, precision=shape.precision, gpu_model=gpu.model, gpu_count=gpu.count)


def _nested_overrides(flat: Overrides) -> _Overrides:
    gpu = _GpuSelector(model=flat.gpu_model, count=flat.gpu_count)
    return _Overrides(metric=flat.metric, precision=flat.precision, gpu_selector=gpu)


def _service_spec(shape: _ServiceSpec) -> ServiceSpec:
    return ServiceSpec(
        model=shape.model,
        template_name=shape.template.name if shape.template.name is not None else shape.template_name,
        allow_unoptimized=shape.template.allow_unoptimized,
        overrides=shape.overrides,
        resources=shape.resources,
        env=shape.env,
        replicas=shape.replicas,
        runtime_config_name=shape.runtime_config_name,
        image_pull_secrets=shape.image_pull_secrets,
        service_account_name=shape.service_account_name,
        pod=shape.pod,
        rollout=shape.rollout,
        routing=shape.routing,
        caching=shape.caching,
    )


def _nested_service_spec(spec: ServiceSpec) -> _ServiceSpec:
    return _ServiceSpec(
        model=spec.model,
        template=_TemplateChoice(name=spec.template_name, allow_unoptimized=spec.allow_unoptimized),
        overrides=spec.overrides,
        resources=spec.resources,
        env=spec.env,
        replicas=spec.replicas,
        runtime_config_name=spec.runtime_config_name,
        image_pull_secrets=spec.image_pull_secrets,
        service_account_name=spec.service_account_name,
        pod=spec.pod,
        rollout=spec.rollout,
        routing=spec.routing,
        caching=spec.caching,
    )


_MODEL_CHOICE = record(
    _ModelChoice,
    "KIND-7",
    rules=rules.SERVICE_MODEL,
    ref=field(NAME, describe="The name of a model, of the namespace or else of the cluster."),
    image=field(IMAGE, describe="An image. The model that has it is used, or one is created."),
    custom=field(
        record(
            ModelInline,
            "KIND-7",
            base_image=field(IMAGE, describe="The image that serves it; the operator's base image if left out."),
            model_sources=field(many(SOURCE, at_least=1, at_most=SOURCES_AT_MOST), describe="Where the weights are."),
            hardware=field(HARDWARE, describe="What it needs of a machine."),
            type=field(TEMPLATE_TYPE, describe="How well tried it is; unoptimized if left out."),
        ),
        describe="A model of the service's own.",
    ),
)
_OVERRIDES = record(
    _Overrides,
    "KIND-7",
    metric=field(METRIC, describe="What the profile optimises for."),
    precision=field(PRECISION, describe="The number format the profile computes in; auto leaves it to the engine."),
    gpu_selector=field(
        record(
            _GpuSelector,
            "KIND-7",
            model=field(GPU_MODEL, describe="Which model."),
            count=field(integer(at_least=0), describe="How many."),
        ),
        describe="The GPUs.",
    ),
)

SERVICE_SPEC: Codec[ServiceSpec] = via(
    record(
        _ServiceSpec,
        "KIND-7",
        describe="What is to be served, and how.",
        rules=rules.SERVICE,
        model=field(
            via(_MODEL_CHOICE, _chosen_model, _model_choice),
            describe="What is served; exactly one of ref, image and custom.",
        ),
        template=field(
            record(
                _TemplateChoice,
                "KIND-7",
                name=field(NAME, describe="The template; selected if left out."),
                allow_unoptimized=field(boolean, describe="Whether a template that is not optimized may be selected."),
            ),
            describe="Which template is used.",
        ),
        template_name=field(NAME, describe="The older spelling of template.name."),
        overrides=field(
            via(_OVERRIDES, _overrides, _nested_overrides),
            describe="What the template must be, or is made to be if it is named.",
        ),
        resources=field(RESOURCES, describe="Resources, over those of the template and the model."),
        env=field(ENV, describe="Environment of what is served, over that of the template by name."),
        replicas=field(described(integer(at_least=0), default=1), describe="How many pods serve the model."),
        runtime_config_name=field(NAME, describe="The runtime configuration; default if left out."),
        image_pull_secrets=field(PULL_SECRETS, describe="Secrets to pull the image with, in the service's namespace."),
        service_account_name=field(
            ACCOUNT,
            describe="The service account to serve with; the runtime configuration's or the namespace's default if left out or empty.",
        ),
        pod=field(POD, describe="How its pods run; stronger than what its template and the runtime configuration say."),
        rollout=field(ROLLOUT, describe="How it changes its pods."),
        routing=field(
            ROUTING, describe="How it is reached from outside. Fields that this release does not know are kept."
        ),
        caching=field(CACHING, describe="How it keeps its weights."),
    ),
    _service_spec,
    _nested_service_spec,
)
