"""The operator on the node, as the pages say it is installed, and the node's GPUs."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

from tests.e2e.node import ADDRESS, NODE, REGISTRY, Node
from tests.e2e.prepare import OPERATOR, ROOT

__all__ = ["GPUS", "SYSTEM", "install", "set_gpus", "trust", "upgrade"]

SYSTEM = "aim-system"
GPUS = 8
_MI300X = "amd.com/gpu.device-id=74a1"
_SETTINGS = {
    "image.repository": f"{REGISTRY}/aimcore",
    "settings.AIM_PLAIN_HTTP": ADDRESS,
    "settings.AIM_DEFAULT_RESOURCES": "none",
    "settings.AIM_LOG_FORMAT": "text",
    "networkPolicy.egressPorts": "{443,5000,6443}",
}


def install(node: Node) -> None:
    """The chart, with the first of the operator's images; a node of eight GPUs."""
    node.kubectl("label", "node", NODE, _MI300X)
    set_gpus(node, GPUS)
    _helm(node, "install", "--create-namespace", "--set", f"image.tag={_tag(0)}")
    node.kubectl("rollout", "status", "deployment/aim-operator", "-n", SYSTEM, "--timeout=50s")


def upgrade(node: Node) -> None:
    """The chart again, with the second image."""
    _helm(node, "upgrade", "--reset-then-reuse-values", "--set", f"image.tag={_tag(1)}")


def trust(node: Node, authorities: Path) -> None:
    """The chart again, with the same image and these certificates of authorities."""
    _helm(node, "upgrade", "--reset-then-reuse-values", "--set-file", f"ca={authorities}")
    node.kubectl("rollout", "status", "deployment/aim-operator", "-n", SYSTEM, "--timeout=120s")


def set_gpus(node: Node, number: int) -> None:
    """What the node says it has, as a device plugin would make it say."""
    amount = {"amd.com/gpu": str(number)}
    patch = json.dumps({"status": {"capacity": amount, "allocatable": amount}})
    node.kubectl("patch", "node", NODE, "--subresource=status", "--type=merge", "-p", patch)


def _helm(node: Node, verb: str, *flags: str) -> None:
    """Run helm on the project's chart."""
    values = [word for name, value in _SETTINGS.items() for word in ("--set", f"{name}={value}")]
    command = [str(node.programs / "helm"), "--kubeconfig", str(node.kubeconfig), verb, "aimcore", "deploy/chart"]
    command += ["--namespace", SYSTEM, *values, *flags]
    ran = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=120)
    if ran.returncode:
        raise AssertionError(f"helm {verb}: {ran.stdout}{ran.stderr}")


def _tag(number: int) -> str:
    return OPERATOR[number].rpartition(":")[2]
