"""The cache of a template's weights: an AIMTemplateCache (CACHE-1)."""

from __future__ import annotations

from dataclasses import dataclass

from aimcore.domain.kinds.records import Resource
from aimcore.domain.kinds.scope import Scope
from aimcore.domain.kinds.statuses import CacheStatus
from aimcore.domain.kinds.workload import CachingMode, ExistingClaim
from aimcore.domain.values.quantity import Quantity

__all__ = ["Cache", "CacheSpec"]


@dataclass(frozen=True, slots=True, kw_only=True)
class CacheSpec:
    """CACHE-1. All but `runtime_config_name`, `suspend` and `retry` is immutable; a new text of `retry` asks to try again now."""

    template_name: str
    template_scope: Scope | None = None
    mode: CachingMode | None = None
    storage_class_name: str | None = None
    access_mode: str | None = None
    volume_size: Quantity | None = None
    existing_claim: ExistingClaim | None = None
    runtime_config_name: str | None = None
    suspend: bool | None = None
    retry: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Cache(Resource[CacheSpec, CacheStatus]):
    """An AIMTemplateCache."""

    spec: CacheSpec
    status: CacheStatus | None = None
