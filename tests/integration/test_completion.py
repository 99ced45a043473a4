"""What a shell is offered in the middle of a word: as bash asks for it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from aimcore.adapters.memory.apiserver import ApiServer
from aimcore.adapters.schemas import definitions
from tests.integration.cluster.driver import MemoryCluster

API = "aim.silogen.ai/v1alpha1"
AIMCORE = str(Path(sys.executable).parent / "aimcore")


@pytest.fixture(scope="module")
def kubeconfig(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    path = tmp_path_factory.mktemp("offers") / "kubeconfig"
    with ApiServer(MemoryCluster(), [yaml.safe_load(text) for _, text in definitions()]) as server:
        with server.held() as store:
            for name, namespace in (("chat", "ml"), ("chatter", "ml"), ("far", "other")):
                metadata = {"name": name, "namespace": namespace}
                spec = {"model": {"ref": "llama"}}
                store.load([{"apiVersion": API, "kind": "AIMService", "metadata": metadata, "spec": spec}])
            metadata = {"name": "fast", "namespace": "ml"}
            store.load(
                [
                    {
                        "apiVersion": API,
                        "kind": "AIMServiceTemplate",
                        "metadata": metadata,
                        "spec": {"modelName": "llama"},
                    }
                ]
            )
        server.write_kubeconfig(path)
        yield str(path)


def offered(kubeconfig: str, *words: str) -> list[str]:
    """What is offered for the last of the words."""
    asked = {
        "_AIMCORE_COMPLETE": "bash_complete",
        "COMP_WORDS": " ".join(["aimcore", *words]),
        "COMP_CWORD": str(len(words)),
    }
    environment = {**os.environ, **asked, "KUBECONFIG": kubeconfig}
    ran = subprocess.run([AIMCORE], capture_output=True, text=True, check=True, timeout=60, env=environment)
    assert ran.stderr == ""
    return [line.partition(",")[2] for line in ran.stdout.splitlines() if line]


@pytest.mark.parametrize(
    ("words", "found"),
    [
        pytest.param(["get", "serv"], ["service", "services"], id="a type"),
        pytest.param(["get", "-n", "ml", "services", "cha"], ["chat", "chatter"], id="a name behind its type"),
        pytest.param(
            ["tree", "-n", "ml", "service/chat"], ["service/chat", "service/chatter"], id="a name with its type"
        ),
        pytest.param(["explain", "-n", "other", "aimsvc/"], ["aimsvc/far"], id="a short name"),
        pytest.param(["logs", "-n", "ml", "chat"], ["chat", "chatter"], id="a service"),
        pytest.param(["cache", "warm", "-n", "ml", "f"], ["fast"], id="a template"),
        pytest.param(["cache", "warm", "-n", "ml", "template/f"], ["template/fast"], id="a template with its type"),
        pytest.param(["rule", "CONV-"], ["CONV-1", "CONV-2", "CONV-3"], id="a rule"),
        pytest.param(["get", "-n", "o"], ["other"], id="a namespace"),
        pytest.param(["get", "--context", "aim"], ["aimcore"], id="a context"),
        pytest.param(["tree", "service/none"], [], id="nothing of that name"),
        pytest.param(["tree", "nonsense/"], [], id="a type that is none"),
    ],
)
def test_words_are_offered(kubeconfig: str, words: list[str], found: list[str]) -> None:
    assert offered(kubeconfig, *words) == found


def test_a_cluster_that_does_not_answer_offers_nothing_and_says_nothing(tmp_path: Path) -> None:
    nowhere = {
        "apiVersion": "v1",
        "kind": "Config",
        "current-context": "x",
        "clusters": [{"name": "x", "cluster": {"server": "http://127.0.0.1:9"}}],
        "contexts": [{"name": "x", "context": {"cluster": "x", "user": "x"}}],
        "users": [{"name": "x", "user": {}}],
    }
    (tmp_path / "kubeconfig").write_text(json.dumps(nowhere))
    assert offered(str(tmp_path / "kubeconfig"), "get", "service", "c") == []
    assert offered(str(tmp_path / "none"), "get", "-n", "m") == []
