"""Manifests of the Go operator in each of its spellings, what they become, and what is said of it.

Beside each `shapes/NAME.yaml` stands what `aimcore convert` prints: the manifests in `NAME.out` and the notes in `NAME.notes`.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner, Result

from aimcore.entrypoints.cli.commands import aimcore

SHAPES = Path(__file__).parent / "shapes"
NAMES = sorted(path.stem for path in SHAPES.glob("*.yaml"))


def run(*arguments: str, text: str = "") -> Result:
    return CliRunner(env={"COLUMNS": "80"}).invoke(aimcore, arguments, input=text, prog_name="aimcore")


def convert(text: str) -> Result:
    return run("convert", "-", text=text)


def shape(name: str) -> str:
    return (SHAPES / f"{name}.yaml").read_text(encoding="utf-8")


@pytest.mark.rule("CONV-1")
@pytest.mark.parametrize("name", NAMES)
def test_a_shape_becomes_what_stands_beside_it(name: str) -> None:
    assert convert(shape(name)).stdout == (SHAPES / f"{name}.out").read_text(encoding="utf-8")


@pytest.mark.rule("CONV-2")
@pytest.mark.parametrize("name", NAMES)
def test_every_field_that_is_renamed_or_left_out_is_told_with_its_place(name: str) -> None:
    ran = convert(shape(name))
    assert ran.stderr == (SHAPES / f"{name}.notes").read_text(encoding="utf-8")
    assert ran.exit_code == 3


@pytest.mark.rule("CONV-1")
@pytest.mark.parametrize("name", NAMES)
def test_what_comes_out_is_valid(name: str) -> None:
    checked = run("validate", "-", text=convert(shape(name)).stdout)
    assert (checked.stdout, checked.exit_code) == ("", 0)


@pytest.mark.rule("CONV-1")
@pytest.mark.parametrize("name", NAMES)
def test_what_comes_out_is_converted_already(name: str) -> None:
    once = convert(shape(name)).stdout
    twice = convert(once)
    assert (twice.stderr, twice.exit_code) == ("", 0)
    assert list(yaml.safe_load_all(twice.stdout)) == list(yaml.safe_load_all(once))


def test_json_is_a_list_of_the_same_manifests() -> None:
    found = json.loads(run("convert", "-o", "json", "-", text=shape("january")).stdout)
    assert (found["apiVersion"], found["kind"]) == ("v1", "List")
    assert found["items"] == list(yaml.safe_load_all(convert(shape("january")).stdout))
    assert run("validate", "-", text=json.dumps(found)).exit_code == 0


RENAMED = """
apiVersion: aim.eai.amd.com/v1alpha1
kind: AIMService
metadata: {name: chat}
spec: {model: {name: llama}}
"""


@pytest.mark.rule("CONV-2")
@pytest.mark.parametrize(
    ("text", "code"),
    [
        pytest.param(RENAMED, 0, id="names alone changed"),
        pytest.param("{apiVersion: v1, kind: Namespace, metadata: {name: ml}}", 0, id="nothing to convert"),
        pytest.param(RENAMED + "  # spec\n---\n" + shape("leftovers"), 3, id="something was left out"),
        pytest.param(RENAMED + "\n---\na: [", 2, id="something cannot be read"),
        pytest.param("", 0, id="nothing at all"),
    ],
)
def test_how_it_ends_says_whether_somebody_should_look(text: str, code: int) -> None:
    assert convert(text).exit_code == code


def test_what_can_be_read_is_converted_beside_what_cannot() -> None:
    ran = convert(RENAMED + "---\na: [")
    assert yaml.safe_load(ran.stdout)["spec"] == {"model": {"ref": "llama"}}
    assert "stdin:7:5: $" in ran.stderr


def test_nothing_named_is_a_wrong_call() -> None:
    ran = run("convert")
    assert ran.exit_code == 2
    assert "no manifests" in ran.stderr
