"""`aimcore lock`: what images say now, written down."""

from __future__ import annotations

from aimcore.entrypoints.cli.asking import folders_or_registries, inputs_of, read, settings_of, troubles
from aimcore.entrypoints.cli.call import Call
from aimcore.entrypoints.cli.output import CommandFailed, Exit, answer, progress, remark
from aimcore.entrypoints.present.answers import Locked, Outcome
from aimcore.entrypoints.present.lock import lock_data, lock_outline
from aimcore.entrypoints.present.text import shown
from aimcore.entrypoints.wiring import UnwritableError, lock

__all__ = ["run"]


def run(call: Call) -> Exit:
    """Locks, prints what became of every image, and says how it ended."""
    inputs, settings, source = inputs_of(call), settings_of(call), folders_or_registries(call)
    try:
        with troubles(), progress() as tell:
            tell("reading manifests")
            taken = read(inputs, settings).taken
            found = lock(taken, settings, source=source, file=call.lock_file, check=call.check, progress=tell)
    except UnwritableError as error:
        raise CommandFailed(shown(error)) from error
    remark(found.problems, found.assumptions)
    answer(call.output, data=lambda: lock_data(found), outline=lambda: lock_outline(found))
    return _ending(found, check=call.check)


def _ending(found: Locked, *, check: bool) -> Exit:
    """What was wrong to begin with comes before what could not be read, and that before a file that is out of step."""
    if found.is_unsound:
        return Exit.WRONG_INPUT
    if any(one.outcome is Outcome.FAILED for one in found.images):
        return Exit.NOT_DONE
    return Exit.ILL if check and found.differs else Exit.WELL
