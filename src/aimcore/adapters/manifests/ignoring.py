"""Which files are not looked at: the lines of `.aimcoreignore`, and patterns that were given.

The rules are the common ones of gitignore. A pattern without a slash names files and folders at any depth, one with a slash
counts from its base, `*`, `?` and `[a-z]` stay within one name, `**` is any number of folders, a slash at the end means
folders only, `!` takes back what an earlier line named, and the last line that matches decides. What lies in an ignored
folder cannot be taken back.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path, PurePath
from typing import Final

from aimcore.adapters.manifests.files import UnreadableError, read_file

__all__ = ["Ignored", "Rule", "ignored_below", "parse_rules"]

NAME: Final = ".aimcoreignore"
BYTES_AT_MOST: Final = 2**16
ANY: Final = "**"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One pattern, taken apart at its slashes; `base` is the folder from which it counts."""

    base: Path
    parts: tuple[str, ...]
    folders_only: bool
    takes_back: bool


@dataclass(frozen=True, slots=True)
class Ignored:
    """The rules that count, in the order in which they were given."""

    rules: tuple[Rule, ...] = ()

    def hides(self, path: os.PathLike[str], *, folder: bool = False) -> bool:
        """Whether a file, or a folder with all that is in it, is not looked at."""
        if not self.rules:
            return False
        full = PurePath(os.path.abspath(path))  # noqa: PTH100 - Path.resolve follows links, and a pattern names what is written
        above = reversed(full.parents)
        return any(self._names(one, folder=True) for one in above) or self._names(full, folder=folder)

    def _names(self, path: PurePath, *, folder: bool) -> bool:
        for rule in reversed(self.rules):
            counts = (folder or not rule.folders_only) and path != rule.base and path.is_relative_to(rule.base)
            if counts and _match(rule.parts, path.relative_to(rule.base).parts):
                return not rule.takes_back
        return False


def ignored_below(path: Path, patterns: Sequence[str]) -> Ignored:
    """What is not looked at of a path: what the `.aimcoreignore` of the working directory says, that of the path itself
    where it is a folder, and the patterns, which count from both.
    """
    folders = dict.fromkeys((Path.cwd(), *((Path(os.path.abspath(path)),) if path.is_dir() else ())))  # noqa: PTH100 - as above
    read = (rule for folder in folders for rule in _rules_in(folder))
    given = (rule for folder in folders for rule in parse_rules(patterns, folder))
    return Ignored((*read, *given))


def _rules_in(folder: Path) -> tuple[Rule, ...]:
    """The rules of the `.aimcoreignore` in a folder, none where there is none; UnreadableError where it cannot be read."""
    file = folder / NAME
    if not file.is_file():
        return ()
    try:
        text = read_file(file, BYTES_AT_MOST, set(), named=False).decode()
    except UnicodeDecodeError as error:
        raise UnreadableError(str(file), "is not UTF-8; expected one pattern a line") from error
    return tuple(parse_rules(text.splitlines(), folder))


def parse_rules(lines: Iterable[str], folder: Path) -> Iterator[Rule]:
    """The rules of lines that count from a folder; empty lines and those that begin with `#` are none."""
    base = Path(os.path.abspath(folder))  # noqa: PTH100 - as above
    for line in lines:
        text = line.rstrip()
        if not text or text.startswith("#"):
            continue
        pattern = text.removeprefix("!")
        parts = tuple(part for part in pattern.split("/") if part not in ("", "."))
        if not parts:
            continue
        anchored = "/" in pattern.rstrip("/")
        yield Rule(
            base=base,
            parts=parts if anchored else (ANY, *parts),
            folders_only=pattern.endswith("/"),
            takes_back=pattern != text,
        )


def _match(pattern: Sequence[str], path: Sequence[str]) -> bool:
    """Whether the pattern describes the path as a whole; each of its parts is tried once at each place."""
    reached = {0}
    for number, part in enumerate(pattern):
        if part == ANY:
            # At the end it is what is below a folder, not the folder.
            begins = min(reached) + (number == len(pattern) - 1)
            reached = set(range(begins, len(path) + 1))
        else:
            reached = {at + 1 for at in reached if at < len(path) and fnmatchcase(path[at], part)}
        if not reached:
            return False
    return len(path) in reached
