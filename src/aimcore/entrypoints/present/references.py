"""Keys, configurations and their like as data: how every explanation names the things it speaks of."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from aimcore.domain.kinds.config import ConfigMissing, ResolvedConfig
from aimcore.domain.kinds.scope import Key
from aimcore.entrypoints.present.layers import layered_data, plain_value, told_value
from aimcore.entrypoints.present.outline import Entry, Section

__all__ = ["config_data", "config_section", "key_data", "keys_data"]


def key_data(key: Key) -> dict[str, str | None]:
    """The key of an object, and its scope."""
    return {"kind": key.api_kind, "name": key.name, "namespace": key.namespace, "scope": key.scope.value}


def keys_data(keys: Iterable[Key]) -> list[dict[str, str | None]]:
    """Several keys."""
    return [key_data(key) for key in keys]


def config_data(config: ResolvedConfig | ConfigMissing) -> dict[str, Any]:
    """The configuration with every merged value, or where one was looked for."""
    if isinstance(config, ConfigMissing) or config.reference is None:
        looked = config.looked if isinstance(config, ConfigMissing) else ()
        name = config.name if isinstance(config, ConfigMissing) else None
        named = isinstance(config, ConfigMissing) and config.named
        return {"name": name, "missing": True, "named": named, "looked": keys_data(looked)}
    reference = plain_value(config.reference)
    return {
        "kind": reference["kind"],
        "name": reference["name"],
        "namespace": reference.get("namespace"),
        "scope": reference["scope"],
        "uid": reference["uid"],
        "mergedWith": reference.get("mergedWith"),
        "values": layered_data(config.values),
        "env": layered_data(config.env),
        "imagePullSecrets": layered_data(config.pull_secrets),
    }


def config_section(config: ResolvedConfig | ConfigMissing) -> Section:
    """The same in words."""
    if isinstance(config, ConfigMissing) or config.reference is None:
        return Section(title="Runtime config", entries=(_missing(config),))
    sides = ((config.values, ""), (config.env, "env "), (config.pull_secrets, "imagePullSecrets "))
    values = tuple(
        Entry(text=f"{prefix}{name}: {told_value(side[name])}") for side, prefix in sides for name in sorted(side)
    )
    return Section(title="Runtime config", entries=(Entry(text=str(config.reference), entries=values),))


def _missing(config: ResolvedConfig | ConfigMissing) -> Entry:
    if isinstance(config, ResolvedConfig):
        return Entry(text="none")
    looked = ", ".join(map(str, config.looked))
    return Entry(text=f"{config.name}: none", notes=(f"looked for {looked}",))
