"""`aimcore inspect`: what an image says of itself, and what a model of it would make of that."""

from __future__ import annotations

import click

from aimcore.domain.errors import ParseError
from aimcore.entrypoints.cli.call import Call
from aimcore.entrypoints.cli.output import Exit, Fruitless, answer
from aimcore.entrypoints.present.answers import Unread
from aimcore.entrypoints.present.image import image_data, image_outline
from aimcore.entrypoints.present.text import shown
from aimcore.entrypoints.wiring import inspect

__all__ = ["run"]


def run(call: Call) -> Exit:
    """Reads the image, prints what it says, and says whether a model of it would be well."""
    if not call.images:
        raise click.UsageError("no images: pass --images DIR, a folder with images in an OCI layout")
    try:
        found = inspect(call.target, folders=call.images, model=call.model)
    except ParseError as error:
        raise click.UsageError(str(error)) from error
    if isinstance(found, Unread):
        raise Fruitless(shown(found.message))
    answer(call.output, data=lambda: image_data(found), outline=lambda: image_outline(found))
    return Exit.ILL if found.failure else Exit.WELL
