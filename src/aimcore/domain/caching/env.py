"""The environment of a download: what each source is read with, by reference, under a name of its own in the Job (CACHE-10)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from aimcore.domain.serving.bodies import Body
from aimcore.domain.serving.env import env_body
from aimcore.domain.serving.inputs import EnvLayers
from aimcore.domain.values.layering import Layer, Layered, layer_of, stack
from aimcore.domain.weights.sources import VARIABLES, EnvVar, ModelSource, SecretKeyRef

__all__ = ["PROXIES", "SourceEnv", "job_env", "secrets_of", "source_env"]

PROXIES: Final = ("HTTPS_PROXY", "NO_PROXY")
"""What holds for the whole process."""

SourceEnv = Mapping[str, Layered[EnvVar]]
"""What of the environment a source is read with, each variable with the layer that says it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _JobEnv:
    """`body` is the container's `env`; `names` has, for each source, pairs of a variable and the one of the container."""

    body: tuple[Body, ...]
    names: tuple[tuple[tuple[str, str], ...], ...]


def source_env(source: ModelSource, layers: EnvLayers) -> SourceEnv:
    """Of the source's own environment, and below it that of `layers` (strongest first), what a download looks at."""
    heard = VARIABLES.get(source.source_uri.partition("://")[0], frozenset()) | set(PROXIES)
    everything = ((Layer.SOURCE, source.env), *layers)
    return stack(*(layer_of(layer, {one.name: one for one in each if one.name in heard}) for layer, each in everything))


def job_env(sources: tuple[SourceEnv, ...]) -> _JobEnv:
    """The environment of the Job's container: `S0_HF_TOKEN` is the HF_TOKEN of the first source. Of two proxies the first counts."""
    body: dict[str, Body] = {}
    names: list[tuple[tuple[str, str], ...]] = []
    for place, env in enumerate(sources):
        pairs: list[tuple[str, str]] = []
        for name, (entry,) in ((name, env_body({name: one})) for name, one in sorted(env.items())):
            if name in PROXIES:
                body.setdefault(name, entry)
            else:
                pairs.append((name, f"S{place}_{name}"))
                body[f"S{place}_{name}"] = {**entry, "name": f"S{place}_{name}"}
        names.append(tuple(pairs))
    return _JobEnv(body=tuple(body.values()), names=tuple(names))


def secrets_of(sources: tuple[SourceEnv, ...]) -> tuple[str, ...]:
    """The names of the secrets that a download cannot begin without, sorted."""
    return tuple(sorted(set(_required(sources))))


def _required(sources: tuple[SourceEnv, ...]) -> Iterator[str]:
    for env in sources:
        for one in env.values():
            origin = one.value.value_from
            if isinstance(origin, SecretKeyRef) and not origin.optional:
                yield origin.name
