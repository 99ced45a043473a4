"""What an image says, as data and in words."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from aimcore.entrypoints.present.answers import Cost, Inspected
from aimcore.entrypoints.present.outline import Entry, Section

__all__ = ["cost_data", "image_data", "image_outline", "told_cost"]


def image_data(found: Inspected) -> dict[str, Any]:
    """The answer for programs; `metadata` is spelt as in the status of a model."""
    return {
        "image": found.image,
        "digest": found.digest,
        "metadata": found.metadata,
        "templates": found.templates,
        "problems": found.problems,
        "failure": found.failure,
        "cost": cost_data(found.cost),
    }


def cost_data(cost: Cost | None) -> dict[str, int] | None:
    """What was spent on registries, for programs."""
    return None if cost is None else {"requests": cost.requests, "bytes": cost.bytes}


def told_cost(cost: Cost) -> str:
    """What was spent on registries, for people.

    >>> told_cost(Cost(requests=1, bytes=2048))
    '1 request, 2048 bytes'
    """
    return f"{cost.requests} {'request' if cost.requests == 1 else 'requests'}, {cost.bytes} bytes"


def image_outline(found: Inspected) -> tuple[Section, ...]:
    """The answer for people."""
    spent = (f"cost: {told_cost(found.cost)}",) if found.cost else ()
    return (
        Section(title="Image", entries=(Entry(text=found.image, notes=(found.digest, *spent)),)),
        Section(title="Model", entries=tuple(_fields(found.metadata.get("model", {})))),
        Section(title="OCI", entries=tuple(_fields(found.metadata.get("oci", {})))),
        Section(title="Templates", entries=tuple(map(_template, found.templates))),
        Section(title="Problems", entries=tuple(_problems(found))),
    )


def _fields(values: Mapping[str, Any]) -> Iterator[Entry]:
    for name, value in values.items():
        if name == "recommendedDeployments":
            deployments = (", ".join(f"{field} {said}" for field, said in one.items()) for one in value)
            yield Entry(label=name, text=f"{len(value)}", notes=tuple(deployments))
        else:
            yield Entry(label=name, text=_told(value))


def _told(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(map(str, value))
    return value if isinstance(value, str) else json.dumps(value)


def _template(manifest: Mapping[str, Any]) -> Entry:
    spec = manifest["spec"]
    gpu = spec.get("hardware", {}).get("gpu", {})
    gpus = f"{gpu.get('requests', 0)}x {'/'.join(gpu['models'])}" if gpu.get("models") else "no GPU model"
    said = (gpus, spec.get("metric"), spec.get("precision"), spec.get("profileId"))
    return Entry(text=manifest["metadata"]["name"], notes=(" ".join(filter(None, said)),))


def _problems(found: Inspected) -> Iterator[Entry]:
    if found.failure:
        yield Entry(text=found.failure)
    for problem in found.problems:
        yield Entry(text=problem)
