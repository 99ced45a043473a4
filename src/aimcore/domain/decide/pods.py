"""What the pods of a service are made from, gathered from what was resolved (RUN-3 to RUN-8)."""

from __future__ import annotations

from dataclasses import dataclass

from aimcore.domain.children.diff import propagated_labels
from aimcore.domain.children.expansion import is_custom
from aimcore.domain.decide.credentials import Credentials
from aimcore.domain.decide.resolution import resource_layers
from aimcore.domain.decide.templates import profile_of, resolved_hardware
from aimcore.domain.hardware.requirements import Gpu
from aimcore.domain.kinds.config import ResolvedConfig, config_name
from aimcore.domain.kinds.records import Model, Service, Template
from aimcore.domain.kinds.scope import Reference
from aimcore.domain.kinds.statuses import CacheUse
from aimcore.domain.kinds.workload import PodSettings
from aimcore.domain.serving.inputs import Added, AskedResources, PodInput, Weights
from aimcore.domain.serving.origin import choice_digest, config_digest, input_digests
from aimcore.domain.serving.reasons import Finding
from aimcore.domain.serving.rollout import Wanted
from aimcore.domain.serving.settings import MergedCaching, MergedPodSettings, merge_caching, merge_pod_settings
from aimcore.domain.values.layering import Layer
from aimcore.domain.view.observed import Observed
from aimcore.domain.view.plan import Write

__all__ = ["Serving", "WeightsAnswer", "caching_of", "settings_of", "wanted_pods"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Serving:
    """A service that is resolved: what it runs, and with which configuration and credentials."""

    service: Service
    model: Model
    template: Template
    config: ResolvedConfig
    credentials: Credentials


@dataclass(frozen=True, slots=True, kw_only=True)
class WeightsAnswer:
    """Where the weights are, or what has to be there first; what to write for that, and what the status says of the cache."""

    weights: Weights = None
    waits_for: Finding | None = None
    writes: tuple[Write, ...] = ()
    cache: CacheUse | None = None
    findings: tuple[Finding, ...] = ()


def settings_of(serving: Serving) -> MergedPodSettings:
    """The pod settings of all layers: service, template, the namespace's config, the cluster's."""
    return merge_pod_settings(
        (
            (Layer.SERVICE, serving.service.spec.pod),
            (Layer.TEMPLATE, serving.template.spec.pod),
            *((layer, spec.pod) for layer, spec in serving.config.layers),
        )
    )


def caching_of(serving: Serving) -> MergedCaching:
    """The caching mode in force, and the claim that somebody else filled (CACHE-2)."""
    return merge_caching(
        (
            (Layer.SERVICE, serving.service.spec.caching),
            *((layer, spec.caching) for layer, spec in serving.config.layers),
        )
    )


def wanted_pods(observed: Observed[Service], serving: Serving, settings: PodSettings, weights: WeightsAnswer) -> Wanted:
    """What the service is to run by now."""
    service, model, template = serving.service, serving.model, serving.template
    return Wanted(
        name=service.key.name,
        pod=_pod_input(observed, serving, settings, weights.weights),
        model=Reference.to(model.key, model.meta.uid),
        template=Reference.to(template.key, template.meta.uid),
        config=config_name(service.spec.runtime_config_name),
        choice=choice_digest(service.spec, model),
        inputs=input_digests(
            service.spec,
            model,
            template=template.spec,
            config=config_digest(serving.config, tuple(spec.pod for _, spec in serving.config.layers)),
        ),
        waits_for=weights.waits_for,
    )


def _pod_input(observed: Observed[Service], serving: Serving, settings: PodSettings, weights: Weights) -> PodInput:
    service, model, template = serving.service, serving.model, serving.template
    gpu = (template.spec.hardware.gpu if template.spec.hardware else None) or Gpu()
    listed = _listed_secrets(serving)
    return PodInput(
        namespace=service.key.namespace or "",
        name=service.key.name,
        image=model.spec.image,
        custom=is_custom(model),
        profile_id=template.spec.profile_id,
        metric=template.spec.metric,
        precision=template.spec.precision,
        gpu_models=gpu.models or (),
        sources=template.spec.model_sources or model.spec.model_sources,
        weights=weights,
        env=(
            (Layer.SERVICE, service.spec.env),
            (Layer.TEMPLATE, template.spec.env),
            (Layer.MODEL, model.spec.env),
            *((layer, spec.env or ()) for layer, spec in serving.config.layers),
        ),
        settings=settings,
        resources=AskedResources(
            layers=resource_layers(service, template, model),
            gpu_count=profile_of(template.spec).gpu_count,
            resource_name=gpu.resource_name,
        ),
        pull_secrets=listed,
        account=service.spec.service_account_name
        or template.spec.service_account_name
        or serving.config.service_account_name,
        added=_added(observed, serving, listed),
    )


def _listed_secrets(serving: Serving) -> tuple[str, ...]:
    """The pull secrets that specs list: of service, template, model and config, in this order, without repeats (RUN-3)."""
    said = (
        *serving.service.spec.image_pull_secrets,
        *serving.template.spec.image_pull_secrets,
        *serving.model.spec.image_pull_secrets,
        *serving.config.pull_secrets,
    )
    return tuple(dict.fromkeys(said))


def _added(observed: Observed[Service], serving: Serving, listed: tuple[str, ...]) -> Added:
    hardware = resolved_hardware(serving.template.spec.hardware)
    brought = tuple(name for name in serving.credentials.pull_secrets if name not in listed)
    return Added(
        base_image=observed.policy.base_image if serving.model.spec.image is None else "",
        nodes=None if hardware is None else hardware.nodes,
        defaults=observed.policy.default_resources,
        pull_secrets=brought,
        labels=propagated_labels(serving.service, serving.config),
    )
