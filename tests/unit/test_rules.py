"""Every rule of docs/spec.md has a test that cites it, and every citation names a rule.

A rule that is not built yet carries a tag, `(later: operator)`; it needs no test, and the first test that cites it makes the tag a fault.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SPEC = ROOT / "docs" / "spec.md"

RULE = re.compile(r"^- \*\*(?P<id>[A-Z]{3,7}-[0-9]{1,2})\*\*(?P<later> \(later: [a-z][a-z, ]*\))? ")
BULLET = re.compile(r"^- .*?\b[A-Z]{3,7}-[0-9]")


def rules(spec: str) -> tuple[dict[str, bool], list[str]]:
    """Each rule of a text with whether it is tagged as later, and the faults of the text itself."""
    found: dict[str, bool] = {}
    faults: list[str] = []
    for number, line in enumerate(spec.splitlines(), start=1):
        rule = RULE.match(line)
        if rule is None:
            if BULLET.match(line) and line.startswith("- **"):
                faults.append(f"line {number} looks like a rule but does not read '- **ID** text'")
        elif rule["id"] in found:
            faults.append(f"{rule['id']} is stated twice")
        else:
            found[rule["id"]] = rule["later"] is not None
    return found, faults


def citations(source: str) -> Iterator[tuple[str, str]]:
    """The rules that a module of tests cites with `@pytest.mark.rule(...)`, each with who cites it."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            for decorator in node.decorator_list:
                yield from ((rule, node.name) for rule in _ids(decorator))
        elif isinstance(node, ast.Call) and ast.unparse(node.func) == "pytest.param":
            for mark in [
                each for keyword in node.keywords if keyword.arg == "marks" for each in ast.walk(keyword.value)
            ]:
                yield from ((rule, f"a row in line {node.lineno}") for rule in _ids(mark))


def _ids(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.Call) and ast.unparse(node.func) == "pytest.mark.rule":
        if not node.args:
            yield "(none)"
        for argument in node.args:
            yield (
                argument.value
                if isinstance(argument, ast.Constant) and isinstance(argument.value, str)
                else "(not a text)"
            )


def faults_of(spec: str, tests: Iterable[tuple[str, str]]) -> list[str]:
    """Where rules and citations do not match; `tests` are pairs of a module's name and its source."""
    stated, faults = rules(spec)
    cited: dict[str, list[str]] = {}
    for module, source in tests:
        for rule, citer in citations(source):
            cited.setdefault(rule, []).append(f"{module}: {citer}")
    faults += [f"{rule} has no test" for rule, later in stated.items() if not later and rule not in cited]
    faults += [
        f"{rule} is tagged as later, yet tested by {cited[rule][0]}"
        for rule, later in stated.items()
        if later and rule in cited
    ]
    faults += [f"{citers[0]} cites {rule}, which is no rule" for rule, citers in cited.items() if rule not in stated]
    return faults


def test_every_rule_has_a_test_and_every_citation_a_rule() -> None:
    modules = sorted((ROOT / "tests").rglob("test_*.py"))
    tests = [(str(path.relative_to(ROOT)), path.read_text(encoding="utf-8")) for path in modules]
    assert faults_of(SPEC.read_text(encoding="utf-8"), tests) == []


CITING = '@pytest.mark.rule("RES-1", "RES-2")\ndef test_it() -> None: ...\n'


@pytest.mark.parametrize(
    ("spec", "source", "faults"),
    [
        pytest.param("- **RES-1** a.\n- **RES-2** b.", CITING, [], id="each rule cited"),
        pytest.param(
            "- **RES-1** a.\n- **RES-2** b.\n- **RES-3** c.", CITING, ["RES-3 has no test"], id="a rule without a test"
        ),
        pytest.param(
            "- **RES-1** a.", CITING, ["t: test_it cites RES-2, which is no rule"], id="a citation without a rule"
        ),
        pytest.param(
            "- **RES-1** a.\n- **RES-2** b.\n- **SIZE-1** (later: sizes) c.", CITING, [], id="a rule for later"
        ),
        pytest.param(
            "- **RES-1** a.\n- **RES-2** (later: operator) b.",
            CITING,
            ["RES-2 is tagged as later, yet tested by t: test_it"],
            id="a tag that has to go",
        ),
        pytest.param(
            "- **RES-1** a.\n- **RES-1** b.\n- **RES-2** c.",
            CITING,
            ["RES-1 is stated twice"],
            id="a rule stated twice",
        ),
        pytest.param(
            "- **RES-1**: a.",
            "",
            ["line 1 looks like a rule but does not read '- **ID** text'"],
            id="a rule misspelt",
        ),
        pytest.param(
            "",
            "@pytest.mark.rule()\ndef test_it() -> None: ...",
            ["t: test_it cites (none), which is no rule"],
            id="no id",
        ),
        pytest.param(
            "- **RES-1** a.",
            'ROWS = [pytest.param(1, marks=pytest.mark.rule("RES-1"))]',
            [],
            id="cited by a row of a table",
        ),
        pytest.param(
            "- **RES-1** a.",
            "# guards RES-1\ndef test_it() -> None: ...",
            ["RES-1 has no test"],
            id="a comment is no citation",
        ),
    ],
)
def test_the_check_finds_what_does_not_match(spec: str, source: str, faults: list[str]) -> None:
    assert faults_of(spec, [("t", source)]) == faults
