"""The models that services bring about: one for an image nobody serves yet, or a custom one of their own (AUTO)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from aimcore.domain.children.diff import child_meta, created_meta
from aimcore.domain.kinds.config import ResolvedConfig, config_name
from aimcore.domain.kinds.naming import auto_model_name, inline_model_name
from aimcore.domain.kinds.records import CustomSpec, Discovery, Model, ModelInline, ModelSpec, Service
from aimcore.domain.kinds.scope import Key, Kind, Scope
from aimcore.domain.values.image import ImageReference
from aimcore.domain.view.observed import CreationScopeFrom, Observed

__all__ = ["Creation", "auto_model", "inline_model"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Creation:
    """A model to be; `narrowed` tells why it is the namespace's though it was wanted cluster-wide, if it was (AUTO-3)."""

    model: Model
    narrowed: str = ""


_BY_TENANT: Final = "only the cluster's runtime config may ask for cluster models here; the model is the namespace's"
_BY_INSTALL: Final = (
    "the operator looks after some namespaces and makes no cluster model; the model is the namespace's. Install the operator for "
    "all namespaces, or set model.creationScope: Namespace in the runtime config"
)


def auto_model(observed: Observed[Service], image: ImageReference, config: ResolvedConfig) -> Creation:
    """The model of an image, in the scope the configuration says (AUTO-1)."""
    service = observed.subject
    cluster_config = observed.view.config(None, config_name(service.spec.runtime_config_name))
    scope, narrowed = config.creation_scope, ""
    if observed.policy.creation_scope_from is CreationScopeFrom.CLUSTER:
        wanted_more = scope is Scope.CLUSTER and cluster_config.creation_scope is not Scope.CLUSTER
        scope, narrowed = cluster_config.creation_scope, _BY_TENANT if wanted_more else ""
    if scope is Scope.CLUSTER and not observed.policy.cluster_objects:
        scope, narrowed = Scope.NAMESPACE, _BY_INSTALL
    name = auto_model_name(image)
    if scope is Scope.CLUSTER:
        spec = ModelSpec(image=image.identity, discovery=_discovery(cluster_config))
        return Creation(model=Model(key=Key(Kind.MODEL, None, name), meta=created_meta(), spec=spec))
    spec = ModelSpec(
        image=image.identity,
        discovery=_discovery(config),
        runtime_config_name=service.spec.runtime_config_name,
        image_pull_secrets=service.spec.image_pull_secrets,
        service_account_name=service.spec.service_account_name,
    )
    key = Key(Kind.MODEL, service.key.namespace, name)
    return Creation(model=Model(key=key, meta=created_meta(), spec=spec), narrowed=narrowed)


def _discovery(config: ResolvedConfig) -> Discovery:
    return Discovery(enabled=config.auto_discovery, auto_create_templates=config.auto_discovery)


def inline_model(observed: Observed[Service], inline: ModelInline, config: ResolvedConfig) -> Model:
    """The custom model of a service, owned by it; its image is always written out (AUTO-4)."""
    service = observed.subject
    return Model(
        key=Key(Kind.MODEL, service.key.namespace, inline_model_name(service.key.name, inline)),
        meta=child_meta(service, config, created_meta().labels),
        spec=ModelSpec(
            image=inline.base_image or observed.policy.base_image,
            model_sources=inline.model_sources,
            custom=CustomSpec(type=inline.type, hardware=inline.hardware),
            runtime_config_name=service.spec.runtime_config_name,
            image_pull_secrets=service.spec.image_pull_secrets,
            service_account_name=service.spec.service_account_name,
        ),
    )
