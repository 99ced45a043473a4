"""Keys, configurations and their like as data: how every explanation names the things it speaks of."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from aimcore.domain.decide.templates import resolved_hardware
from aimcore.domain.hardware.requirements import summary
from aimcore.domain.kinds.config import ConfigMissing, ResolvedConfig
from aimcore.domain.kinds.records import Template
from aimcore.domain.kinds.scope import Key
from aimcore.domain.kinds.statuses import ResolvedHardware
from aimcore.entrypoints.present.layers import layered_data, plain_value, told_value
from aimcore.entrypoints.present.outline import Entry, Section

__all__ = ["config_data", "config_section", "hardware_data", "hardware_section", "key_data", "keys_data"]


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


def hardware_data(template: Template | None) -> dict[str, Any] | None:
    """For programs: the hardware, and the `nodes` that will do as labels, any one of which is enough; without it all will."""
    hardware = resolved_hardware(template.spec.hardware) if template else None
    return None if hardware is None else plain_value(hardware)


def hardware_section(template: Template | None) -> Section:
    """For people: the hardware in a few words, then the labels of its nodes."""
    hardware = resolved_hardware(template.spec.hardware) if template else None
    if template is None or hardware is None:
        return Section(title="Hardware", entries=())
    told = summary(template.spec.hardware) or ""
    return Section(title="Hardware", entries=(Entry(text=told, notes=tuple(_nodes(hardware))),))


def _nodes(hardware: ResolvedHardware) -> Iterator[str]:
    if hardware.nodes == ():
        yield "on no node: no label can say what is listed"
    for number, label in enumerate(hardware.nodes or ()):
        yield f"{'or' if number else 'on nodes with'} {label.key} in {', '.join(label.values)}"
