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

__all__ = ["PROGRAM", "Ended", "begun", "download", "surroundings", "tree"]

PROGRAM: Final = (sys.executable, "-c", "from aimcore.entrypoints.cli import main; main()")


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


def tree(folder: Path) -> dict[str, str]:
    """All files below a folder, each with the digest of its content."""
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }
