"""A call becomes inputs, settings and a source of images, and a plan: what the commands have in common."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import click

from aimcore.domain.errors import ParseError
from aimcore.entrypoints.cli.call import Call
from aimcore.entrypoints.cli.output import CommandFailed, WrongFile, progress
from aimcore.entrypoints.library.catalogue import Catalogue
from aimcore.entrypoints.library.planning import plan
from aimcore.entrypoints.loop import NotSettledError
from aimcore.entrypoints.present.answers import Planned
from aimcore.entrypoints.settings import Registries, Settings
from aimcore.entrypoints.wiring import Folders, Inputs, LockError, LockFile, Online, SetupError, Source, take_in

__all__ = [
    "NO_MANIFESTS",
    "folders_or_registries",
    "inputs_of",
    "planned",
    "read",
    "settings_of",
    "source_of",
    "troubles",
]

REGISTRY_FLAGS: Final = {
    "--registry-config": "registry_config",
    "--plain-http": "plain_http",
    "--allow-host": "allow_host",
    "--refuse-private": "refuse_private",
    "--token-service": "token_service",
    "--ca": "ca",
    "--platform": "platform",
}


NO_MANIFESTS: Final = "no manifests: name a file, a folder, or - for standard input"


def inputs_of(call: Call) -> Inputs:
    """The inputs that were named; at least one is asked for."""
    if not call.paths and not call.files:
        raise click.UsageError(NO_MANIFESTS)
    return Inputs(
        paths=(*call.paths, *call.files), recursive=call.recursive, ignore=call.ignore, stdin=sys.stdin.buffer
    )


def settings_of(call: Call) -> Settings:
    """The settings of the call and the environment."""
    with troubles():
        return Settings.of(
            os.environ,
            strict=call.strict,
            namespace=call.namespace,
            creation_scope_from=call.creation_scope_from,
            workloads=call.workloads,
            default_resources=call.default_resources,
        )


def source_of(call: Call) -> Source | None:
    """Where a plan reads images, None for nowhere."""
    given = [
        flag for flag, said in (("--images", call.images), ("--locked", call.locked), ("--online", call.online)) if said
    ]
    if len(given) > 1:
        raise click.UsageError(f"{' and '.join(given)} exclude each other: images are read in one place")
    if call.online:
        return folders_or_registries(call)
    _silent(call, "pass --online too")
    if call.locked:
        return LockFile(file=call.locked)
    return Folders(folders=call.images) if call.images else None


def folders_or_registries(call: Call) -> Folders | Online:
    """The folders that were named, else the registries."""
    if call.images:
        _silent(call, "leave out --images")
        return Folders(folders=call.images)
    with troubles():
        registries = Registries.of(
            os.environ,
            plain_http=call.plain_http,
            allow_hosts=call.allow_host,
            refuse_private=call.refuse_private,
            ca_file=call.ca,
            token_services=call.token_service,
            config_file=call.registry_config,
            platform=call.platform,
        )
    return Online(registries=registries)


def _silent(call: Call, instead: str) -> None:
    """Refuses flags for registries in a call that asks none: whoever gives them would think that they count."""
    for flag, name in REGISTRY_FLAGS.items():
        if getattr(call, name):
            raise click.UsageError(f"{flag} speaks of registries, and none is asked: {instead}")


def planned(call: Call, settings: Settings) -> Planned:
    """The settled plan of what was named."""
    inputs, source = inputs_of(call), source_of(call)
    with troubles(), progress() as tell:
        tell("reading manifests")
        return plan(read(inputs, settings), settings=settings, images=source, progress=tell)


def read(inputs: Inputs, settings: Settings) -> Catalogue:
    """The catalogue of what was named."""
    return Catalogue(taken=take_in(inputs, settings.namespace))


@contextmanager
def troubles() -> Iterator[None]:
    """What keeps a call from being answered, as an error with its exit code."""
    try:
        yield
    except (ParseError, SetupError) as error:
        if isinstance(error.__cause__, ModuleNotFoundError):  # which is no fault of the call
            raise CommandFailed(str(error)) from error
        raise click.UsageError(str(error)) from error
    except LockError as error:
        raise WrongFile(error.problems) from error
    except NotSettledError as error:
        raise CommandFailed(str(error)) from error
