"""Identities become names: readable parts, and a digest that tells apart whatever the parts cannot (NAME).

A derived name is `part-part-...-digest`. The digest is the first hex digits of SHA-256 over the canonical JSON of the
identity: sorted keys, no spaces, UTF-8, what is absent left out. Identical identity, identical name; and a change of
anything here renames objects in live clusters, which `tests/vectors/frozen-names.json` guards against.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from functools import lru_cache
from hashlib import sha256

from aimcore.domain.hardware import Hardware
from aimcore.domain.image import ImageReference
from aimcore.domain.metadata import Deployment
from aimcore.domain.objects import CustomTemplate, ModelInline, Overrides
from aimcore.domain.profile import Metric
from aimcore.domain.scope import Key

__all__ = [
    "auto_model_name",
    "custom_template_name",
    "deployment_template_name",
    "derived_name",
    "derived_template_name",
    "inline_model_name",
    "label_value",
]

LONGEST_NAME = 63
SHORT_DIGEST = 10
LONG_DIGEST = 16

_SHORT_METRIC = {Metric.LATENCY: "lat", Metric.THROUGHPUT: "thr"}
_NOT_IN_A_NAME = re.compile(r"[^a-z0-9]+")
_canonical = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False).encode

Identity = Mapping[str, object]


def _digest(tag: str, identity: Identity, digits: int) -> str:
    present = {name: value for name, value in identity.items() if value is not None}
    return sha256(_canonical({**present, "identity": tag}).encode()).hexdigest()[:digits]


@lru_cache(maxsize=4096)
def _readable(part: str) -> str:
    """The part in the letters a DNS label may have, without hyphens at its ends; may be empty."""
    return _NOT_IN_A_NAME.sub("-", part.lower()).strip("-")


def derived_name(parts: Iterable[str | None], digest: str) -> str:
    """A DNS-1123 label of at most 63 characters from readable parts and a digest that is never cut (NAME-2).

    >>> derived_name(["llama", None, "2x-MI300X"], "0123456789")
    'llama-2x-mi300x-0123456789'
    """
    words = [word for word in (_readable(part) for part in parts if part) if word]
    room = LONGEST_NAME - len(digest)
    if sum(map(len, words)) + len(words) > room:
        words = _shortened(words, room)
    return "-".join((*words, digest))


def _shortened(words: list[str], room: int) -> list[str]:
    """The words cut to fit `room`, a hyphen after each counted: the longest gives way first, of equals the first."""
    lengths = [len(word) for word in words]
    for _ in range(sum(lengths) + len(lengths) - room):
        lengths[lengths.index(max(lengths))] -= 1
    cut = (word[:length].rstrip("-") for word, length in zip(words, lengths, strict=True))
    return [word for word in cut if word]


def deployment_template_name(model: str, deployment: Deployment) -> str:
    """The template of a recommended deployment; a GPU model without a count means one (NAME-3, TMPL-1)."""
    gpu, count = deployment.gpu_model, deployment.gpus
    identity = {
        "model": model,
        "gpuModel": gpu,
        "gpuCount": count,
        "metric": deployment.metric,
        "precision": deployment.precision,
        "profileId": deployment.profile_id,
    }
    metric = _SHORT_METRIC[deployment.metric] if deployment.metric else None
    parts = (model, f"{count}x-{gpu}" if gpu else None, metric, deployment.precision)
    return derived_name(parts, _digest("deployment-template/1", identity, SHORT_DIGEST))


def custom_template_name(model: str, entry: CustomTemplate, hardware: Hardware | None) -> str:
    """The template of an entry of a custom model with its merged hardware; its place in the list is no part (NAME-4)."""
    gpu_models = hardware.gpu.models if hardware and hardware.gpu else None
    identity = {
        "model": model,
        "name": entry.name,
        "metric": entry.metric,
        "precision": entry.precision,
        "hardware": _hardware_identity(hardware),
    }
    parts = (model, "custom", entry.name, entry.precision, gpu_models[0] if gpu_models else None)
    return derived_name(parts, _digest("custom-template/1", identity, SHORT_DIGEST))


def _hardware_identity(hardware: Hardware | None) -> Identity | None:
    if hardware is None:
        return None
    gpu, cpu = hardware.gpu, hardware.cpu
    said = {
        "gpu.requests": gpu.requests if gpu else None,
        "gpu.models": gpu.models if gpu else None,
        "gpu.minVram": str(gpu.min_vram) if gpu and gpu.min_vram is not None else None,
        "gpu.resourceName": gpu.resource_name if gpu else None,
        "cpu.requests": str(cpu.requests) if cpu and cpu.requests is not None else None,
        "cpu.limits": str(cpu.limits) if cpu and cpu.limits is not None else None,
    }
    return {name: value for name, value in said.items() if value is not None}


def auto_model_name(image: ImageReference) -> str:
    """The model created for services that name this image (NAME-5)."""
    return derived_name(("auto",), _digest("auto-model/1", {"image": str(image)}, LONG_DIGEST))


def inline_model_name(service: str, inline: ModelInline) -> str:
    """The custom model of a service; its env and sizes are no part: a name must tell nothing of a secret (NAME-6)."""
    identity = {
        "service": service,
        "baseImage": inline.base_image,
        "sources": [[source.model_id, source.source_uri] for source in inline.model_sources],
        "hardware": _hardware_identity(inline.hardware),
        "type": inline.type,
    }
    return derived_name((service, "custom"), _digest("inline-model/1", identity, SHORT_DIGEST))


def derived_template_name(service: str, base: Key, overrides: Overrides) -> str:
    """The template a service derives from a named one by its overrides (NAME-7)."""
    said = {
        "metric": overrides.metric,
        "precision": overrides.precision,
        "gpuModel": overrides.gpu_model,
        "gpuCount": overrides.gpu_count,
    }
    identity = {
        "service": service,
        "base": [base.api_kind, base.name],
        "overrides": {name: value for name, value in said.items() if value is not None},
    }
    return derived_name((base.name, "ovr"), _digest("derived-template/1", identity, SHORT_DIGEST))


def label_value(name: str) -> str:
    """`name` as the value of an object label: itself, or shortened with a digest when it is over 63 (TMPL-2)."""
    if len(name) <= LONGEST_NAME:
        return name
    return derived_name((name,), _digest("label-value/1", {"name": name}, SHORT_DIGEST))
