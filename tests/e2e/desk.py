"""A shell as a person has it: commands and what they print, kept for the page that shows them."""

from __future__ import annotations

import json
import os
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.e2e.ground import SYSTEM
from tests.e2e.node import REGISTRY, Node

__all__ = ["IMAGE", "Desk", "Page"]

IMAGE = f"{REGISTRY}/acme/chat"
_SHOWN_AS = "registry.example"
_TIMEOUT = 240.0
_LONGEST_WAIT = 180.0


@dataclass(slots=True)
class Page:
    """What people are shown, in Markdown, in the order in which it was tried."""

    parts: list[str] = field(default_factory=list)

    def head(self, title: str, sentence: str) -> None:
        """A scenario begins."""
        self.parts.append(f"## {title}\n\n{sentence}\n")

    def say(self, sentence: str) -> None:
        """A word between commands."""
        self.parts.append(f"{sentence}\n")

    def keep(self, command: str, printed: str) -> None:
        """A command, and what it printed."""
        text = f"$ {command}\n{printed}".rstrip()
        text = text.replace(REGISTRY, _SHOWN_AS)
        self.parts.append(f"```text\n{text}\n```\n")


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """A folder and a namespace of the cluster."""

    node: Node
    page: Page
    folder: Path
    namespace: str

    @property
    def image(self) -> str:
        """The stand-in, without a tag."""
        return IMAGE

    def run(self, command: str) -> str:
        """What a command prints; fails where the command does."""
        ran = self._ran(command)
        assert ran.returncode == 0, f"{command}\n{ran.stdout}\n{self._state()}"
        return ran.stdout

    def show(self, command: str) -> str:
        """The same, and the page keeps it."""
        printed = self.run(command)
        self.page.keep(command, printed)
        return printed

    def apply(self, name: str, text: str) -> None:
        """Write a manifest, and apply it: both are shown."""
        (self.folder / name).write_text(text)
        self.show(f"cat {name}")
        self.show(f"kubectl apply -f {name}")

    def service(self, name: str) -> dict[str, Any]:
        """An AIMService as it stands."""
        found: dict[str, Any] = json.loads(self.run(f"kubectl get aimservice {name} -o json"))
        return found

    def word(self, name: str) -> tuple[str, str, str]:
        """The word of a service, and reason and sentence of its condition Ready; empty before there are any."""
        status = self.service(name).get("status", {})
        ready: dict[str, str] = next((one for one in status.get("conditions", ()) if one["type"] == "Ready"), {})
        return status.get("status", ""), ready.get("reason", ""), ready.get("message", "")

    def until_word(self, name: str, word: str, reason: str) -> str:
        """Wait for word and reason of a service; its sentence."""
        self.until(lambda: self.word(name)[:2] == (word, reason), lambda: str(self.word(name)))
        return self.word(name)[2]

    def pods(self, name: str) -> dict[str, int]:
        """The pods of a service that do not end, by uid, with how often their containers were started again."""
        listed = json.loads(self.run(f"kubectl get pods -l aim.silogen.ai/service={name} -o json"))["items"]
        return {
            one["metadata"]["uid"]: sum(each["restartCount"] for each in one["status"].get("containerStatuses", ()))
            for one in listed
            if "deletionTimestamp" not in one["metadata"]
        }

    def address(self, name: str) -> str:
        """Where the Service of an AIMService answers."""
        return self.run(f"kubectl get service aim-{name} -o jsonpath={{.spec.clusterIP}}").strip()

    def metric(self, series: str) -> float:
        """What the operator counted of a series; 0 where there is none of it."""
        [pod] = self.run(f"kubectl get pods -n {SYSTEM} -o jsonpath={{.items[*].metadata.name}}").split()
        told = self.run(f"kubectl get --raw /api/v1/namespaces/{SYSTEM}/pods/{pod}:8080/proxy/metrics")
        return sum(float(line.split()[-1]) for line in told.splitlines() if line.startswith(f"{series} "))

    def until(self, holds: Callable[[], Any], told: Callable[[], str] = str) -> None:
        """Wait for something; fails with what `told` says."""
        ends = time.monotonic() + _LONGEST_WAIT
        while not holds():
            assert time.monotonic() < ends, f"{told()}\n{self._state()}"
            time.sleep(0.5)

    def clear(self) -> None:
        """Take everything away, pods without waiting for their end, so that the GPUs are free."""
        self._ran("kubectl delete aimservices,aimmodels,aimservicetemplates,aimruntimeconfigs --all --wait=false")
        self._ran("kubectl delete aimtemplatecaches,deployments,jobs --all --wait=false")
        self._ran("kubectl delete pods --all --force --grace-period=0")
        self._ran(f"kubectl delete namespace {self.namespace} --wait=false")

    def _state(self) -> str:
        """What stands where a scenario fails, and the last that the operator said."""
        shown = (
            "kubectl get aimservices,aimtemplatecaches,persistentvolumeclaims,jobs,pods -o wide",
            """kubectl get aimtemplatecaches -o jsonpath='{range .items[*]}{.status.conditions}{"\\n"}{end}'""",
            """kubectl get pods -o jsonpath='{range .items[*]}{.metadata.name}: {.status}{"\\n"}{end}'""",
            "kubectl get events --sort-by=.lastTimestamp | tail -20",
            f"kubectl logs -n {SYSTEM} deployment/aim-operator --tail=20",
        )
        return "\n".join(f"$ {command}\n{self._ran(command).stdout}" for command in shown)

    def _ran(self, command: str) -> subprocess.CompletedProcess[str]:
        environment = {
            "PATH": self.node.path,
            "KUBECONFIG": str(self.folder / "kubeconfig"),
            "KUBECACHEDIR": str(self.folder / "kubectl"),  # every node has the same address, and not the same kinds
            "LC_ALL": "C.UTF-8",
        }
        return subprocess.run(
            ["bash", "-c", command],
            cwd=self.folder,
            env=environment | {"HOME": os.environ.get("HOME", "/")},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=_TIMEOUT,
            check=False,
        )
