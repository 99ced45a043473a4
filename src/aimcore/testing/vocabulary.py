"""Strategies for the values that manifests are made of, as the API spells them.

Everything drawn here is valid. Small words come first and shrink towards them, so that a failing example reads well.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from aimcore.domain.values.profile import Metric, Precision, TemplateType

__all__ = [
    "env",
    "gpu_models",
    "hardware",
    "image_references",
    "label_values",
    "metrics",
    "names",
    "object_labels",
    "precisions",
    "quantities",
    "resources",
    "some_of",
    "source_sizes",
    "sources",
    "template_types",
]

Json = dict[str, Any]

GPU_MODELS = ("MI300X", "MI325X", "MI210", "AMD-Instinct-MI300X-OAM", "MI250", "H100")
VARIABLES = ("A", "B", "HF_TOKEN")
SUFFIXES = ("", "k", "M", "G", "Ki", "Mi", "Gi", "Ti")
SOURCE_URIS = ("hf://acme/chat", "hf://acme/chat@v1", "s3://weights/chat", "s3://weights/chat/part-1.bin")
LETTERS = "abcdefghijklmnopqrstuvwxyz0123456789"


def some_of(
    required: Mapping[str, SearchStrategy[Any]], optional: Mapping[str, SearchStrategy[Any]]
) -> SearchStrategy[Json]:
    """An object with all of the required fields and any of the optional ones; it shrinks to the required."""
    return st.fixed_dictionaries(dict(required), optional=dict(optional))


@cache
def names() -> SearchStrategy[str]:
    """DNS labels, up to the longest."""
    inner = st.text(LETTERS + "-", max_size=61)
    end = st.sampled_from(LETTERS)
    return st.builds(lambda first, middle, last: first + middle + last, end, inner, end) | st.sampled_from(LETTERS)


@cache
def quantities(least: int = 0, most: int = 10**6) -> SearchStrategy[str]:
    """Quantities as people write them: whole numbers and decimals, with every kind of suffix, and exponents."""
    whole = st.integers(least, most)
    plain = st.builds(lambda number, suffix: f"{number}{suffix}", whole, st.sampled_from(SUFFIXES))
    decimal = st.builds(
        lambda number, part, suffix: f"{number}.{part}{suffix}", whole, st.integers(0, 999), st.sampled_from(SUFFIXES)
    )
    milli = st.builds(lambda number: f"{number}m", whole)
    exponent = st.builds(lambda number, power: f"{number}e{power}", whole, st.integers(0, 6))
    return plain | milli | decimal | exponent


@cache
def image_references() -> SearchStrategy[str]:
    """Image references in every spelling: short and full, with port, tag, digest, both or neither."""
    registry = st.sampled_from(["", "docker.io/", "ghcr.io/", "localhost:5000/", "10.0.0.1/"])
    path = st.lists(st.sampled_from(["a", "amd", "chat", "my_model", "x--y", "v1.2"]), min_size=1, max_size=3)
    tag = st.sampled_from(["", ":1", ":latest", ":v1.2.3-rc_1", ":" + "t" * 128])
    digest = st.sampled_from(["", "@sha256:" + "0123456789abcdef" * 4])
    return st.builds(lambda host, parts, end, sum_: f"{host}{'/'.join(parts)}{end}{sum_}", registry, path, tag, digest)


@cache
def label_values() -> SearchStrategy[str]:
    """Values that an object label may have."""
    end = st.sampled_from(LETTERS + LETTERS.upper())
    inner = st.text(LETTERS + "-_.", max_size=61)
    return st.just("") | st.builds(lambda first, middle, last: first + middle + last, end, inner, end)


@cache
def object_labels() -> SearchStrategy[dict[str, str]]:
    """A few object labels; their keys collide, and match or miss the globs that runtime configs propagate by."""
    keys = st.sampled_from(["team", "acme.com/cost", "acme.com/tier", "app.kubernetes.io/name"])
    return st.dictionaries(keys, st.sampled_from(["red", "blue"]), max_size=2)


@cache
def env() -> SearchStrategy[list[Json]]:
    """Environment variables, each name once: a value, no value, or one from somewhere else."""
    values = st.fixed_dictionaries({}, optional={"value": st.sampled_from(["", "1", "two words"])})
    selector = some_of({"name": st.just("token"), "key": st.just("key")}, {"optional": st.booleans()})
    origins = st.one_of(
        selector.map(lambda one: {"secretKeyRef": one}),
        selector.map(lambda one: {"configMapKeyRef": one}),
        st.just({"fieldRef": {"fieldPath": "metadata.name"}}),
        st.just({"resourceFieldRef": {"resource": "limits.cpu", "divisor": "1"}}),
    )
    bodies = values | origins.map(lambda origin: {"valueFrom": origin})
    return st.dictionaries(st.sampled_from(VARIABLES), bodies, max_size=3).map(
        lambda found: [{"name": name, **body} for name, body in found.items()]
    )


@cache
def sources() -> SearchStrategy[list[Json]]:
    """Model sources, at least one."""
    source = some_of(
        {"modelId": st.sampled_from(["acme/chat", "acme/code"]), "sourceUri": st.sampled_from(SOURCE_URIS)},
        {"size": st.sampled_from(["1", "16Gi", "140G"]), "env": env()},
    )
    return st.lists(source, min_size=1, max_size=2)


@cache
def source_sizes() -> SearchStrategy[dict[str, int]]:
    """How many bytes are at some of the sources."""
    return st.dictionaries(st.sampled_from(SOURCE_URIS), st.sampled_from([1, 16 * 2**30]), max_size=len(SOURCE_URIS))


@cache
def gpu_models() -> SearchStrategy[str]:
    """Names of GPUs, in more than one spelling."""
    return st.sampled_from(GPU_MODELS)


@cache
def metrics() -> SearchStrategy[str]:
    """What a profile may optimise for."""
    return st.sampled_from([metric.value for metric in Metric])


@cache
def precisions() -> SearchStrategy[str]:
    """The number formats."""
    return st.sampled_from([precision.value for precision in Precision])


@cache
def template_types() -> SearchStrategy[str]:
    """How well tried a template may be."""
    return st.sampled_from([kind.value for kind in TemplateType])


@cache
def hardware() -> SearchStrategy[Json]:
    """GPUs, CPUs, or both; an explicit 0 now and then."""
    gpu = some_of(
        {},
        {
            "requests": st.integers(0, 8),
            "models": st.lists(gpu_models(), min_size=1, max_size=2, unique=True),
            "minVram": st.sampled_from(["64Gi", "192Gi", "1Ti"]),
            "resourceName": st.sampled_from(["amd.com/gpu", "nvidia.com/gpu", "acme.com/accelerator"]),
        },
    )
    cpu = st.sampled_from([{"requests": "1"}, {"requests": "500m", "limits": "4"}, {"requests": "2", "limits": "2"}])
    return st.one_of(
        gpu.map(lambda one: {"gpu": one}),
        cpu.map(lambda one: {"cpu": one}),
        st.builds(lambda one, other: {"gpu": one, "cpu": other}, gpu, cpu),
    )


@cache
def resources() -> SearchStrategy[Json]:
    """What one layer asks for: requests below their limits, and GPUs under more than one name."""
    claims = st.lists(
        some_of({"name": st.sampled_from(["gpu", "disk"])}, {"request": st.just("one")}),
        max_size=2,
        unique_by=lambda claim: str(claim["name"]),
    )
    low = st.dictionaries(
        st.sampled_from(["cpu", "memory", "amd.com/gpu", "nvidia.com/gpu"]), st.sampled_from(["1", "2"]), max_size=2
    )
    high = st.dictionaries(
        st.sampled_from(["cpu", "memory", "ephemeral-storage"]), st.sampled_from(["2", "4Gi"]), max_size=2
    )
    return some_of({}, {"requests": low, "limits": high, "claims": claims})
