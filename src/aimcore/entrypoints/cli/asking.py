"""A call becomes inputs and settings, and a plan: what `plan` and `explain` have in common."""

from __future__ import annotations

import os
import sys

import click

from aimcore.domain.errors import ParseError
from aimcore.entrypoints.cli.call import Call
from aimcore.entrypoints.cli.output import Fruitless, progress
from aimcore.entrypoints.loop import NotSettledError
from aimcore.entrypoints.present.answers import Planned
from aimcore.entrypoints.settings import Settings
from aimcore.entrypoints.wiring import Inputs, plan

__all__ = ["inputs_of", "planned", "settings_of"]


def inputs_of(call: Call) -> Inputs:
    """The inputs that were named; at least one is asked for."""
    if not call.paths and not call.files:
        raise click.UsageError("no manifests: name a file, a folder, or - for standard input")
    return Inputs(paths=(*call.paths, *call.files), recursive=call.recursive, stdin=sys.stdin.buffer)


def settings_of(call: Call) -> Settings:
    """The settings of the call and the environment."""
    try:
        return Settings.of(
            os.environ,
            strict=call.strict,
            namespace=call.namespace,
            creation_scope_from=call.creation_scope_from,
        )
    except ParseError as error:
        raise click.UsageError(str(error)) from error


def planned(call: Call, settings: Settings) -> Planned:
    """The settled plan of what was named."""
    inputs = inputs_of(call)
    try:
        with progress() as tell:
            return plan(inputs, settings, images=call.images, progress=tell)
    except NotSettledError as error:
        raise Fruitless(str(error)) from error
