"""Answers to standard output, what else is to be said to standard error, and how it ended as an exit code."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from enum import IntEnum
from typing import IO, Any

import click

from aimcore.entrypoints.present.answers import Problem, problem_line
from aimcore.entrypoints.present.data import json_text, yaml_text
from aimcore.entrypoints.present.outline import Section, plain_text
from aimcore.entrypoints.present.text import shown

__all__ = ["CommandFailed", "Exit", "WrongFile", "answer", "progress", "remark", "width"]


UNWRAPPED = 10**6
"""Columns; wider than any line."""


class Exit(IntEnum):
    """How a command ended."""

    WELL = 0
    NOT_DONE = 1
    WRONG_INPUT = 2
    ILL = 3


class CommandFailed(click.ClickException):
    """It could not be done; the message says why."""

    exit_code = Exit.NOT_DONE


class WrongFile(click.ClickException):
    """A file that everything else rests on is wrong; each of its problems is told on a line."""

    exit_code = Exit.WRONG_INPUT

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__("\n".join(map(problem_line, problems)))

    def show(self, file: IO[Any] | None = None) -> None:
        """Tells the problems as those of manifests are told."""
        click.echo(self.message, file=file, err=True)


def answer(form: str, *, data: Callable[[], object], outline: Callable[[], Iterable[Section]]) -> None:
    """Prints the answer as a table, JSON or YAML; only the form that is asked for is worked out."""
    match form:
        case "json":
            click.echo(json_text(data()), nl=False)
        case "yaml":
            click.echo(yaml_text(data()), nl=False)
        case _:
            _table(outline())


def width() -> int:
    """How many columns a line may have: in a pipe any number, for grep and the like, unless the caller says how many."""
    return shutil.get_terminal_size().columns if sys.stdout.isatty() or os.environ.get("COLUMNS") else UNWRAPPED


def _table(sections: Iterable[Section]) -> None:
    if sys.stdout.isatty() and os.environ.get("TERM") != "dumb":
        from aimcore.entrypoints.present.terminal import print_outline  # noqa: PLC0415 - rich, for people only

        print_outline(sections, width(), coloured=not os.environ.get("NO_COLOR"))
    else:
        click.echo(plain_text(sections, width()))


def remark(problems: Iterable[Problem], assumptions: Iterable[str] = ()) -> None:
    """Tells problems and assumptions on standard error, one line each."""
    for problem in problems:
        click.echo(problem_line(problem), err=True)
    for assumption in assumptions:
        click.echo(f"note: {shown(assumption)}", err=True)


@contextmanager
def progress() -> Iterator[Callable[[str], None]]:
    """A function that says on a terminal's standard error what is being done; the line is gone at the end."""
    if not sys.stderr.isatty():
        yield lambda _doing: None
        return
    said = []

    def tell(doing: str) -> None:
        said.append(doing)
        # A line that is longer than the terminal would stay behind.
        click.echo(f"\r\x1b[2K{shown(doing)[: _narrow()]} ...", err=True, nl=False)

    try:
        yield tell
    finally:
        if said:
            click.echo("\r\x1b[2K", err=True, nl=False)


def _narrow() -> int:
    """How many columns of a progress line fit beside its dots."""
    return max(shutil.get_terminal_size().columns - len(" ... "), 1)
