"""Load a catalogue: the manifests of files, texts and mappings, or everything that stands on a cluster."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from aimcore.entrypoints.present.answers import Problem
from aimcore.entrypoints.wiring import Inputs, Manifests, SetupError, take_in

if TYPE_CHECKING:
    from aimcore.entrypoints.wiring.live import Live

__all__ = ["Catalogue", "Cluster", "Text", "catalogue_of", "load"]

STDIN = "-"


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    """YAML or JSON that the caller has; `name` is what problems call it in place of a file."""

    content: str
    name: str = "text"


@dataclass(frozen=True, slots=True, kw_only=True)
class Cluster:
    """A cluster: which kubeconfig and context, as kubectl takes them; `namespace` is the one to read, None for all."""

    kubeconfig: str | None = None
    context: str | None = None
    namespace: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Catalogue:
    """Manifests that a cluster would take, and the problems of those it would not.

    `manifests` holds one of each name, as `kubectl apply` would place it. `problems` tells file, line, column and `$.path` of
    everything wrong; those that are a `warning` refuse nothing. `notes` says what of a cluster could not be read.
    """

    taken: Manifests = field(repr=False)
    live: Live | None = field(default=None, repr=False)

    @property
    def manifests(self) -> tuple[Mapping[str, Any], ...]:
        """The manifests, in the order they were read."""
        return self.taken.manifests

    @property
    def problems(self) -> tuple[Problem, ...]:
        """Everything wrong, by file and line."""
        return self.taken.problems

    @property
    def notes(self) -> tuple[str, ...]:
        """What of a cluster could not be read, and why."""
        return () if self.live is None else self.live.notes

    @property
    def is_sound(self) -> bool:
        """Whether there is no problem but warnings."""
        return all(problem.warning for problem in self.problems)


def load(
    *sources: str | os.PathLike[str] | Mapping[str, Any] | Text | Cluster,
    recursive: bool = False,
    namespace: str | None = None,
) -> Catalogue:
    """The catalogue of these sources: paths of files and folders, `-` for standard input, `Text`s, and manifests as mappings.

    A folder counts with its `.yaml`, `.yml` and `.json` files, with those of its sub-folders if `recursive`. Manifests that
    name no namespace go to `namespace` (else `default`). What is wrong with a manifest is a problem of the catalogue, never an
    exception. A `Cluster` stands alone: everything that can be read there is the catalogue.

    Raises `TypeError` for a mapping that JSON cannot hold, `ValueError` for a `Cluster` beside other sources, `SetupError` where
    a package is missing, and a `PortError` where the cluster cannot be read.
    """
    clusters = [one for one in sources if isinstance(one, Cluster)]
    if clusters:
        if len(sources) > 1:
            raise ValueError("a Cluster stands alone among the sources; load the others apart, and compare with diff")
        return _cluster(clusters[0])
    paths = tuple(os.fspath(one) for one in sources if isinstance(one, str | os.PathLike))
    texts = (_text(number, one) for number, one in enumerate(sources) if isinstance(one, Text | Mapping))
    inputs = Inputs(paths=paths, texts=tuple(texts), recursive=recursive)
    if STDIN in paths:
        inputs = Inputs(paths=paths, texts=inputs.texts, recursive=recursive, stdin=sys.stdin.buffer)
    try:
        return Catalogue(taken=take_in(inputs, namespace))
    except ModuleNotFoundError as error:
        raise SetupError(f"package {error.name} is missing: pip install 'aimcore[cli]' brings it") from error


def catalogue_of(live: Live) -> Catalogue:
    """The catalogue of what stands on a cluster."""
    taken = Manifests(
        namespace=None,
        manifests=live.manifests,
        problems=(),
        documents=len(live.manifests),
        files=(),
        placeless=0,
    )
    return Catalogue(taken=taken, live=live)


def _cluster(cluster: Cluster) -> Catalogue:
    try:
        from aimcore.entrypoints.wiring.live import look  # noqa: PLC0415 - with a package that files never need
    except ModuleNotFoundError as error:
        raise SetupError(f"package {error.name} is missing: pip install 'aimcore[kubernetes]' brings it") from error
    live = look(kubeconfig=cluster.kubeconfig, context=cluster.context, namespace=cluster.namespace)
    return catalogue_of(live)


def _text(number: int, source: Text | Mapping[str, Any]) -> tuple[str, bytes]:
    """The bytes of a text or of a mapping, and what problems call it."""
    if isinstance(source, Text):
        return source.name, source.content.encode("utf-8", "surrogatepass")
    return f"manifest {number}", json.dumps(source).encode()
