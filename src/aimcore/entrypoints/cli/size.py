"""`aimcore size`: how big sources are."""

from __future__ import annotations

import os

from aimcore.domain.weights.filter import parse_filter
from aimcore.entrypoints.cli.asking import troubles
from aimcore.entrypoints.cli.call import Call
from aimcore.entrypoints.cli.output import CommandFailed, Exit, answer, progress
from aimcore.entrypoints.cli.variables import variables_of
from aimcore.entrypoints.present.sizes import sizes_data, sizes_outline
from aimcore.entrypoints.settings import Registries

__all__ = ["run"]


def run(call: Call) -> Exit:
    """Asks the hosts of all sources, prints what they answer, and says whether every size is known."""
    environment = variables_of(call.env)
    try:
        from aimcore.entrypoints.wiring.weighing import weigh  # noqa: PLC0415 - urllib3, for those who go online
    except ModuleNotFoundError as error:
        raise CommandFailed(f"package {error.name} is missing: pip install 'aimcore[cli,hf,s3]' brings it") from error
    with troubles(), progress() as tell:
        registries = Registries.of(os.environ, ca_file=call.ca)
        found = weigh(
            call.uris,
            environment=environment,
            endpoint=call.endpoint,
            registries=registries,
            by=parse_filter(call.include, call.exclude),
            progress=tell,
        )
    answer(call.output, data=lambda: sizes_data(found), outline=lambda: sizes_outline(found))
    return Exit.WELL if found.is_whole else Exit.NOT_DONE
