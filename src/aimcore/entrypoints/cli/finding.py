"""`service/chat` or `service chat` on the command line: the object it means, or an error that says what to type instead."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import click

from aimcore.domain.errors import ParseError
from aimcore.entrypoints.cli.output import CommandFailed
from aimcore.entrypoints.library.finding import NotThereError, SeveralError, Target, parse_target

__all__ = ["finding", "target_of"]


def target_of(words: Sequence[str]) -> Target:
    """The target of `TYPE/NAME`, or of `TYPE NAME`, as for kubectl."""
    with finding():
        if len(words) > 2 or (len(words) == 2 and any("/" in word for word in words)):
            raise click.UsageError(f"one thing at a time; expected TYPE/NAME or TYPE NAME, found {' '.join(words)}")
        return parse_target("/".join(words))


@contextmanager
def finding() -> Iterator[None]:
    """What keeps an object from being found, as an error with its exit code."""
    try:
        yield
    except ParseError as error:
        raise click.UsageError(str(error)) from error
    except SeveralError as error:
        there = ", ".join(map(str, error.keys))
        word = error.keys[0].kind.word.lower()
        of_cluster = f", or cluster{word}/NAME for that of the cluster" if error.keys[0].kind.has_twin else ""
        raise click.UsageError(f"there are several: {there}; pass -n NAMESPACE{of_cluster}") from error
    except NotThereError as error:
        raise CommandFailed(str(error)) from error
