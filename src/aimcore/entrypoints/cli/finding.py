"""`service/chat` on the command line: the object it means, or an error that says what to type instead."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import click

from aimcore.domain.errors import ParseError
from aimcore.entrypoints.cli.output import CommandFailed
from aimcore.entrypoints.library.finding import NotThereError, SeveralError

__all__ = ["finding"]


@contextmanager
def finding() -> Iterator[None]:
    """What keeps an object from being found, as an error with its exit code."""
    try:
        yield
    except ParseError as error:
        raise click.UsageError(str(error)) from error
    except SeveralError as error:
        there = ", ".join(map(str, error.keys))
        raise click.UsageError(
            f"there are several: {there}; pass -n NAMESPACE, or clustermodel/NAME for that of the cluster"
        ) from error
    except NotThereError as error:
        raise CommandFailed(str(error)) from error
