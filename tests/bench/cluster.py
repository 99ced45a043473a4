"""The operator on a real control plane, beside a bare loop that sends the fewest requests, and beside an operator on kopf."""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from aimcore.adapters.memory.kinds import Address
from tests.bench.measure import Row, at_most
from tests.integration.cluster.control_plane import control_plane
from tests.integration.cluster.driver import RealCluster
from tests.integration.cluster.programs import missing

BIN = Path(sys.executable).parent
HEALTH = 18_081
TIMEOUT = 900.0
DEPLOYMENTS = [{"gpuModel": "MI300X", "gpuCount": 1 + number, "metric": "latency"} for number in range(8)]
METADATA = {"model": {"canonicalName": "acme/chat", "recommendedDeployments": DEPLOYMENTS}}


@dataclass(frozen=True, slots=True)
class Spent:
    """Seconds by the clock until all were Ready, and of processor until the process had ended."""

    wall: float
    cpu: float


def rows(models: int) -> Iterator[Row]:
    """B2, B4 and B5, each contender with models of its own in a namespace of its own."""
    if reason := missing():
        yield Row(f"nothing: {reason}", "not measured", "", met=False)
        return
    with TemporaryDirectory() as folder, control_plane(Path(folder)) as cluster:
        _give_gpus(cluster)
        base = _memory(cluster, "one", 1)
        operator = _spent(cluster, "ours", models, _operator(cluster, "ours"))
        floor = _spent(cluster, "floor", models, [sys.executable, "-m", "tests.bench.floor"], _work(cluster))
        yield at_most("time to converge, over the bare loop", operator.wall / floor.wall, 1.15)
        yield at_most("processor time for it, over the bare loop", operator.cpu / floor.cpu, 1.25)
        if find_spec("kopf") is None:
            yield Row("time to converge, over kopf", "not measured", "<= 0.5", met=False)
        else:
            peer = _spent(
                cluster, "peer", models, [str(BIN / "kopf"), "run", "-q", "-n", "peer", "tests/bench/peer.py"]
            )
            yield at_most("time to converge, over kopf", operator.wall / peer.wall, 0.5)
            yield at_most("processor time for it, over kopf", operator.cpu / peer.cpu, 0.5)
        yield from _restarted(cluster, models, base)


def _give_gpus(cluster: RealCluster) -> None:
    """A node that every template finds its GPUs on."""
    labels, gpus = {"amd.com/gpu.device-id": "74a1"}, {"amd.com/gpu": "8"}
    node = {"apiVersion": "v1", "kind": "Node", "metadata": {"name": "bench", "labels": labels}}
    cluster.create(node, manager="bench")
    status = {"status": {"capacity": gpus, "allocatable": gpus}}
    cluster.patch(Address("Node", None, "bench"), status, manager="kubelet", subresource="status")


def _operator(cluster: RealCluster, namespace: str) -> list[str]:
    quiet = ["--no-elect", "--metrics-port", "0", "--health-port", str(HEALTH), "--log-level", "warning"]
    where = ["--kubeconfig", str(cluster.kubeconfig), "--namespaces", namespace]
    return [str(BIN / "aimcore"), "operator", *where, *quiet]


# Converging -------------------------------------------------------------------------------------------------------------


def _spent(cluster: RealCluster, namespace: str, models: int, command: list[str], said: str = "") -> Spent:
    _populate(cluster, namespace, models)
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    began = time.monotonic()
    with _running(cluster, command, said):
        _until(lambda: _all_ready(cluster, namespace, "AIMModel", models), every=0.5)
        _until(lambda: _all_ready(cluster, namespace, "AIMServiceTemplate", models * len(DEPLOYMENTS)), every=0.5)
        wall = time.monotonic() - began
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return Spent(wall, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)


def _populate(cluster: RealCluster, namespace: str, models: int) -> None:
    cluster.create({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": namespace}}, manager="bench")
    for number in range(models):
        _put(cluster, namespace, f"m-{number}")


def _put(cluster: RealCluster, namespace: str, name: str) -> None:
    spec = {"image": f"acme/{name}:1", "imageMetadata": METADATA}
    metadata = {"name": name, "namespace": namespace}
    manifest = {"apiVersion": "aim.silogen.ai/v1alpha1", "kind": "AIMModel", "metadata": metadata, "spec": spec}
    cluster.create(manifest, manager="bench")


@contextmanager
def _running(cluster: RealCluster, command: list[str], said: str = "") -> Iterator[subprocess.Popen[str]]:
    environment = {**os.environ, "KUBECONFIG": str(cluster.kubeconfig)}
    with subprocess.Popen(command, stdin=subprocess.PIPE, env=environment, text=True) as process:
        assert process.stdin is not None
        process.stdin.write(said)
        process.stdin.close()
        try:
            yield process
        finally:
            process.terminate()
            process.wait(timeout=60)


def _until(holds: Callable[[], bool], *, every: float) -> None:
    ends = time.monotonic() + TIMEOUT
    while not holds():
        assert time.monotonic() < ends, "not there in time"
        time.sleep(every)


def _all_ready(cluster: RealCluster, namespace: str, kind: str, count: int) -> bool:
    words = list(cluster.column(kind, namespace, "Status"))
    return words.count("Ready") >= count


def _work(cluster: RealCluster) -> str:
    """What the operator made of its namespace, for the bare loop to make in another."""
    templates: dict[str, list[Any]] = {}
    for one in cluster.list("AIMServiceTemplate", "ours")[0]:
        kept = {key: one["metadata"][key] for key in ("name", "labels", "ownerReferences")}
        template = {key: one[key] for key in ("apiVersion", "kind", "spec", "status")}
        templates.setdefault(one["spec"]["modelName"], []).append({**template, "metadata": kept})
    models = [
        {"name": name, "status": one["status"], "templates": templates[name]}
        for one in cluster.list("AIMModel", "ours")[0]
        for name in [one["metadata"]["name"]]
    ]
    access = cluster.access
    where = {"server": access.server, "token": access.token, "certificate": str(access.certificate)}
    return json.dumps({**where, "namespace": "floor", "models": models})


# Starting again -----------------------------------------------------------------------------------------------------------


def _restarted(cluster: RealCluster, models: int, base: float) -> Iterator[Row]:
    before = _versions(cluster)
    with _running(cluster, _operator(cluster, "ours")) as process:
        _until(_is_ready, every=0.01)
        began = time.monotonic()
        _put(cluster, "ours", "late")
        _until(lambda: _has_templates(cluster, "late"), every=0.02)
        applied = time.monotonic() - began
        time.sleep(5)
        memory, peak = _resident(process.pid)
    after = {name: version for name, version in _versions(cluster).items() if not name.startswith("late")}
    written = sum(after[name] != version for name, version in before.items())
    yield at_most("objects written by a restart", written, 0)
    yield at_most("seconds until a change right after it is applied", applied, 1.0)
    yield at_most("memory with one model to mind, MiB", base / 1024, 96)
    yield at_most("memory a model of 8 templates, KiB", (memory - base) / models, 8)
    yield at_most("its peak, over what it rests at", peak / memory, 1.3)


def _memory(cluster: RealCluster, namespace: str, models: int) -> float:
    """What it rests at, of which nothing is of the models if there is one."""
    _spent(cluster, namespace, models, _operator(cluster, namespace))
    with _running(cluster, _operator(cluster, namespace)) as process:
        _until(_is_ready, every=0.1)
        time.sleep(5)
        return _resident(process.pid)[0]


def _resident(pid: int) -> tuple[float, float]:
    """What the process has resident, and had at most, in KiB."""
    lines = (line.split() for line in Path(f"/proc/{pid}/status").read_text().splitlines())
    told = {words[0]: float(words[1]) for words in lines if words and words[0] in ("VmRSS:", "VmHWM:")}
    return told["VmRSS:"], told["VmHWM:"]


def _is_ready() -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{HEALTH}/readyz", timeout=5) as answer:
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False


def _has_templates(cluster: RealCluster, model: str) -> bool:
    """As the server's cache has it, which is as fresh as a watch, and asked in a moment."""
    query = f"resourceVersion=0&labelSelector=aim.silogen.ai%2Fmodel%3D{model}"
    path = f"/apis/aim.silogen.ai/v1alpha1/namespaces/ours/aimservicetemplates?{query}"
    return len(cluster.send("GET", path)["items"]) == len(DEPLOYMENTS)


def _versions(cluster: RealCluster) -> dict[str, str]:
    listed = [one for kind in ("AIMModel", "AIMServiceTemplate") for one in cluster.list(kind, "ours")[0]]
    return {one["metadata"]["name"]: one["metadata"]["resourceVersion"] for one in listed}
