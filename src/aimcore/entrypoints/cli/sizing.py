"""`aimcore size`: how big sources are."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator

import click

from aimcore.domain.decide.sizing import VARIABLES
from aimcore.domain.errors import quoted
from aimcore.entrypoints.cli.asking import troubles
from aimcore.entrypoints.cli.call import Call
from aimcore.entrypoints.cli.output import CommandFailed, Exit, answer, progress
from aimcore.entrypoints.present.sizes import sizes_data, sizes_outline
from aimcore.entrypoints.settings import Registries

__all__ = ["run"]


def run(call: Call) -> Exit:
    """Asks the hosts of all sources, prints what they answer, and says whether every size is known."""
    environment = dict(_variables(call.env))
    try:
        from aimcore.entrypoints.wiring.weighing import weigh  # noqa: PLC0415 - urllib3, for those who go online
    except ModuleNotFoundError as error:
        raise CommandFailed(f"package {error.name} is missing: pip install 'aimcore[cli,hf,s3]' brings it") from error
    with troubles(), progress() as tell:
        registries = Registries.of(os.environ, ca_file=call.ca)
        found = weigh(call.uris, environment=environment, endpoint=call.endpoint, registries=registries, progress=tell)
    answer(call.output, data=lambda: sizes_data(found), outline=lambda: sizes_outline(found))
    return Exit.WELL if found.is_whole else Exit.NOT_DONE


def _variables(said: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Each `NAME=VALUE`, and each `NAME` with the caller's own value; of those alone that sources are read with (SEC-2)."""
    known = sorted(name for names in VARIABLES.values() for name in names)
    for text in said:
        name, given, value = text.partition("=")
        if name not in known:
            raise click.UsageError(f"no source is read with variable {quoted(name)}; expected {', '.join(known)}")
        if not given and name not in os.environ:
            raise click.UsageError(f"variable {name} has no value here; pass --env {name}=VALUE, or set it")
        yield name, value if given else os.environ[name]
