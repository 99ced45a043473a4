"""What is generated for people says what the code says: a renamed flag, field or reason shows here until `make generate`."""

from __future__ import annotations

import ast

import click
import pytest

from aimcore import Folders, load, plan
from aimcore.domain.decide import conditions
from aimcore.domain.kinds.conditions import ConditionType
from aimcore.domain.kinds.dropped import FIELDS_NOT_KEPT
from tests.reference.chart import values
from tests.reference.commands import commands
from tests.reference.conditions import DOMAIN, declared
from tests.reference.files import REFERENCE, ROOT, generated

FILES = generated()


@pytest.mark.parametrize("path", FILES)
def test_a_generated_file_is_as_it_is_made_now(path: str) -> None:
    assert (ROOT / path).read_text(encoding="utf-8") == FILES[path], "run make generate"


def test_every_value_of_the_chart_says_what_it_is_or_is_said_above() -> None:
    told = {value.path: value.told for value in values()}
    silent = {path for path, text in told.items() if not text and not told.get(path.partition(".")[0])}
    assert silent == {
        "priorityClassName",
        "nodeSelector",
        "tolerations",
        "affinity",
    }  # said above, of the five together


def test_the_folder_of_the_reference_has_nothing_else() -> None:
    there = {f"{REFERENCE}/{path.name}" for path in (ROOT / REFERENCE).iterdir()}
    assert there == {path for path in FILES if path.startswith(REFERENCE)}


def test_every_command_option_and_setting_is_in_the_reference() -> None:
    text = FILES[f"{REFERENCE}/commands.md"]
    for name, command in commands():
        section = text.partition(f"## aimcore {name}\n")[2].partition("\n## ")[0]
        spelt = [flag for option in command.params if isinstance(option, click.Option) for flag in option.opts]
        assert [flag for flag in spelt if f"`{flag}" not in section] == []


# --- conditions ------------------------------------------------------------------------------------------------------

TYPES = {name: one for name, one in vars(conditions).items() if isinstance(one, ConditionType)}
TYPES["FIELDS_NOT_KEPT"] = FIELDS_NOT_KEPT


def given_literally() -> set[tuple[str, str]]:
    """Every type and reason that a function of the domain writes out where it makes a condition."""
    return {
        (node.func.id, node.args[0].value)
        for path in DOMAIN.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in TYPES and node.args
        if isinstance(node.args[0], ast.Constant) and isinstance(node.args[0].value, str)
    }


def test_every_reason_that_the_domain_gives_is_declared() -> None:
    given = given_literally()
    assert len(given) > 40
    assert {
        (name, reason) for name, reason in given if reason not in {one.reason for one in TYPES[name].outcomes}
    } == set()


def test_every_reason_that_is_declared_is_given_somewhere() -> None:
    paths = [path for path in DOMAIN.rglob("*.py") if path.name != "conditions.py"]
    texts = "".join(path.read_text(encoding="utf-8") for path in paths)
    assert {one.reason for one in declared() if f'"{one.reason}"' not in texts} == set()


def test_a_reason_is_declared_once_for_a_type() -> None:
    for one in TYPES.values():
        reasons = [outcome.reason for outcome in one.outcomes]
        assert sorted(set(reasons)) == sorted(reasons), one.name


@pytest.mark.parametrize("images", [("examples/quickstart/images",), ()], ids=["images", "no images"])
def test_every_condition_of_the_examples_is_declared(images: tuple[str, ...]) -> None:
    catalogue = load(ROOT / "examples/quickstart", ROOT / "examples/cluster")
    planned = plan(catalogue, images=Folders(folders=tuple(ROOT / folder for folder in images)) if images else None)
    told = {
        (one["kind"].replace("AIMCluster", "AIM"), condition["type"], condition["status"], condition["reason"])
        for one in planned.objects
        if one["apiVersion"].startswith("aim.")
        for condition in one.get("status", {}).get("conditions", ())
    }
    assert len(told) > 8
    assert told - {one[:4] for one in declared()} == set()
