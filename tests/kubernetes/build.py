"""Builds a control plane, or what a node needs beside it, from the Go modules pinned here: `python -m tests.kubernetes.build`.

Only the standard library is needed, and Go. What was built is kept in the cache, and built again when a pin changes.
"""

from __future__ import annotations

import argparse
import contextlib
import fcntl
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.kubernetes.places import MINORS, MODULES, assets, cache, chosen, version

__all__ = ["Build", "NotBuilt", "builds", "main", "make"]

LEFT = 4
"""The exit code of a build that was stopped because its time was over; the next one goes on from Go's own cache."""
HOURS = 2 * 3600.0
_NEWS = 30.0
_SWITCHES = (1, 21)
"""The first Go that fetches a newer one by itself where a module asks for it."""


class NotBuilt(Exception):  # noqa: N818 - it says what happened
    """Why there is no program in the end: one sentence for a person."""


class TimeIsOverError(NotBuilt):
    """The build took longer than it was given."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Build:
    """Programs of one Go module, by the packages that they are built from. `minor` is where they are looked for."""

    module: str
    packages: tuple[str, ...]
    minor: str
    name: str = ""
    tags: str = ""

    @property
    def programs(self) -> tuple[str, ...]:
        """The names of the programs: the last words of the packages, or the one name given."""
        return (self.name,) if self.name else tuple(package.rpartition("/")[2] for package in self.packages)

    @property
    def folder(self) -> Path:
        """Where they are put."""
        own = self.module == self.minor
        return assets(self.minor) if own else cache() / f"{self.module}-{version(self.module)}"

    @property
    def linking(self) -> str:
        """The flags of the linker. CEL and the feature gates ask for the version that stands in the program."""
        if self.module != self.minor:
            return "-s -w"
        major, minor = self.minor.split(".")
        told = {"gitVersion": f"v{version(self.minor)}", "gitMajor": major, "gitMinor": minor}
        return " ".join(["-s -w", *(f"-X k8s.io/component-base/version.{key}={said}" for key, said in told.items())])

    @property
    def stamp(self) -> str:
        """What the programs were built from; another stamp means other programs."""
        pins = [(MODULES / self.module / name).read_text() for name in ("go.mod", "go.sum")]
        return hashlib.sha256(json.dumps([*pins, self.packages, self.tags, self.linking]).encode()).hexdigest()

    @property
    def stands(self) -> bool:
        """Whether all of them are there, built from these pins."""
        stamps = [self.folder / f"{program}.stamp" for program in self.programs]
        return all(one.is_file() and one.read_text() == self.stamp for one in stamps) and all(
            (self.folder / program).is_file() for program in self.programs
        )


def builds(target: str, minor: str) -> tuple[Build, ...]:
    """What a target consists of: `control-plane` with what installs things there, or `node` for what runs pods beside one."""
    command = "k8s.io/kubernetes/cmd/"
    if target == "control-plane":
        wanted = tuple(command + name for name in ("kube-apiserver", "kube-controller-manager", "kubectl"))
        etcd = Build(module="etcd", packages=("go.etcd.io/etcd/server/v3",), minor=minor, name="etcd")
        helm = Build(module="helm", packages=("helm.sh/helm/v3/cmd/helm",), minor=minor)
        return etcd, Build(module=minor, packages=wanted, minor=minor), helm
    of_node = tuple(command + name for name in ("kube-scheduler", "kubelet", "kube-proxy"))
    runtime = tuple(
        "github.com/containerd/containerd/v2/cmd/" + name for name in ("containerd", "containerd-shim-runc-v2", "ctr")
    )
    return (
        Build(module=minor, packages=of_node, minor=minor),
        Build(module="containerd", packages=runtime, minor=minor, tags="no_btrfs no_devmapper no_zfs"),
    )


# --- Go -----------------------------------------------------------------------------------------------------------------


def _number(text: str) -> tuple[int, ...]:
    return tuple(int(part) for part in re.findall(r"\d+", text)[:3])


def _require_go(module: str) -> None:
    """Raise `NotBuilt` where Go is missing, or is too old for the module and fetches no newer one."""
    asked = re.search(r"^go (\S+)$", (MODULES / module / "go.mod").read_text(), re.MULTILINE)
    wanted = asked[1] if asked else "1.24"
    install = f"install Go {wanted} or newer (https://go.dev/doc/install) and put it in PATH"
    if shutil.which("go") is None:
        raise NotBuilt(f"there is no Go in PATH, and Kubernetes is built with it; {install}")
    told = subprocess.run(["go", "env", "GOVERSION", "GOTOOLCHAIN"], capture_output=True, check=False, timeout=60)
    found, _, switching = told.stdout.decode().partition("\n")
    if not found:
        raise NotBuilt(f"go env fails: {told.stderr.decode().strip()}; {install}")
    fetches = _number(found) >= _SWITCHES and switching.strip() != "local"
    if _number(found) < _number(wanted) and not fetches:
        raise NotBuilt(f"{found} is older than {module} {version(module)} asks for; {install}")


def _compile(build: Build, into: Path, ends: float) -> None:
    """Run Go until its programs are in `into`, with a word from time to time. Raises `NotBuilt`."""
    place = into / build.name if build.name else f"{into}/"
    command = ["go", "build", "-v", "-mod=readonly", "-ldflags", build.linking, "-tags", build.tags, "-o", str(place)]
    log = into / "go.log"
    with log.open("wb") as written:
        process = subprocess.Popen([*command, *build.packages], cwd=MODULES / build.module, stderr=written)
    try:
        _follow(process, log, ends)
    finally:
        if process.poll() is None:
            process.terminate()
            process.wait()
    if process.returncode:
        tail = "\n".join(log.read_text(errors="replace").splitlines()[-15:])
        raise NotBuilt(f"go build in {MODULES / build.module} ended with {process.returncode}:\n{tail}")
    log.unlink()


def _follow(process: subprocess.Popen[bytes], log: Path, ends: float) -> None:
    began = time.monotonic()
    while True:
        try:
            process.wait(timeout=max(0.1, min(_NEWS, ends - time.monotonic())))
        except subprocess.TimeoutExpired:
            so_far = sum(1 for line in log.read_bytes().splitlines() if not line.startswith(b"go: "))
            spent = _spoken(time.monotonic() - began)
            if time.monotonic() >= ends:
                raise TimeIsOverError(f"its time was over after {spent} and {so_far} packages") from None
            _say(f"  {spent}: {so_far} packages compiled")
        else:
            return


# --- the cache ----------------------------------------------------------------------------------------------------------


@contextlib.contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """One build at a time in a folder; who comes second finds what the first has built."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def make(build: Build, ends: float) -> None:
    """See to it that the programs are there, and linked beside the others of their minor. Raises `NotBuilt`."""
    what = f"{', '.join(build.programs)} {version(build.module)}"
    with _alone(build.folder):
        if build.stands:
            _say(f"{what}: built before")
        else:
            _require_go(build.module)
            _say(f"{what}: building")
            began = time.monotonic()
            _build(build, ends)
            _say(f"{what}: built in {_spoken(time.monotonic() - began)}")
    beside = assets(build.minor)
    if beside != build.folder:
        beside.mkdir(parents=True, exist_ok=True)
        for program in build.programs:
            _link(beside / program, Path("..") / build.folder.name / program)


def _build(build: Build, ends: float) -> None:
    into = build.folder / ".building"
    shutil.rmtree(into, ignore_errors=True)
    into.mkdir()
    _compile(build, into, ends)
    for program in build.programs:
        (into / program).replace(build.folder / program)
        (build.folder / f"{program}.stamp").write_text(build.stamp)
    into.rmdir()


def _link(link: Path, target: Path) -> None:
    if not link.is_symlink() or link.readlink() != target:
        link.unlink(missing_ok=True)
        link.symlink_to(target)


# --- the command line ---------------------------------------------------------------------------------------------------


def _say(line: str) -> None:
    sys.stderr.write(f"{line}\n")
    sys.stderr.flush()


def _spoken(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"


def main() -> int:
    """0 when everything is there, 1 when it cannot be built, 4 when the time given was over."""
    parser = argparse.ArgumentParser(prog="python -m tests.kubernetes.build", description=__doc__)
    parser.add_argument("target", choices=("control-plane", "node"))
    parser.add_argument("--minor", default="", help=f"one of {', '.join(MINORS)}, oldest and newest")
    parser.add_argument("--within", type=float, default=HOURS, metavar="SECONDS", help="stop when these are over")
    said = parser.parse_args()
    ends = time.monotonic() + said.within
    try:
        minor = chosen(said.minor)
        for build in builds(said.target, minor):
            make(build, ends)
    except TimeIsOverError as error:
        _say(f"not built: {error}; the next build goes on from there")
        return LEFT
    except (NotBuilt, ValueError) as error:
        _say(f"not built: {error}")
        return 1
    sys.stdout.write(f"{assets(minor)}{os.linesep}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
