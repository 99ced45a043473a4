"""`aimcore download` as a process of its own, and what it leaves behind."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

__all__ = ["PROGRAM", "Ended", "begun", "download", "peak", "sparse", "surroundings", "tree"]

PROGRAM: Final = (sys.executable, "-c", "from aimcore.entrypoints.cli import main; main()")

_MEASURED: Final = (
    "import atexit, re; from aimcore.entrypoints.cli import main; "
    "atexit.register(lambda: print(re.search(r'VmHWM:\\s*([0-9]+)', open('/proc/self/status').read())[1])); "
    "main()"
)
"""The program, which prints its own peak at its end: what a parent is told of it counts the parent's pages too."""


@dataclass(frozen=True, kw_only=True)
class Ended:
    """How a run ended: its exit code, its termination message, and all that it printed."""

    code: int
    told: Mapping[str, Any]
    out: str
    err: str

    @property
    def cause(self) -> str | None:
        found: str | None = self.told["cause"]
        return found


def surroundings(**variables: str) -> dict[str, str]:
    """The environment of a run: nothing of this machine's but where programs are."""
    return {"PATH": os.environ["PATH"], "HOME": "/nonexistent", **variables}


def begun(*arguments: str, log: Path, **variables: str) -> subprocess.Popen[str]:
    """A run that goes on."""
    command = [*PROGRAM, "download", *arguments, "--termination-log", str(log)]
    return subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=surroundings(**variables)
    )


def download(*arguments: str, log: Path, stdin: str | None = None, **variables: str) -> Ended:
    """A run to its end."""
    command = [*PROGRAM, "download", *arguments, "--termination-log", str(log)]
    done = subprocess.run(
        command, capture_output=True, text=True, env=surroundings(**variables), input=stdin, timeout=120, check=False
    )
    told = json.loads(log.read_text()) if log.exists() else {}
    return Ended(code=done.returncode, told=told, out=done.stdout, err=done.stderr)


def peak(*arguments: str, **variables: str) -> float:
    """A run that ends well: the MiB that were resident at its peak."""
    command = [sys.executable, "-c", _MEASURED, "download", *arguments]
    done = subprocess.run(command, env=surroundings(**variables), capture_output=True, text=True, check=True)
    return int(done.stdout.splitlines()[-1]) / 1024


def sparse(path: Path, mebibytes: int) -> Path:
    """A file of zeros, none of which is kept on the disk."""
    with path.open("wb") as file:
        file.truncate(mebibytes * 1024 * 1024)
    return path


def tree(folder: Path) -> dict[str, str]:
    """All files below a folder, each with the digest of its content."""
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }
