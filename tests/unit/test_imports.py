"""Importing the core loads no third-party module, whoever imports it first: asked of a fresh interpreter."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

import aimcore

SOURCE = Path(__file__).parents[2] / "src"

PROBE = """
import json, sys
before = set(sys.modules)
{statement}
roots = {{name.partition(".")[0] for name in set(sys.modules) - before}}
print(json.dumps(sorted(roots - sys.stdlib_module_names - {{"aimcore"}})))
"""


def third_party_loaded_by(statement: str) -> list[str]:
    """The packages outside the standard library that `statement` brings in, in an interpreter of its own."""
    code = PROBE.format(statement=statement)
    answer = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True, timeout=60)
    found: list[str] = json.loads(answer.stdout)
    return found


def modules_of(room: str) -> list[str]:
    """Every module of a room, by its dotted name."""
    found = sorted((SOURCE / "aimcore" / room).rglob("*.py"))
    assert found, f"no module in {room}: the test would say nothing"
    dotted = (".".join(path.relative_to(SOURCE).with_suffix("").parts) for path in found)
    return [name.removesuffix(".__init__") for name in dotted]


def test_the_package_and_the_domain_load_no_third_party_module() -> None:
    assert third_party_loaded_by("import aimcore, aimcore.domain") == []


@pytest.mark.parametrize("room", ["domain", "ports"])
def test_no_module_of_a_pure_room_loads_a_third_party_module(room: str) -> None:
    assert third_party_loaded_by(f"import {', '.join(modules_of(room))}") == []


def test_the_public_names_load_no_package_that_an_installation_without_extras_lacks() -> None:
    loaded = third_party_loaded_by(f"from aimcore import {', '.join(aimcore.__all__)}")
    assert set(loaded) <= {"attr", "attrs", "cattr", "cattrs", "typing_extensions"}


def test_the_public_values_and_ports_load_no_third_party_module() -> None:
    pure = ["ImageInspector", "Inspected", "Key", "Layered", "Quantity", "SizeProber", "parse_image", "parse_quantity"]
    assert third_party_loaded_by(f"from aimcore import {', '.join(pure)}") == []


def test_the_probe_would_see_a_third_party_module() -> None:
    assert "attr" in third_party_loaded_by("import attrs")


def test_every_public_name_is_there_and_listed() -> None:
    assert set(aimcore.__all__) <= set(dir(aimcore))
    assert [name for name in aimcore.__all__ if not hasattr(aimcore, name)] == []


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="module 'aimcore' has no attribute 'no_such_name'"):
        _ = aimcore.no_such_name
