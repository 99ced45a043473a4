"""The images of the scenarios: a binary on nothing, put together and pushed without any tool."""

from __future__ import annotations

import io
import json
import tarfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tests.integration.registry.contents import Content, image

__all__ = ["CANONICAL", "pause", "serving"]

CANONICAL = "acme/chat"
"""The model that the stand-in says it serves."""
_PROGRAM = "/standin"


def serving(program: Path, *, version: str) -> Content:
    """An AIM image: it says how it is to be deployed, and serves."""
    deployments = [{"gpuModel": "MI300X", "gpuCount": 1, "precision": "fp16", "metric": "latency"}]
    labels = {
        "com.amd.aim.model.canonicalName": CANONICAL,
        "com.amd.aim.model.recommendedDeployments": json.dumps(deployments),
        "com.amd.aim.title": "Chat",
        "org.opencontainers.image.version": version,
    }
    return _one(program, labels, {"Entrypoint": [_PROGRAM], "Env": [f"AIM_ID={CANONICAL}"]})


def pause(program: Path) -> Content:
    """What keeps the namespaces of a pod."""
    return _one(program, {}, {"Entrypoint": [_PROGRAM, "pause"]})


def _one(program: Path, labels: Mapping[str, str], settings: Mapping[str, Any]) -> Content:
    archive = io.BytesIO()
    with tarfile.open(fileobj=archive, mode="w") as tar:
        entry = tarfile.TarInfo(_PROGRAM.removeprefix("/"))
        entry.mode, entry.size = 0o755, program.stat().st_size
        with program.open("rb") as content:
            tar.addfile(entry, content)
    return image(labels, layer=archive.getvalue(), settings=settings)
