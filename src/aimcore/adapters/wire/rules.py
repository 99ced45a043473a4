"""What must hold between the fields of one object, each said once (KIND-3).

The CustomResourceDefinitions say the same in CEL, with the same messages. Every rule sees the object as it was written
and says nothing about fields that are wrong in themselves: those have their own faults.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from aimcore.adapters.wire.problem import Finding, Steps
from aimcore.adapters.wire.rule import Rule
from aimcore.domain.errors import ParseError, quoted
from aimcore.domain.kinds.scope import GROUP
from aimcore.domain.values.quantity import Quantity, parse_quantity
from aimcore.domain.values.times import parse_duration
from aimcore.domain.weights.sources import endpoint_like_bucket, parse_source_uri

__all__ = [
    "CPU",
    "ENV",
    "EXISTING_CLAIM",
    "HARDWARE",
    "MODEL",
    "POD",
    "RESOURCES",
    "ROUTING",
    "ROUTING_OF_SERVICE",
    "SERVICE",
    "SERVICE_MODEL",
    "VALUE_FROM",
    "looks_like_endpoint",
]

Given = Mapping[str, Any]


def _object(given: Given, name: str) -> Given:
    value = given.get(name)
    return value if isinstance(value, dict) else {}


def _entries(given: Given, name: str) -> list[Any]:
    value = given.get(name)
    return value if isinstance(value, list) else []


def _has(given: Given, name: str) -> bool:
    return given.get(name) is not None


def _amount(value: Any) -> Quantity | None:
    if isinstance(value, bool) or not isinstance(value, str | int):
        return None
    try:
        return parse_quantity(str(value))
    except ValueError:  # a ParseError, or an integer too large to be written
        return None


def _within(request: Any, limit: Any) -> bool:
    if request == limit:
        return True
    least, most = _amount(request), _amount(limit)
    return least is None or most is None or least <= most


# --- models -----------------------------------------------------------------------------------------------------------


def _image_or_sources(spec: Given) -> bool:
    return "image" in spec or bool(_entries(spec, "modelSources"))


def _custom_has_hardware(spec: Given) -> bool:
    if not _entries(spec, "modelSources"):
        return True
    custom = _object(spec, "custom")
    templates = _entries(custom, "templates")
    return _has(custom, "hardware") or (
        bool(templates) and all(isinstance(entry, dict) and _has(entry, "hardware") for entry in templates)
    )


MODEL = (
    Rule(
        id="KIND-4",
        message="the model has neither an image nor modelSources; expected an image, or at least one source",
        at="image",
        is_met=_image_or_sources,
        cel="has(self.image) || (has(self.modelSources) && size(self.modelSources) > 0)",
    ),
    Rule(
        id="KIND-5",
        message="the custom model has no hardware; "
        "expected custom.hardware, or custom.templates in which every entry has hardware",
        at="custom",
        is_met=_custom_has_hardware,
        cel="!has(self.modelSources) || size(self.modelSources) == 0 || (has(self.custom) && (has(self.custom.hardware) || "
        "(has(self.custom.templates) && size(self.custom.templates) > 0 "
        "&& self.custom.templates.all(entry, has(entry.hardware)))))",
    ),
)

HARDWARE = (
    Rule(
        id="KIND-5",
        message="hardware names neither gpu nor cpu; expected at least one",
        is_met=lambda hardware: "gpu" in hardware or "cpu" in hardware,
        cel="has(self.gpu) || has(self.cpu)",
    ),
)

CPU = (
    Rule(
        id="RES-3",
        message="cpu requests are above cpu limits; expected at most the limits",
        at="requests",
        is_met=lambda cpu: "limits" not in cpu or _within(cpu.get("requests"), cpu["limits"]),
        cel="!has(self.limits) || !isQuantity(string(self.requests)) || !isQuantity(string(self.limits)) || "
        "!quantity(string(self.requests)).isGreaterThan(quantity(string(self.limits)))",
    ),
)


# --- what all specs share ---------------------------------------------------------------------------------------------


def _requests_within_limits(resources: Given) -> bool:
    limits = _object(resources, "limits")
    return not limits or all(
        _within(request, limits.get(name)) for name, request in _object(resources, "requests").items()
    )


RESOURCES = (
    Rule(
        id="RES-3",
        message="a request is above the limit of the same resource; expected at most the limit",
        at="requests",
        is_met=_requests_within_limits,
        cel="!has(self.requests) || !has(self.limits) || self.requests.all(name, !(name in self.limits) || "
        "!isQuantity(string(self.requests[name])) || !isQuantity(string(self.limits[name])) || "
        "!quantity(string(self.requests[name])).isGreaterThan(quantity(string(self.limits[name]))))",
    ),
)

ENV = (
    Rule(
        id="KIND-4",
        message="value and valueFrom exclude each other; expected one of them",
        at="valueFrom",
        is_met=lambda variable: "valueFrom" not in variable or not variable.get("value"),
        cel="!has(self.valueFrom) || !has(self.value) || self.value == ''",
    ),
)

SOURCES_OF_VALUES = ("secretKeyRef", "configMapKeyRef", "fieldRef", "resourceFieldRef")

VALUE_FROM = (
    Rule(
        id="KIND-4",
        message=f"expected exactly one of {', '.join(SOURCES_OF_VALUES)}",
        is_met=lambda source: sum(name in source for name in SOURCES_OF_VALUES) == 1,
        cel=f"[{', '.join(f'has(self.{name})' for name in SOURCES_OF_VALUES)}].exists_one(given, given)",
    ),
)


# --- services ---------------------------------------------------------------------------------------------------------


def _one_template_name(spec: Given) -> bool:
    name = _object(spec, "template").get("name")
    return name is None or spec.get("templateName", name) == name


SERVICE = (
    Rule(
        id="KIND-7",
        message="template.name and templateName name different templates; expected one of them",
        at="templateName",
        is_met=_one_template_name,
        cel="!has(self.templateName) || !has(self.template) || !has(self.template.name) || "
        "self.template.name == self.templateName",
    ),
)

SERVICE_MODEL = (
    Rule(
        id="KIND-7",
        message="expected exactly one of ref, image, custom",
        is_met=lambda model: sum(name in model for name in ("ref", "image", "custom")) == 1,
        cel="[has(self.ref), has(self.image), has(self.custom)].exists_one(given, given)",
    ),
)


# --- how services run and are reached --------------------------------------------------------------------------------


def _not_ours(field: str, rule: str) -> Rule:
    """No key of this map is one that the operator keeps for itself."""
    return Rule(
        id=rule,
        message=f"{field} has a key under {GROUP}/, which are the operator's own; expected other keys",
        at=field,
        is_met=lambda given: not any(str(key).startswith(f"{GROUP}/") for key in _object(given, field)),
        cel=f"!has(self.{field}) || self.{field}.all(key, !key.startsWith('{GROUP}/'))",
    )


STARTUP_AT_LEAST, STARTUP_AT_MOST = 10, 7 * 24 * 3600
"""Seconds: one period of the startup probe, and what no download takes."""


def _startup_in_range(pod: Given) -> bool:
    written = pod.get("startupTimeout")
    try:
        return not isinstance(written, str) or STARTUP_AT_LEAST <= parse_duration(written) / 1000 <= STARTUP_AT_MOST
    except ParseError:
        return True


def _drains_in_time(pod: Given) -> bool:
    drain, grace = pod.get("drainSeconds"), pod.get("terminationGracePeriodSeconds")
    return not isinstance(drain, int) or not isinstance(grace, int) or grace > drain


POD = (
    _not_ours("labels", "RUN-13"),
    _not_ours("annotations", "RUN-13"),
    Rule(
        id="RUN-5",
        message="startupTimeout is out of range; expected 10s to 168h",
        at="startupTimeout",
        is_met=_startup_in_range,
        cel="!has(self.startupTimeout) || (duration(self.startupTimeout) >= duration('10s') "
        "&& duration(self.startupTimeout) <= duration('168h'))",
    ),
    Rule(
        id="RUN-10",
        message="terminationGracePeriodSeconds leaves no time after drainSeconds; expected more than drainSeconds",
        at="terminationGracePeriodSeconds",
        is_met=_drains_in_time,
        cel="!has(self.drainSeconds) || !has(self.terminationGracePeriodSeconds) || "
        "self.terminationGracePeriodSeconds > self.drainSeconds",
    ),
)


def _inside(claim: Given) -> bool:
    path = claim.get("subPath")
    return not isinstance(path, str) or (not path.startswith("/") and ".." not in path.split("/"))


EXISTING_CLAIM = (
    Rule(
        id="CACHE-6",
        message="subPath leads out of the volume; expected a relative path without '..'",
        at="subPath",
        is_met=_inside,
        cel="!has(self.subPath) || (!self.subPath.startsWith('/') "
        "&& !self.subPath.split('/').exists(part, part == '..'))",
    ),
)

ROUTING = (_not_ours("annotations", "ROUTE-3"),)
ROUTING_OF_SERVICE = (
    Rule(
        id="ROUTE-3",
        message="a service allows itself no annotations; expected allowedAnnotations in a runtime configuration",
        at="allowedAnnotations",
        is_met=lambda routing: "allowedAnnotations" not in routing,
        cel="!has(self.allowedAnnotations)",
    ),
)


# --- what is worth a warning ------------------------------------------------------------------------------------------

SOURCES: tuple[Steps, ...] = (("spec", "modelSources"), ("spec", "model", "custom", "modelSources"))


def looks_like_endpoint(manifest: Any) -> Iterator[Finding]:
    """Warnings of buckets that look like the host of a storage service (SIZE-1)."""
    for steps in SOURCES:
        node = manifest
        for step in steps:
            node = node.get(step) if isinstance(node, dict) else None
        for index, source in enumerate(node if isinstance(node, list) else ()):
            if (bucket := _endpoint(source)) is not None:
                message = f"bucket {quoted(bucket)} looks like the host of a storage service; expected a bucket's name"
                yield Finding(steps=(*steps, index, "sourceUri"), message=message, rule="SIZE-1", warning=True)


def _endpoint(source: Any) -> str | None:
    uri = source.get("sourceUri") if isinstance(source, dict) else None
    try:
        return endpoint_like_bucket(parse_source_uri(uri)) if isinstance(uri, str) else None
    except ParseError:
        return None
