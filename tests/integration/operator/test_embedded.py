"""The operator on a folder: what its files say stands, what follows from it too, and both follow the files."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from aimcore.adapters.kubernetes.connection import Connection, connect
from aimcore.ports.errors import NotFound
from tests.integration.operator.conftest import AIMCORE

TIMEOUT = 60.0
ROOT = Path(__file__).parents[3]
AIM = "/apis/aim.silogen.ai/v1alpha1"


class Embedded:
    def __init__(self, folder: Path, log: Path, *options: str) -> None:
        self.folder = folder
        self.options = options
        self.log = log
        self._connection: Connection | None = None

    def put(self, name: str, image: str) -> None:
        text = f"apiVersion: aim.silogen.ai/v1alpha1\nkind: AIMModel\nmetadata: {{name: {name}, namespace: ml-team}}\n"
        (self.folder / f"{name}.yaml").write_text(f"{text}spec: {{image: {json.dumps(image)}}}\n")

    def ask(self, path: str) -> Any:
        if self._connection is None:
            found = self.until(lambda: re.search(r"KUBECONFIG=(\S+)", self.log.read_text()))
            self._connection = connect(kubeconfig=found[1])
        try:
            return self._connection.send("GET", AIM + path)
        except NotFound:
            return {}

    def until(self, holds: Callable[[], Any]) -> Any:
        ends = time.monotonic() + TIMEOUT
        while not (found := holds()):
            assert time.monotonic() < ends, self.log.read_text()[-2000:]
            time.sleep(0.1)
        return found

    def word(self, name: str) -> Any:
        return self.ask(f"/namespaces/ml-team/aimmodels/{name}").get("status", {}).get("status")


@contextmanager
def started(one: Embedded, *, packages: Path | None = None) -> Iterator[Embedded]:
    """The operator on the folder until the case is over; it is asked to end, and has to. With packages it has their plug-ins,
    and asks registries in place of folders.
    """
    folder = one.folder
    command = [str(AIMCORE), "operator", "--embedded", str(folder), "--metrics-port", "0", "--health-port", "0"]
    images = ["--images", str(ROOT / "examples" / "quickstart" / "images")]
    environment = None if packages is None else {**os.environ, "PYTHONPATH": str(packages)}
    with one.log.open("wb") as log:
        command += [*(() if packages else images), *one.options]
        process = subprocess.Popen(command, stderr=log, stdout=log, env=environment)
    try:
        yield one
    finally:
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=TIMEOUT) == 0


@pytest.fixture
def running(tmp_path: Path) -> Iterator[Embedded]:
    folder = tmp_path / "manifests"
    folder.mkdir()
    one = Embedded(folder, tmp_path / "log")
    one.put("read", "ghcr.io/example/my-model:v1.0.0")
    with started(one):
        yield one


def test_without_nodes_it_says_what_to_give_and_the_end_is_a_command_to_copy(running: Embedded) -> None:
    running.until(lambda: running.word("read") == "Degraded")
    assert "no Node is in the folders" in running.log.read_text()
    running.until(lambda: "settled; to look: KUBECONFIG=" in running.log.read_text())
    last = running.log.read_text().splitlines()[-1]
    assert last.endswith("kubectl get aim -A")


def test_a_command_that_was_copied_works_after_a_restart(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "a cache"))
    one = Embedded(tmp_path / "manifests", tmp_path / "log")
    one.folder.mkdir()
    told = set()
    for _ in range(2):
        with started(one):
            one.until(lambda: "became leader" in one.log.read_text())
            told.update(re.findall(r"KUBECONFIG=(.+)", one.log.read_text()))
    assert told == {f"'{tmp_path}/a cache/aimcore/embedded/kubeconfig'"}


def test_several_folders_are_one_cluster(tmp_path: Path) -> None:
    more = tmp_path / "more"
    more.mkdir()
    one = Embedded(tmp_path / "manifests", tmp_path / "log", "--embedded", str(more))
    one.folder.mkdir()
    one.put("read", "ghcr.io/example/my-model:v1.0.0")
    node = {"apiVersion": "v1", "kind": "Node", "metadata": {"name": "cpu"}, "status": {"allocatable": {"cpu": "4"}}}
    (more / "node.json").write_text(json.dumps(node))
    with started(one):
        one.until(lambda: one.word("read") == "Degraded")
    assert "no Node is in the folders" not in one.log.read_text()


def test_what_the_folder_says_stands_and_what_follows_from_it_too(running: Embedded) -> None:
    running.until(lambda: running.word("read") in ("Ready", "Degraded"))
    templates = running.ask("/namespaces/ml-team/aimservicetemplates")["items"]
    assert [one["spec"]["modelName"] for one in templates] == ["read", "read"]
    running.put("new", "ghcr.io/example/nobody:1")
    running.until(lambda: running.word("new") == "Failed")
    (running.folder / "read.yaml").unlink()
    running.until(lambda: not running.ask("/namespaces/ml-team/aimmodels/read"))
    running.until(lambda: running.ask("/namespaces/ml-team/aimservicetemplates")["items"] == [])


def test_a_file_that_is_wrong_is_told_and_takes_nothing_away(running: Embedded) -> None:
    running.until(lambda: running.word("read") in ("Ready", "Degraded"))
    (running.folder / "wrong.yaml").write_text("kind: AIMModel\n")
    running.until(lambda: "wrong.yaml:1:1" in running.log.read_text())
    assert "$.metadata.name: is missing" in running.log.read_text()
    assert running.word("read") in ("Ready", "Degraded")


SOURCES = """
from aimcore import Inspected

LABELS = {"com.amd.aim.model.deployments": '[{"gpuModel": "MI300X", "metric": "latency"}]'}


class Table:
    registry = "table.test"

    def handles(self, image):
        return image.registry == self.registry

    def inspect(self, want):
        return Inspected(digest="sha256:" + "1" * 64, labels=LABELS)

    def recheck(self, want, held):
        return self.inspect(want)


class Broken(Table):
    registry = "broken.test"

    def inspect(self, want):
        raise ValueError("hunter2")
"""


@pytest.mark.rule("PLUG-1", "PLUG-2")
def test_installed_plugins_answer_the_operator_and_a_broken_one_costs_its_own_answers(tmp_path: Path) -> None:
    metadata = tmp_path / "packages" / "acme-1.0.dist-info"
    metadata.mkdir(parents=True)
    (metadata.parent / "acme_sources.py").write_text(SOURCES)
    (metadata / "METADATA").write_text("Metadata-Version: 2.1\nName: acme\nVersion: 1.0\n")
    points = "[aimcore.image_sources]\nbroken = acme_sources:Broken\ntable = acme_sources:Table\n"
    (metadata / "entry_points.txt").write_text(points)
    one = Embedded(tmp_path / "manifests", tmp_path / "log")
    one.folder.mkdir()
    one.put("good", "table.test/chat:1")
    one.put("bad", "broken.test/chat:1")
    with started(one, packages=metadata.parent):
        one.until(lambda: one.word("good") == "Degraded")  # read, with a template that no node can run
        one.until(
            lambda: "'broken' of acme 1.0" in json.dumps(one.ask("/namespaces/ml-team/aimmodels/bad").get("status"))
        )
    log = one.log.read_text()
    assert "plug-in 'broken' of acme 1.0 (aimcore.image_sources) failed: ValueError at acme_sources:" in log
    assert "hunter2" not in log
