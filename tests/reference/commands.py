"""The commands and their options, the settings and exit codes, as the command line declares them."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

import click

from aimcore.domain.weights.outcome import FetchExit
from aimcore.entrypoints.cli.commands import aimcore
from aimcore.entrypoints.cli.commands_on_clusters import operator
from aimcore.entrypoints.settings import Settings
from tests.reference.pages import code, page, plain, table

__all__ = ["commands", "commands_text", "exits_text", "settings_text", "variables"]

_VARIABLE = re.compile(r"\s*\[env: (AIM_\w+)\]")
_DEFAULT = re.compile(r"\s*\(else: (.*?)\)")
_ENDS = re.compile(r"(?:It )?(?:[Ee]xits|[Ee]xit codes|Ends with)\b.*?(?:\.(?=\s|$)|$)", re.DOTALL)


class Asked(NamedTuple):
    """One option: how it is spelt, the variable that says the same, what it means, and what counts without it."""

    spelt: str
    variable: str
    told: str
    default: str


def variables() -> Mapping[str, str]:
    """Every AIM_* variable that the operator reads, with what it means."""
    return {one.variable: one.told for one in _settings() if one.variable}


def _settings() -> Iterator[Asked]:
    yield from _asked(operator)
    yield Asked("", "AIM_BASE_IMAGE", "What custom models run in that name no image.", Settings().base_image)
    yield Asked(
        "", "AIM_DOWNLOAD_IMAGE", "The image of Jobs that download weights; the chart names its own.", "no downloads"
    )
    yield Asked("", "AIM_JOB_IDS", "Whether these Jobs run as user and group 65532.", "on")


def commands_text() -> str:
    """The page of the commands."""
    parts = [
        "Every command with its arguments and options. [The command line](../cli.md) shows them at work.",
        _help(aimcore),
        "Every command has `--help`. [Exit codes](exit-codes.md) are on a page of their own.",
    ]
    for name, command in commands():
        parts += [f"## aimcore {name}", _help(command), f"```text\n{_usage(name, command)}\n```"]
        if rows := list(_rows(_asked(command))):
            parts.append(table(("option", "variable", "means", "else"), rows))
    return page("Commands", *parts)


def commands(group: click.Group = aimcore, above: str = "") -> Iterator[tuple[str, click.Command]]:
    """Every command by its full name, and below a group those of the group."""
    for name, command in sorted(group.commands.items()):
        yield f"{above}{name}", command
        if isinstance(command, click.Group):
            yield from commands(command, f"{above}{name} ")


def _context(name: str, command: click.Command) -> click.Context:
    return click.Context(command, info_name=f"aimcore {name}")


def _usage(name: str, command: click.Command) -> str:
    return f"aimcore {name} {' '.join(command.collect_usage_pieces(_context(name, command)))}"


def _help(command: click.Command) -> str:
    return inspect.cleandoc(command.help or "")


def _asked(command: click.Command) -> Iterator[Asked]:
    for option in command.params:
        if isinstance(option, click.Option):
            takes = "" if option.is_flag else f" {option.make_metavar(click.Context(command))}"
            *short, long = option.opts
            spelt = ", ".join(code(name) for name in (*short, f"{long}{takes}", *option.secondary_opts))
            text = option.help or ""
            variable, default = _VARIABLE.search(text), _DEFAULT.search(text)
            shown = str(option.default) if option.show_default else ""
            told = plain(_DEFAULT.sub("", _VARIABLE.sub("", text)))
            yield Asked(spelt, variable[1] if variable else "", told, default[1] if default else shown)


def _rows(asked: Iterable[Asked]) -> Iterator[tuple[str, ...]]:
    for one in asked:
        yield one.spelt, code(one.variable), one.told, one.default


def settings_text() -> str:
    """The page of the operator's settings."""
    return page(
        "Settings of the operator",
        "Flags of `aimcore operator`, and the variables that say the same; a flag comes before its variable, and an empty "
        "variable counts as unset. In [the chart](values.md) the variables stand under `settings`.",
        table(("flag", "variable", "means", "else"), _rows(_settings())),
    )


def exits_text() -> str:
    """The page of exit codes."""
    rows = [
        (code(f"aimcore {name}"), " ".join(_ENDS.findall(_help(command))).replace("\n", " "))
        for name, command in commands()
        if _ENDS.search(_help(command))
    ]
    return page(
        "Exit codes",
        table(
            ("code", "means"),
            (
                ("0", "All is well."),
                ("1", "It could not be done; standard error says why."),
                ("2", "The call or a manifest is wrong."),
                ("3", "Something is Failed or Degraded, or a lock file is out of step."),
            ),
        ),
        "What single commands say of their own:",
        table(("command", "says"), rows),
        "A download ends with a code of its own, which the Job of the operator reads too (rule FETCH-6): "
        + ", ".join(f"{one.value} {one.name.lower().replace('_', ' ')}" for one in FetchExit)
        + ".",
    )
