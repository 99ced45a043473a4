"""Where the programs of Kubernetes are that this project builds for its tests: which minors, which version of each, which folder."""

from __future__ import annotations

import os
import re
from pathlib import Path

__all__ = ["CACHE", "CHOICE", "MINORS", "MODULES", "assets", "cache", "chosen", "version"]

MODULES = Path(__file__).parent
"""A folder for each Go module: a minor of Kubernetes by its number, and etcd, containerd and helm by their names."""
CACHE = "AIMCORE_KUBERNETES"
"""The environment variable with the folder of what was built."""
CHOICE = "AIMCORE_KUBERNETES_MINOR"
"""The environment variable with the minor that the tests start: `1.34`, `oldest` or `newest`."""


def _minors() -> tuple[str, ...]:
    found = (folder.name for folder in MODULES.iterdir() if re.fullmatch(r"\d+\.\d+", folder.name))
    return tuple(sorted(found, key=lambda name: [int(part) for part in name.split(".")]))


MINORS = _minors()
"""The minors that can be built, the oldest first."""


def version(module: str) -> str:
    """The release that a folder's go.mod pins, without its `v`: `1.37.2` of `1.37`."""
    pinned = re.search(r"^require \S+ v(\S+)$", (MODULES / module / "go.mod").read_text(), re.MULTILINE)
    if pinned is None:
        raise ValueError(f"{MODULES / module / 'go.mod'} requires nothing in a line of its own")
    return pinned[1]


def chosen(said: str = "") -> str:
    """The minor that is meant by `said`, or by the environment where nothing is said; the newest where that is silent too."""
    meant = said or os.environ.get(CHOICE) or "newest"
    minor = {"oldest": MINORS[0], "newest": MINORS[-1]}.get(meant, meant)
    if minor not in MINORS:
        raise ValueError(f"Kubernetes {meant!r} is not among {', '.join(MINORS)}, oldest and newest")
    return minor


def cache() -> Path:
    """The folder of what was built, outside of the project."""
    said = os.environ.get(CACHE)
    if said:
        return Path(said).expanduser().absolute()
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "aimcore" / "kubernetes"


def assets(minor: str) -> Path:
    """The folder with the programs of a minor, and with links to those that go with it."""
    return cache() / version(minor)
