"""What a template runs on, and on which nodes, as data and in words."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from aimcore.domain.decide.templates import resolved_hardware
from aimcore.domain.hardware.requirements import summary
from aimcore.domain.kinds.records import Template
from aimcore.domain.kinds.statuses import ResolvedHardware
from aimcore.entrypoints.present.layers import plain_value
from aimcore.entrypoints.present.outline import Entry, Section

__all__ = ["hardware_data", "hardware_section"]


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
