"""The chart as Helm renders it: with the helm that `make kubernetes` builds, or that in PATH."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path
from typing import Any

import yaml

from tests.integration.cluster.programs import require
from tests.kubernetes.places import cache, version

__all__ = ["CHART", "helm", "refused", "rendered"]

CHART = Path(__file__).parents[3] / "deploy" / "chart"


def helm() -> str:
    """The path of a helm; where there is none the case is skipped, or fails where nothing may be."""
    require("the chart", lambda: None if _found() else "no helm in the cache nor in PATH; make kubernetes builds one")
    return str(_found())


def _found() -> str | None:
    built = cache() / f"helm-{version('helm')}" / "helm"
    return str(built) if built.is_file() else shutil.which("helm")


def rendered(*values: str) -> list[dict[str, Any]]:
    """All documents of the chart with these values, hooks included and definitions not."""
    told = _template(*values)
    assert told.returncode == 0, told.stderr
    return [one for one in yaml.safe_load_all(told.stdout) if one]


def refused(*values: str) -> str:
    """What Helm says against these values."""
    told = _template(*values)
    assert told.returncode != 0, "Helm takes them"
    return told.stderr


def _template(*values: str) -> subprocess.CompletedProcess[str]:
    command = [helm(), "template", "aimcore", str(CHART), "--namespace", "aim-system", "--kube-version", "1.34.0"]
    return subprocess.run([*command, *values], capture_output=True, text=True, check=False, timeout=60)
