"""Names use the words of the field: the words that this project once had of its own do not come back."""

from __future__ import annotations

import re
import tokenize
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FILES = sorted(path for folder in ("src", "tests") for path in (ROOT / folder).rglob("*.py"))
PAGES = sorted([*(ROOT / "docs").glob("*.md"), *ROOT.glob("*.md")])

INSTEAD = {
    "waking": "dependency tracker",
    "woken": "enqueued, affected",
    "minds": "in scope",
    "sights": "index keys",
    "teller": "event recorder",
    "tally": "counters",
    "census": "object counts",
    "unkept": "dropped fields",
    "grave": "tombstone",
    "graves": "tombstones",
    "upkeep": "diff",
    "belongings": "owned children",
    "offspring": "owned children",
    "withheld": "forbidden",
    "rehearsal": "dry run",
    "inquiry": "question",
    "inquiries": "questions",
    "flights": "single flight",
    "garbled": "protocol error",
    "fruitless": "command failed",
    "honesty": "status laws",
    "disorder": "interleavings",
    "teeth": "planted bugs",
    "shelf": "allow-list",
    "unsure": "unknown",
    "excuse": "mark forbidden",
    "histories": "simulations",
    "stories": "scenarios",
}
"""Words that no name has in any part of it, and what to say instead."""
NAMES = {
    "Standing": "ReadView",
    "Lines": "WatchStream",
    "Pace": "Backoff",
    "Waits": "Timeouts",
    "Trouble": "ReadWarning",
    "Several": "Ambiguous",
    "Taken": "NameConflict",
    "Tries": "WriteAttempts",
    "Patience": "RetryPolicy",
    "Judge": "Context",
    "Front": "ApiServer",
}
"""Names that are ordinary words elsewhere, and are no names of classes here."""
IN_PROSE = frozenset({"woken", "census", "rehearsal", "offspring", "inquiries", "upkeep", "unkept", "teller"})
"""Of the words above those that pages have no ordinary use for."""

PART = re.compile(r"[A-Z]?[a-z0-9]+|[A-Z]+(?![a-z])")


def names(path: Path) -> Iterator[tuple[int, str]]:
    with path.open("rb") as file:
        for token in tokenize.tokenize(file.readline):
            if token.type == tokenize.NAME:
                yield token.start[0], token.string


def retired(name: str) -> str | None:
    """What to say instead of a name; None where it is fine."""
    if name in NAMES:
        return NAMES[name]
    return next((INSTEAD[part] for part in map(str.lower, PART.findall(name)) if part in INSTEAD), None)


def test_no_name_uses_a_retired_word() -> None:
    found = [
        f"{path.relative_to(ROOT)}:{line}: {name}; say {instead}"
        for path in FILES
        if path != Path(__file__)
        for line, name in names(path)
        if (instead := retired(name)) is not None
    ]
    assert found == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_no_page_uses_a_retired_word(page: Path) -> None:
    words = set(re.findall(r"[a-z]+", page.read_text(encoding="utf-8").lower()))
    assert words & IN_PROSE == set()


def test_no_rule_reads_a_message() -> None:
    """What a person reads is written for people: a decision takes its facts from fields (docs/decisions/0014)."""
    reads = re.compile(
        r"message\.(split|partition|rpartition|startswith|endswith|removeprefix|removesuffix|find|index)\b"
    )
    found = [
        f"{path.relative_to(ROOT)}:{number}: {line.strip()}"
        for path in FILES
        if path.is_relative_to(ROOT / "src/aimcore/domain")
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if reads.search(line)
    ]
    assert found == []


@pytest.mark.parametrize("name", ["_belongings", "CENSUS_EVERY", "Waits", "test_what_is_withheld"])
def test_the_lint_sees_what_it_should(name: str) -> None:
    assert retired(name) is not None
