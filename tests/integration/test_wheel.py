"""The wheel and its extra `testing` are enough: the example of docs/testing.md runs where nothing else is installed."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.integration.wheel import ROOT, run, wheel_environment


@pytest.fixture(scope="module")
def python(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return wheel_environment(tmp_path_factory.mktemp("wheel"))


def test_the_example_of_the_documentation_runs_with_the_wheel_alone(python: Path, tmp_path: Path) -> None:
    page = (ROOT / "docs" / "testing.md").read_text(encoding="utf-8")
    example = re.search(r"^```python\n(.*?)^```$", page, re.MULTILINE | re.DOTALL)
    assert example is not None
    tests = re.findall(r"^def (test_\w+)", example[1], re.MULTILINE)
    calls = "".join(f"\n{name}()" for name in tests)
    (tmp_path / "mine.py").write_text(f"{example[1]}\n{calls}\nimport aimcore\nprint(aimcore.__file__)\n")
    printed = run(python, "mine.py", cwd=tmp_path)
    assert len(tests) == 2
    assert printed.strip() == str(next(python.parents[1].glob("lib/python*/site-packages/aimcore/__init__.py")))


def test_the_wheel_says_that_it_is_typed_and_brings_its_definitions(python: Path) -> None:
    (package,) = python.parents[1].glob("lib/python*/site-packages/aimcore")
    assert (package / "py.typed").exists()
    assert len(list((package / "adapters" / "schemas" / "crds").glob("*.yaml"))) == 8


def test_the_wheel_brings_no_page_but_the_rules(python: Path) -> None:
    (package,) = python.parents[1].glob("lib/python*/site-packages/aimcore")
    (record,) = package.parent.glob("aimcore-*.dist-info/RECORD")
    files = [line.partition(",")[0] for line in record.read_text(encoding="utf-8").splitlines()]
    assert [name for name in files if name.endswith((".md", ".html", ".svg", ".css"))] == [
        "aimcore/entrypoints/cli/spec.md"
    ]


def test_the_domain_needs_nothing_but_python(python: Path) -> None:
    run(
        python,
        "-S",
        "-c",
        f"import sys; sys.path.append({str(next(python.parents[1].glob('lib/python*/site-packages')))!r})"
        "; import aimcore, aimcore.domain.decide; assert not {'attr', 'cattrs', 'yaml'} & set(sys.modules)",
        cwd=python.parent,
    )
