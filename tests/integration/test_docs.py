"""What the documentation shows is what happens: its Python runs, and its commands print what stands below them.

A `python` block runs, the blocks of one page in one namespace; prompts in it are checked as doctests. A `console` block is a
transcript: `$ ` and a command for the shell, run at the root of the repository, and everything it prints. Other languages
(`sh`, `yaml`, `text`) are not run.
"""

from __future__ import annotations

import doctest
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *(ROOT / "examples").rglob("*.md")])
FENCE = re.compile(r"^```(?P<language>python|console)\n(?P<body>.*?)^```$", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """One fenced block: its language, its text, and the line it begins in."""

    language: str
    body: str
    line: int


def blocks(page: str) -> list[Block]:
    """The blocks of a page that can be run, in reading order."""
    return [
        Block(language=match["language"], body=match["body"], line=page.count("\n", 0, match.start("body")) + 1)
        for match in FENCE.finditer(page)
    ]


def commands(transcript: str) -> Iterator[tuple[str, str]]:
    """Each command of a transcript with what it is said to print."""
    before, *parts = re.split(r"^\$ ", transcript, flags=re.MULTILINE)
    assert not before.strip(), f"output without a command: {before!r}"
    for part in parts:
        command, _, output = part.partition("\n")
        assert re.search(r"\baimcore\b", command), (
            f"a console block runs {command!r}; only aimcore is run (use an sh block)"
        )
        yield command, output


def printed(command: str) -> str:
    """What a command prints, on a plain terminal of 80 columns."""
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    environment = {"PATH": path, "COLUMNS": "80", "NO_COLOR": "1", "LC_ALL": "C.UTF-8"}
    ran = subprocess.run(
        ["sh", "-c", command],
        cwd=ROOT,
        env=environment,
        check=False,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=120,
    )
    return ran.stdout


def differences(page: str, name: str) -> Iterator[str]:
    """Where a page says something else than what happens."""
    namespace: dict[str, object] = {"__name__": "docs"}
    for block in blocks(page):
        if block.language == "console":
            for command, said in commands(block.body):
                if (found := printed(command)) != said:
                    yield f"{name}:{block.line}: $ {command}\nsaid:\n{said}\nprinted:\n{found}"
        elif ">>>" in block.body:
            report: list[str] = []
            test = doctest.DocTestParser().get_doctest(block.body, namespace, name, name, block.line)
            doctest.DocTestRunner(optionflags=doctest.ELLIPSIS).run(test, out=report.append, clear_globs=False)
            namespace = test.globs
            yield from report
        else:
            exec(compile("\n" * (block.line - 1) + block.body, name, "exec"), namespace)  # noqa: S102 - our own page


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_a_page_shows_what_happens(page: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    assert list(differences(page.read_text(encoding="utf-8"), str(page.relative_to(ROOT)))) == []


def test_blocks_are_found_with_their_lines() -> None:
    page = "# A page\n\n```sh\nmake\n```\n\n```python\nx = 1\n```\ntext\n```console\n$ aimcore\nhello\n```\n"
    assert blocks(page) == [
        Block(language="python", body="x = 1\n", line=8),
        Block(language="console", body="$ aimcore\nhello\n", line=12),
    ]


def test_a_transcript_falls_into_commands_and_what_they_print() -> None:
    transcript = "$ aimcore plan a\none\n\ntwo\n$ aimcore plan b\n"
    assert list(commands(transcript)) == [("aimcore plan a", "one\n\ntwo\n"), ("aimcore plan b", "")]


def test_a_page_that_shows_something_else_is_caught() -> None:
    page = "```python\n>>> one = 1\n```\n\n```python\n>>> one\n2\n```\n```console\n$ echo aimcore\nwrong\n```\n"
    doctested, transcript = differences(page, "page.md")
    assert "Expected:\n    2\nGot:\n    1" in doctested
    assert transcript == "page.md:10: $ echo aimcore\nsaid:\nwrong\n\nprinted:\naimcore\n"


def test_a_python_block_that_fails_fails_the_page() -> None:
    with pytest.raises(ZeroDivisionError):
        list(differences("```python\n1 / 0\n```\n", "page.md"))


def test_links_between_pages_lead_somewhere() -> None:
    links = [
        (page, target)
        for page in PAGES
        for target in re.findall(
            r"\]\((?!https?:|#|mailto:)([^)#\s]+)", re.sub(r"`[^`\n]*`", "``", page.read_text(encoding="utf-8"))
        )
    ]
    assert [
        f"{page.relative_to(ROOT)}: {target}" for page, target in links if not (page.parent / target).exists()
    ] == []


@pytest.mark.parametrize("name", ["CONTRIBUTING.md", "SECURITY.md", "docs/contributing.md", "docs/releasing.md"])
def test_a_guide_names_files_that_are_there(name: str) -> None:
    page = ROOT / name
    named = re.findall(
        r"(?<![\w/])((?:src|tests|docs|deploy|examples|\.ci)/[\w./-]+)", page.read_text(encoding="utf-8")
    )
    assert named
    assert [path for path in named if not (ROOT / path.rstrip(".")).exists()] == []
