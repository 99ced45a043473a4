"""The environment of sources on the command line: what --env names, and nothing else (SEC-2)."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator

import click

from aimcore.domain.errors import quoted
from aimcore.domain.weights.sources import VARIABLES

__all__ = ["variables_of"]


def variables_of(said: Iterable[str]) -> dict[str, str]:
    """Each `NAME=VALUE`, and each `NAME` with the caller's own value; of those alone that sources are read with (SEC-2)."""
    return dict(_variables(said))


def _variables(said: Iterable[str]) -> Iterator[tuple[str, str]]:
    known = sorted(name for names in VARIABLES.values() for name in names)
    for text in said:
        name, given, value = text.partition("=")
        if name not in known:
            raise click.UsageError(f"no source is read with variable {quoted(name)}; expected {', '.join(known)}")
        if not given and name not in os.environ:
            raise click.UsageError(f"variable {name} has no value here; pass --env {name}=VALUE, or set it")
        yield name, value if given else os.environ[name]
