"""An environment with the wheel and what its metadata asks for, and nothing else of this project."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from importlib.metadata import Distribution, PathDistribution, distribution
from pathlib import Path

from packaging.requirements import Requirement

__all__ = ["ROOT", "ran", "run", "wheel_environment"]

ROOT = Path(__file__).parents[2]


def run(*command: str | Path, cwd: Path) -> str:
    """What it prints; it must succeed."""
    code, printed = ran(*command, cwd=cwd)
    assert code == 0, printed
    return printed


def ran(*command: str | Path, cwd: Path) -> tuple[int, str]:
    """How it ends and what it prints; the Python it starts finds only what its own environment holds, whatever this one was told."""
    done = subprocess.run(
        [*map(str, command)],
        cwd=cwd,
        env={name: value for name, value in os.environ.items() if not name.startswith("PYTHON")},
        check=False,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=240,
    )
    return done.returncode, done.stdout


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


def wheel_environment(home: Path, *beside: str) -> Path:
    """The Python of an environment that holds the wheel, unpacked as an installer would, and links to what its metadata asks for;
    and to other packages `beside` it.
    """
    run(sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", home, cwd=ROOT)
    (wheel,) = home.glob("*.whl")
    run(sys.executable, "-m", "venv", "--without-pip", home / "venv", cwd=home)
    (packages,) = (home / "venv").glob("lib/python*/site-packages")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(packages)
    (metadata,) = packages.glob("aimcore-*.dist-info")
    found = closure(PathDistribution(metadata), "testing")
    for name in beside:
        found |= {name: distribution(name), **closure(distribution(name), "")}
    tops = {
        path.parts[0]: one.locate_file(path.parts[0])
        for one in found.values()
        for path in one.files or ()
        if path.parts[0] not in ("..", "__pycache__")
    }
    for top, place in sorted(tops.items()):
        (packages / top).symlink_to(str(place))
    return home / "venv" / "bin" / "python"
