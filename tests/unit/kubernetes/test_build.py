"""The build, on a module of one small program and a Go of our own: what is kept, what is made again, and what is told."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.kubernetes import places

ROOT = Path(__file__).parents[3]
GO = """#!/bin/sh
case "$1" in
env) printf 'go{version}\\nlocal\\n';;
build) echo "$@" >>{calls}; {does}
  while [ "$1" != -o ]; do shift; done
  case "$2" in */helm-*/) echo made >"$2helm";; */) for one in kube-apiserver kube-controller-manager kubectl; do echo made >"$2$one"; done;; *) echo made >"$2";; esac;;
esac
"""


class Machine:
    """A PATH with this Go in it alone, and an empty cache."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.calls = folder / "calls"
        self.programs = folder / "cache" / places.version(places.MINORS[-1])
        (folder / "bin").mkdir()

    def has_go(self, version: str = "1.99.0", does: str = ":") -> None:
        go = self.folder / "bin" / "go"
        go.write_text(GO.format(version=version, calls=self.calls, does=does))
        go.chmod(0o755)

    def build(self, *said: str) -> subprocess.CompletedProcess[str]:
        environment = {places.CACHE: str(self.folder / "cache"), "PATH": f"{self.folder / 'bin'}:/bin:/usr/bin"}
        if not (self.folder / "bin" / "go").exists():
            environment["PATH"] = str(self.folder / "bin")
        command = [sys.executable, "-m", "tests.kubernetes.build", "control-plane", *said]
        return subprocess.run(
            command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=60, check=False
        )

    def built(self) -> int:
        return len(self.calls.read_text().splitlines()) if self.calls.exists() else 0


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


def test_everything_is_put_in_one_folder_that_is_told(machine: Machine) -> None:
    machine.has_go()
    done = machine.build()
    assert (done.returncode, done.stdout) == (0, f"{machine.programs}\n"), done.stderr
    names = ("etcd", "kube-apiserver", "kube-controller-manager", "kubectl", "helm")
    assert [(machine.programs / name).read_text() for name in names] == ["made\n"] * 5
    version = places.version(places.MINORS[-1])
    assert f"version.gitVersion=v{version} " in machine.calls.read_text()


def test_what_was_built_is_not_built_again_until_it_is_gone_or_of_other_pins(machine: Machine) -> None:
    machine.has_go()
    machine.build()
    assert (machine.build().returncode, machine.built()) == (0, 3)
    (machine.programs / "kubectl").unlink()
    assert (machine.build().returncode, machine.built()) == (0, 4)
    (machine.programs / "kubectl.stamp").write_text("of other pins")
    assert (machine.build().returncode, machine.built()) == (0, 5)


def test_where_there_is_no_go_it_is_said_what_to_install(machine: Machine) -> None:
    done = machine.build()
    assert done.returncode == 1
    assert "there is no Go in PATH, and Kubernetes is built with it; install Go 1.26.0 or newer" in done.stderr


def test_a_go_that_is_too_old_is_told(machine: Machine) -> None:
    machine.has_go(version="1.19.8")
    done = machine.build()
    assert (done.returncode, machine.built()) == (1, 0)
    assert "go1.19.8 is older than etcd 3.6.16 asks for; install Go 1.26.0 or newer" in done.stderr


def test_what_go_says_of_a_build_that_breaks_is_told_and_nothing_is_kept(machine: Machine) -> None:
    machine.has_go(does="echo 'no such module' >&2; exit 3")
    done = machine.build()
    assert done.returncode == 1
    assert "ended with 3:\nno such module" in done.stderr
    machine.has_go()
    assert machine.build().returncode == 0


def test_a_build_whose_time_is_over_is_stopped_and_says_that_the_next_goes_on(machine: Machine) -> None:
    machine.has_go(does="exec sleep 300")
    done = machine.build("--within", "0.2")
    assert done.returncode == 4
    assert "its time was over" in done.stderr
    assert "the next build goes on from there" in done.stderr
    assert not (machine.programs.parent / "etcd-3.6.16" / "etcd").exists()
