"""Identities become names: readable parts, and a digest that tells apart whatever the parts cannot (NAME).

A derived name is `part-part-...-digest`. The digest is the first hex digits of SHA-256 over the canonical JSON of the
identity: sorted keys, no spaces, UTF-8, what is absent left out, an amount by its value however it is written.
Identical identity, identical name; and a change of anything here renames objects in live clusters, which
`tests/vectors/frozen-names.json` guards against.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from functools import lru_cache
from hashlib import sha256

from aimcore.domain.hardware.requirements import Cpu, Gpu, Hardware
from aimcore.domain.images.metadata import Deployment
from aimcore.domain.kinds.records import CustomTemplate, ModelInline, Overrides
from aimcore.domain.kinds.scope import Key
from aimcore.domain.values.image import ImageReference
from aimcore.domain.values.quantity import Quantity

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

_NOT_IN_A_NAME = re.compile(r"[^a-z0-9]+")
_canonical = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False).encode
_quoted = lru_cache(maxsize=4096)(_canonical)  # the same models and GPUs come again and again

Identity = Mapping[str, object]


def _present(identity: Identity) -> Identity:
    """The identity without what is absent: None, which is neither 0 nor empty."""
    return {name: value for name, value in identity.items() if value is not None}


def _digest(canonical: str, digits: int = SHORT_DIGEST) -> str:
    # Half a surrogate pair is no UTF-8; it must still have a name, and one of its own.
    return sha256(canonical.encode(errors="surrogatepass")).hexdigest()[:digits]


@lru_cache(maxsize=4096)
def _readable(part: str | None) -> str:
    """The part in the letters a DNS label may have, without hyphens at its ends; may be empty."""
    return _NOT_IN_A_NAME.sub("-", part.lower()).strip("-") if part else ""


def derived_name(parts: Iterable[str | None], digest: str) -> str:
    """A DNS-1123 label of at most 63 characters from a few readable parts and a digest that is never cut (NAME-2).

    >>> derived_name(["llama", None, "2x-MI300X"], "0123456789")
    'llama-2x-mi300x-0123456789'
    """
    words = [*filter(None, map(_readable, parts)), digest]
    name = "-".join(words)
    if len(name) <= LONGEST_NAME:
        return name
    return "-".join((*_shortened(words[:-1], LONGEST_NAME - len(digest)), digest))


def _shortened(words: list[str], room: int) -> list[str]:
    """The words cut to fit `room`, a hyphen after each counted: the longest gives way first, of equals the first."""
    longest, spare = _share(sorted(map(len, words)), room - len(words))
    kept: list[str] = []
    for word in reversed(words):
        more = len(word) > longest and spare > 0
        spare -= more
        kept.append(word[: longest + more].rstrip("-"))
    return kept[::-1]


def _share(lengths: list[int], room: int) -> tuple[int, int]:
    """How long each may stay, and how many of the cut ones a letter longer: who needs less leaves the rest to others."""
    shortest, *longer = lengths
    if shortest > room // len(lengths):
        return divmod(room, len(lengths))
    return _share(longer, room - shortest)


def deployment_template_name(model: str, deployment: Deployment) -> str:
    """The template of a recommended deployment; a GPU model without a count means one (NAME-3, TMPL-1)."""
    gpu, count, profile = deployment.gpu_model, deployment.gpus, deployment.profile_id
    metric, precision = deployment.metric, deployment.precision
    # The canonical JSON written out, with its keys in order: the encoder would cost more than all the rest.
    on = ',"gpuModel":' + _quoted(gpu) if gpu is not None else ""
    by = ',"metric":"' + metric + '"' if metric else ""
    at = ',"precision":"' + precision + '"' if precision else ""
    of = ',"profileId":' + _canonical(profile) if profile is not None else ""
    tag = '"identity":"deployment-template/1"'
    identity = f'{{"gpuCount":{count}{on},{tag}{by},"model":{_quoted(model)}{at}{of}}}'
    parts = (model, f"{count}x-{gpu}" if gpu else None, metric[:3] if metric else None, precision)
    return derived_name(parts, _digest(identity))


def custom_template_name(model: str, entry: CustomTemplate, hardware: Hardware | None) -> str:
    """The template of an entry of a custom model with its merged hardware; its place in the list is no part (NAME-4)."""
    gpu_models = hardware.gpu.models if hardware and hardware.gpu else None
    identity = {
        "identity": "custom-template/1",
        "model": model,
        "name": entry.name,
        "metric": entry.metric,
        "precision": entry.precision,
        "hardware": _hardware_identity(hardware),
    }
    parts = (model, "custom", entry.name, entry.precision, gpu_models[0] if gpu_models else None)
    return derived_name(parts, _digest(_canonical(_present(identity))))


def _hardware_identity(hardware: Hardware | None) -> Identity:
    """The fields that are said; without any, hardware says as little as none at all."""
    gpu, cpu = (hardware.gpu, hardware.cpu) if hardware else (None, None)
    gpu, cpu = gpu or Gpu(), cpu or Cpu()
    return _present(
        {
            "gpu.requests": gpu.requests,
            "gpu.models": gpu.models,
            "gpu.minVram": _amount(gpu.min_vram),
            "gpu.resourceName": gpu.resource_name,
            "cpu.requests": _amount(cpu.requests),
            "cpu.limits": _amount(cpu.limits),
        }
    )


def _amount(quantity: Quantity | None) -> str | None:
    """The canonical text of the amount alone: `64Gi` and `65536Mi`, or `1k` and `1e3`, are one amount (RES-4)."""
    return None if quantity is None else str(Quantity(nanos=quantity.nanos))


def auto_model_name(image: ImageReference) -> str:
    """The model created for services that name this image (NAME-5)."""
    identity = {"identity": "auto-model/1", "image": image.identity}
    return derived_name(("auto",), _digest(_canonical(identity), LONG_DIGEST))


def inline_model_name(service: str, inline: ModelInline) -> str:
    """The custom model of a service; its env and sizes are no part: a name must tell nothing of a secret (NAME-6)."""
    identity = {
        "identity": "inline-model/1",
        "service": service,
        "baseImage": inline.base_image,
        "sources": [[source.model_id, source.source_uri] for source in inline.model_sources],
        "hardware": _hardware_identity(inline.hardware),
        "type": inline.type,
    }
    return derived_name((service, "custom"), _digest(_canonical(_present(identity))))


def derived_template_name(service: str, base: Key, overrides: Overrides) -> str:
    """The template a service derives from a named one by its overrides (NAME-7)."""
    said = {
        "metric": overrides.metric,
        "precision": overrides.precision,
        "gpuModel": overrides.gpu_model,
        "gpuCount": overrides.gpu_count,
    }
    identity = {
        "identity": "derived-template/1",
        "service": service,
        "base": [base.api_kind, base.name],
        "overrides": _present(said),
    }
    return derived_name((base.name, "ovr"), _digest(_canonical(identity)))


def label_value(name: str) -> str:
    """`name` as the value of an object label: itself, or shortened with a digest when it is over 63 (TMPL-2)."""
    if len(name) <= LONGEST_NAME:
        return name
    return derived_name((name,), _digest(_canonical({"identity": "label-value/1", "name": name})))
