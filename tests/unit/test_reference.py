"""What is generated for people says what the code says: a renamed flag, field or reason shows here until `make generate`."""

from __future__ import annotations

import ast
import re

import click
import pytest

from aimcore import Folders, load, plan
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

SETS = {"true", "false", "unknown", "told", "_condition", "NotResolved"}
"""Functions that make a condition, or say why there is one."""
REASON = re.compile(r"[A-Z][a-z]+[A-Z]?\w*")


def words_of_the_domain() -> set[str]:
    """Every word that a function of the domain gives as a type or a reason of a condition."""
    found: set[str] = set()
    for path in DOMAIN.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name | ast.Call):
                name = node.func.id if isinstance(node.func, ast.Name) else "told"
                given = [*node.args[:2], *(one.value for one in node.keywords if one.arg in ("type", "reason"))]
                if name in SETS or name == "Condition":
                    found |= {
                        one.value
                        for part in given
                        for one in ast.walk(part)
                        if isinstance(one, ast.Constant) and isinstance(one.value, str) and REASON.fullmatch(one.value)
                    }
    return found


def test_every_reason_that_the_domain_gives_is_declared_and_no_other() -> None:
    said = {word for one in declared() for word in (one.type, one.reason)}
    assert words_of_the_domain() - said == set()
    texts = "".join(path.read_text(encoding="utf-8") for path in DOMAIN.rglob("*.py"))
    assert {word for word in said if f'"{word}"' not in texts} == set()


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
    assert told - set(declared()) == set()
