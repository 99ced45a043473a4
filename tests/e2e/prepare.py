"""What the scenarios need and make only once: programs, a base, the operator's image, the stand-in. Kept in the cache."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from tests.kubernetes.build import HOURS, NotBuilt, builds, make
from tests.kubernetes.places import MINORS, assets, cache

__all__ = ["CNI", "OPERATOR", "Prepared", "lacking", "prepare", "storage"]

ROOT = Path(__file__).parents[2]
CNI = Path("/usr/lib/cni")
RELEASE = "bookworm"
OPERATOR = ("localhost/aimcore:one", "localhost/aimcore:two")
"""The operator's image, and one that only a label tells from it: what an upgrade goes to."""
_BASE = "localhost/python-base:latest"
_PACKAGES = {
    "buildah": "buildah",
    "debootstrap": "debootstrap",
    "docker-registry": "docker-registry",
    "go": "golang-go",
    "iptables": "iptables",
    "openssl": "openssl",
    "runc": "runc",
    "unshare": "util-linux",
}
"""Each program that is needed beside what is built from Go modules, and the package of Debian that has it."""
_TIMEOUT = 1800.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """Where things are: the programs of Kubernetes, the storage of buildah, and the stand-in as a program."""

    programs: Path
    standin: Path


def lacking() -> str | None:
    """Why no node can come up on this machine; None where one can be tried."""
    if sys.platform != "linux":
        return "a node needs Linux"
    if os.geteuid() != 0:
        return "a node needs root"
    missing = [package for program, package in _PACKAGES.items() if shutil.which(program) is None]
    if not (CNI / "bridge").is_file():
        missing.append("containernetworking-plugins")
    return f"apt-get install {' '.join(missing)}" if missing else None


def place() -> Path:
    """The folder of what is kept, beside the programs of Kubernetes."""
    return cache().parent / "e2e"


def storage() -> tuple[str, ...]:
    """The command of buildah, with a storage of its own."""
    kept = place() / "images"
    return ("buildah", "--storage-driver", "overlay", "--root", str(kept / "root"), "--runroot", str(kept / "run"))


def prepare() -> Prepared:
    """Everything, or `NotBuilt` with a sentence about what is in the way."""
    minor = MINORS[-1]
    for target in ("control-plane", "node"):
        for build in builds(target, minor):
            make(build, time.monotonic() + HOURS)
    place().mkdir(parents=True, exist_ok=True)
    standin = _standin()
    _base()
    for number, name in enumerate(OPERATOR):
        _operator(name, f"aimcore.e2e={number}")
    return Prepared(programs=assets(minor), standin=standin)


def _standin() -> Path:
    built = place() / "standin"
    _run(
        *("go", "build", "-trimpath", "-ldflags", "-s -w", "-o", str(built), "."),
        folder=Path(__file__).parent / "standin",
        environment={"CGO_ENABLED": "0"},
    )
    return built


def _base() -> None:
    """Debian with a Python, as a base to build the operator's image on: no registry is needed for it."""
    if _stands(_BASE):
        return
    with tempfile.TemporaryDirectory(dir=place()) as scratch:
        system = Path(scratch) / "system"
        packages = "--include=python3,python3-venv,ca-certificates"
        _run("debootstrap", "--variant=minbase", packages, RELEASE, str(system))
        shutil.rmtree(system / "var" / "cache" / "apt")
        shutil.rmtree(system / "var" / "lib" / "apt" / "lists")
        container = _run(*storage(), "from", "scratch").strip()
        _run(*storage(), "add", container, str(system), "/")
        _run(*storage(), "config", "--env", "PATH=/usr/local/bin:/usr/bin:/bin", container)
        _run(*storage(), "commit", "--rm", container, _BASE)


def _stands(image: str) -> bool:
    found = subprocess.run(
        [*storage(), "inspect", "--type", "image", image], capture_output=True, check=False, timeout=60
    )
    return found.returncode == 0


def _operator(name: str, label: str) -> None:
    """The project's own Containerfile; what did not change is taken from the build before."""
    lent = [f"--volume={path}:{path}:ro" for path in ("/etc/ssl/certs", "/etc/pip.conf") if Path(path).exists()]
    _run(
        *(*storage(), "bud", "--isolation", "chroot", "--layers", *lent, "--build-arg", f"BASE={_BASE}"),
        *("--label", label, "-f", "deploy/Containerfile", "-t", name, "."),
        folder=ROOT,
    )


def _run(*command: str, folder: Path | None = None, environment: dict[str, str] | None = None) -> str:
    ran = subprocess.run(
        command,
        cwd=folder,
        env=os.environ | (environment or {}),
        capture_output=True,
        text=True,
        timeout=_TIMEOUT,
        check=False,
    )
    if ran.returncode:
        tail = "\n".join((ran.stdout + ran.stderr).splitlines()[-15:])
        raise NotBuilt(f"{' '.join(command)} ended with {ran.returncode}:\n{tail}")
    return ran.stdout
