"""Where the tests find the programs of Kubernetes, and what becomes of a case that finds none."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest

from aimcore.adapters.memory.minors import OLDEST
from tests.kubernetes.places import assets, chosen

__all__ = ["kubectl", "minor", "missing", "no_kubectl", "programs", "require"]

_NEEDED = ("etcd", "kube-apiserver", "kube-controller-manager")


def programs() -> Path:
    """The folder of the programs: KUBEBUILDER_ASSETS where that is set, else that of the chosen minor in the cache."""
    said = os.environ.get("KUBEBUILDER_ASSETS")
    return Path(said) if said else assets(chosen())


def kubectl() -> str | None:
    """The kubectl of these programs, or that in PATH."""
    return shutil.which("kubectl", path=os.pathsep.join([str(programs()), os.environ.get("PATH", os.defpath)]))


@cache
def minor() -> int:
    """The minor that the API server among them is of, and the chosen one where there is none: 37 of Kubernetes 1.37."""
    server = programs() / "kube-apiserver"
    if not server.is_file():
        return int(chosen().partition(".")[2])
    told = subprocess.run([server, "--version"], capture_output=True, check=True, timeout=60)
    found = re.match(rb"Kubernetes v1\.(\d+)\.", told.stdout)
    assert found is not None, told.stdout
    return int(found[1])


def missing() -> str | None:
    """What a real control plane lacks on this machine; None when it can be started."""
    lacking = [name for name in _NEEDED if not (programs() / name).is_file()]
    if lacking:
        return f"no {', '.join(lacking)} in {programs()}; make kubernetes builds them, or KUBEBUILDER_ASSETS names a folder"
    return None if shutil.which("openssl") else "no openssl to make the service account key with"


def no_kubectl() -> str | None:
    """Why there is no kubectl to try: none at all, or one older than every Kubernetes that is supported."""
    found = kubectl()
    if found is None:
        return f"no kubectl in {programs()} nor in PATH; make kubernetes builds one"
    told = subprocess.run([found, "version", "--client", "-o", "json"], capture_output=True, check=False, timeout=60)
    version = re.search(rb'"gitVersion": "v1\.(\d+)', told.stdout)
    if version is None or int(version[1]) < OLDEST:
        return f"{found} is older than 1.{OLDEST}; make kubernetes builds one"
    return None


def require(what: str, *lacks: Callable[[], str | None]) -> None:
    """Skip the case where something is lacking; fail it on a machine that may skip nothing."""
    reason = next((found for lack in lacks if (found := lack())), None)
    if reason and os.environ.get("AIMCORE_SKIP_NOTHING"):
        pytest.fail(f"{what} must be tried here, and cannot be: {reason}")
    if reason:
        pytest.skip(f"{what} is not tried: {reason}")
