"""The cache that fetches the weights of a template ahead: the one that a service of it would make (CACHE-1, CACHE-2)."""

from __future__ import annotations

from aimcore.domain.caching.content import cache_name
from aimcore.domain.errors import AimError
from aimcore.domain.kinds.caches import Cache, CacheSpec
from aimcore.domain.kinds.records import Meta, Template
from aimcore.domain.kinds.scope import Key, Kind
from aimcore.domain.kinds.workload import CachingMode
from aimcore.domain.view.cache import ObjectCache
from aimcore.domain.view.lookup import Found, find_model

__all__ = ["NoSourcesError", "warming_cache"]


class NoSourcesError(AimError):
    """The weights of the template are in its image."""


def warming_cache(view: ObjectCache, key: Key, namespace: str, mode: CachingMode) -> Cache:
    """The cache of a template in a namespace, under the name by which services find it. Raises `NoSourcesError`."""
    template: Template = view.find(key)
    found = find_model(view, template.key.namespace, template.spec.model_name)
    model = found.thing if isinstance(found, Found) else None
    sources = template.spec.model_sources or (model.spec.model_sources if model else ())
    if not sources:
        raise NoSourcesError(
            f"{key} names no modelSources: its weights are in its image, and there is nothing to fetch"
        )
    spec = CacheSpec(
        template_name=key.name,
        template_scope=key.scope,
        mode=mode,
        runtime_config_name=template.spec.runtime_config_name,
    )
    return Cache(key=Key(Kind.CACHE, namespace, cache_name(key, mode, sources)), meta=Meta(), spec=spec)
