"""Applies each patch to a copy of the project, runs the test that it names, and tells what caught it: `make planted`."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

PATCHES = Path(__file__).parent
ROOT = PATCHES.parents[1]
COPIED = ("src", "tests", "deploy", "docs", "examples")
SECONDS_AT_MOST = 300
NAMED = 3  # tests that are named of all that caught a bug
FAILED = re.compile(r"^FAILED (.+?)(?: - .*)?$", re.MULTILINE)


class Planted(NamedTuple):
    """A patch, the law that it breaks, and the test that ought to fail."""

    path: Path
    bug: str
    law: str
    test: str


def planted() -> Iterator[Planted]:
    """Every patch, by name. Raises `KeyError` for one that does not say its bug, law and test."""
    for path in sorted(PATCHES.glob("*.patch")):
        said = dict(re.findall(r"^(Bug|Law|Test): (.+)$", path.read_text(), re.MULTILINE))
        yield Planted(path=path, bug=said["Bug"], law=said["Law"], test=said["Test"])


def main() -> int:
    """Exit code 1 where a bug was not caught, or a test fails without any."""
    found = list(planted())
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        for name in COPIED:
            shutil.copytree(ROOT / name, home / name, ignore=shutil.ignore_patterns("__pycache__"))
        shutil.copy(ROOT / "pyproject.toml", home)
        sound = _run(home, *sorted({one.test for one in found}))
        if sound.returncode:
            _say(f"without any bug the tests fail already:\n{sound.stdout}")
            return 1
        missed = [one.path.name for one in found if not _is_caught(home, one)]
    _say(f"{len(found) - len(missed)} of {len(found)} planted bugs were caught")
    for name in missed:
        _say(f"not caught: {name}; write a test that fails with it")
    return 1 if missed else 0


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def _is_caught(home: Path, one: Planted) -> bool:
    _patch(home, one, "--forward")
    try:
        done = _run(home, one.test)
    finally:
        _patch(home, one, "--reverse")
    caught = FAILED.findall(done.stdout) if done.returncode == 1 else []
    by = ", ".join(name.rpartition("/")[2] for name in caught[:NAMED]) or "NOTHING"
    more = f" and {len(caught) - NAMED} more" if len(caught) > NAMED else ""
    _say(f"{one.path.name}: {one.bug}\n  law: {one.law}\n  caught by: {by}{more}")
    return bool(caught)


def _patch(home: Path, one: Planted, *how: str) -> None:
    command = ["patch", "--strip=1", "--silent", *how, f"--input={one.path}"]
    subprocess.run(command, cwd=home, check=True, timeout=60)


def _run(home: Path, *tests: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-n", "0", "-q", "--no-header", *tests]
    paths = {"PYTHONPATH": f"{home / 'src'}{os.pathsep}{home}", "PYTHONDONTWRITEBYTECODE": "1"}
    return subprocess.run(
        command,
        cwd=home,
        env={**os.environ, **paths},
        capture_output=True,
        text=True,
        timeout=SECONDS_AT_MOST,
        check=False,
    )


if __name__ == "__main__":
    raise SystemExit(main())
