"""The wheel and its extra `testing` are enough: the example of docs/testing.md runs where nothing else is installed."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from importlib.metadata import Distribution, PathDistribution, distribution
from pathlib import Path

import pytest
from packaging.requirements import Requirement

ROOT = Path(__file__).parents[2]


def run(*command: str | Path, cwd: Path) -> str:
    """What it prints; the Python it starts finds only what its own environment holds, whatever this one was told."""
    ran = subprocess.run(
        [*map(str, command)],
        cwd=cwd,
        env={name: value for name, value in os.environ.items() if not name.startswith("PYTHON")},
        check=False,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=240,
    )
    assert ran.returncode == 0, ran.stdout
    return ran.stdout


def needed(one: Distribution, extra: str) -> Iterator[Requirement]:
    """What a distribution asks for in this environment, with one extra or with none."""
    for text in one.requires or ():
        requirement = Requirement(text)
        if requirement.marker is None or requirement.marker.evaluate({"extra": extra}):
            yield requirement


def closure(one: Distribution, extra: str) -> dict[str, Distribution]:
    """Every distribution that installing this one would bring, by name."""
    found: dict[str, Distribution] = {}
    waiting = list(needed(one, extra))
    while waiting:
        requirement = waiting.pop()
        if requirement.name not in found:
            found[requirement.name] = live = distribution(requirement.name)
            assert live.version in requirement.specifier
            waiting.extend(needed(live, ""))
    return found


@pytest.fixture(scope="module")
def python(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An environment that holds the wheel, unpacked as an installer would, and links to what its metadata asks for."""
    home = tmp_path_factory.mktemp("wheel")
    run(sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", home, cwd=ROOT)
    (wheel,) = home.glob("*.whl")
    run(sys.executable, "-m", "venv", "--without-pip", home / "venv", cwd=home)
    (packages,) = (home / "venv").glob("lib/python*/site-packages")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(packages)
    (metadata,) = packages.glob("aimcore-*.dist-info")
    for one in closure(PathDistribution(metadata), "testing").values():
        tops = {path.parts[0] for path in one.files or () if path.parts[0] not in ("..", "__pycache__")}
        for top in sorted(tops):
            (packages / top).symlink_to(str(one.locate_file(top)))
    return home / "venv" / "bin" / "python"


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
    assert len(list((package / "adapters" / "schemas" / "crds").glob("*.yaml"))) == 7


def test_the_domain_needs_nothing_but_python(python: Path) -> None:
    run(
        python,
        "-S",
        "-c",
        f"import sys; sys.path.append({str(next(python.parents[1].glob('lib/python*/site-packages')))!r})"
        "; import aimcore, aimcore.domain.decide; assert not {'attr', 'cattrs', 'yaml'} & set(sys.modules)",
        cwd=python.parent,
    )
