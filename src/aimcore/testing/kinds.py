"""Strategies for manifests of every kind: valid ones, as an API server with the project's definitions takes them.

All names come from small pools, so that objects drawn apart refer to each other, collide and shadow.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from aimcore.testing.imagelabels import deployments
from aimcore.testing.vocabulary import (
    env,
    gpu_models,
    hardware,
    metrics,
    object_labels,
    precisions,
    resources,
    some_of,
    sources,
    template_types,
)

__all__ = [
    "API_VERSION",
    "SMALL",
    "Pools",
    "image_metadata",
    "manifests",
    "models",
    "namespaces",
    "runtime_configs",
    "secrets",
    "service_accounts",
    "services",
    "templates",
]

Json = dict[str, Any]

API_VERSION = "aim.silogen.ai/v1alpha1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Pools:
    """The names that objects are drawn from. `operator_namespace` is where cluster objects find their secrets; `strays` are
    images that are in no registry, or no image references at all.
    """

    namespaces: tuple[str, ...] = ("alpha", "beta")
    operator_namespace: str = "aim-system"
    models: tuple[str, ...] = ("chat", "code")
    templates: tuple[str, ...] = ("small", "large")
    services: tuple[str, ...] = ("front", "back")
    configs: tuple[str, ...] = ("default", "fast")
    secrets: tuple[str, ...] = ("pull", "other")
    accounts: tuple[str, ...] = ("default", "puller")
    images: tuple[str, ...] = ("acme/chat:1", "docker.io/acme/chat:1", "acme/chat:2", "ghcr.io/acme/code:1")
    strays: tuple[str, ...] = ("acme/none:1", "Not an image")

    @property
    def references(self) -> tuple[str, ...]:
        """Every image that may be named; one that may be found is more likely."""
        return (*self.images, *self.images, *self.strays)

    @property
    def homes(self) -> tuple[str, ...]:
        """Every namespace there may be."""
        return (*self.namespaces, self.operator_namespace)


SMALL = Pools()


def _manifest(kind: str, name: str, namespace: str | None, labels: Json, **body: Json) -> Json:
    metadata: Json = {"name": name}
    if namespace is not None:
        metadata["namespace"] = namespace
    if labels:
        metadata["labels"] = labels
    cluster = "Cluster" if namespace is None else ""
    return {"apiVersion": API_VERSION, "kind": f"AIM{cluster}{kind}", "metadata": metadata, **body}


def _aim(
    kind: str, names: tuple[str, ...], homes: tuple[str | None, ...], spec: SearchStrategy[Json]
) -> SearchStrategy[Json]:
    return st.builds(
        lambda name, namespace, labels, body: _manifest(kind, name, namespace, labels, spec=body),
        st.sampled_from(names),
        st.sampled_from(homes),
        object_labels(),
        spec,
    )


@cache
def _pull_secrets(pools: Pools) -> SearchStrategy[list[Json]]:
    found = st.lists(st.sampled_from(pools.secrets), max_size=2, unique=True)
    return found.map(lambda names: [{"name": name} for name in names])


def _shared(pools: Pools) -> dict[str, SearchStrategy[Any]]:
    """The fields that models, templates and services have in common."""
    return {
        "env": env(),
        "imagePullSecrets": _pull_secrets(pools),
        "serviceAccountName": st.sampled_from(pools.accounts),
        "runtimeConfigName": st.sampled_from(pools.configs),
        "resources": resources(),
    }


@cache
def image_metadata() -> SearchStrategy[Json]:
    """`spec.imageMetadata`: what an air-gapped cluster says in the registry's place."""
    model = some_of(
        {"canonicalName": st.just("acme/chat")}, {"recommendedDeployments": st.lists(deployments(), max_size=2)}
    )
    return model.map(lambda said: {"model": said})


@cache
def models(pools: Pools = SMALL) -> SearchStrategy[Json]:
    """Models of a namespace and of the cluster: of an image, read or given, or custom."""
    discovery = some_of({}, {"enabled": st.booleans(), "autoCreateTemplates": st.booleans()})
    common = {**_shared(pools), "defaultServiceTemplate": st.sampled_from(pools.templates)}
    of_image = some_of(
        {"image": st.sampled_from(pools.references)},
        {**common, "discovery": discovery, "imageMetadata": image_metadata(), "custom": _custom(needed=False)},
    )
    custom = some_of(
        {"modelSources": sources(), "custom": _custom(needed=True)},
        {**common, "image": st.sampled_from(pools.references)},
    )
    return _aim("Model", pools.models, (*pools.namespaces, None), of_image | custom)


@cache
def _custom(*, needed: bool) -> SearchStrategy[Json]:
    """`spec.custom`; when `needed`, hardware for every template that comes of it (KIND-5)."""
    profile = some_of({}, {"metric": metrics(), "precision": precisions()})
    fields = {
        "name": st.sampled_from(["a", "b"]),
        "type": template_types(),
        "profile": profile,
        "env": env(),
    }
    entry = some_of({}, {**fields, "hardware": hardware()})
    whole = some_of({"hardware": hardware()}, fields)
    inheriting = some_of({"hardware": hardware()}, {"type": template_types(), "templates": st.lists(entry, max_size=3)})
    own = some_of({"templates": st.lists(whole, min_size=1, max_size=3)}, {"type": template_types()})
    return inheriting | own if needed else own


@cache
def templates(pools: Pools = SMALL) -> SearchStrategy[Json]:
    """Templates that somebody wrote by hand, for models that may be there."""
    fields = {
        "metric": metrics(),
        "precision": precisions(),
        "hardware": hardware(),
        "type": template_types(),
        "profileId": st.sampled_from(["vllm-a", "vllm-b"]),
        "modelSources": sources(),
        **_shared(pools),
    }
    spec = some_of({"modelName": st.sampled_from(pools.models)}, fields)
    return _aim("ServiceTemplate", pools.templates, (*pools.namespaces, None), spec)


@cache
def services(pools: Pools = SMALL) -> SearchStrategy[Json]:
    """Services that name a model, an image, or bring a custom model; with a template named, overridden, or neither."""
    inline = some_of(
        {"modelSources": sources(), "hardware": hardware()},
        {"baseImage": st.sampled_from(pools.references), "type": template_types()},
    )
    model = st.one_of(
        st.sampled_from(pools.models).map(lambda name: {"ref": name}),
        st.sampled_from(pools.references).map(lambda image: {"image": image}),
        inline.map(lambda said: {"custom": said}),
    )
    gpu = some_of({}, {"model": gpu_models(), "count": st.integers(0, 4)})
    fields = {
        "template": some_of({}, {"name": st.sampled_from(pools.templates), "allowUnoptimized": st.booleans()}),
        "overrides": some_of({}, {"metric": metrics(), "precision": precisions(), "gpuSelector": gpu}),
        "replicas": st.integers(0, 3),
        **_shared(pools),
    }
    return _aim("Service", pools.services, pools.namespaces, some_of({"model": model}, fields))


@cache
def runtime_configs(pools: Pools = SMALL) -> SearchStrategy[Json]:
    """Runtime configs of a namespace and of the cluster; anything may be said, also that something is off."""
    globs = st.lists(st.sampled_from(["team", "acme.com/*", "*"]), max_size=2)
    propagation = st.just({"enabled": True, "match": ["*"]}) | some_of({}, {"enabled": st.booleans(), "match": globs})
    creation = some_of({}, {"autoDiscovery": st.booleans(), "creationScope": st.sampled_from(["Namespace", "Cluster"])})
    routing = some_of({}, {"enabled": st.booleans(), "gatewayRef": st.just({"name": "gateway", "port": 443})})
    spec = some_of(
        {},
        {
            "serviceAccountName": st.sampled_from(pools.accounts),
            "imagePullSecrets": _pull_secrets(pools),
            "env": env(),
            "model": creation,
            "labelPropagation": propagation,
            "storage": some_of({}, {"pvcHeadroomPercent": st.integers(0, 100)}),
            "routing": routing,
        },
    )
    return _aim("RuntimeConfig", pools.configs, (*pools.homes, None), spec)


def _core(kind: str, metadata: Json, **body: Any) -> Json:
    return {"apiVersion": "v1", "kind": kind, "metadata": metadata, **body}


@cache
def namespaces(pools: Pools = SMALL) -> SearchStrategy[Json]:
    """Namespaces, with object labels or without."""
    return st.builds(
        lambda name, labels: _core("Namespace", {"name": name, **({"labels": labels} if labels else {})}),
        st.sampled_from(pools.homes),
        object_labels(),
    )


@cache
def secrets(pools: Pools = SMALL) -> SearchStrategy[Json]:
    """Secrets: most hold registry credentials, some are of another type."""
    types = st.sampled_from(["kubernetes.io/dockerconfigjson", "kubernetes.io/dockerconfigjson", "Opaque"])
    return st.builds(
        lambda name, namespace, kind: _core(
            "Secret", {"name": name, "namespace": namespace}, type=kind, data={".dockerconfigjson": "e30="}
        ),
        st.sampled_from(pools.secrets),
        st.sampled_from(pools.homes),
        types,
    )


@cache
def service_accounts(pools: Pools = SMALL) -> SearchStrategy[Json]:
    """Service accounts, with pull secrets or without."""
    return st.builds(
        lambda name, namespace, found: _core(
            "ServiceAccount", {"name": name, "namespace": namespace}, **({"imagePullSecrets": found} if found else {})
        ),
        st.sampled_from(pools.accounts),
        st.sampled_from(pools.homes),
        _pull_secrets(pools),
    )


@cache
def manifests(pools: Pools = SMALL) -> SearchStrategy[Json]:
    """A valid manifest of any of the seven kinds."""
    return st.one_of(models(pools), templates(pools), services(pools), runtime_configs(pools))
