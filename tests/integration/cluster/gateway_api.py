"""The definitions of the Gateway API, from the Go module that is pinned in tests/kubernetes/gateway-api."""

from __future__ import annotations

import os
import subprocess
import time
from pathlib import Path
from typing import Any

import yaml

from tests.integration.cluster.driver import RealCluster
from tests.kubernetes.places import MODULES, version

__all__ = ["install", "no_definitions"]

_ROUTES = "/apis/gateway.networking.k8s.io/v1/httproutes"


def _folder() -> Path:
    """Where Go keeps the module: in its cache, fetched by `go mod download` in the folder of the pin."""
    home = os.environ.get("GOMODCACHE") or Path(os.environ.get("GOPATH") or Path.home() / "go") / "pkg" / "mod"
    return Path(home) / f"sigs.k8s.io/gateway-api@v{version('gateway-api')}" / "config/crd/standard"


def _definition() -> Path:
    return _folder() / "gateway.networking.k8s.io_httproutes.yaml"


def no_definitions() -> str | None:
    """Why there is no definition of HTTPRoute on this machine; fetched by Go where it is there and the module is not."""
    if _definition().is_file():
        return None
    command = ["go", "mod", "download", "sigs.k8s.io/gateway-api"]
    try:
        subprocess.run(command, cwd=MODULES / "gateway-api", capture_output=True, check=True, timeout=120)
    except (OSError, subprocess.SubprocessError):
        return f"no {_definition().name} in {_folder()}; `go mod download` in tests/kubernetes/gateway-api fetches it"
    return None if _definition().is_file() else f"no {_definition()}"


def install(cluster: RealCluster) -> None:
    """Lets the cluster serve HTTPRoute, if it does not."""
    if cluster.answers(_ROUTES):
        return
    [definition] = [one for one in yaml.safe_load_all(_definition().read_text()) if one]
    sent: dict[str, Any] = definition
    cluster.send("POST", "/apis/apiextensions.k8s.io/v1/customresourcedefinitions", sent)
    until = time.monotonic() + 60
    while not cluster.answers(_ROUTES):
        assert time.monotonic() < until, "HTTPRoute is not served after 60 s"
        time.sleep(0.1)
