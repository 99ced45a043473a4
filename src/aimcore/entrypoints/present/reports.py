"""The problems of a validation in the forms that other programs read: SARIF 2.1.0, JUnit, and commands of a GitHub workflow."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from pathlib import PurePath
from typing import Any
from urllib.parse import quote
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from aimcore.entrypoints.present.answers import Checked, Problem, problem_line
from aimcore.entrypoints.present.text import shown

__all__ = ["github_text", "junit_text", "sarif_data"]

SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"


# --- SARIF --------------------------------------------------------------------------------------------------------------


def sarif_data(checked: Checked, version: str) -> dict[str, Any]:
    """The problems as one run of a SARIF log; lines and columns count from 1, columns in characters."""
    rules = sorted({problem.rule for problem in checked.problems})
    driver = {"name": "aimcore", "version": version, "rules": [{"id": rule} for rule in rules]}
    return {
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [
            {
                "tool": {"driver": driver},
                "columnKind": "unicodeCodePoints",
                "results": [_result(problem, rules) for problem in checked.problems],
            }
        ],
    }


def _result(problem: Problem, rules: Sequence[str]) -> dict[str, Any]:
    place: dict[str, Any] = {"logicalLocations": [{"fullyQualifiedName": shown(problem.path)}]}
    if problem.file:
        region = {"startLine": problem.line, "startColumn": problem.column}
        place["physicalLocation"] = {"artifactLocation": {"uri": _uri(problem.file)}, "region": region}
    return {
        "ruleId": problem.rule,
        "ruleIndex": rules.index(problem.rule),
        "level": "warning" if problem.warning else "error",
        "message": {"text": shown(f"{problem.path}: {problem.message}")},
        "locations": [place],
    }


def _uri(file: str) -> str:
    path = PurePath(file)
    return path.as_uri() if path.is_absolute() else quote(path.as_posix())


# --- JUnit --------------------------------------------------------------------------------------------------------------


def junit_text(checked: Checked) -> str:
    """One test case for each file: it fails with the errors in it, and prints the warnings."""
    of_file: dict[str, list[Problem]] = defaultdict(list, {file: [] for file in checked.files})
    for problem in checked.problems:
        of_file[problem.file].append(problem)
    failures = sum(any(not one.warning for one in problems) for problems in of_file.values())
    counts = {"tests": str(len(of_file)), "failures": str(failures), "errors": "0"}
    root = Element("testsuites", counts)
    suite = SubElement(root, "testsuite", {"name": "aimcore validate", **counts})
    for file, problems in of_file.items():
        _case(SubElement(suite, "testcase", {"classname": "aimcore.validate", "name": shown(file)}), problems)
    indent(root)
    return tostring(root, encoding="unicode", xml_declaration=True) + "\n"


def _case(case: Element, problems: Sequence[Problem]) -> None:
    errors = [problem for problem in problems if not problem.warning]
    if errors:
        first = shown(f"{errors[0].path}: {errors[0].message}")
        failure = SubElement(case, "failure", {"type": errors[0].rule, "message": first})
        failure.text = "\n".join(map(problem_line, errors))
    if warnings := [problem for problem in problems if problem.warning]:
        SubElement(case, "system-out").text = "\n".join(map(problem_line, warnings))


# --- GitHub -------------------------------------------------------------------------------------------------------------


def github_text(checked: Checked) -> str:
    """One workflow command a line, which GitHub shows beside the line of the file."""
    return "".join(f"{command}\n" for command in map(_command, checked.problems))


def _command(problem: Problem) -> str:
    level = "warning" if problem.warning else "error"
    about = ",".join(f"{name}={_property(value)}" for name, value in _properties(problem))
    return f"::{level} {about}::{_data(shown(f'{problem.path}: {problem.message}'))}"


def _properties(problem: Problem) -> Iterator[tuple[str, str]]:
    if problem.file:
        yield from (("file", problem.file), ("line", str(problem.line)), ("col", str(problem.column)))
    yield "title", problem.rule


def _data(text: str) -> str:
    return text.replace("%", "%25")


def _property(text: str) -> str:
    return _data(shown(text)).replace(":", "%3A").replace(",", "%2C")
