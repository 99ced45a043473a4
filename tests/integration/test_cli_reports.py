"""`aimcore validate` for other programs: SARIF, JUnit and GitHub's commands, and the hook and the action that use them."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest
import yaml
from click.testing import CliRunner, Result

from aimcore import __version__
from aimcore.entrypoints.cli.commands import aimcore

ROOT = Path(__file__).parents[2]
GOOD = """\
apiVersion: aim.silogen.ai/v1alpha1
kind: AIMModel
metadata: {name: llama, namespace: ml}
spec: {image: registry.example.com/llama:1}
"""
BAD = GOOD.replace("image:", "imag:")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that is the current one, with a good file, a bad one, and one that only warns."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "deploy").mkdir()
    (tmp_path / "deploy" / "bad one,100%.yaml").write_text(BAD, encoding="utf-8")
    (tmp_path / "deploy" / "good.yaml").write_text(GOOD, encoding="utf-8")
    (tmp_path / "deploy" / "twice.yaml").write_text(GOOD, encoding="utf-8")
    return tmp_path


def validate(*arguments: str) -> Result:
    return CliRunner().invoke(aimcore, ["validate", *arguments], prog_name="aimcore")


def problems() -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(validate("deploy", "-o", "json").stdout)["problems"]
    assert {one["severity"] for one in found} == {"error", "warning"}
    return found


@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize("form", ["table", "json", "yaml", "sarif", "junit", "github"])
@pytest.mark.parametrize(("path", "code"), [("deploy", 2), ("deploy/good.yaml", 0)])
def test_the_exit_code_does_not_depend_on_the_form(form: str, path: str, code: int) -> None:
    assert validate(path, "-o", form).exit_code == code


# SARIF ------------------------------------------------------------------------------------------------------------------


def shape_faults(log: Any) -> list[str]:
    """What SARIF 2.1.0 asks of a log and this one does not have, as far as ours goes."""
    faults = [] if log["version"] == "2.1.0" and log["$schema"].endswith("sarif-2.1.0.json") else ["version"]
    for run in log["runs"]:
        rules = [rule["id"] for rule in run["tool"]["driver"]["rules"]]
        faults += ["driver"] * (not run["tool"]["driver"]["name"]) + ["rules"] * (len(rules) != len(set(rules)))
        for result in run["results"]:
            faults += ["rule"] * (rules[result["ruleIndex"]] != result["ruleId"])
            faults += ["level"] * (result["level"] not in {"none", "note", "warning", "error"})
            faults += ["text"] * (not result["message"]["text"])
            for location in result["locations"]:
                physical = location["physicalLocation"]
                uri, region = physical["artifactLocation"]["uri"], physical["region"]
                faults += ["uri"] * (re.fullmatch(r"[A-Za-z0-9\-._~:/%]+", uri) is None)
                faults += ["region"] * (min(region["startLine"], region["startColumn"]) < 1)
    return faults


@pytest.mark.usefixtures("folder")
def test_sarif_has_the_shape_that_the_standard_asks_for() -> None:
    log = json.loads(validate("deploy", "-o", "sarif").stdout)
    assert shape_faults(log) == []
    assert log["runs"][0]["tool"]["driver"]["version"] == __version__
    assert shape_faults(json.loads(validate("deploy/good.yaml", "-o", "sarif").stdout)) == []


@pytest.mark.usefixtures("folder")
def test_the_check_of_the_shape_finds_what_is_wrong() -> None:
    log = json.loads(validate("deploy", "-o", "sarif").stdout)
    result = log["runs"][0]["results"][0]
    result["level"], result["ruleId"] = "fatal", "OTHER"
    result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] = "a b"
    assert shape_faults(log) == ["rule", "level", "uri"]


@pytest.mark.usefixtures("folder")
def test_sarif_says_what_json_says() -> None:
    (run,) = json.loads(validate("deploy", "-o", "sarif").stdout)["runs"]
    told = [
        (one["ruleId"], one["level"], one["locations"][0]["logicalLocations"][0]["fullyQualifiedName"])
        for one in run["results"]
    ]
    assert told == [(one["rule"], one["severity"], one["path"]) for one in problems()]
    places = [one["locations"][0]["physicalLocation"] for one in run["results"]]
    assert places[0]["artifactLocation"]["uri"] == "deploy/bad%20one%2C100%25.yaml"
    assert [place["region"]["startLine"] for place in places] == [one["line"] for one in problems()]


def test_an_absolute_path_is_a_file_uri(folder: Path) -> None:
    (run,) = json.loads(validate(str(folder / "deploy"), "-o", "sarif").stdout)["runs"]
    place = run["results"][0]["locations"][0]["physicalLocation"]["artifactLocation"]
    assert place["uri"] == (folder / "deploy" / "bad one,100%.yaml").as_uri()


# JUnit and GitHub -------------------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("folder")
def test_junit_has_a_case_for_each_file_and_fails_those_with_errors() -> None:
    root = ET.fromstring(validate("deploy", "-o", "junit").stdout)  # noqa: S314 - our own output
    (suite,) = root
    assert (root.tag, suite.get("tests"), suite.get("failures")) == ("testsuites", "3", "1")
    bad, good, twice = suite
    assert [case.get("name") for case in suite] == [f"deploy/{name}.yaml" for name in ("bad one,100%", "good", "twice")]
    assert [len(case) for case in (bad, good, twice)] == [1, 0, 1]
    assert (bad[0].tag, bad[0].get("type")) == ("failure", "KIND-4")
    assert "stands at deploy/good.yaml:3:12 already" in (twice.findtext("system-out") or "")


def test_junit_survives_what_xml_cannot_say(folder: Path) -> None:
    (folder / "deploy" / "odd.yaml").write_text(GOOD.replace("image:", '"\\x01<&]]>":'), encoding="utf-8")
    root = ET.fromstring(validate("deploy/odd.yaml", "-o", "junit").stdout)  # noqa: S314 - our own output
    assert "<&]]>" in (root.findtext(".//failure") or "")


@pytest.mark.usefixtures("folder")
def test_github_gets_one_command_for_each_problem() -> None:
    lines = validate("deploy", "-o", "github").stdout.splitlines()
    assert len(lines) == len(problems())
    assert lines[0].startswith("::error file=deploy/bad one%2C100%25.yaml,line=4,col=1,title=KIND-4::$.spec")
    assert lines[-1].startswith("::warning file=deploy/twice.yaml,line=3,")
    assert validate("deploy/good.yaml", "-o", "github").stdout == ""


# The hook and the action ------------------------------------------------------------------------------------------------


def shell(script: str, folder: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    return subprocess.run(
        ["bash", "-e", "-o", "pipefail", "-c", script],
        cwd=folder,
        env={"PATH": path, "LC_ALL": "C.UTF-8", **environment},
        check=False,
        capture_output=True,
        text=True,
        timeout=120,
    )


def action_step(name: str) -> str:
    action = yaml.safe_load((ROOT / "action.yml").read_text(encoding="utf-8"))
    (script,) = [step["run"] for step in action["runs"]["steps"] if step["name"] == name]
    return str(script)


def test_the_hook_runs_a_command_that_exists(folder: Path) -> None:
    (hook,) = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8"))
    ran = shell(f'{hook["entry"]} "$FILE"', folder, FILE="deploy/bad one,100%.yaml")
    assert (ran.returncode, "[KIND-4]" in ran.stdout) == (2, True)
    assert re.search(hook["exclude"], "examples/aim.lock.yaml")
    assert not re.search(hook["exclude"], "deploy/good.yaml")


def test_the_action_tells_problems_and_writes_sarif(folder: Path) -> None:
    ran = shell(action_step("Validate"), folder, PATHS="deploy\n", SARIF_FILE="found.sarif")
    assert (ran.returncode, ran.stderr) == (2, "3 AIM objects in 3 files: 2 errors, 1 warning\n")
    assert ran.stdout == validate("deploy", "-o", "github").stdout
    assert shape_faults(json.loads((folder / "found.sarif").read_text(encoding="utf-8"))) == []


def test_the_action_is_content_with_good_manifests_and_not_with_none(folder: Path) -> None:
    assert shell(action_step("Validate"), folder, PATHS="deploy/good.yaml", SARIF_FILE="").returncode == 0
    assert shell(action_step("Validate"), folder, PATHS="", SARIF_FILE="").returncode == 2


def test_no_input_of_the_action_is_pasted_into_a_script() -> None:
    action = yaml.safe_load((ROOT / "action.yml").read_text(encoding="utf-8"))
    assert not any("${{" in step["run"] for step in action["runs"]["steps"])
