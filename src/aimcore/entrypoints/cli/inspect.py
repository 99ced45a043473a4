"""`aimcore inspect`: what an image says of itself, and what a model of it would make of that."""

from __future__ import annotations

from aimcore.entrypoints.cli.asking import folders_or_registries, troubles
from aimcore.entrypoints.cli.call import Call
from aimcore.entrypoints.cli.output import CommandFailed, Exit, answer
from aimcore.entrypoints.present.answers import Unread
from aimcore.entrypoints.present.image import image_data, image_outline
from aimcore.entrypoints.present.text import shown
from aimcore.entrypoints.wiring import inspect

__all__ = ["run"]


def run(call: Call) -> Exit:
    """Reads the image, prints what it says, and says whether a model of it would be well."""
    with troubles():
        found = inspect(call.target, source=folders_or_registries(call), model=call.model)
    if isinstance(found, Unread):
        raise CommandFailed(shown(f"{found.cause}: {found.message}"))
    answer(call.output, data=lambda: image_data(found), outline=lambda: image_outline(found))
    return Exit.ILL if found.failure else Exit.WELL
