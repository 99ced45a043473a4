"""`aimcore rule`: what a rule says that a message names."""

from __future__ import annotations

import re
from collections.abc import Iterator
from difflib import get_close_matches
from pathlib import Path
from textwrap import fill
from typing import Final

import click

from aimcore.domain.errors import quoted
from aimcore.entrypoints.cli.call import Call
from aimcore.entrypoints.cli.output import CommandFailed, Exit, width

__all__ = ["numbers", "rules", "run"]

PLACES: Final = (Path(__file__).with_name("spec.md"), Path(__file__).parents[4] / "docs" / "spec.md")
"""Where the rules are: in a wheel beside this module, in a checkout among the pages."""
AHEAD: Final = " *[ahead]*"
"""What the page marks for its own readers: a comparison with the Go operator."""
NARROWEST: Final = 20
_RULE: Final = re.compile(r"^- \*\*(?P<name>[A-Z]+-\d+)\*\*\s")


def run(call: Call) -> Exit:
    """Prints what the rules of that name say."""
    there = dict(rules(_page()))
    asked = call.target.upper()
    found = [name for name in there if name == asked or name.startswith(f"{asked}-")]
    if not found:
        near = get_close_matches(asked, there, n=3)
        raise CommandFailed(
            f"there is no rule {quoted(call.target)}; "
            + (f"near are {', '.join(near)}" if near else "expected one such as SEL-2")
        )
    click.echo("\n".join(_lines(name, there[name].replace(AHEAD, "")) for name in found))
    return Exit.WELL


def _lines(name: str, text: str) -> str:
    return fill(f"{name}  {text}", max(width(), NARROWEST), subsequent_indent="  ", break_on_hyphens=False)


def numbers() -> list[str]:
    """The number of every rule, in the order of the page."""
    return [name for name, _ in rules(_page())]


def rules(page: str) -> Iterator[tuple[str, str]]:
    r"""Every rule of the page with its text, on one line each.

    >>> list(rules("- **A-1** One\n  and *more*.\n\ntext\n- **A-2** Two."))
    [('A-1', 'One and *more*.'), ('A-2', 'Two.')]
    """
    name, words = "", list[str]()
    for line in (*page.splitlines(), ""):
        begins = _RULE.match(line)
        if name and (begins or not line.startswith("  ")):
            yield name, " ".join(words)
            name, words = "", []
        if begins:
            name, words = begins["name"], [line[begins.end() :].strip()]
        elif name:
            words.append(line.strip())


def _page() -> str:
    for place in PLACES:
        if place.is_file():
            return place.read_text(encoding="utf-8")
    raise CommandFailed("the rules are not installed with this package; they are in docs/spec.md of its sources")
