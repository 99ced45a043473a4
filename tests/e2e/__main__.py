"""`python -m tests.e2e [PYTEST ARGUMENTS]`: prepares, and runs the scenarios in namespaces of their own.

Where the machine can bring up no node this says so and ends with 0; a node that is up and a scenario that fails ends with 1.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.e2e.prepare import ROOT, lacking, prepare
from tests.kubernetes.build import NotBuilt

__all__ = ["main"]

FOLDER, PREPARED = "AIMCORE_E2E_FOLDER", "AIMCORE_E2E_PREPARED"
"""How the scenarios learn where the node may put its files, and where what was prepared is."""
_ALONE = ("unshare", "--net", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc", "--propagation", "private")


def main() -> int:
    """What pytest returns; 0 with a loud word where nothing could be tried."""
    reason = lacking()
    if reason is not None:
        return _not_run(reason)
    try:
        prepared = prepare()
    except NotBuilt as error:
        return _not_run(str(error))
    folder = Path(tempfile.mkdtemp(prefix="aim-", dir="/tmp"))
    environment = {
        FOLDER: str(folder),
        PREPARED: json.dumps({"programs": str(prepared.programs), "standin": str(prepared.standin)}),
    }
    before = _groups()
    pytest = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "tests/e2e", *sys.argv[1:]]
    try:
        return subprocess.run([*_ALONE, *pytest], cwd=ROOT, env=os.environ | environment, check=False).returncode
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        for group in _groups() - before:
            with contextlib.suppress(OSError):  # it is not empty, and so of another runtime
                group.rmdir()


def _groups() -> set[Path]:
    """The control groups of containers: they have no namespace here, and outlive their processes."""
    top = Path("/sys/fs/cgroup")
    return {path for pattern in ("k8s.io/*/", "*/k8s.io/*/") for path in top.glob(pattern)}


def _not_run(reason: str) -> int:
    line = "!" * 100
    sys.stderr.write(
        f"{line}\nNOT RUN: no scenario was tried on a real node, for none can come up here: {reason}\n{line}\n"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
