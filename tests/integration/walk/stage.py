"""What the walk through the document needs: a real control plane, two real registries, the operator, and a shell."""

from __future__ import annotations

import base64
import contextlib
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from examples.make_images import IMAGES

from tests.integration.cluster.control_plane import control_plane
from tests.integration.cluster.programs import programs
from tests.integration.registry.contents import image
from tests.integration.registry.registries import PASSWORDS, Registry, basic, htpasswd_registry, open_registry

__all__ = ["GUARDED", "OPEN", "Stage", "desk", "push", "stage"]

ROOT = Path(__file__).parents[3]
BIN = Path(sys.executable).parent
OPEN, GUARDED = "ghcr.io", "private.registry"
"""The hosts of the document; registries on loopback stand for them, and their names stand in what is printed."""
LOGIN = re.compile(r"(\.dockerconfigjson: )\S+")
FURTHER = {
    "ghcr.io/example/no-deployments:v1": {"com.amd.aim.model.canonicalName": "example/no-deployments"},
    "ghcr.io/example/no-labels:v1": {"maintainer": "somebody"},
}
TIMEOUT = 120.0

# What differs from run to run, and what is printed in its place. The last column of a table needs no padding.
_VARIES = (
    (re.compile(r"\b(?:\d+m(?:\d+s)?|\d+s)$", re.MULTILINE), "5s"),
    (re.compile(r"(?<=  <none>   )\ds(?=   )"), "0s"),
    (re.compile(r"\b\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z"), "2026-01-01T00:00:00Z"),
    (re.compile(r"\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b"), "<uid>"),
    (re.compile(r'resourceVersion: "\d+"'), 'resourceVersion: "1"'),
    (re.compile(r'(?<=Invalid value: )"object": '), ""),  # Kubernetes 1.34 says so before a message of a rule
)
OF_IT = (re.compile(r"(auto-<hash-of-image>[a-z0-9-]*-)[0-9a-f]{10}\b"), r"\g<1><digest>")
AUTOMATIC = r"\bauto-[0-9a-f]{16}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """A folder with the examples, and the environment of a shell in which `kubectl` and `aimcore` find the cluster."""

    folder: Path
    environment: dict[str, str]
    hosts: dict[str, str]

    def run(self, command: str) -> str:
        """Everything a command prints, as it would read if the document's registries were these."""
        for name, address in self.hosts.items():
            command = command.replace(name, address)
        ran = subprocess.run(
            ["bash", "-c", command],
            cwd=self.folder,
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=TIMEOUT,
            check=False,
        )
        return self._settled(ran.stdout)

    def _settled(self, printed: str) -> str:
        names = {re.escape(address): name for name, address in self.hosts.items()} | {AUTOMATIC: "auto-<hash-of-image>"}
        for found, name in names.items():
            printed = _renamed(printed, found, name)
        for pattern, constant in (*_VARIES, OF_IT):
            printed = pattern.sub(constant, printed)
        return re.sub(r"[ \t]+$", "", printed, flags=re.MULTILINE).rstrip("\n") + "\n" if printed.strip() else ""


def _renamed(printed: str, found: str, name: str) -> str:
    """What matches `found` under another name; in a table the columns stay in line."""
    cell = re.compile(rf"({found})(\S*)(?=  )")
    in_line = cell.sub(lambda match: f"{name}{match[2]}".ljust(len(match[0])), printed)
    return re.sub(found, lambda _: name, in_line)


@contextlib.contextmanager
def stage(folder: Path) -> Iterator[Stage]:
    """Everything started, with the images pushed and the operator running; and stopped in the end."""
    with contextlib.ExitStack() as stack:
        places = [folder / name for name in ("plane", "open", "guarded", "home")]
        for place in places:
            place.mkdir()
        cluster = stack.enter_context(control_plane(places[0]))
        registries = {
            OPEN: stack.enter_context(open_registry(places[1])),
            GUARDED: stack.enter_context(htpasswd_registry(places[2])),
        }
        push(registries)
        hosts = {name: registry.address for name, registry in registries.items()}
        place = desk(folder / "desk", hosts)
        environment = {
            "PATH": os.pathsep.join([str(BIN), str(programs()), os.environ["PATH"]]),
            "HOME": str(places[3]),
            "KUBECONFIG": str(cluster.kubeconfig),
            "PASSWORD": PASSWORDS["ann"],
            "AIM_PLAIN_HTTP": ",".join(hosts.values()),
            "NO_COLOR": "1",
            "COLUMNS": "80",
            "LC_ALL": "C.UTF-8",
        }
        stack.enter_context(_operator(place / "operator.log", environment))
        yield Stage(folder=place, environment=environment, hosts=hosts)


def push(registries: dict[str, Registry]) -> None:
    """The images of the examples, and those of the walk, each into the registry that stands for its host."""
    labels = {reference: said for reference, (said, _) in IMAGES.items()} | FURTHER
    for reference, said in labels.items():
        host, _, rest = reference.partition("/")
        repository, _, tag = rest.partition(":")
        with registries[host].pusher() as pusher:
            pusher.push(image(said), repository, tag)


def desk(folder: Path, hosts: dict[str, str]) -> Path:
    """A copy of the examples in which the hosts are addresses, and the password is one that the registry knows."""
    login = f'{{"auths":{{"{hosts[GUARDED]}":{{"auth":"{basic("ann", PASSWORDS["ann"])}"}}}}}}'
    shutil.copytree(ROOT / "examples", folder, ignore=shutil.ignore_patterns("images", "*.py"))
    for path in folder.rglob("*.yaml"):
        text = path.read_text()
        for name, address in hosts.items():
            text = text.replace(f"{name}/", f"{address}/")
        path.write_text(LOGIN.sub(rf"\g<1>{base64.b64encode(login.encode()).decode()}", text))
    return folder


@contextlib.contextmanager
def _operator(log: Path, environment: dict[str, str]) -> Iterator[None]:
    command = [str(BIN / "aimcore"), "operator", "--metrics-port", "0", "--health-port", "0"]
    with log.open("ab") as written:
        process = subprocess.Popen(command, stdout=written, stderr=written, env=environment)
    try:
        yield
    finally:
        process.terminate()
        process.wait(timeout=TIMEOUT)
