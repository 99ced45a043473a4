"""The core cannot reach the clock, the disk, the network or chance: what it may import and call is listed here.

An allow-list, because a deny-list cannot see what nobody thought of. A new entry is a decision for a review.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

SOURCE = Path(__file__).parents[2] / "src" / "aimcore"
PURE = sorted(path for package in ("domain", "engine", "ports") for path in (SOURCE / package).rglob("*.py"))

ANY = frozenset({"*"})
ALLOWED: dict[str, frozenset[str]] = {
    "__future__": frozenset({"annotations"}),
    "abc": frozenset({"ABC", "abstractmethod"}),
    "collections": frozenset({"Counter", "OrderedDict", "defaultdict", "deque"}),
    "collections.abc": ANY,
    "contextlib": frozenset({"AbstractContextManager"}),
    "dataclasses": ANY,
    "difflib": frozenset({"get_close_matches"}),
    "enum": ANY,
    "fractions": frozenset({"Fraction"}),
    "functools": frozenset({"cache", "cached_property", "lru_cache", "partial", "reduce", "total_ordering"}),
    "hashlib": frozenset({"sha256"}),
    "heapq": frozenset({"heappop", "heappush", "merge"}),
    "itertools": ANY,
    "json": frozenset({"JSONDecodeError", "JSONDecoder", "JSONEncoder", "dumps", "loads"}),
    "math": ANY,
    "operator": ANY,
    "re": ANY,
    "string": frozenset({"ascii_letters", "ascii_lowercase", "ascii_uppercase", "digits", "hexdigits"}),
    "types": frozenset({"MappingProxyType"}),
    "typing": ANY,
}
"""Standard modules and the names a pure module may take from them; a module given as ANY may also be imported whole."""

WHOLE = frozenset({"functools", "hashlib", "json", "string"})
"""Modules imported whole although only some of their names are allowed: each use is checked by its attribute."""

OFF_LIMITS = frozenset(
    {
        "__import__",
        "breakpoint",
        "compile",
        "delattr",
        "eval",
        "exec",
        "exit",
        "globals",
        "input",
        "open",
        "print",
        "quit",
    }
    | {"__builtins__", "__loader__", "__spec__", "id", "locals", "memoryview", "setattr", "vars"}
)
"""Builtins that reach outside, or make the answer depend on something other than the arguments."""


def transgressions(source: str) -> Iterator[str]:
    """What a module takes that is not allowed, as sentences with the line."""
    tree = ast.parse(source)
    whole: dict[str, str] = {}
    for node in ast.walk(tree):
        match node:
            case ast.Import(names=imported):
                for name in imported:
                    whole[name.asname or name.name.partition(".")[0]] = name.name
                    if not (_is_ours(name.name) or ALLOWED.get(name.name) == ANY or name.name in WHOLE):
                        yield f"line {node.lineno}: imports {name.name}"
            case ast.ImportFrom(module=module, names=imported, level=level):
                yield from (f"line {node.lineno}: {fault}" for fault in _from_faults(module or "", imported, level))
            case ast.Name(id=used, ctx=ast.Load()) if used in OFF_LIMITS:
                yield f"line {node.lineno}: uses {used}"
            case _:
                pass
    for node in ast.walk(tree):
        match node:
            case ast.Attribute(value=ast.Name(id=module), attr=attr) if whole.get(module) in WHOLE:
                if attr not in ALLOWED[whole[module]]:
                    yield f"line {node.lineno}: uses {whole[module]}.{attr}"
            case _:
                pass


def _from_faults(module: str, names: list[ast.alias], level: int) -> Iterator[str]:
    if level:
        yield "imports relatively"
    elif not _is_ours(module):
        allowed = ALLOWED.get(module, frozenset())
        yield from (f"imports {module}.{name.name}" for name in names if allowed != ANY and name.name not in allowed)


def _is_ours(module: str) -> bool:
    return module.startswith(("aimcore.domain", "aimcore.engine", "aimcore.ports"))


@pytest.mark.parametrize("path", PURE, ids=lambda path: str(path.relative_to(SOURCE)))
def test_a_pure_module_takes_only_what_is_on_the_list(path: Path) -> None:
    assert list(transgressions(path.read_text(encoding="utf-8"))) == []


@pytest.mark.parametrize(
    ("source", "found"),
    [
        pytest.param("import os", ["line 1: imports os"], id="a module that nobody listed"),
        pytest.param("from time import time", ["line 1: imports time.time"], id="the clock"),
        pytest.param("import random as r", ["line 1: imports random"], id="chance under another name"),
        pytest.param("import attrs", ["line 1: imports attrs"], id="a third-party package"),
        pytest.param(
            "from aimcore.adapters import wire", ["line 1: imports aimcore.adapters.wire"], id="an outer room"
        ),
        pytest.param("from . import image", ["line 1: imports relatively"], id="a relative import"),
        pytest.param("import json\njson.load(f)", ["line 2: uses json.load"], id="a reader of files"),
        pytest.param("from hashlib import new", ["line 1: imports hashlib.new"], id="a name that is not listed"),
        pytest.param("def f():\n    import socket", ["line 2: imports socket"], id="inside a function"),
        pytest.param("x = [open][0]", ["line 1: uses open"], id="a builtin passed on"),
        pytest.param("import re\nre.compile('a')", [], id="a method that shares a builtin's name"),
        pytest.param("from json import loads\nimport math\nmath.gcd(1, 2)", [], id="what the shelf holds"),
    ],
)
def test_the_list_sees_what_it_should(source: str, found: list[str]) -> None:
    assert list(transgressions(source)) == found


def test_the_architecture_names_every_package_of_the_domain() -> None:
    text = (SOURCE.parents[1] / "docs" / "architecture.md").read_text(encoding="utf-8")
    table = text.partition("| Package of the domain")[2].partition("\n\n")[0]
    packages = {path.parent.name for path in (SOURCE / "domain").glob("*/__init__.py")}
    assert {name for name in packages if f"`{name}`" not in table} == set()
